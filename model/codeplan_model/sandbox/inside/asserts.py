"""Saying why an assert failed: "total([1]) is 2, not 1" instead of a bare AssertionError."""

from __future__ import annotations

import ast

_SHOW = "__codeplan_show__"


def explain(tree: ast.AST, names: dict, note: list) -> None:
    """Change every `assert a == b` in `tree` so that both values are told when it fails.

    names: the namespace that will run it, which gets the helper. note: where the words go. Each
    side is still evaluated once, in order.
    """
    rewrite(tree)
    take_notes(names, note)


def rewrite(tree: ast.AST) -> None:
    """The change of the tree alone."""
    _Rewriter().visit(tree)
    ast.fix_missing_locations(tree)


def take_notes(names: dict, note: list) -> None:
    """Give a namespace the helper that rewritten asserts call."""

    def show(left, right, holds: bool, text: str):
        if not holds:
            note.append(f"{text} is {_short(left)}, not {_short(right)}")
        return holds

    names[_SHOW] = show


def _short(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
    return text if len(text) <= 200 else text[:197] + "..."


class _Rewriter(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        self.generic_visit(node)
        test = node.test
        if not isinstance(test, ast.Compare) or [type(op) for op in test.ops] != [ast.Eq]:
            return node
        left, right = "__codeplan_left__", "__codeplan_right__"
        text = ast.unparse(test.left)
        # assert show(left := a, right := b, left == right, "a")
        node.test = ast.Call(
            func=ast.Name(id=_SHOW, ctx=ast.Load()),
            args=[
                ast.NamedExpr(target=ast.Name(id=left, ctx=ast.Store()), value=test.left),
                ast.NamedExpr(
                    target=ast.Name(id=right, ctx=ast.Store()), value=test.comparators[0]
                ),
                ast.Compare(
                    left=ast.Name(id=left, ctx=ast.Load()),
                    ops=[ast.Eq()],
                    comparators=[ast.Name(id=right, ctx=ast.Load())],
                ),
                ast.Constant(value=text),
            ],
            keywords=[],
        )
        return ast.copy_location(node, node)
