"""Arguments that show what a function does: from its annotations, names, defaults and code.

Calls are source text; nothing is run here. The function's own comparisons are the best hint at
where its behaviour changes, so the constants in it become arguments too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from codeplan_model.extract.parse import parse
from codeplan_model.values import Task

MAX_CALLS = 24

_BY_KIND: dict[str, tuple[str, ...]] = {
    "int": ("7", "2", "0", "12", "-3", "1"),
    "float": ("2.5", "0.0", "-1.5", "10.0"),
    "bool": ("True", "False"),
    "str": ("'hello world'", "'Ada'", "''", "'a1 b2'"),
    "letter": ("'a'", "','", "''"),
    "bytes": ("b'ab'", "b''"),
    "list[int]": ("[3, 1, 2]", "[]", "[5]", "[1, 1, -4, 2]"),
    "list[float]": ("[1.5, 2.0, 0.5]", "[]", "[2.0]"),
    "list[str]": ("['pear', 'fig', 'apple']", "[]", "['b', 'a', 'b']"),
    "list[list[int]]": ("[[1, 2], [3, 4]]", "[]", "[[5]]"),
    "list[tuple]": ("[(1, 2), (3, 4)]", "[]"),
    "tuple": ("(1, 2)", "(3, 1)", "(0, 0)"),
    "set": ("{1, 2, 3}", "set()"),
    "dict": ("{'a': 1, 'b': 2}", "{}", "{'b': 2, 'c': 1}"),
    "None": ("None",),
}
_NAMES: tuple[tuple[str, str], ...] = (
    (r"sep|separator|delimiter|char|letter|prefix|suffix|old|new", "letter"),
    (r"is_\w+|has_\w+|flag|reverse|strict|verbose", "bool"),
    (r"words|names|lines|strings|tokens|tags|texts|\w+_names", "list[str]"),
    (r"matrix|grid|rows|table|board", "list[list[int]]"),
    (r"pairs|points|edges|intervals", "list[tuple]"),
    (r"point|pair|position", "tuple"),
    (r"text|string|s|word|name|sentence|line|message|path|title|\w+_name", "str"),
    (r"d|data|mapping|counts|scores|prices|options|config|table|stock", "dict"),
    (r"rate|ratio|price|amount|weight|factor|temperature|celsius|percent", "float"),
    (r"n|k|m|i|j|x|y|a|b|num|number|count|size|limit|year|age|index|start|stop|step", "int"),
    (r"xs|ys|nums|numbers|values|items|list|lst|arr|array|seq|sequence|l|\w+s", "list[int]"),
)
_STR_METHODS = frozenset(
    "split strip lower upper title startswith endswith replace join find isdigit isalpha "
    "capitalize swapcase splitlines partition encode isupper islower".split()
)
_LIST_METHODS = frozenset("append extend insert sort reverse".split())
_DICT_METHODS = frozenset("items keys values get setdefault".split())


def heuristic_calls(task: Task, code: str) -> list[str]:
    """Calls of the function, ordinary ones first; [] when its arguments can't be told."""
    function = _function(task, code)
    if function is None:
        return []
    called = _called(task)
    if called is None:
        return []
    arguments = [*function.args.posonlyargs, *function.args.args]
    required = len(arguments) - len(function.args.defaults)
    defaults = [*[None] * required, *function.args.defaults]
    skipped = int("." in task.entry_point and not _is_static(task, only="staticmethod"))
    choices = [
        _choices(argument, default, function)
        for argument, default in list(zip(arguments, defaults, strict=True))[skipped:]
    ]
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if default is None:  # it has to be given
            choices.append([f"{argument.arg}={v}" for v in _choices(argument, None, function) if v])
    if any(not [value for value in choice if value] for choice in choices):
        return []
    return list(dict.fromkeys(f"{called}({values})" for values in _combined(choices)))[:MAX_CALLS]


def _combined(choices: Sequence[Sequence[str]]) -> Iterator[str]:
    """Argument lists: every argument's first value, then one argument varied at a time, then all.

    A value "" leaves the argument to its default, and with it all behind it.
    """
    if not choices:
        yield ""
        return
    first = [choice[0] for choice in choices]
    yield _joined(first)
    longest = max(len(choice) for choice in choices)
    for row in range(1, longest):
        for at, choice in enumerate(choices):
            if row < len(choice):
                yield _joined([*first[:at], choice[row], *first[at + 1 :]])
        yield _joined([choice[row % len(choice)] for choice in choices])


def _joined(values: Sequence[str]) -> str:
    kept: list[str] = []
    left_out = False
    for value in values:
        left_out = left_out or not value
        if not left_out or "=" in value:
            kept.append(value)
    return ", ".join(filter(None, kept))


def _choices(argument: ast.arg, default: ast.expr | None, function: ast.FunctionDef) -> list[str]:
    """Values for one argument, as source text; "" is its default."""
    kind = _kind_by_hint(argument.annotation) or _kind_by_use(argument.arg, function)
    if not kind and default is not None:
        kind = _kind_of_default(default)
    if kind in ("", "str") and _kind_by_name(argument.arg) == "letter":
        kind = "letter"
    kind = kind or _kind_by_name(argument.arg)
    values = list(_BY_KIND.get(kind, ()))
    if kind in ("int", "float", "str", "letter"):
        values[1:1] = _constants(function, kind, argument.arg)
    if kind == "str":
        values[:0] = [repr(f"a{mark} b{mark}c") for mark in _marks(function)]
    return ["", *values] if default is not None else values


