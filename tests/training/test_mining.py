"""Mining: functions whose own doctests pass become problems that hold on their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeplan_model.sandbox import Limits, Sandbox
from codeplan_training import mining

SOURCE = '''import math
import os
from collections import Counter

LIMIT = 3


def area(r):
    """Area of a circle, rounded.

    >>> area(1)
    3.14
    """
    return round(math.pi * r * r, 2)


def commonest(text):
    """The most frequent letter.

    >>> commonest("abb")
    'b'
    """
    return Counter(text).most_common(1)[0][0]


def limited(x):
    """At most the limit.

    >>> limited(9)
    3
    """
    return min(x, LIMIT)


def wrong(x):
    """Twice.

    >>> wrong(2)
    5
    """
    return 2 * x


def bare(x):
    return x
'''


def test_problems_come_with_their_imports_and_the_rest_is_set_aside_with_why(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "things.py").write_text(SOURCE)
    with Sandbox(limits=Limits(wall_seconds=60)) as sandbox:
        found, rejected = mining.mine_paths([tmp_path], sandbox, "MIT")

    assert [(p.entry_point, p.imports, p.licence) for p in found] == [
        ("area", ("import math",), "MIT"),
        ("commonest", ("from collections import Counter",), "MIT"),
    ]
    assert found[0].examples[0].call == "area(1)"
    reasons = {r.where.rpartition("::")[2]: r.reason for r in rejected}
    assert "rest of its file" in reasons["limited"]
    assert "did not pass" in reasons["wrong"]
    assert set(reasons) == {"limited", "wrong"}


@pytest.mark.parametrize("name", ["toolz", "more-itertools", "jaraco.text"])
def test_packages_that_are_held_out_are_refused_by_name(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "a.py").write_text(SOURCE)
    with Sandbox() as sandbox, pytest.raises(ValueError, match="held out"):
        mining.mine_paths([folder], sandbox, "MIT")


def test_a_held_out_package_inside_a_tree_is_passed_over(tmp_path):
    package: Path = tmp_path / "boltons"
    package.mkdir()
    (package / "a.py").write_text(SOURCE)
    with Sandbox() as sandbox:
        found, rejected = mining.mine_paths([tmp_path], sandbox, "MIT")

    assert found == []
    assert "held out" in rejected[0].reason
