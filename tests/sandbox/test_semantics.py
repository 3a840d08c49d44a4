"""What users expect of examples: doctest's rules, asserts, tests, and words for failures."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import pytest

from codeplan_model import extract
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.values import Candidate, Example, ExampleKind, Outcome, Status

_FILE = '''
def f(x):
    """Add one.

    >>> f(1)
    2
    """
    raise NotImplementedError

assert f(2) == 3
'''


def test_a_right_candidate_passes_all(best, task, body) -> None:
    verdict = best.judge(task(_FILE), body("return x + 1"))

    assert (verdict.outcome, verdict.passed, verdict.total) == (Outcome.PASSED, 2, 2)
    assert verdict.detail == ""
    assert not verdict.weak
    assert verdict.sandbox.startswith(("A (", "B ("))
    assert verdict.seconds > 0


@pytest.mark.parametrize(
    ("text", "outcome", "passed", "detail"),
    [
        ("return x", "failed", 0, "f(1) gave 1, expected 2"),
        ("return x + (x == 2)", "failed", 1, "f(1) gave 1, expected 2"),
        ("return 2", "failed", 1, "assert f(2) == 3: f(2) is 2, not 3"),
        ("print('hm')\nreturn 2", "failed", 0, "f(1) gave hm 2, expected 2"),
        ("return None", "failed", 0, "f(1) printed nothing, expected 2"),
        ("return 1 / 0", "failed", 0, "f(1) gave ZeroDivisionError: division by zero, expected 2"),
        ("return (", "crashed", 0, "the code doesn't parse"),
        ("import os; os._exit(0)", "crashed", 0, "f(1): the process died"),
        ("while True: pass", "timed_out", 0, "f(1) ran over the time limit"),
    ],
)
def test_failures_are_told_in_words(text, outcome, passed, detail, best, task, body) -> None:
    verdict = best.judge(task(_FILE), body(text), Limits(wall_seconds=1.0))

    assert (verdict.outcome, verdict.passed, verdict.total) == (outcome, passed, 2)
    assert verdict.detail.startswith(detail)


def test_without_examples_a_candidate_is_untested_but_must_execute(best, task, body) -> None:
    made = task("import math\n\ndef f(x):\n    pass\n")

    assert best.judge(made, body("return x")).outcome is Outcome.UNTESTED
    assert best.judge(made, body("return x")).detail == "no examples: unverified"

    broken = task("import math\nmath.nothing\n\ndef f(x):\n    pass\n")
    verdict = best.judge(broken, body("return x"))
    assert verdict.outcome is Outcome.CRASHED
    assert "has no attribute 'nothing'" in verdict.detail
    assert "line 2" in verdict.detail


def test_a_missing_module_is_named(best, task, body) -> None:
    made = task('import no_such_thing\n\ndef f():\n    """\n    >>> f()\n    1\n    """\n')

    verdict = best.judge(made, body("return 1"))

    assert verdict.outcome is Outcome.CRASHED
    assert "No module named 'no_such_thing'" in verdict.detail


def test_verdicts_come_in_the_order_of_the_candidates(best, task, body) -> None:
    texts = ["return x + 1", "import time; time.sleep(0.3); return x", "return x + 1"] * 3

    verdicts = list(best.judge_many(task(_FILE), [body(t) for t in texts]))

    assert [v.candidate for v in verdicts] == [body(t) for t in texts]
    assert [(v.passed, v.detail) for v in verdicts if v.passed != 2] == [
        (0, v.detail) for v in verdicts[1::3]
    ]
    assert [v.passed for v in verdicts] == [2, 0, 2] * 3


def test_groups_have_their_own_names_and_share_the_module(best, task, body) -> None:
    made = task(
        '''
        def f(x, seen=[]):
            """
            >>> y = f(1)
            >>> y
            [1]
            """

        def other():
            """
            >>> f(2)
            [1, 2]
            >>> y
            Traceback (most recent call last):
            ...
            NameError: name 'y' is not defined
            """
        '''
    )

    verdict = best.judge(made, body("seen.append(x)\nreturn seen"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
    assert verdict.total == 4


def _tests(*names: str, text: str) -> list[Example]:
    return [Example(text, "", ExampleKind.TEST, "test_f.py:1", 0, "tests", name=n) for n in names]


_TESTS = """
import unittest

