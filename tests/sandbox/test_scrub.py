"""What a candidate's process is told of the file."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

from codeplan_model import extract
from codeplan_model.sandbox import jobs
from codeplan_model.sandbox.scrub import frame_of, scrub, without_asserts
from codeplan_model.values import Candidate, apply_edits

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


def _normal(text: str) -> str:
    """The tree, with every statement that was taken out looking the same."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.dump(tree, include_attributes=False)


_WITH_HOLE = _FILE.replace(
    'async def g(): "CANARY"',
    'async def g(): "CANARY"\n\ndef f(x):  # CANARY\n    """CANARY"""\n    # CANARY\n    old = 1\n',
)


@pytest.mark.parametrize(
    "body",
    ["    return x", '    "own"\n    return """a  \n# b"""  # c', "    return Counter(x)[1]"],
)
def test_a_frame_gives_what_scrubbing_the_spliced_text_gives(body: str) -> None:
    task = extract.task_named(_WITH_HOLE, "f", with_tests=False)
    edits = extract.edits_for(task, Candidate(body))
    frame = frame_of(task.text)

    assert frame is not None
    assert len(frame.text) == len(task.text)
    text = frame.edited(edits)

    assert text is not None
    assert "CANARY" not in text
    assert _normal(text) == _normal(scrub(apply_edits(task.text, edits)))
    assert text.count("\n") == apply_edits(task.text, edits).count("\n")
    if "# b" in body:
        assert 'return """a  \n# b"""' in text


def test_a_frame_of_every_honest_program_equals_the_slow_way() -> None:
    programs = (pathlib.Path(__file__).parent / "honest_programs.txt").read_text("utf-8")
    found = re.findall(r"^#### \S+ (\S+)\n(.*?)(?=^#### |\Z)", programs, re.DOTALL | re.MULTILINE)
    compared = 0
    for target, source in found:
        task = extract.task_named(source, target, with_tests=False)
        edits = extract.edits_for(task, Candidate("    return 1"))
        frame = frame_of(task.text)
        text = None if frame is None else frame.edited(edits)
        if text is not None:
            compared += 1
            assert _normal(text) == _normal(scrub(apply_edits(task.text, edits)))

    assert compared > 0.9 * len(found) > 80


def test_a_function_within_what_is_taken_out_has_no_frame_for_its_edit() -> None:
    text = 'if __name__ == "__main__":\n    def f(x):\n        return 1\n    f(1)\n'
    task = extract.task_named(text, "f", with_tests=False)
    frame = frame_of(text)

    assert frame is not None
    assert frame.edited(extract.edits_for(task, Candidate("    return 2"))) is None


@pytest.mark.parametrize("text", ["x = 1\r\n", "\ufeffx = 1\n", "def f(:\n", "x = '\ufdd0'\n"])
def test_texts_whose_offsets_would_move_have_no_frame(text: str) -> None:
    assert frame_of(text) is None