def _kind_by_hint(hint: ast.expr | None) -> str:
    if hint is None:
        return ""
    text = ast.unparse(hint).strip("'\"")
    text = re.sub(r"\b(?:typing|collections\.abc|t)\.", "", text)
    text = re.sub(r"\s*\|\s*None\b|\bOptional\[(.*)\]$", r"\1", text).replace(" ", "")
    text = text.split("|")[0]
    base, _, inner = text.partition("[")
    inner = inner.removesuffix("]")
    base = base.lower()
    if base in ("list", "sequence", "iterable", "iterator", "collection"):
        return f"list[{inner}]" if f"list[{inner}]" in _BY_KIND else _nested(inner)
    if base in ("dict", "mapping", "mutablemapping"):
        return "dict"
    return base if base in _BY_KIND else ""


def _nested(inner: str) -> str:
    base = inner.partition("[")[0].lower()
    return {"list": "list[list[int]]", "tuple": "list[tuple]", "sequence": "list[list[int]]"}.get(
        base, "list[int]"
    )


def _kind_by_use(name: str, function: ast.FunctionDef) -> str:
    """What the code does with the argument; the first use that says something."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=used), attr=attribute) if used == name:
                if attribute in _STR_METHODS:
                    return "str"
                if attribute in _DICT_METHODS:
                    return "dict"
                if attribute in _LIST_METHODS:
                    return "list[int]"
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=used), kind]):
                if used == name and ast.unparse(kind) in _BY_KIND:
                    return ast.unparse(kind)
            case ast.Call(func=ast.Name(id="range"), args=parts):
                if any(isinstance(part, ast.Name) and part.id == name for part in parts):
                    return "int"
            case ast.Call(func=ast.Name(id="ord"), args=[ast.Name(id=used)]) if used == name:
                return "letter"
            case ast.BinOp(left=ast.Name(id=used), op=op, right=ast.Constant(value=value)):
                if used == name and not isinstance(op, ast.Mult):
                    return _kind_of(value)
            case ast.Compare(left=ast.Name(id=used), ops=[op], comparators=[ast.Constant(value=v)]):
                if used == name and not isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn):
                    return _kind_of(v)
    return ""


def _kind_of(value: object) -> str:
    if isinstance(value, str) and len(value) == 1:
        return "letter"
    return type(value).__name__ if type(value).__name__ in _BY_KIND else ""


def _kind_of_default(default: ast.expr) -> str:
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return ""
    return "" if value is None else _kind_of(value)


def _kind_by_name(name: str) -> str:
    for pattern, kind in _NAMES:
        if re.fullmatch(pattern, name):
            return kind
    return ""


def _constants(function: ast.FunctionDef, kind: str, name: str) -> list[str]:
    """Values at and beside the constants with which the code compares the argument."""
    found: list[str] = []
    for node in ast.walk(function):
        if not isinstance(node, ast.Compare) or name not in ast.unparse(node):
            continue
        for part in (node.left, *node.comparators):
            if not isinstance(part, ast.Constant) or isinstance(part.value, bool):
                continue
            if isinstance(part.value, int | float) and kind in ("int", "float"):
                found += [repr(part.value), repr(part.value + 1)]
            elif isinstance(part.value, str) and kind in ("str", "letter"):
                found.append(repr(part.value))
    return list(dict.fromkeys(found))[:6]


def _marks(function: ast.FunctionDef) -> list[str]:
    """Characters that are no letters and stand by themselves in the code: separators, mostly."""
    found = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [v for v in dict.fromkeys(found) if len(v) == 1 and not v.isalnum() and v > " "][:2]


def _function(task: Task, code: str) -> ast.FunctionDef | None:
    tree = parse(f"{task.header.strip()}\n{code}")
    node = tree.body[0] if tree is not None and tree.body else None
    return node if isinstance(node, ast.FunctionDef) else None


def _called(task: Task) -> str | None:
    """What stands before the arguments: the name, or a method of a class that needs nothing."""
    owner, _, name = task.entry_point.rpartition(".")
    if not owner:
        return name
    tree = parse(task.text)
    for part in owner.split("."):
        body = getattr(tree, "body", ())
        tree = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == part), None)
    if not isinstance(tree, ast.ClassDef):
        return None
    if _is_static(task):
        return f"{owner}.{name}"
    if name.startswith("__"):
        return None
    made = _constructor(tree, owner)
    return f"{made}.{name}" if made else None


def _constructor(node: ast.ClassDef, owner: str) -> str | None:
    """A call that makes an object, None when its arguments can't be told."""
    methods = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    own = methods[0] if methods else None
    if own is None:
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign) and n.value is None]
        if not node.decorator_list:
            return f"{owner}()"
        values = [_BY_KIND.get(_kind_by_hint(field.annotation), ("",))[0] for field in fields]
    else:
        arguments = own.args.args[1:]
        needed = arguments[: len(arguments) - len(own.args.defaults)]
        if any(default is None for default in own.args.kw_defaults):
            return None
        values = [_choices(argument, None, own)[:1] for argument in needed]
        values = [value[0] if value else "" for value in values]
    return f"{owner}({', '.join(values)})" if all(values) else None


def _is_static(task: Task, only: str = "") -> bool:
    """Whether the method is called on its class. only: one of the two decorators."""
    before = task.prefix.rstrip().split("\n")
    for line in reversed(before):
        text = line.strip()
        if text in ("@staticmethod", "@classmethod"):
            return not only or text == f"@{only}"
        if text.startswith("class "):
            return False
        if text.startswith("def ") and f"def {task.name}" not in text:
            return False
    return False