import pytest
from shop.target import f

LIMIT = 3

@pytest.fixture
def three():
    yield LIMIT

@pytest.fixture(autouse=True)
def automatic(request):
    assert request is not None

@pytest.mark.parametrize("x", [1, 2])
@pytest.mark.parametrize(("y", "z"), [(1, 1), pytest.param(2, 2, marks=pytest.mark.slow)])
def test_parametrize(x, y, z):
    assert f(x) == x + 1 and y == z

def test_raises():
    with pytest.raises(TypeError, match="concatenate") as info:
        f("a")
    assert "str" in str(info.value)

def test_fixture(three):
    assert f(three) == 4

def test_approx():
    assert f(0.1 + 0.2) == pytest.approx(1.3)
    assert [f(0.1), f(0.2)] == pytest.approx([1.1, 1.2])
    assert f(1.0) != pytest.approx(2.1)

def test_output(capsys):
    print(f(1))
    assert capsys.readouterr().out == "2\\n"

def test_patch(monkeypatch):
    monkeypatch.setenv("NAME", "x")

async def test_async():
    assert f(1) == 2

class TestClass:
    def setup_method(self):
        self.x = 4

    def test_method(self, three):
        assert f(self.x) == three + 2

class TestCase(unittest.TestCase):
    def setUp(self):
        self.x = 1

    def test_equal(self):
        self.assertEqual(f(self.x), 2)

    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertEqual(f(i), i + 1)

@pytest.mark.xfail
def test_xfail():
    assert f(1) == 0

def test_wrong():
    assert f(1) == 5

@pytest.mark.skip(reason="later")
def test_skipped():
    assert False

def test_folder(tmp_path):
    pass

def test_file():
    with open("/tmp/out.txt", "w") as file:
        file.write(str(f(1)))

def test_network():
    import urllib.request
    urllib.request.urlopen("http://127.0.0.1:9")

def test_program():
    import subprocess
    subprocess.run(["true"])

def test_unknown_fixture(database):
    pass

def test_unknown_feature():
    pytest.something_new()

def test_folder_of_work(monkeypatch):
    monkeypatch.chdir("/")

def test_output_let_through(capsys):
    with capsys.disabled():
        assert f(1) == 2
