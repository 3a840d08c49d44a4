"""Whether a line of an example really calls a function: by its syntax tree, not by its letters."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, fields

from .parse import parse

# Passing a function to these shows it or describes it, but doesn't call it.
_LOOKS_ONLY = frozenset(
    "help print type isinstance issubclass callable id dir repr hasattr getattr".split()
)
# What a call of a class runs.
CONSTRUCTORS = ("__init__", "__new__", "__post_init__")
_BY_BUILTIN = {
    "len": "__len__", "str": "__str__", "print": "__str__", "repr": "__repr__", "hash": "__hash__",
    "bool": "__bool__", "int": "__int__", "float": "__float__", "abs": "__abs__",
    "iter": "__iter__", "next": "__next__", "list": "__iter__", "tuple": "__iter__",
    "set": "__iter__", "sum": "__iter__", "sorted": "__iter__", "dict": "__iter__",
    "reversed": "__reversed__", "round": "__round__", "format": "__format__",
    "divmod": "__divmod__", "bytes": "__bytes__", "max": "__lt__", "min": "__lt__",
}  # fmt: skip
_BY_OPERATOR: dict[type[ast.AST], str] = {
    ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__", ast.Mod: "__mod__", ast.Pow: "__pow__", ast.MatMult: "__matmul__",
    ast.BitAnd: "__and__", ast.BitOr: "__or__", ast.BitXor: "__xor__", ast.LShift: "__lshift__",
    ast.RShift: "__rshift__", ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__",
    ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__",
    ast.GtE: "__ge__", ast.In: "__contains__", ast.NotIn: "__contains__", ast.Not: "__bool__",
    ast.With: "__enter__", ast.AsyncWith: "__aenter__", ast.For: "__iter__",
    ast.AsyncFor: "__aiter__", ast.comprehension: "__iter__", ast.Starred: "__iter__",
}  # fmt: skip
# What Python may call instead of, or together with, a special method.
_COMPANIONS = {
    "__enter__": ("__exit__",), "__aenter__": ("__aexit__",), "__aiter__": ("__anext__",),
    "__iter__": ("__next__", "__getitem__"), "__contains__": ("__iter__", "__eq__"),
    "__ne__": ("__eq__",), "__lt__": ("__gt__",), "__gt__": ("__lt__",), "__le__": ("__ge__",),
    "__ge__": ("__le__",), "__hash__": ("__eq__",), "__bool__": ("__len__",),
    "__str__": ("__repr__", "__format__"),
}  # fmt: skip
_BY_SUBSCRIPT: dict[type[ast.expr_context], str] = {
    ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__",
}  # fmt: skip


@dataclass(slots=True)
class Uses:
    """What one statement uses.

    called: plain names that are called, or handed to something that may call them.
    attributes: attribute names that are read or called, "x" for `a.x` and `a.x()`.
    dotted: attributes of plain names in full, "a.x" and "a.b.x".
    loaded, bound: plain names that are read, and names that are given a value.
    specials: special methods that operators, built-ins and statements would call.
    """

    called: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    dotted: set[str] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    specials: set[str] = field(default_factory=set)

    def update(self, other: Uses) -> None:
        """Add another statement's uses."""
        for each in fields(self):
            getattr(self, each.name).update(getattr(other, each.name))


def uses_of(source: str) -> Uses:
    """What the statements of `source` use; nothing when they don't parse."""
    tree = parse(source)
    return Uses() if tree is None else uses_of_tree(tree)


def uses_of_tree(tree: ast.AST) -> Uses:
    """The same for a syntax tree."""
    uses = Uses()
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                _add_call(uses, node)
            case ast.Attribute(attr=attr, ctx=ast.Load()):
                uses.attributes.add(attr)
                uses.dotted.add(_dotted(node))
            case ast.Attribute(attr=attr):  # a property's setter or deleter
                uses.attributes.add(attr)
            case ast.Name(id=name, ctx=ast.Load()):
                uses.loaded.add(name)
            case ast.Name(id=name):
                uses.bound.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                uses.bound.add(node.name)
                uses.called.update(d.id for d in node.decorator_list if isinstance(d, ast.Name))
            case ast.alias():
                uses.bound.add((node.asname or node.name).partition(".")[0])
            case ast.Subscript(ctx=context):
                uses.specials.add(_BY_SUBSCRIPT[type(context)])
            case ast.FormattedValue():
                uses.specials.update(("__str__", "__format__", "__repr__"))
            case ast.Expr():  # an example prints the value's repr
                uses.specials.add("__repr__")
        _add_special(uses, _BY_OPERATOR.get(type(node)))
        if isinstance(node, ast.operator):
            plain = _BY_OPERATOR[type(node)][2:]
            uses.specials.update((f"__r{plain}", f"__i{plain}"))
    return uses


def _dotted(node: ast.expr) -> str:
    """ "a.b.x" for that attribute; it begins with "." when it isn't an attribute of a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def _add_call(uses: Uses, node: ast.Call) -> None:
    if isinstance(node.func, ast.Name):
        uses.called.add(node.func.id)
        uses.specials.add("__call__")
        _add_special(uses, _BY_BUILTIN.get(node.func.id))
        if node.func.id in _LOOKS_ONLY:
            return
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        if isinstance(argument, ast.Name):
            uses.called.add(argument.id)


def _add_special(uses: Uses, name: str | None) -> None:
    if name is not None:
        uses.specials.add(name)
        uses.specials.update(_COMPANIONS.get(name, ()))
