"""Which examples of a file check which function."""

from __future__ import annotations

import doctest

import pytest

from codeplan_model.extract import functions_to_write, task_named
from codeplan_model.values import Example, ExampleKind


def lines(examples: tuple[Example, ...]) -> list[str]:
    """Each example as "line source"; the line counts from 1."""
    return [f"{e.line + 1} {e.source.strip()}" for e in examples]


# (what, source, function, expected lines)
CASES = [
    (
        "own docstring",
        'def f(x):\n    """Doc.\n\n    >>> f(1)\n    2\n    >>> f(2)\n    3\n    """\n',
        "f",
        ["4 f(1)", "6 f(2)"],
    ),
    (
        "set-up lines of the docstring are part of it",
        'def f(x):\n    """\n    >>> x = 1\n    >>> import math\n    >>> f(x)\n    2\n    """\n',
        "f",
        ["3 x = 1", "4 import math", "5 f(x)"],
    ),
    (
        "own docstring on the def line",
        'def f(x): """\n    >>> f(1)\n    2\n    """\n',
        "f",
        ["2 f(1)"],
    ),
    (
        "docstring with a continued first line",
        'def f(x):\n    """\\\n    >>> f(1)\n    2\n    """\n',
        "f",
        ["3 f(1)"],
    ),
    (
        "multi-line example",
        'def f(x):\n    """\n    >>> f(\n    ...     1,\n    ... )\n    2\n    """\n',
        "f",
        ["3 f(\n    1,\n)"],
    ),
    (
        "CRLF",
        'def f(x):\r\n    """\r\n    >>> f(1)\r\n    2\r\n    """\r\n',
        "f",
        ["3 f(1)"],
    ),
    (
        "module docstring that calls it",
        '"""Doc.\n\n>>> y = 1\n>>> f(y)\n2\n"""\n\ndef f(x): ...\n',
        "f",
        ["3 y = 1", "4 f(y)"],
    ),
    (
        "module docstring that only names it",
        '"""Doc.\n\n>>> "f(1)"\n\'f(1)\'\n>>> g = f\n"""\n\ndef f(x): ...\n',
        "f",
        [],
    ),
    (
        "module docstring that only shows it",
        '"""Doc.\n\n>>> help(f)\n>>> callable(f)\nTrue\n"""\n\ndef f(x): ...\n',
        "f",
        [],
    ),
    (
        "handed to another function",
        '"""Doc.\n\n>>> list(map(f, [1]))\n[2]\n"""\n\ndef f(x): ...\n',
        "f",
        ["3 list(map(f, [1]))"],
    ),
    (
        "called through the module's name",
        '"""Doc.\n\n>>> import mod\n>>> mod.f(1)\n2\n"""\n\ndef f(x): ...\n',
        "f",
        ["3 import mod", "4 mod.f(1)"],
    ),
    (
        "another function's docstring",
        'def f(x): ...\n\ndef g(x):\n    """\n    >>> g(f(1))\n    2\n    """\n    return x\n',
        "f",
        ["5 g(f(1))"],
    ),
    (
        "another docstring up to what is unwritten too",
        'def f(x): ...\n\ndef g(x): ...\n\ndef h(x):\n    """\n    >>> f(1)\n    2\n    >>> g(1)\n'
        '    3\n    >>> f(3)\n    4\n    """\n    return x\n',
        "f",
        ["7 f(1)"],
    ),
    (
        "own docstring keeps what is unwritten too",
        'def f(x):\n    """\n    >>> f(g(1))\n    2\n    """\n\ndef g(x): ...\n',
        "f",
        ["3 f(g(1))"],
    ),
    (
        "__test__",
        '__test__ = {\n    "one": """\n>>> f(1)\n2\n""",\n    "two": ">>> 1\\n1\\n",\n}\n\n'
        "def f(x): ...\n",
        "f",
        ["3 f(1)"],
    ),
    (
        "__test__ by key",
        '__test__ = {}\n__test__["one"] = """\n>>> f(1)\n2\n"""\n\ndef f(x): ...\n',
        "f",
        ["3 f(1)"],
    ),
    ("assert", "def f(x): ...\n\nassert f(1) == 2\n", "f", ["3 assert f(1) == 2"]),
    ("assert not", "def f(x): ...\n\nassert not f(1), 'no'\n", "f", ["3 assert not f(1), 'no'"]),
    (
        "assert all",
        "def f(x): ...\n\nassert all(f(i) for i in X)\n",
        "f",
        ["3 assert all(f(i) for i in X)"],
    ),
    (
        "assert over lines",
        "def f(x): ...\n\nassert f(\n    1\n) == 2\n",
        "f",
        ["3 assert f(\n    1\n) == 2"],
    ),
    (
        "assert with a comment",
        "def f(x): ...\n\nassert f(1) == 2  # two\n",
        "f",
        ["3 assert f(1) == 2"],
    ),
    ("assert of something else", "def f(x): ...\n\nassert g(1) == 2\nassert 'f(1)'\n", "f", []),
    ("assert in a function", "def f(x): ...\n\ndef g():\n    assert f(1) == 2\n", "f", []),
    ("assert under if", "def f(x): ...\n\nif DEBUG:\n    assert f(1) == 2\n", "f", []),
    (
        "assert under main",
        "def f(x): ...\n\nif __name__ == '__main__':\n    y = 1\n    assert f(y) == 2\n",
        "f",
        ["5 y = 1\nassert f(y) == 2"],
    ),
    (
        "assert with set-up",
        "def f(x): ...\n\nz = 0\ny = [1]\ny.append(2)\nassert f(y) == 2\nassert f(1)\n",
        "f",
        ["6 y = [1]\ny.append(2)\nassert f(y) == 2", "7 assert f(1)"],
    ),
    (
        "set-up ends at compound statements",
        "def f(x): ...\n\ny = 1\nfor i in y:\n    pass\nassert f(y) == 2\n",
        "f",
        ["6 assert f(y) == 2"],
    ),
    (
        "assert that needs another unwritten function",
        "def f(x): ...\ndef g(x): ...\n\nassert f(g(1)) == 2\n",
        "f",
        [],
    ),
    (
        "method in its own docstring",
        'class C:\n    def m(self):\n        """\n        >>> C().m()\n        1\n        """\n',
        "C.m",
        ["4 C().m()"],
    ),
    (
        "method in the class docstring",
        'class C:\n    """\n    >>> c = C()\n    >>> c.m()\n    1\n    """\n    def m(self): ...\n',
        "C.m",
        ["3 c = C()", "4 c.m()"],
    ),
    (
        "class docstring that does not use it",
        'class C:\n    """\n    >>> c = C()\n    >>> c.n()\n    1\n    """\n    def m(self): ...\n'
        "    def n(self):\n        return 1\n",
        "C.m",
        [],
    ),
    (
        "class docstring up to what is unwritten too",
        'class C:\n    """\n    >>> c = C()\n    >>> c.m()\n    >>> c.n()\n    1\n    """\n'
        "    def m(self): ...\n    def n(self): ...\n",
        "C.m",
        ["3 c = C()", "4 c.m()"],
    ),
    (
        "class docstring whose earlier line is unwritten",
        'class C:\n    """\n    >>> c = C()\n    >>> c.m()\n    >>> c.n()\n    1\n    """\n'
        "    def m(self): ...\n    def n(self): ...\n",
        "C.n",
        [],
    ),
    (
        "property",
        'class C:\n    """\n    >>> C().p\n    1\n    """\n    @property\n    def p(self): ...\n',
        "C.p",
        ["3 C().p"],
    ),
    (
        "method in a docstring elsewhere needs its class",
        '"""\n>>> [].append(1)\n"""\n\nclass C:\n    def append(self, x): ...\n',
        "C.append",
        [],
    ),
    (
        "method in the module docstring",
        '"""\n>>> C().m()\n1\n"""\n\nclass C:\n    def m(self): ...\n',
        "C.m",
        ["2 C().m()"],
    ),
    (
        "constructor",
        'class C:\n    """\n    >>> C(1).x\n    1\n    """\n    def __init__(self, x): ...\n',
        "C.__init__",
        ["3 C(1).x"],
    ),
    (
        "operator",
        'class C:\n    """\n    >>> C() + C()\n    1\n    """\n    def __add__(self, other): ...\n',
        "C.__add__",
        ["3 C() + C()"],
    ),
    (
        "operator that is not used",
        'class C:\n    """\n    >>> C() + C()\n    1\n    """\n    def __add__(self, other):\n'
        "        return 1\n    def __len__(self): ...\n",
        "C.__len__",
        [],
    ),
    (
        "len",
        'class C:\n    """\n    >>> len(C())\n    1\n    """\n    def __len__(self): ...\n',
        "C.__len__",
        ["3 len(C())"],
    ),
    (
        "subscript in a sibling's docstring",
        'class C:\n    def __getitem__(self, i): ...\n    def m(self):\n        """\n'
        '        >>> C()[0]\n        1\n        """\n        return 1\n',
        "C.__getitem__",
        ["5 C()[0]"],
    ),
    (
        "assert on a method",
        "class C:\n    def m(self): ...\n\nassert C().m() == 1\nc = C()\nassert c.m() == 1\n",
        "C.m",
        ["4 assert C().m() == 1", "6 c = C()\nassert c.m() == 1"],
    ),
    (
        "nested function is checked by the outer one's docstring",
        'def f(x):\n    """\n    >>> f(1)\n    2\n    """\n    def g(): ...\n    return g()\n',
        "f.<locals>.g",
        ["3 f(1)"],
    ),
    (
        "one bad example does not hide the others",
        'def f(x):\n    """\n    >>> f(1)\n    2\n\n      >>> f(2)\n    bad\n\n    >>>f(3)\n'
        '    4\n    """\n',
        "f",
        ["3 f(1)", "9 f(3)"],
    ),
    (
        "an unknown option hides only its own example",
        'def f(x):\n    """\n    >>> f(1)  # doctest: +NO_SUCH\n    2\n    >>> f(2)\n    3\n'
        '    """\n',
        "f",
        ["5 f(2)"],
    ),
    (
        "broken file",
        'x = (\n\ndef f(x):\n    """\n    >>> f(1)\n    2\n    """\n\nassert f(2) == 3\n',
        "f",
        ["5 f(1)", "9 assert f(2) == 3"],
    ),
    (
        "all in file order",
        '"""\n>>> f(0)\n"""\nassert f(1)\ndef f(x):\n    """\n    >>> f(2)\n    """\nassert f(3)\n',
        "f",
        ["2 f(0)", "4 assert f(1)", "7 f(2)", "9 assert f(3)"],
    ),
]