"""


def test_functions_of_test_modules(best, task, body) -> None:
    passing = (
        "test_parametrize test_raises test_fixture test_approx test_output test_patch test_async "
        "TestClass::test_method TestCase::test_equal TestCase::test_sub test_xfail"
    ).split()
    unjudged = {
        "test_skipped": "skips itself: later",
        "test_folder": "needs the fixture tmp_path",
        "test_file": "needs files to write (/tmp/out.txt)",
        "test_network": "needs the network",
        "test_program": "needs other programs",
        "test_unknown_fixture": "needs the fixture database",
        "test_unknown_feature": "needs pytest.something_new",
        "test_folder_of_work": "needs monkeypatch.chdir",
        "test_output_let_through": "needs capsys.disabled",
    }
    names = [*passing, "test_wrong", *unjudged]
    made = replace(
        task("def f(x):\n    pass\n", path="target.py"),
        examples=tuple(_tests(*names, text=_TESTS)),
    )

    verdict = best.judge(made, body("return x + 1"))

    found = {r.example.name: r for r in verdict.results}
    assert [n for n in passing if found[n].status is not Status.PASSED] == []
    assert found["test_wrong"].status is Status.FAILED
    assert verdict.detail == "test_wrong: f(1) is 2, not 5"
    assert {n: found[n].got for n in unjudged} == unjudged
    assert {found[n].status for n in unjudged} == {Status.NOT_JUDGED}
    assert (verdict.passed, verdict.total) == (len(passing), len(passing) + 1)


def test_a_candidate_is_not_excused_by_what_it_needs_itself(best, task, body) -> None:
    verdict = best.judge(task(_FILE), body("open('/tmp/x', 'w')\nreturn x + 1"))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.total == 2


_VARIABLES = '''
LIMIT = [5]
SEEN = []

def f(x):
    """
    >>> f(1)
    1
    >>> SEEN
    [1]
    """

assert f(3) == LIMIT
'''


def test_a_result_that_leans_on_a_variable_that_the_candidate_changed_is_weak(
    best, task, body
) -> None:
    honest = best.judge(task(_VARIABLES), body("SEEN.append(x)\nreturn x"))
    cheat = best.judge(task(_VARIABLES), body("SEEN.append(x)\nLIMIT[:] = [x]\nreturn [x]"))

    assert [r.status for r in honest.results] == [Status.PASSED, Status.PASSED, Status.FAILED]
    assert not honest.weak
    assert cheat.results[2].status is Status.PASSED
    assert cheat.results[2].weak
    assert cheat.weak


def test_values_of_packages_are_judged_in_one_process_and_called_weak(best, task, body) -> None:
    pytest.importorskip("networkx")
    made = task(
        '''
        import networkx as nx

        def f(graph):
            """
            >>> f(nx.path_graph(4))
            4
            """

        def g():
            """
            >>> f(nx.Graph())
            0
            """
        '''
    )

    verdict = best.judge(made, body("return len(graph)"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
    assert verdict.weak


def test_modules_beside_the_file_are_imported_and_nothing_else_is_there(
    best, task, body, tmp_path: pathlib.Path
) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass Item:\n    price: int\n"
    )
    (package / "secrets.py").write_text("KEY = 'canary'\n")
    source = (
        "from .models import Item\n\ndef f(item):\n"
        '    """\n    >>> f(Item(2))\n    Item(price=3)\n    """\n'
    )
    path = str(package / "cart.py")
    (package / "cart.py").write_text(source)
    made = task(source, path=path)

    assert best.judge(made, body("return Item(item.price + 1)")).outcome is Outcome.PASSED
    asking = best.judge(made, body("from . import secrets\nreturn secrets.KEY"))
    assert "ImportError: cannot import name 'secrets'" in asking.detail


def test_a_whole_file_is_judged_with_the_counts_of_doctest(best) -> None:
    source = '''
def a():
    """
    >>> 1 + 1
    2
    >>> 1 + 1
    3
    >>> a()  # doctest: +SKIP
    4
    """

def b():
    """
    >>> import time; time.sleep(60)
    """

def c():
    """
    >>> 2 * 2
    4
    """
'''
    examples = extract.file_examples(source, "target.py")

    results = best.run(source, examples, path="target.py", limits=Limits(wall_seconds=0.5))

    by_source = {r.example.source.strip(): r.status for r in results}
    assert [r.status for r in results if r.example.source == "1 + 1\n"] == ["passed", "failed"]
    assert by_source["a()  # doctest: +SKIP"] is Status.NOT_JUDGED
    assert by_source["import time; time.sleep(60)"] is Status.TIMED_OUT
    assert by_source["2 * 2"] is Status.PASSED


def test_a_file_that_cannot_be_executed_is_said(best) -> None:
    source = 'import nothing_here\n\ndef a():\n    """\n    >>> 1\n    1\n    """\n'

    (result,) = best.run(source, extract.file_examples(source, "t.py"), path="t.py")

    assert result.status is Status.CRASHED
    assert "No module named 'nothing_here'" in result.got


def test_the_shared_judge_works_without_ceremony(task, body) -> None:
    from codeplan_model import sandbox

    assert sandbox.judge(task(_FILE), body("return x + 1")).outcome is Outcome.PASSED


def test_level_c_needs_consent_and_is_named_in_the_verdict(task, body) -> None:
    from codeplan_model.sandbox import SandboxUnavailable

    with pytest.raises(SandboxUnavailable, match="consent"):
        Sandbox(level="C")
    with Sandbox(level="C", consent=True) as unprotected:
        verdict = unprotected.judge(task(_FILE), Candidate("    return x + 1"))
    assert verdict.sandbox == "C (none: consent given)"
