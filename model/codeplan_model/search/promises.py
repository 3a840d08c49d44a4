"""Exceptions that a docstring promises and no example shows: "Raise ValueError if n is negative".

A program that passes every example may still lack them, since nothing tested them. Ranking prefers
one that has them; where none has, the search asks for them (checks.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from codeplan_model.values import Task

_PROMISE = re.compile(
    r"\b[Rr]ais(?:e|es|ed|ing)\b[^.]{0,40}?\b([A-Z]\w*(?:Error|Exception)|StopIteration)\b"
    r"|^[ \t]*([A-Z]\w*(?:Error|Exception)|StopIteration)[ \t]*(?::|$)",
    re.M,
)
# From a prompt to the blank line that ends its output.
_EXAMPLES = re.compile(r"^[ \t]*>>>.*(?:\n(?![ \t]*$).*)*", re.M)
# What raises these by itself, so that no `raise` need stand in the code.
_BY_THEMSELVES: dict[str, tuple[type[ast.AST], ...]] = {
    "KeyError": (ast.Subscript,),
    "IndexError": (ast.Subscript,),
    "LookupError": (ast.Subscript,),
    "ZeroDivisionError": (ast.Div, ast.FloorDiv, ast.Mod),
}
_CALLS: dict[str, frozenset[str]] = {
    "KeyError": frozenset(("pop", "popitem", "remove")),
    "IndexError": frozenset(("pop", "popleft")),
    "StopIteration": frozenset(("next",)),
    "ValueError": frozenset(
        "int float complex Decimal Fraction index remove min max fromisoformat strptime "
        "fromhex unhexlify mean median mode chr UUID ip_address literal_eval".split()
    ),
}


def promised(task: Task) -> tuple[str, ...]:
    """Names of the exceptions that the docstring's prose promises and no example expects."""
    text = _told(task)
    shown = {(e.exc_msg or "").partition(":")[0] for e in task.examples}
    shown |= set(re.findall(r"\braises\((\w+)", "\n".join(e.source for e in task.examples)))
    names = (match.group(1) or match.group(2) for match in _PROMISE.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name not in shown))


def sentence_with(task: Task, name: str) -> str:
    """What the docstring says about this exception, on one line."""
    parts = re.split(r"(?<=[.;])\s+|\n[ \t]*\n", _told(task))
    return " ".join(" ".join(part.split()) for part in parts if name in part)


def _told(task: Task) -> str:
    return _EXAMPLES.sub("", task.docstring)


def lacking(code: str, names: Sequence[str]) -> tuple[str, ...]:
    """Those of these exceptions that nothing in a body (canonical form) seems to raise."""
    if not names:
        return ()
    try:
        tree = ast.parse("def _():\n" + code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    nodes = list(ast.walk(tree))
    raised = {exception_name(node.exc) for node in nodes if isinstance(node, ast.Raise)}
    called = {exception_name(node) for node in nodes if isinstance(node, ast.Call)}
    return tuple(
        name
        for name in names
        if name not in raised
        and not any(isinstance(node, _BY_THEMSELVES.get(name, ())) for node in nodes)
        and not called & _CALLS.get(name, frozenset())
    )


def exception_name(node: ast.AST | None) -> str:
    """The last part of what is called or named."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
