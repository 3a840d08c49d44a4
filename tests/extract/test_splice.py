"""The edit of a function's body: what it changes, and what it leaves alone."""

from __future__ import annotations

import ast

import pytest

from codeplan_model.extract import (
    SpliceError,
    edits_for,
    functions_to_write,
    splice,
    task_named,
)
from codeplan_model.values import Candidate, Plan, apply_edits

IF = "if x:\n    return 1\nreturn 2"

# (what, source, function, code without its base indentation, expected source)
CASES = [
    (
        "pass",
        "def f(x):\n    pass\n\n\ny = 1\n",
        "f",
        IF,
        "def f(x):\n    if x:\n        return 1\n    return 2\n\n\ny = 1\n",
    ),
    (
        "docstring only",
        'def f(x):\n    """Doc."""\n\n\ny = 1\n',
        "f",
        IF,
        'def f(x):\n    """Doc."""\n    if x:\n        return 1\n    return 2\n\n\ny = 1\n',
    ),
    (
        "docstring only at the end of the file",
        'def f(x):\n    """Doc."""',
        "f",
        "return 1",
        'def f(x):\n    """Doc."""\n    return 1',
    ),
    (
        "comments stay",
        'def f(x):  # one\n    """Doc."""  # two\n    # three\n    ...  # four\n'
        "    # five\n# six\n",
        "f",
        "return 1",
        'def f(x):  # one\n    """Doc."""  # two\n    # three\n    return 1\n    # five\n# six\n',
    ),
    (
        "old code goes with its comments",
        "def f(x):\n    # before\n    y = 1\n    # between\n    return y  # end\n    # after\n",
        "f",
        "return 1",
        "def f(x):\n    return 1\n",
    ),
    (
        "one line",
        "def f(x): ...\n",
        "f",
        IF,
        "def f(x):\n    if x:\n        return 1\n    return 2\n",
    ),
    ("one line, spaces", "def f(x):   pass   \n", "f", "return 1", "def f(x):\n    return 1\n"),
    (
        "one line, comment",
        "def f(x): ...  # note\n",
        "f",
        "return 1",
        "def f(x):  # note\n    return 1\n",
    ),
    (
        "one line, docstring",
        'def f(x): "Doc."\n',
        "f",
        "return 1",
        'def f(x):\n    "Doc."\n    return 1\n',
    ),
    (
        "one line, docstring; pass",
        'def f(x): "Doc."; pass\n',
        "f",
        "return 1",
        'def f(x):\n    "Doc."\n    return 1\n',
    ),
    (
        "one line, docstring and comment",
        'def f(x): "Doc."  # n\n',
        "f",
        "return 1",
        'def f(x):\n    "Doc."  # n\n    return 1\n',
    ),
    (
        "one line, docstring over lines",
        'def f(x): """Doc.\n\n  >>> f(1)\n  1\n  """\ny = 1\n',
        "f",
        "return 1",
        'def f(x):\n    """Doc.\n\n  >>> f(1)\n  1\n  """\n    return 1\ny = 1\n',
    ),
    (
        "docstring; pass",
        'def f(x):\n    "Doc."; pass\n',
        "f",
        "return 1",
        'def f(x):\n    "Doc."\n    return 1\n',
    ),
    ("header only", "def f(x):\n", "f", "return 1", "def f(x):\n    return 1\n"),
    ("header only, end of file", "def f(x):", "f", "return 1", "def f(x):\n    return 1"),
    (
        "header and comment",
        "def f(x):\n    # how\n\ny = 1\n",
        "f",
        "return 1",
        "def f(x):\n    # how\n    return 1\n\ny = 1\n",
    ),
    (
        "method",
        "class C:\n    def m(self):\n        ...\n\n    z = 1\n",
        "C.m",
        IF,
        "class C:\n    def m(self):\n        if x:\n            return 1\n        return 2\n\n"
        "    z = 1\n",
    ),
    (
        "one-line method",
        "class C:\n    @property\n    def m(self): ...\n    z = 1\n",
        "C.m",
        "return 1",
        "class C:\n    @property\n    def m(self):\n        return 1\n    z = 1\n",
    ),
    (
        "nested function",
        "def f():\n    k = 0\n    def g(): ...\n    return g\n",
        "g",
        "nonlocal k\nk += 1",
        "def f():\n    k = 0\n    def g():\n        nonlocal k\n        k += 1\n    return g\n",
    ),
    (
        "two spaces",
        "def f(x):\n  pass\n",
        "f",
        IF,
        "def f(x):\n  if x:\n    return 1\n  return 2\n",
    ),
    (
        "eight spaces",
        "def f(x):\n        pass\n",
        "f",
        IF,
        "def f(x):\n        if x:\n                return 1\n        return 2\n",
    ),
    (
        "tabs",
        "class C:\n\tdef m(self):\n\t\tpass\n",
        "C.m",
        IF,
        "class C:\n\tdef m(self):\n\t\tif x:\n\t\t\treturn 1\n\t\treturn 2\n",
    ),
    (
        "one line in a tab file",
        "class C:\n\tdef m(self): ...\n",
        "C.m",
        IF,
        "class C:\n\tdef m(self):\n\t\tif x:\n\t\t\treturn 1\n\t\treturn 2\n",
    ),
    (
        "CRLF",
        'def f(x):\r\n    """Doc."""\r\ny = 1\r\n',
        "f",
        IF,
        'def f(x):\r\n    """Doc."""\r\n    if x:\r\n        return 1\r\n    return 2\r\ny = 1\r\n',
    ),
    (
        "mixed line ends",
        "x = 1\ndef f(x):\r\n    pass\ny = 1\r\n",
        "f",
        IF,
        "x = 1\ndef f(x):\r\n    if x:\r\n        return 1\r\n    return 2\ny = 1\r\n",
    ),
    (
        "bare CR",
        "def f(x):\r    pass\ry = 1\r",
        "f",
        IF,
        "def f(x):\r    if x:\r        return 1\r    return 2\ry = 1\r",
    ),
    ("BOM", "\ufeffdef f(x): ...\n", "f", "return 1", "\ufeffdef f(x):\n    return 1\n"),
    (
        "emoji",
        "s = '🐍'\ndef f(x):\n    '''🎉'''\n    ...\nt = '🐍'\n",
        "f",
        "return '🎈'",
        "s = '🐍'\ndef f(x):\n    '''🎉'''\n    return '🎈'\nt = '🐍'\n",
    ),
    (
        "form feed",
        "\x0cdef f(x):\n    ...\n\x0c\ny = 1\n",
        "f",
        "return 1",
        "\x0cdef f(x):\n    return 1\n\x0c\ny = 1\n",
    ),
    (
        "line separator in a string",
        "s = 'a\u2028b'\ndef f(x): ...\n",
        "f",
        "return 'c\u2028d'",
        "s = 'a\u2028b'\ndef f(x):\n    return 'c\u2028d'\n",
    ),
    (
        "strings over lines keep their text",
        "class C:\n    def m(self):\n        pass\n",
        "C.m",
        'if x:\n    return """a\n  b\n\n\tc  \n"""\nreturn 2',
        'class C:\n    def m(self):\n        if x:\n            return """a\n      b\n\n'
        '    \tc  \n    """\n        return 2\n',
    ),
    (
        "brackets over lines move along",
        "class C:\n\tdef m(self):\n\t\tpass\n",
        "C.m",
        "y = [\n    1,\n    2,\n]\nreturn f(y,\n         1)",
        "class C:\n\tdef m(self):\n\t\ty = [\n\t\t\t1,\n\t\t\t2,\n\t\t]\n"
        "\t\treturn f(y,\n\t\t         1)\n",
    ),
    (
        "continued lines move along",
        "class C:\n    def m(self):\n        pass\n",
        "C.m",
        "return 1 + \\\n    2",
        "class C:\n    def m(self):\n        return 1 + \\\n            2\n",
    ),
    (
        "comments and blank lines in the code",
        "class C:\n    def m(self):\n        pass\n",
        "C.m",
        "# first\nif x:\n    # inner\n    y = 1\n    # end of inner\n\n# last\nreturn y",
        "class C:\n    def m(self):\n        # first\n        if x:\n            # inner\n"
        "            y = 1\n"
        "            # end of inner\n\n        # last\n        return y\n",
    ),
    (
        "async",
        "async def f(x):\n    ...\n",
        "f",
        "async for y in x:\n    await y",
        "async def f(x):\n    async for y in x:\n        await y\n",
    ),
    (
        "the plan of written code stays",
        "def f(x):\n    # Plan:\n    # 1. One.\n    return 2\n",
        "f",
        "return 1",
        "def f(x):\n    # Plan:\n    # 1. One.\n    return 1\n",
    ),
    (
        "a plan comment stays",
        "def f(x):\n    # Plan:\n    # 1. One.\n    ...\n",
        "f",
        "return 1",
        "def f(x):\n    # Plan:\n    # 1. One.\n    return 1\n",
    ),
    (
        "a plan comment between old statements stays",
        "def f(x):\n    # Go.\n    y = 1\n    # Plan:\n    #   1. One.\n    return y\n",
        "f",
        "return 1",
        "def f(x):\n    # Plan:\n    #   1. One.\n    return 1\n",
    ),
    (
        "a broken file stays broken elsewhere",
        "x = (1,\n\ndef f(x):\n    ...\n\ndef g(:\n    pass\n",
        "f",
        "return 1",
        "x = (1,\n\ndef f(x):\n    return 1\n\ndef g(:\n    pass\n",
    ),
    (
        "a broken old body is mended",
        "def f(x):\n    y = (1,\n    return ]\n\nz = 1\n",
        "f",
        "return 1",
        "def f(x):\n    return 1\n\nz = 1\n",
    ),
    (
        "3.12 syntax around and in the header",
        "type X = int\n\ndef f[T: X](x: T) -> T:\n    ...\n",
        "f",
        "return x",
        "type X = int\n\ndef f[T: X](x: T) -> T:\n    return x\n",
    ),
]


