"""What a function takes and gives, roughly: enough to say whether two signatures can agree."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_OUTER = {
    "list": "list",
    "sequence": "list",
    "iterable": "list",
    "iterator": "list",
    "collection": "list",
    "dict": "dict",
    "mapping": "dict",
    "defaultdict": "dict",
    "counter": "dict",
    "ordereddict": "dict",
    "set": "set",
    "frozenset": "set",
    "tuple": "tuple",
    "str": "str",
    "bytes": "bytes",
    "int": "number",
    "float": "number",
    "complex": "number",
    "bool": "bool",
    "callable": "function",
}
Kind = str
"""An outer kind with the kind of its elements: "list[str]", "dict[number]", "str"; "" unknown."""


def kinds(signature: str, examples: Sequence[tuple[str, str]] = ()) -> tuple[Kind, ...]:
    """The kinds of the arguments in order (without self and cls), and of the result, last.

    By annotations, else by the first example that shows literals. examples: (call, result).
    """
    try:
        node = ast.parse(signature.strip() + "\n    pass").body[0]
    except (SyntaxError, ValueError, IndexError):
        return ()
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    arguments = [*node.args.posonlyargs, *node.args.args]
    if arguments and arguments[0].arg in ("self", "cls"):
        arguments = arguments[1:]
    found = [_of_annotation(argument.annotation) for argument in arguments]
    found.append(_of_annotation(node.returns))
    for call, want in examples:
        if all(found):
            break
        shown = _of_example(call, want, node.name, len(arguments))
        found = [old or new for old, new in zip(found, shown, strict=True)]
    return tuple(found)


def likeness(ones: Sequence[Kind], others: Sequence[Kind]) -> float:
    """From -1 (every known kind differs) to 1 (all agree); 0 where nothing is known."""
    if not ones or len(ones) != len(others):
        return 0.0
    return sum(_alike(a, b) for a, b in zip(ones, others, strict=True)) / len(ones)


def _alike(one: Kind, other: Kind) -> float:
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    outer, _, inner = one.partition("[")
    other_outer, _, other_inner = other.partition("[")
    if outer != other_outer:
        return -0.5 if {outer, other_outer} <= {"list", "tuple", "set", "str"} else -1.0
    return 0.5 if not inner or not other_inner else 0.25


def _of_annotation(node: ast.expr | None) -> Kind:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [_of_annotation(side) for side in (node.left, node.right)]
        known = [side for side in sides if side]
        return known[0] if len(known) == 1 else ""
    if isinstance(node, ast.Subscript):
        outer = _outer(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer == "" and _name(node.value) == "optional":
            return _of_annotation(inner[0])
        element = _of_annotation(inner[-1]) if inner and outer in ("list", "set", "dict") else ""
        return f"{outer}[{element}]" if outer and element else outer
    return _outer(node)


def _outer(node: ast.expr | None) -> str:
    return _OUTER.get(_name(node), "")


def _name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr.lower()
    return node.id.lower() if isinstance(node, ast.Name) else ""


def _of_example(call: str, want: str, name: str, arguments: int) -> list[Kind]:
    unknown = [""] * (arguments + 1)
    try:
        node = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return unknown
    if not isinstance(node, ast.Call) or _name(node.func) != name.lower():
        return unknown
    found = [_of_value(argument) for argument in node.args[:arguments]]
    found += [""] * (arguments - len(found))
    try:
        found.append(_of_value(ast.parse(want.strip(), mode="eval").body))
    except (SyntaxError, ValueError):
        found.append("")
    return found


def _of_value(node: ast.expr) -> Kind:
    if isinstance(node, ast.UnaryOp):
        return _of_value(node.operand)
    if isinstance(node, ast.Constant):
        return "" if node.value is None else _OUTER.get(type(node.value).__name__, "")
    if isinstance(node, ast.List | ast.Set):
        outer = "list" if isinstance(node, ast.List) else "set"
        inner = _of_value(node.elts[0]) if node.elts else ""
        return f"{outer}[{inner}]" if inner else outer
    if isinstance(node, ast.Dict):
        inner = _of_value(node.values[0]) if node.values else ""
        return f"dict[{inner}]" if inner else "dict"
    return {ast.Tuple: "tuple", ast.Lambda: "function"}.get(type(node), "")
