"""What a task says about its function."""

from __future__ import annotations

import pytest

from codeplan_model.extract import functions_to_write, task_named
from codeplan_model.values import Task


def the_task(source: str) -> Task:
    (task,) = functions_to_write(source)
    return task


# The hole is between «»: prefix, old body and suffix must be cut there.
HOLES = [
    ("docstring only: behind it", 'def f(x):\n    """Doc."""«»\n\n\ny = 1\n'),
    ("docstring only, end of file", 'def f(x):\n    """Doc."""«»'),
    ("docstring with a comment behind", 'def f(x):\n    """Doc."""  # noqa«»\n'),
    ("docstring, then comments", 'def f(x):\n    """Doc."""\n    # one\n    # two«»\n\ny = 1\n'),
    ("docstring, blank, comment", 'def f(x):\n    """Doc."""\n\n    # one«»\n\n# outside\ny = 1\n'),
    ("pass", "def f(x):\n«    pass»\n"),
    ("pass with a comment", "def f(x):\n«    pass  # later»\n"),
    ("comment, then pass", "def f(x):\n    # how\n«    pass»\n    # after\n"),
    ("docstring, blank, pass", 'def f(x):\n    """Doc."""\n\n«    pass»\n'),
    ("docstring; pass", 'def f(x):\n    """Doc."""«; pass»\n'),
    ("raise over lines", "def f(x):\n«    raise NotImplementedError(\n        1\n    )»\n\ny = 1"),
    ("placeholders", "def f(x):\n«    pass\n\n    # and\n    ...»\n"),
    ("one line", "def f(x):« ...»\n"),
    ("one line with a comment", "def f(x):« ...  # note»\n"),
    ("one line docstring", 'def f(x): "Doc."«»\n'),
    ("one line docstring; pass", 'def f(x): "Doc."«; pass»\n'),
    ("header only", "def f(x):«»\n"),
    ("header only with a comment below", "def f(x):\n    # how«»\n"),
    ("method", "class C:\n    def m(self):\n«        pass»\n\n    x = 1\n"),
    ("tabs", "class C:\n\tdef m(self):\n«\t\tpass»\n"),
    ("CRLF", 'def f(x):\r\n    """Doc."""«»\r\n\r\ny = 1\r\n'),
    ("emoji", "s = '🐍'\ndef f(x):\n«    ...»\n"),
    ("BOM", "\ufeffdef f(x):\n«    ...»\n"),
]  # fmt: skip


@pytest.mark.parametrize("marked", [case[1] for case in HOLES], ids=[case[0] for case in HOLES])
def test_the_hole(marked: str) -> None:
    before, _, rest = marked.partition("«")
    old, _, after = rest.partition("»")

    task = the_task(before + old + after)

    assert (task.prefix, task.old_body, task.suffix) == (before, old, after)
    assert (task.hole.start, task.hole.end) == (len(before), len(before + old))
    assert task.text == before + old + after


def test_the_hole_of_a_written_function_is_its_whole_body() -> None:
    body = "    # first\n    y = 1\n\n    # then\n    return y  # done\n    # last"

    task = task_named(f'def f(x):\n    """Doc."""  # doc\n{body}\n\n# outside\n', "f")

    assert task.old_body == body


HEADERS = [
    ("plain", "def f(x):\n    ...\n", "def f(x):"),
    ("one line", "def f(x) -> int: ...\n", "def f(x) -> int:"),
    ("async", "async def f(x):\n    ...\n", "async def f(x):"),
    ("decorated", "@deco\ndef f(x):\n    ...\n", "def f(x):"),
    ("over lines", "def f(\n    x,\n):\n    ...\n", "def f(\n    x,\n):"),
    (
        "method over lines",
        "class C:\n    def m(\n        self,\n        x,\n    ) -> int:\n        ...\n",
        "def m(\n    self,\n    x,\n) -> int:",
    ),
    ("CRLF", "def f(\r\n    x,\r\n):\r\n    ...\r\n", "def f(\n    x,\n):"),
    ("generic", "def f[T](x: T) -> T:\n    ...\n", "def f[T](x: T) -> T:"),
]


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS]
)
def test_the_header_is_dedented_and_without_decorators(source: str, expected: str) -> None:
    assert the_task(source).header == expected


