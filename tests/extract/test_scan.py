"""The scanner of logical lines, held against the standard parser on real files."""

from __future__ import annotations

import ast
import email
import json
import random
import textwrap
from collections import Counter
from pathlib import Path

import networkx
import pytest

from codeplan_model.extract.outline import Outline
from codeplan_model.extract.parse import line_starts, offset_of
from codeplan_model.extract.scan import logical_lines

ROOTS = [Path(str(module.__file__)).parent for module in (json, email, networkx)]
FILES = [
    *sorted(ROOTS[0].glob("*.py")),
    *sorted(ROOTS[1].glob("*.py")),
    *sorted((ROOTS[2] / "algorithms").glob("*.py"))[::3],
    *(Path(textwrap.__file__).parent / name for name in ("typing.py", "inspect.py", "ast.py")),
]


def expected_functions(text: str) -> list[tuple]:
    """(line, qualified name, async, docstring, first statement, end) of every function."""
    starts = line_starts(text)
    found: list[tuple] = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(function(child, prefix))
                walk(child, f"{prefix}{child.name}.<locals>.")
            else:
                walk(child, prefix)

    def function(node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> tuple:
        docstring = ast.get_docstring(node, clean=False)
        body = node.body if docstring is None else node.body[1:]
        first = None
        if body and not getattr(body[0], "decorator_list", None):
            first = offset_of(text, starts, body[0].lineno, body[0].col_offset)
        end = offset_of(text, starts, node.end_lineno or 0, node.end_col_offset or 0)
        is_async = isinstance(node, ast.AsyncFunctionDef)
        return node.lineno - 1, prefix + node.name, is_async, docstring, first, end

    walk(ast.parse(text), "")
    return sorted(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_scanner_sees_what_the_parser_sees(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    outline = Outline(text)
    expected = expected_functions(text)
    assert len(outline.functions) == len(expected)

    for block, (line, name, is_async, docstring, first, end) in zip(
        outline.functions, expected, strict=True
    ):
        statements = outline.statements(block)
        own = outline.docstring(block)
        last = statements[-1][1] if statements else own.end if own else None
        assert outline.line_number(outline.lines[block.header].start) == line
        assert (block.qualname, block.is_async) == (name, is_async)
        assert (own.raw if own else None) == docstring
        assert first is None or statements[0][0] == first
        assert last == end


def break_somewhere(text: str, chance: random.Random) -> str:
    """The text after one of the things that happen to a file in an editor."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    line = lines[at]
    column = chance.randint(0, len(line))
    match chance.choice(["insert", "delete", "cut", "add"]):
        case "insert":
            piece = chance.choice(["(", "[", "{", '"', "'", '"""', ")", ":"])
            lines[at] = line[:column] + piece + line[column:]
        case "delete":
            marks = [n for n, char in enumerate(line) if char in "()[]{}:\"'"]
            if marks:
                mark = chance.choice(marks)
                lines[at] = line[:mark] + line[mark + 1 :]
        case "cut":
            lines[at] = line[:column]
        case "add":
            new = [
                "def foo(",
                "    def foo(self",
                "if x",
                "x = {",
                "@",
                "from x import (",
                "    x.",
            ]
            lines.insert(at, chance.choice(new))
    return "\n".join(lines)


def test_a_break_in_a_file_hides_few_of_its_functions() -> None:
    chance = random.Random(1)
    total = lost = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        names = Counter(block.qualname for block in Outline(text).functions)
        for _ in range(5):
            broken = Outline(break_somewhere(text, chance))
            left = Counter(block.qualname for block in broken.functions)
            total += names.total()
            lost += (names - left).total()

    assert total > 3000
    assert lost / total < 0.01


LINES = [
    ("x = 1\ny = 2\n", ["x = 1", "y = 2"]),
    ("x = (1,\n  2)\ny\n", ["x = (1,\n  2)", "y"]),
    ("x = 1 + \\\n  2\ny", ["x = 1 + \\\n  2", "y"]),
    ("x = '''a\n'''\ny", ["x = '''a\n'''", "y"]),
    ("x = 'a\\\nb'\ny", ["x = 'a\\\nb'", "y"]),
    ("# c\n\n  # d\nx  # e\n", ["x  # e"]),
    ("x = '#'\ny = \"'\" # '\nz", ["x = '#'", "y = \"'\" # '", "z"]),
    ("x = [\n# )\n1]\ny", ["x = [\n# )\n1]", "y"]),
    ("x = (\ny = 1\ndef f(): pass\n", ["x = (\ny = 1", "def f(): pass"]),
    ("x = (\nreturn\ny\n", ["x = (", "return", "y"]),
    ("x = 'a\ny = 1\n", ["x = 'a", "y = 1"]),
    (")\nx\n", [")", "x"]),
    ("def f():\n  '''a\n  x\n\ndef g(): pass\n", ["def f():", "'''a", "x", "def g(): pass"]),
    ("x = r'\\'\ny = 1'\n", ["x = r'\\'", "y = 1'"]),
    ('x = "a\\""\ny', ['x = "a\\""', "y"]),
    ('""""a" """\ny', ['""""a" """', "y"]),
    ("x\r\ny\rz", ["x", "y", "z"]),
    ("\x0cx\n\x0c\ny", ["x", "y"]),
    ("x = 'a\u2028b'\ny", ["x = 'a\u2028b'", "y"]),
    ("", []),
    ("\ufeff", []),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_logical_lines(text: str, expected: list[str]) -> None:
    assert [text[line.start : line.end] for line in logical_lines(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        '"""' * 60_001,
        "'\\" * 100_000,
        "\r\n" * 100_000 + "def f():",
        "\\\n" * 100_000,
    ],
)
def test_odd_texts_take_linear_time(text: str) -> None:
    assert len(logical_lines(text)) <= 1 + text.count('"""')
