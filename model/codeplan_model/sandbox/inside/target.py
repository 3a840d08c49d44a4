"""Finding the function under judgement in a file's tree, and hooking it.

Both processes run the user's file. In the candidate's process the hook notes the plain function
and leaves it as it is; in the examiner's process the function's body is emptied and the hook puts
a caller of the other process in its place. The hook is the innermost decorator, so that the
user's decorators work on both sides.
"""

from __future__ import annotations

import ast

HOOK = "__codeplan_target__"


def find(tree: ast.Module, path: list[str], which: int):
    """The definition named by `path` ("Cart", "total"), the `which`-th of that name (from 0).

    Looks into if, try and with blocks, since definitions may stand there. Returns None when there
    are fewer.
    """
    nodes: list = [tree]
    for depth, name in enumerate(path):
        last = depth == len(path) - 1
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef) if last else (ast.ClassDef,)
        nodes = [d for node in nodes for d in _definitions(node.body, name, kinds)]
    return nodes[which] if which < len(nodes) else None


def _definitions(body, name, kinds):
    for node in body:
        if isinstance(node, kinds) and node.name == name:
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody", "handlers"):
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    yield from _definitions(inner, name, kinds)
        # An `except` clause has a body of its own and is reached through "handlers".


def hook(node) -> None:
    """Add the hook as the innermost decorator."""
    name = ast.Name(id=HOOK, ctx=ast.Load())
    node.decorator_list.append(ast.copy_location(name, node))


def empty(node) -> None:
    """Leave nothing of the body but the docstring."""
    keep = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
    node.body[:] = [*keep, ast.copy_location(ast.Pass(), node)]
