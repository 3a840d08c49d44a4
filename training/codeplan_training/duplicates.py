"""Near duplicates: whether two problems are the same task in other words, by text and code alone.

Used where that would be cheating: a neighbour in a training text, an evaluation task's neighbour in
the memory. It runs no code, so programs that do the same in different ways are not recognised.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable
from dataclasses import dataclass

WORDS, SHARED_WORDS = 4, 0.5
"""Length of a statement's n-grams in words, and the share of the shorter one's that is too much."""
TOKENS, SHARED_TOKENS = 6, 0.8
"""The same for the tokens of code whose own names are replaced, and the longer program's share: one
that holds another as a part of it is another task."""

_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Print:
    """What is compared of one problem.

    statements: n-grams of each of its wordings; codes: n-grams of each of its programs; programs:
    the programs themselves with their own names replaced.
    """

    name: str
    statements: tuple[frozenset[tuple[str, ...]], ...]
    codes: tuple[frozenset[tuple[str, ...]], ...]
    programs: frozenset[tuple[str, ...]]


def fingerprint(name: str, signature: str, wordings: Iterable[str], codes: Iterable[str]) -> Print:
    """What `near` compares. codes: bodies indented by four spaces; may be empty."""
    programs = tuple(canonical(signature, code) for code in codes)
    return Print(
        name,
        tuple(grams(tuple(_WORD.findall(text.lower())), WORDS) for text in wordings),
        tuple(grams(program, TOKENS) for program in programs),
        frozenset(programs),
    )


def near(one: Print, other: Print) -> bool:
    """Whether these two are the same task: same name, statement or program, or nearly so."""
    return (
        one.name == other.name
        or not one.programs.isdisjoint(other.programs)
        or _overlap(one.statements, other.statements, SHARED_WORDS, min)
        or _overlap(one.codes, other.codes, SHARED_TOKENS, max)
    )


def canonical(signature: str, code: str) -> tuple[str, ...]:
    """The tokens of the body with names that it binds itself numbered in order; literals stay."""
    text = f"{signature}\n{code}\n"
    try:
        own = _bound(ast.parse(text))
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return tuple(code.split())
    numbers: dict[str, str] = {}
    found: list[str] = []
    first_line = signature.count("\n") + 1
    before = ""
    for token in tokens:
        if token.type in _LAYOUT:
            continue
        word = token.string
        if token.type == tokenize.NAME and word in own and before != ".":
            word = numbers.setdefault(word, f"_{len(numbers)}")
        elif token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
            word = tokenize.tok_name[token.type]
        before = token.string
        if token.start[0] > first_line:
            found.append(word)
    return tuple(found)


def _bound(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def grams(words: tuple[str, ...], length: int) -> frozenset[tuple[str, ...]]:
    """All n-grams of a text; one that is shorter counts as one n-gram."""
    if len(words) < length:
        return frozenset([words]) if words else frozenset()
    return frozenset(words[i : i + length] for i in range(len(words) - length + 1))


def _overlap(
    ones: Iterable[frozenset[tuple[str, ...]]],
    others: tuple[frozenset[tuple[str, ...]], ...],
    share: float,
    of: Callable[[int, int], int],
) -> bool:
    return any(a and b and len(a & b) > share * of(len(a), len(b)) for a in ones for b in others)
