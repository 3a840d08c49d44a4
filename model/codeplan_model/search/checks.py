"""The checks that a docstring asks for and the best program lacks ("Raise ValueError if ...").

The model is asked for the check alone, the `if` that a body would begin with, several times; what
it says often enough is put before the program, and the examples judge the whole.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from codeplan_model.generation import BackendError, Request
from codeplan_model.prompts.existing import check_prompts
from codeplan_model.search import ranking
from codeplan_model.search.events import Event, Progress
from codeplan_model.search.promises import exception_name, lacking, promised, sentence_with
from codeplan_model.values import Candidate

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

CHECK_TOKENS = 60
"""Generated tokens at most for one check."""
MAX_PROMISES = 2
"""Exceptions of one docstring that are asked about."""
MAX_TRIED = 3
"""Different checks that are judged for one exception."""
MIN_SHARE = 0.3
"""Of the samples that must say the same. With less, some checks forbade what is allowed; with 0.3
none did, and nearly half of them were right (training/LOG.md)."""


def keep_promises(search: Search) -> Iterator[Event]:
    """Put the checks that are missing before the best program, if it passes with them."""
    task = search.task
    if search.stopped != "passed" or not search.budget.checks:
        return
    for name in promised(task)[:MAX_PROMISES]:
        best = ranking.rank(list(search.verdicts.values()), task)[0].candidate
        if lacking(best.completion, [name]):
            try:
                yield from _add(search, best, name)
            except BackendError:
                # A prompt that is too long, a model that died: what passes is there all the same.
                break
    # The tokens may have come to their limit meanwhile.
    search.stopped = "passed"


def _add(search: Search, program: Candidate, name: str) -> Iterator[Event]:
    """Ask for a check that raises this exception, and judge the program with it."""
    task = search.task
    asked = check_prompts(search.format.NAME, task, sentence_with(task, name))
    if not asked:
        return
    each = max(1, search.budget.checks // len(asked))
    total = each * len(asked)
    message = f"asking when to raise {name}"
    yield Progress("mending", 0, total, message)
    sampling = search.sampling(CHECK_TOKENS, search.format.CODE_STOP)
    requests = [Request(question.prompt, each, sampling) for question in asked]
    texts: list[str] = []
    for completion in search.generate("mending", requests):
        texts.append(asked[completion.request].kept + completion.text)
        yield Progress("mending", len(texts), total, f"{message}: {len(texts)} of {total}")
    for check in _checks(texts, name, MIN_SHARE * total)[:MAX_TRIED]:
        body = f"{check}\n{program.completion}"
        yield from search.consider(replace(program, completion=body))
        if ranking.is_solved(search.verdicts[body], task):
            return


def _checks(texts: Iterable[str], name: str, least: float) -> list[str]:
    """The first statements of these bodies that only raise this exception, the most frequent first.

    As lines of canonical form; those that differ in their message only are one, and each is said
    `least` times or more.
    """
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text in texts:
        found = _check(text.strip("\n"), name)
        if found is not None:
            condition, lines = found
            counts[condition] += 1
            written.setdefault(condition, lines)
    return [written[condition] for condition, n in counts.most_common() if n >= least]


def _check(text: str, name: str) -> tuple[str, str] | None:
    """(condition, lines) of the `if` that a body begins with, when it raises this and nothing else.

    The text may end anywhere behind it.
    """
    lines = text.split("\n")
    # The last line may be cut, and so may be what an `else` of the check would say.
    for end in range(len(lines), 1, -1):
        try:
            tree = ast.parse("def _():\n" + "\n".join(lines[:end]))
        except (SyntaxError, ValueError, RecursionError):
            continue
        function = tree.body[0]
        first = function.body[0] if isinstance(function, ast.FunctionDef) else None
        if not isinstance(first, ast.If) or first.orelse or len(first.body) != 1:
            return None
        raised = first.body[0]
        if not isinstance(raised, ast.Raise) or exception_name(raised.exc) != name:
            return None
        kept = "\n".join(lines[: (first.end_lineno or end + 1) - 1])
        return ast.dump(first.test), textwrap.indent(textwrap.dedent(kept), "    ")
    return None