DOCSTRINGS = [
    ("none", "def f():\n    ...\n", ""),
    ("one line", 'def f():\n    """ One. """\n', "One."),
    ("indented", 'def f():\n    """One.\n\n    Two.\n        3.\n    """', "One.\n\nTwo.\n    3."),
    ("CRLF", 'def f():\r\n    """One.\r\n\r\n    Two."""\r\n', "One.\n\nTwo."),
    ("escapes", 'def f():\n    """a\\tb\\\\n \\x41\\u00e9\\d"""\n', "a       b\\n Aé\\d"),
    ("named character", 'def f():\n    """\\N{DIGIT ONE}\\N{no such}"""\n', "1\\N{no such}"),
    ("raw", 'def f():\n    r"""a\\n"""\n', "a\\n"),
    ("single quotes", "def f():\n    'It is \"it\".'\n", 'It is "it".'),
    ("continued", 'def f():\n    """\\\n    One.\n    """\n', "One."),
    ("two pieces", 'def f():\n    "one " "two"\n', "one two"),
    ("line separator", 'def f():\n    """a\u2028b"""\n', "a\u2028b"),
    ("quote at the end", 'def f():\n    """Say "hi\\""""\n', 'Say "hi"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in DOCSTRINGS], ids=[case[0] for case in DOCSTRINGS]
)
def test_the_docstring_is_cleaned(source: str, expected: str) -> None:
    assert the_task(source).docstring == expected


INDENTS = [
    ("four spaces", "def f():\n    ...\n", "    ", "\n"),
    ("two spaces", "def f():\n  ...\n", "  ", "\n"),
    ("tab", "def f():\n\t...\n", "\t", "\n"),
    ("method", "class C:\n    def m(self):\n        ...\n", "        ", "\n"),
    ("two-space method", "class C:\n  def m(self):\n    ...\n", "    ", "\n"),
    ("one line in a two-space class", "class C:\n  def m(self): ...\n", "    ", "\n"),
    ("one line in a tab file", "if x:\n\ty = 1\n\nclass C:\n\tdef m(self): ...\n", "\t\t", "\n"),
    ("one line like its file", "def f(): ...\n\ndef g():\n  return 1\n", "  ", "\n"),
    ("one line, nothing to go by", "def f(): ...\n", "    ", "\n"),
    ("CRLF", "def f():\r\n    ...\r\n", "    ", "\r\n"),
    ("mixed, here LF", "x = 1\r\ndef f():\n    ...\r\n", "    ", "\n"),
    ("mixed, here CRLF", "x = 1\ndef f():\r\n    ...\n", "    ", "\r\n"),
    ("one line in all", "def f(): ...", "    ", "\n"),
    ("last line of a CRLF file", "x = 1\r\ndef f(): ...", "    ", "\r\n"),
    ("form feed before the def", "\x0cdef f():\n    ...\n", "    ", "\n"),
]


@pytest.mark.parametrize(
    ("source", "indent", "newline"), [case[1:] for case in INDENTS], ids=[c[0] for c in INDENTS]
)
def test_indentation_and_line_end_are_those_of_the_file(source, indent, newline) -> None:
    task = the_task(source)

    assert (task.indent, task.newline) == (indent, newline)


PLANS = [
    ("numbered", "    # Plan:\n    # 1. Sort.\n    # 2. Take.\n    ...\n", ("Sort.", "Take.")),
    ("with brackets", "    # plan\n    # 1) Sort.\n    # 2) Take.\n", ("Sort.", "Take.")),
    ("bullets", "    # Plan:\n    # - Sort.\n    # * Take.\n", ("Sort.", "Take.")),
    ("continued", "    # Plan:\n    # 1. Sort by\n    #    price.\n", ("Sort by price.",)),
    ("after the placeholder", "    ...\n    # Plan:\n    # 1. Sort.\n", ("Sort.",)),
    ("after a blank line", "\n    # Plan:\n    # 1. Sort.\n\n    # Note.\n    ...\n", ("Sort.",)),
    ("a blank comment ends it", "    # Plan:\n    # 1. Sort.\n    #\n    # 2. No.\n", ("Sort.",)),
    ("no steps", "    # Plan:\n    ...\n", ()),
    ("prose only", "    # Plan: do it well\n    ...\n", ()),
    ("another comment", "    # 1. Sort.\n    ...\n", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "steps"), [case[1:] for case in PLANS], ids=[case[0] for case in PLANS]
)
def test_a_plan_comment_is_the_users_plan(body: str, steps: tuple[str, ...]) -> None:
    for docstring in ("", '    """Doc.\n\n    # Plan:\n    # 1. Not this: it is text.\n    """\n'):
        source = f"def f(x):\n{docstring}{body}"

        assert the_task(source).user_plan == steps
        assert the_task(source.replace("\n", "\r\n")).user_plan == steps


def test_the_context_shows_imports_constants_the_class_and_neighbours() -> None:
    source = '''\
"""Shop."""
import re
from typing import (
    List,
)

LIMIT = 10
other = {}


def helper(
    x: int, y: int
) -> int:
    return x


class Cart:
    """A cart."""

    currency: str = "EUR"

    def __init__(self, items):
        """Start."""
        self.items = list(items)

    @property
    def size(self) -> int:
        return 1

    def total(self) -> int:
        """Sum."""


def last(): ...
'''

    context = task_named(source, "Cart.total").context

    assert context == (
        "import re\nfrom typing import (\n    List,\n)\n\nLIMIT = 10\n\n"
        "class Cart:\n"
        '    currency: str = "EUR"\n'
        "    def __init__(self, items):\n"
        "        self.items = list(items)\n"
        "    @property\n"
        "    def size(self) -> int: ...\n\n"
        "def helper( x: int, y: int ) -> int: ...\n"
        "def last(): ..."
    )


def test_the_context_of_a_lone_function_is_empty() -> None:
    assert the_task("def f(x):\n    ...\n").context == ""


def test_the_context_of_a_long_file_is_bounded() -> None:
    source = "".join(f"import m{n}\n" for n in range(200))
    source += "".join(f"def f{n}(x):\n    return {n}\n\n" for n in range(500))

    assert len(task_named(source, "f250").context.split("\n")) < 60
