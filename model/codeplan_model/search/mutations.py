"""Small changes of a function's code, each of which could be the correction of a slip.

Comparisons, bounds, operators, swapped arguments, wrong names and constants, a `return` at the
wrong depth, a forgotten one, an empty argument. They are made on the text at the places that the
syntax tree names, so that formatting and comments stay. Nothing is run and nothing is judged here.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from codeplan_model.search.places import Change, Source

MAX_OF_A_KIND = 60
"""Changes of one kind at most, so that a long function does not drown the other kinds."""

_COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=", ">=", "<="),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}
_OPERATORS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+",),
    ast.Mult: ("**", "+", "/", "//"),
    ast.Div: ("//", "*"),
    ast.FloorDiv: ("%", "/"),
    ast.Mod: ("//",),
    ast.Pow: ("*",),
    ast.BitAnd: ("|", "^"),
    ast.BitOr: ("&", "^"),
    ast.BitXor: ("|", "&"),
    ast.LShift: (">>",),
    ast.RShift: ("<<",),
}
_WORDS: dict[str, tuple[str, ...]] = {
    "min": ("max",),
    "max": ("min",),
    "any": ("all",),
    "all": ("any",),
    "append": ("extend",),
    "extend": ("append",),
    "add": ("update",),
    "lower": ("upper", "casefold"),
    "upper": ("lower",),
    "title": ("capitalize",),
    "capitalize": ("title",),
    "find": ("rfind",),
    "index": ("rindex",),
    "strip": ("rstrip", "lstrip"),
    "lstrip": ("rstrip", "strip"),
    "rstrip": ("lstrip", "strip"),
    "split": ("rsplit", "splitlines"),
    "partition": ("rpartition",),
    "rpartition": ("partition",),
    "startswith": ("endswith",),
    "endswith": ("startswith",),
    "keys": ("values", "items"),
    "values": ("keys", "items"),
    "items": ("keys", "values"),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "int": ("round", "float"),
    "round": ("int",),
    "sum": ("len",),
    "len": ("sum",),
    "sorted": ("list",),
    "isdigit": ("isalpha", "isalnum"),
    "isalpha": ("isalnum", "isdigit"),
    "isalnum": ("isalpha",),
    "union": ("intersection", "difference"),
    "intersection": ("union", "difference"),
    "difference": ("intersection", "union", "symmetric_difference"),
    "True": ("False",),
    "False": ("True",),
}
_DROPPED = frozenset(("reversed", "abs", "set", "str", "list"))
_EMPTY = frozenset({"None", "0", "0.0", "''", '""', "[]", "{}", "()", "set()", "-1", "False", "1"})
_EMPTY_ORDER = ("[]", "0", "None", "''", "False", "{}", "()", "0.0", "-1", "1", "set()")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the problem says that a correction may need.

    arguments: the function's, in order. constants: literals of the examples and the description,
    as source text. answers: what the examples expect, as source text.
    """

    arguments: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def mutations(code: str, hints: Hints = Hints(), of_a_kind: int = MAX_OF_A_KIND) -> Iterator[str]:
    """Bodies that differ from `code` (canonical form) by one change, likelier slips first.

    of_a_kind: changes of one kind at most.
    Every one parses and none is given twice. Nothing when `code` itself does not parse.
    """
    source = Source.of(code)
    if source is None:
        return
    seen = {code}
    for kind in _KINDS:
        for change in itertools.islice(kind(source, hints), of_a_kind):
            body = source.changed(change)
            if body is not None and body not in seen:
                seen.add(body)
                yield body


def _comparisons(source: Source, hints: Hints) -> Iterator[Change]:
    for node in source.walk(ast.Compare):
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            for new in _COMPARISONS.get(type(op), ()):
                yield from source.between(left, right, _spelling(op), new)


def _bounds(source: Source, hints: Hints) -> Iterator[Change]:
    """One more or less, where code counts: whole numbers, ranges, slices, indices, sums."""
    for node in source.walk(ast.Constant):
        if type(node.value) is int:
            for new in (node.value + 1, node.value - 1):
                yield source.replace(node, str(new) if new >= 0 else f"({new})")
    for node in source.walk(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
            if len(node.args) == 1:
                inner = source.text(node.args[0])
                yield source.replace(node.args[0], f"1, {inner}")
                yield source.replace(node.args[0], f"1, {inner} + 1")
            last = node.args[min(len(node.args), 2) - 1]
            yield from _one_beside(source, last)
            if len(node.args) > 1:
                yield from _one_beside(source, node.args[0])
    for node in source.walk(ast.Subscript):
        part = node.slice
        if isinstance(part, ast.Slice):
            for bound in (part.lower, part.upper):
                if bound is not None and not isinstance(bound, ast.Constant):
                    yield from _one_beside(source, bound)
        elif not isinstance(part, ast.Constant):
            yield from _one_beside(source, part)
    for node in source.walk(ast.Return):
        if isinstance(node.value, ast.BinOp | ast.Name | ast.Call):
            yield from _one_beside(source, node.value)


def _one_beside(source: Source, node: ast.expr) -> Iterator[Change]:
    text = source.text(node)
    simple = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant)
    inner = text if simple or (isinstance(node, ast.BinOp) and _is_sum(node)) else f"({text})"
    yield source.replace(node, f"{inner} + 1")
    yield source.replace(node, f"{inner} - 1")


def _is_sum(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod)


