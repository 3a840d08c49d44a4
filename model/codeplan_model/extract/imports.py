"""Which imports a new body needs that its file doesn't have.

Only well-known standard library names are resolved (stdlib_names.py); any other unknown name is
left alone, and the function's examples will say so. Where the imports go: import_edits.py.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field

from .blocks import Block
from .outline import Outline
from .parse import parse
from .stdlib_names import MODULE_ATTRIBUTES, MODULES, NAMES, SUBMODULES

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__class__"}
_PACKAGES = frozenset(package for package, _ in SUBMODULES)
_FUTURE_ANNOTATIONS = re.compile(r"^from __future__ import[^\n]*\bannotations\b", re.MULTILINE)
_STAR = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t]*\*")
_WORD = re.compile(r"\w+")
# What makes the header of a compound statement, or a part of one, parse by itself.
_COMPLETIONS = (
    ("", ""),
    ("", " pass"),
    ("if 1: pass\n", " pass"),
    ("try: pass\n", " pass"),
    ("", " pass\nfinally: pass"),
    ("match 1:\n ", " pass"),
    ("", "\n case _: pass"),
)


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`import module` when name is "", else `from module import name`."""

    module: str
    name: str = ""


@dataclass(slots=True)
class _Names:
    """Plain names in a tree: read, given a value, and the attributes that are read from each.

    annotating: names in annotations that are never evaluated, so that a name which is imported for
    type checkers only will do.
    """

    loaded: set[str] = field(default_factory=set)
    annotating: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)


def missing_imports(outline: Outline, block: Block, body: str) -> list[Import]:
    """The imports that `body` (canonical) needs as the new body of `block`, sorted."""
    tree = parse(f"def _():\n{body}\n")
    if tree is None:
        return []
    names = _names_in(tree, lazy=_FUTURE_ANNOTATIONS.search(outline.text) is not None)
    read = names.loaded | names.annotating
    local = names.bound | _parameters(outline, block) | _names_around(outline, block, read)
    wanted = {
        name
        for name in read - local - _BUILTINS
        if name in NAMES or name in MODULES or name in _PACKAGES
    }
    if not wanted:
        return []
    known = _module_names(outline, block, wanted)
    known |= _module_names(outline, block, names.annotating - names.loaded, for_types=True)
    found: set[Import] = set()
    for name in wanted:
        attributes = names.attributes.get(name, set())
        if name not in known:
            found |= _resolve(name, attributes)
        elif name in _PACKAGES:
            found |= {
                item for item in _submodules(name, attributes) if not _is_imported(outline, item)
            }
    return sorted(found)


def _module_names(
    outline: Outline, block: Block, wanted: set[str], *, for_types: bool = False
) -> set[str]:
    """Those of the wanted names that the module gives a value before `block` can run.

    for_types: also those that it gives a value for type checkers only.
    """
    around: set[int] = set()
    parent = block.parent
    while parent is not None:
        around.add(parent.header)
        parent = parent.parent
    inside = bytearray(len(outline.lines))
    for other in outline.blocks:
        visible = other.header in around or (for_types and other.name == "TYPE_CHECKING")
        if other.kind != "guard" or not visible:
            inside[other.header + 1 : other.end] = b"\1" * (other.end - other.header - 1)
    found: set[str] = set()
    for index, line in enumerate(outline.lines):
        if inside[index]:
            continue
        source = outline.text[line.start : line.end]
        star = _STAR.match(source)
        if star:
            found |= {name for name in wanted if NAMES.get(name) == star.group(1)}
        found |= _bound_in_line(source, wanted - found)
    return found


def _resolve(name: str, attributes: set[str]) -> set[Import]:
    """The imports for one unknown name, given the attributes that are read from it."""
    submodules = _submodules(name, attributes)
    if submodules:
        return submodules
    if name in NAMES and not attributes & MODULE_ATTRIBUTES.get(name, frozenset()):
        return {Import(NAMES[name], name)}
    return {Import(name)} if name in MODULES else set()


def _submodules(name: str, attributes: set[str]) -> set[Import]:
    """The modules inside package `name` that are used by their full path."""
    return {
        Import(SUBMODULES[name, attribute])
        for attribute in attributes
        if (name, attribute) in SUBMODULES
    }


def _is_imported(outline: Outline, item: Import) -> bool:
    """Whether `import a.b` stands at the top level."""
    pattern = re.compile(rf"import\b[^#\n]*\b{re.escape(item.module)}(?![\w.])")
    return any(
        line.col == 0 and pattern.match(outline.text, line.start, line.end)
        for line in outline.lines
    )


def _names_in(tree: ast.AST, *, lazy: bool) -> _Names:
    """The names in a tree. lazy: whether the annotations of inner functions are not evaluated."""
    names = _Names()
    annotations: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=annotation):
                annotations.append(annotation)
            case ast.arg(annotation=ast.expr() as annotation) if lazy:
                annotations.append(annotation)
            case ast.FunctionDef(returns=ast.expr() as annotation) if lazy:
                annotations.append(annotation)
    unevaluated = {id(node) for annotation in annotations for node in ast.walk(annotation)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                (names.annotating if id(node) in unevaluated else names.loaded).add(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                names.attributes.setdefault(name, set()).add(attribute)
        names.bound |= _bound_by(node)
    return names


def _bound_by(node: ast.AST) -> set[str]:
    """The names that this node itself, not those in it, gives a value."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.arg(arg=name):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.alias(name=name, asname=asname):
            return {asname or name.partition(".")[0]}
        case (
            ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
            | ast.MatchMapping(rest=str(name))
        ):
            return {name}
    return set()


def _parameters(outline: Outline, block: Block) -> set[str]:
    """A function's parameters and its own name."""
    tree = parse(outline.plain_header(block) + " pass")
    if tree is None:
        return set(_WORD.findall(outline.header_text(block)))
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {block.name}


def _names_around(outline: Outline, block: Block, wanted: set[str]) -> set[str]:
    """Those of the wanted names to which an enclosing function gives a value."""
    found: set[str] = set()
    owner = block.owner
    while owner is not None:
        if owner.kind == "def":
            found |= _parameters(outline, owner) & wanted
            for line in outline.body(owner):
                found |= _bound_in_line(outline.text[line.start : line.end], wanted - found)
        owner = owner.owner
    return found


def _bound_in_line(source: str, wanted: set[str]) -> set[str]:
    """Those of the wanted names to which one logical line gives a value."""
    if wanted.isdisjoint(_WORD.findall(source)):
        return set()
    for before, after in _COMPLETIONS:
        tree = parse(before + source + after)
        if tree is not None:
            break
    else:
        return set()
    found: set[str] = set()
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        found |= _bound_by(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            nodes += ast.iter_child_nodes(node)
    return found & wanted