@pytest.mark.parametrize(
    ("source", "name", "code", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_body_goes_into_its_file(source, name, code, expected, put) -> None:
    assert put(source, name, code) == expected


REFUSED = [
    ("nothing", "", "has no code"),
    ("blank", "  \n\n", "has no code"),
    ("comment only", "    # nothing", "has no code"),
    ("not indented", "return 1", "is not indented"),
    ("outside", "    return 1\nimport os", "goes on outside of the function: 'import os'"),
    ("further left", "        x = 1\n    return x", "goes on outside"),
    ("bad dedent", "    if x:\n            y = 1\n        return y", "indented inconsistently"),
    ("unclosed string", '    return """a', "left open"),
    ("unclosed bracket", "    return (1,", "does not parse"),
    ("continued", "    return 1 + \\", "left open"),
    ("syntax", "    return 1 +", "does not parse: line 2"),
    ("await outside of async", "    await x", "does not parse"),
    ("break outside of a loop", "    break", "does not parse"),
    ("global parameter", "    global x\n    x = 1", "does not parse"),
    ("NUL", "    return '\x00'", "does not parse"),
    ("prose", "    This returns the sum.", "does not parse"),
]


@pytest.mark.parametrize(
    ("completion", "reason"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_candidate_that_breaks_its_function_is_refused(completion: str, reason: str) -> None:
    task = task_named("def f(x):\n    ...\n\nz = 1\n", "f")

    with pytest.raises(SpliceError, match="the candidate for f ") as caught:
        splice(task, Candidate(completion))

    assert reason in str(caught.value)


def test_a_candidate_is_refused_in_a_broken_file_too() -> None:
    task = task_named("x = (\n\ndef f(x):\n    ...\n", "f")

    with pytest.raises(SpliceError, match="does not parse"):
        splice(task, Candidate("    return ("))


def test_a_task_whose_file_is_not_its_own_is_refused() -> None:
    task = task_named("def f(x):\n    ...\n", "f")
    other = task_named("y = 1\ndef f(x):\n    ...\n", "f")
    mixed = type(task)(**{**{n: getattr(task, n) for n in task.__slots__}, "hole": other.hole})

    with pytest.raises(SpliceError, match="f does not stand where its task says"):
        splice(mixed, Candidate("    return 1"))


def test_deep_nesting_is_refused_without_a_crash() -> None:
    task = task_named("def f(x):\n    ...\n", "f")

    with pytest.raises(SpliceError, match="does not parse"):
        splice(task, Candidate("    return " + "(" * 5000 + ")" * 5000))


def test_the_edit_is_the_hole_and_nothing_else() -> None:
    task = task_named("x = 1\n\ndef f(x):\n    pass\n", "f")

    (edit,) = edits_for(task, Candidate("    return 1", plan=Plan(("Return one.",))))

    assert edit.span == task.hole
    assert edit.new_text == "    return 1"


def test_edits_come_in_file_order_with_the_import_first() -> None:
    task = task_named("import re\n\ndef f(x):\n    pass\n", "f")

    first, second = edits_for(task, Candidate("    return math.pi"))

    assert (first.new_text, second.new_text) == ("import math\n", "    return math.pi")
    assert apply_edits(task.text, (first, second)) == splice(task, Candidate("    return math.pi"))


def test_all_functions_of_a_file_can_be_written_one_after_the_other() -> None:
    text = (
        "class C:\n    def a(self): ...\n\n    def b(self):\n        '''B.'''\n\n"
        "async def c(): pass\n\ndef d():\n    def e(): ...\n    return e\n"
    )
    while tasks := functions_to_write(text):
        text = splice(tasks[0], Candidate("    return 1"))

    assert ast.dump(ast.parse(text)) == ast.dump(
        ast.parse(
            "class C:\n    def a(self):\n        return 1\n\n    def b(self):\n        '''B.'''\n"
            "        return 1\n\nasync def c():\n    return 1\n\ndef d():\n    def e():\n"
            "        return 1\n    return e\n"
        )
    )