def _operators(source: Source, hints: Hints) -> Iterator[Change]:
    for node in source.walk(ast.BinOp):
        for new in _OPERATORS.get(type(node.op), ()):
            yield from source.between(node.left, node.right, _spelling(node.op), new)
    for node in source.walk(ast.AugAssign):
        for new in _OPERATORS.get(type(node.op), ()):
            old = f"{_spelling(node.op)}="
            yield from source.between(node.target, node.value, old, f"{new}=")
    for node in source.walk(ast.Assign):
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield from source.between(node.targets[0], node.value, "=", "+=")


def _conditions(source: Source, hints: Hints) -> Iterator[Change]:
    for node in source.walk(ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in itertools.pairwise(node.values):
            yield from source.between(left, right, old, new)
    for node in source.walk(ast.UnaryOp):
        if isinstance(node.op, ast.Not | ast.USub):
            yield source.replace(node, source.text(node.operand))
    tests = [n.test for n in source.walk(ast.If, ast.While, ast.IfExp)]
    tests += [test for n in source.walk(ast.comprehension) for test in n.ifs]
    for test in tests:
        yield source.replace(test, f"not ({source.text(test)})")


def _swaps(source: Source, hints: Hints) -> Iterator[Change]:
    """Arguments, operands, branches and assigned pairs the other way round."""
    for node in source.walk(ast.BinOp):
        yield from source.swap(node.left, node.right)
    for node in source.walk(ast.Call):
        for first, second in itertools.pairwise(node.args):
            yield from source.swap(first, second)
    for node in source.walk(ast.IfExp):
        yield from source.swap(node.body, node.orelse)
    for node in source.walk(ast.Tuple, ast.List):
        for first, second in itertools.pairwise(node.elts):
            yield from source.swap(first, second)


def _words(source: Source, hints: Hints) -> Iterator[Change]:
    """A function or method that is easily mistaken for its sibling; the order of sorting."""
    for node in source.walk(ast.Name, ast.Constant):
        text = source.text(node)
        for new in _WORDS.get(text, ()):
            yield source.replace(node, new)
    for node in source.walk(ast.Attribute):
        for new in _WORDS.get(node.attr, ()):
            yield source.replace(node, f"{source.text(node.value)}.{new}")
    for node in source.walk(ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        called = node.func.attr if isinstance(node.func, ast.Attribute) else called
        if called in ("sorted", "sort"):
            inner = ", ".join(source.text(part) for part in node.args)
            if not node.keywords:
                more = ", ".join(filter(None, (inner, "reverse=True")))
                yield source.replace(node, f"{source.text(node.func)}({more})")
        elif called in _DROPPED and len(node.args) == 1:
            yield source.replace(node, source.text(node.args[0]))
    for node in source.walk(ast.Return):
        if isinstance(node.value, ast.expr):
            text = source.text(node.value)
            for around in ("sorted", "list", "str", "int", "abs", "set", "len", "sum"):
                yield source.replace(node.value, f"{around}({text})")
            yield source.replace(node.value, f"not ({text})")


def _blocks(source: Source, hints: Hints) -> Iterator[Change]:
    """A statement one level too deep or not deep enough, left out, or in the wrong order."""
    for body in source.blocks():
        last = body[-1]
        for levels in range(1, source.level(last)):
            yield source.moved(last, -levels)
        for before, node in itertools.pairwise(body):
            if source.is_compound(before) and isinstance(node, ast.Return | ast.Expr | ast.Assign):
                yield source.moved(node, 1)
        for first, second in itertools.pairwise(body):
            yield from source.swap(first, second)
        for node in body:
            if len(body) > 1 and not isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield source.removed(node)
    for node in source.walk(ast.Break, ast.Continue):
        yield source.replace(node, "continue" if isinstance(node, ast.Break) else "break")


def _returns(source: Source, hints: Hints) -> Iterator[Change]:
    """A result that is computed and not returned."""
    last = source.body[-1]
    if isinstance(last, ast.Expr):
        yield source.replace(last, f"return {source.text(last.value)}")
    if not isinstance(last, ast.Return | ast.Raise):
        for name in [*source.assigned(), *hints.arguments]:
            yield source.appended(f"return {name}")


def _names(source: Source, hints: Hints) -> Iterator[Change]:
    """Another variable of the function."""
    known = [*hints.arguments, *(n for n in source.assigned() if n not in hints.arguments)]
    for node in source.walk(ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id in known:
            for new in known:
                if new != node.id:
                    yield source.replace(node, new)


def _constants(source: Source, hints: Hints) -> Iterator[Change]:
    """Another literal of the problem, of the same type."""
    for node in source.walk(ast.Constant):
        if isinstance(node.value, bool) or node.value is None or node.value is Ellipsis:
            continue
        for new in (*hints.constants, "0", "1", "''", "' '"):
            if type(ast.literal_eval(new)) is type(node.value):
                yield source.replace(node, new)


def _guards(source: Source, hints: Hints) -> Iterator[Change]:
    """An answer of its own for an empty argument, or for one that is zero or None."""
    for answer in sorted(_EMPTY & set(hints.answers), key=_EMPTY_ORDER.index):
        for argument in hints.arguments:
            if re.fullmatch(r"\w+", argument):
                yield source.prepended(f"if not {argument}:\n    return {answer}")


_KINDS: Sequence[Callable[[Source, Hints], Iterator[Change]]] = (
    _comparisons,
    _bounds,
    _operators,
    _conditions,
    _words,
    _blocks,
    _returns,
    _swaps,
    _guards,
    _names,
    _constants,
)


def _spelling(op: ast.cmpop | ast.operator) -> str:
    return _SPELLINGS[type(op)]


_SPELLINGS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
