"""A function out of source text: its header, its body, and what it needs from around it.

Reads syntax trees only; runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from codeplan_model.extract.layout import STEP, relay
from codeplan_training.syntax import parse


@dataclass(frozen=True, slots=True)
class Function:
    """signature: on one line, ending in ":". body: canonical, with the module's other definitions
    nested in front; imports: the module's, one statement each."""

    name: str
    signature: str
    docstring: str
    imports: tuple[str, ...]
    body: str


def function_named(text: str, name: str) -> Function:
    """The last function of that name at module level. Raises ValueError, SyntaxError."""
    tree = parse(text)
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        raise ValueError(f"the code has no function {name!r}")
    return _function(text, tree, found[-1])


def function_called(text: str, names: Collection[str]) -> Function:
    """The first function at module level whose name is among `names`. Raises as above."""
    tree = parse(text)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            return _function(text, tree, node)
    raise ValueError("the code has no function that the first test calls")


def signature_of(node: ast.FunctionDef) -> str:
    """`def name(arguments) -> type:` on one line."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}({ast.unparse(node.args)}){returns}:"


def _function(text: str, tree: ast.Module, function: ast.FunctionDef) -> Function:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    imports: list[str] = []
    before: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(ast.unparse(node))
        elif node is not function and not _is_docstring(node):
            before.append(_segment(lines, node))
    statements = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not statements:
        raise ValueError(f"{function.name} has no body")
    first = statements[0]
    start = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    if start == function.lineno:
        inner = STEP + ast.unparse(ast.Module(statements, [])).replace("\n", "\n" + STEP)
    else:
        inner = "\n".join(lines[start - 1 : function.end_lineno])
    pieces = [*before, inner]
    body = "\n".join(line for piece in pieces for line in _as_body(piece))
    parse("def _():\n" + body)
    return Function(
        function.name,
        signature_of(function),
        ast.get_docstring(function) or "",
        tuple(dict.fromkeys(imports)),
        body,
    )


def _as_body(text: str) -> list[str]:
    return [line.rstrip() for line in relay(text, lambda level: STEP * max(1, level), STEP)]


def _segment(lines: list[str], node: ast.stmt) -> str:
    start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(lines[start - 1 : node.end_lineno])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