@pytest.mark.parametrize(
    ("source", "name", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_examples_of_a_function(source: str, name: str, expected: list[str]) -> None:
    assert lines(task_named(source, name, "mod.py").examples) == expected


def test_a_doctest_keeps_what_the_standard_module_says_about_it() -> None:
    source = (
        "def f(x):\n"
        '    """\n'
        "    >>> f(1)  # doctest: +ELLIPSIS, -NORMALIZE_WHITESPACE\n"
        "    1...9\n"
        "    >>> f(-1)\n"
        "    Traceback (most recent call last):\n"
        "        ...\n"
        "    ValueError: negative\n"
        '    """\n'
    )

    first, second = task_named(source, "f", "dir/cart.py").examples

    assert first == Example(
        source="f(1)  # doctest: +ELLIPSIS, -NORMALIZE_WHITESPACE\n",
        want="1...9\n",
        kind=ExampleKind.DOCTEST,
        origin="cart.py:3",
        line=2,
        group="cart.py:2 f",
        options=((doctest.NORMALIZE_WHITESPACE, False), (doctest.ELLIPSIS, True)),
    )
    assert second.exc_msg == "ValueError: negative"


def test_an_assert_is_its_own_kind_of_example() -> None:
    (example,) = task_named("def f(x): ...\nassert f(1) == 2\n", "f", "cart.py").examples

    assert example == Example(
        source="assert f(1) == 2\n",
        want="",
        kind=ExampleKind.ASSERT,
        origin="cart.py:2",
        line=1,
        group="cart.py asserts",
    )


def test_two_docstrings_are_two_groups() -> None:
    source = '"""\n>>> f(0)\n"""\ndef f(x):\n    """\n    >>> f(2)\n    >>> f(3)\n    """\n'

    groups = [example.group for example in task_named(source, "f").examples]

    assert groups[1] == groups[2] != groups[0]


def test_every_task_gets_its_own_examples() -> None:
    source = "".join(
        f'def f{n}(x):\n    """\n    >>> f{n}({n})\n    {n}\n    """\n\n' for n in range(50)
    )

    found = [lines(task.examples) for task in functions_to_write(source)]

    assert found == [[f"{3 + 6 * n} f{n}({n})"] for n in range(50)]
