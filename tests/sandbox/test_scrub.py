"""What a candidate's process is told of the file."""

from __future__ import annotations

import ast

import pytest

from codeplan_model.sandbox import jobs
from codeplan_model.sandbox.scrub import scrub, without_asserts

_FILE = '''\
#!/usr/bin/env python
"""The module. CANARY

>>> f(1)
CANARY
"""
import math  # CANARY

__test__ = {"a": """
CANARY
"""}

class A:
    "CANARY"; x = 1

    def m(self):
        """CANARY

        é CANARY
        """
        # CANARY
        return "kept # not a comment"

async def g(): "CANARY"

assert f(1) == "CANARY"
assert (
    f(2)
    == "CANARY"
), "CANARY"

if __name__ == "__main__":
    """CANARY"""
    print("CANARY")
LINE_30 = 1
'''


def test_nothing_that_is_expected_is_left_and_lines_keep_their_numbers() -> None:
    text = scrub(_FILE)

    assert "CANARY" not in text
    assert "kept # not a comment" in text
    (line,) = [n.lineno for n in ast.parse(text).body if isinstance(n, ast.Assign)]
    assert line == _FILE.count("\n", 0, _FILE.index("LINE_30")) + 1


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(newline: str) -> None:
    text = 'def f():\n    """CANARY\n    CANARY"""\n    return 1\n'.replace("\n", newline)

    scrubbed = scrub("\ufeff" + text)

    assert "CANARY" not in scrubbed
    names: dict = {}
    exec(scrubbed, names)
    assert names["f"]() == 1


def test_only_asserts_are_taken_from_what_the_examiner_runs() -> None:
    text = without_asserts(_FILE)

    assert "assert" not in text
    assert text.count("CANARY") == _FILE.count("CANARY") - 3


def test_the_flag_for_skipping_is_doctest_s() -> None:
    import doctest

    assert jobs.SKIP_FLAG == doctest.SKIP


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop/cart.py", "cart"),
        (None, "module"),
        ("my-file.py", "module"),
        ("class.py", "module"),
        ("é.py", "é"),
    ],
)
def test_the_module_s_name_is_the_file_s(path: str | None, name: str) -> None:
    assert jobs.module_name(path) == name
