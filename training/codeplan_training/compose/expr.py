"""Python expressions as text with a precedence, so that templates nest with the right parentheses.

A template is a Python expression with slots, `$x % 2 == 0`; `fill` puts expressions into the
slots and adds parentheses only where the grammar needs them. What the expressions mean is not
this module's concern, and it emits no statements (see `emit`).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache, lru_cache

TERNARY, OR, AND, NOT, COMPARE, BITOR, ADD, MUL, UNARY, POWER, ATOM = range(11)

_SAMPLES = {
    TERNARY: "a if b else c",
    OR: "a or b",
    AND: "a and b",
    NOT: "not a",
    COMPARE: "a < b",
    BITOR: "a | b",
    ADD: "a + b",
    MUL: "a * b",
    UNARY: "-a",
    POWER: "a ** b",
}
_SLOT = re.compile(r"\$(\w+)")
_FLIPPED = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not in",
}


@dataclass(frozen=True)
class E:
    """An expression's text and the precedence of its outermost operator."""

    text: str
    prec: int = ATOM

    @property
    def is_name(self) -> bool:
        return self.text.isidentifier()


def fill(template: str, **slots: E) -> E:
    """The template with each `$slot` replaced; KeyError when a slot is missing."""
    pieces, needs, prec = _analyse(template)
    out = [pieces[0]]
    for (name, needed), tail in zip(needs, pieces[1:], strict=True):
        expression = slots[name]
        text = expression.text
        out.append(f"({text})" if expression.prec < needed else text)
        out.append(tail)
    if ("f'" in template or 'f"' in template) and any("'" in slots[name].text for name, _ in needs):
        quoted = template.replace("'", '"')
        if quoted != template and '"' not in template:
            return fill(quoted, **slots)
    return E("".join(out), prec)


def uses(template: str, slot: str) -> int:
    """How often the slot occurs in the template."""
    return sum(name == slot for name in _SLOT.findall(template))


def literal(value: object) -> E:
    """The expression that writes the value."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return E(repr(value), UNARY)
    return E(repr(value))


@lru_cache(maxsize=4096)
def precedence(text: str) -> int:
    """The precedence of the outermost operator of an expression's text."""
    node = ast.parse(text.strip(), mode="eval").body
    if isinstance(node, ast.IfExp | ast.Lambda | ast.GeneratorExp):
        return TERNARY
    if isinstance(node, ast.BoolOp):
        return OR if isinstance(node.op, ast.Or) else AND
    if isinstance(node, ast.UnaryOp):
        return NOT if isinstance(node.op, ast.Not) else UNARY
    if isinstance(node, ast.Compare):
        return COMPARE
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Pow):
            return POWER
        if isinstance(node.op, ast.Add | ast.Sub):
            return ADD
        if isinstance(node.op, ast.BitOr | ast.BitAnd | ast.BitXor):
            return BITOR
        return MUL
    return ATOM


@lru_cache(maxsize=4096)
def negated(template: str) -> str:
    """A template for the opposite condition, in the wording that a programmer would choose."""
    if template.startswith("not ") and precedence(_named(template)) == NOT:
        return template[4:]
    node = ast.parse(_named(template), mode="eval").body
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for old, new in _FLIPPED.items():
            marked = f" {old} "
            if template.count(marked) == 1 and " not in " not in template:
                return template.replace(marked, f" {new} ")
    if precedence(_named(template)) >= NOT:
        return f"not {template}"
    return f"not ({template})"


def _named(template: str) -> str:
    return _SLOT.sub(r"slot_\1", template)


@cache
def _analyse(template: str) -> tuple[list[str], list[tuple[str, int]], int]:
    pieces = _SLOT.split(template)
    texts, names = pieces[::2], pieces[1::2]
    needs = [(name, _needed(template, index)) for index, name in enumerate(names)]
    return texts, needs, precedence(_named(template))


def _needed(template: str, index: int) -> int:
    """The lowest precedence that may stand in the slot without parentheses."""
    texts = [_SLOT.sub(r"slot_\1", text) for text in _around(template, index)]
    for level, sample in _SAMPLES.items():
        try:
            bare = ast.dump(ast.parse(texts[0] + sample + texts[1], mode="eval"))
        except SyntaxError:
            continue
        if bare == ast.dump(ast.parse(f"{texts[0]}({sample}){texts[1]}", mode="eval")):
            return level
    return ATOM


def _around(template: str, index: int) -> tuple[str, str]:
    found = list(_SLOT.finditer(template))[index]
    return template[: found.start()], template[found.end() :]
