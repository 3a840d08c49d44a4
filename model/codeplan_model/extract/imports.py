"""Which imports a new body needs, and the smallest edit of the file that adds them.

Only well-known standard library names are resolved (stdlib_names.py); any other unknown name is
left alone, and the function's examples will say so.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass

from .outline import Block, Outline
from .parse import parse
from .stdlib_names import MODULE_ATTRIBUTES, MODULES, NAMES, SUBMODULES

_BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__class__",
    "__builtins__",
}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`import module` when name is "", else `from module import name`."""

    module: str
    name: str = ""

    @property
    def statement(self) -> str:
        if self.name:
            return f"from {self.module} import {self.name}"
        return f"import {self.module}"


def missing_imports(outline: Outline, block: Block, body: str) -> list[Import]:
    """The imports that `body` (canonical) needs as the new body of `block`, sorted."""
    tree = parse(f"def _():\n{body}\n")
    if tree is None:
        return []
    free, attributes = _free_names(tree)
    free = {name for name in free if name not in _BUILTINS and (name in NAMES or name in MODULES)}
    free |= {name for name in attributes if name in SUBMODULES and name not in free}
    free -= _parameters(outline, block)
    if free:
        free -= _names_around(outline, block, free)
    if free:
        free -= module_names(outline, free)
    found: set[Import] = set()
    for name in free:
        found |= _resolve(name, attributes.get(name, set()))
    return sorted(found)


def _free_names(tree: ast.Module) -> tuple[set[str], dict[str, set[str]]]:
    """Names that are read and never given a value in the tree, and the attributes read from names."""
    loaded: set[str] = set()
    bound: set[str] = set()
    attributes: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                loaded.add(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                attributes.setdefault(name, set()).add(attr)
            case _:
                bound |= _bound_by(node)
    return loaded - bound, {name: attrs for name, attrs in attributes.items() if name not in bound}


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
        ):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
    return set()


def _parameters(outline: Outline, block: Block) -> set[str]:
    """Every word of the header: parameters, and annotations, which are resolved or not our business."""
    header = outline.text[outline.lines[block.header].start : block.header_end]
    tree = parse(header + " pass")
    if tree is None:  # syntax newer than this interpreter
        return set(_WORD.findall(header.partition("->")[0]))
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {block.name}


def _names_around(outline: Outline, block: Block, wanted: set[str]) -> set[str]:
    """Those of the wanted names that an enclosing function gives a value."""
    found: set[str] = set()
    owner = block.owner
    while owner is not None:
        if owner.kind == "def":
            found |= _parameters(outline, owner) & wanted
            for line in outline.body(owner):
                found |= _bound_in_line(outline.text[line.start : line.end], wanted)
        owner = owner.owner
    return found


def module_names(outline: Outline, wanted: set[str]) -> set[str]:
    """Those of the wanted names that the module gives a value when it is imported."""
    text = outline.text
    hidden: list[tuple[int, int]] = []
    for block in outline.blocks:
        hidden.append((block.header + 1, block.end))
    skipped = bytearray(len(outline.lines))
    for start, end in hidden:
        skipped[start:end] = b"\1" * (end - start)
    found: set[str] = set()
    for index, line in enumerate(outline.lines):
        if not skipped[index]:
            found |= _bound_in_line(text[line.start : line.end], wanted - found)
    return found


def _bound_in_line(source: str, wanted: set[str]) -> set[str]:
    """Those of the wanted names to which one logical line gives a value."""
    if not wanted & set(_WORD.findall(source)):
        return set()
    tree = _parse_line(source)
    if tree is None:
        match = re.match(r"(?:async\s+)?(?:def|class)\s+(\w+)", source)
        return {match.group(1)} & wanted if match else set()
    found: set[str] = set()
    nodes = list(ast.iter_child_nodes(tree))
    while nodes:
        node = nodes.pop()
        found |= _bound_by(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            nodes += ast.iter_child_nodes(node)
    return found & wanted


def _parse_line(source: str) -> ast.Module | None:
    """The tree of one logical line; a compound statement's header is given a body."""
    for before, after in (("", ""), ("", " pass"), ("", "\n pass"), ("if 1: pass\n", " pass"),
                          ("try: pass\n", " pass"), ("match 1:\n ", " pass")):  # fmt: skip
        tree = parse(before + source + after)
        if tree is not None:
            return tree
    return None


def _resolve(name: str, attributes: set[str]) -> set[Import]:
    """The imports for one unknown name, given the attributes that are read from it."""
    submodules = attributes & SUBMODULES.get(name, set())
    if submodules:
        special = {f"{name}.{part}" for part in submodules} - {"os.path", "xml.etree"}
        if special:
            return {Import(module) for module in special}
    if name in MODULES and name in NAMES:
        module_used = bool(attributes & MODULE_ATTRIBUTES.get(name, frozenset()))
        return {Import(name)} if module_used else {Import(NAMES[name], name)}
    if name in NAMES:
        return {Import(NAMES[name], name)}
    return {Import(name)} if name in MODULES else set()
