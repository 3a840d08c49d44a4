"""What the commands print: colours and a moving line on a terminal, plain lines in a pipe.

Results go to standard output, everything about the work to standard error.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import markup
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from codeplan_model.search import Finished, PlanRecord, Progress
from codeplan_model.search.wording import (
    detailed_words,
    origin_words,
    record_words,
    untested_words,
)
from codeplan_model.values import ExampleResult, Status

MARKS = {
    Status.PASSED: ("green", "ok"),
    Status.FAILED: ("red", "FAILED"),
    Status.TIMED_OUT: ("red", "TIMED OUT"),
    Status.CRASHED: ("red", "CRASHED"),
    Status.NOT_JUDGED: ("yellow", "not judged"),
}

# Files and models may hold what a terminal would obey: it is shown, not sent.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
del _CONTROLS[ord("\n")], _CONTROLS[ord("\t")]


# A pipe has no edge: a path in a table, which is copied from it, stays in one piece.
_PIPE_COLUMNS = 2000


def plain(text: str) -> str:
    """Text that no terminal takes for a command."""
    return text.translate(_CONTROLS)


def escape(text: str) -> str:
    """The same, for use between Rich's marks."""
    return markup.escape(plain(text))


class OutputLost(Exception):
    """Standard output takes nothing any more. gone: its reader went away, as `head` does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output can't be written to: {error.strerror or error}")
        self.gone = isinstance(error, BrokenPipeError)


@contextlib.contextmanager
def delivering() -> Iterator[None]:
    """Around everything that writes to standard output. Raises OutputLost."""
    try:
        yield
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            # What is still in the buffer must not fail once more when the interpreter ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
        raise OutputLost(error) from error


class _Results(Console):
    """Standard output; losing it ends the command. Raises OutputLost."""

    def print(self, *objects: Any, **options: Any) -> None:
        with delivering():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 (the BrokenPipeError that Rich is handling, instead of its exit)


class _Remarks(Console):
    """Standard error; a remark that can't be shown is no reason to stop."""

    def print(self, *objects: Any, **options: Any) -> None:
        with contextlib.suppress(OSError):
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Output:
    """Prints for one command. as_json: results are JSON lines and nothing else is on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        piped = not sys.stdout.isatty()
        columns = _PIPE_COLUMNS if piped else None
        self.out = _Results(highlight=False, soft_wrap=piped, width=columns)
        self.err = _Remarks(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
        self._status = None

    def json(self, value: dict[str, Any]) -> None:
        """One JSON object on a line of its own."""
        text = json.dumps(value, ensure_ascii=False)
        try:
            text.encode(sys.stdout.encoding)
        except UnicodeEncodeError:
            text = json.dumps(value)
        with delivering():
            print(text, flush=True)

    def error(self, message: str) -> None:
        """A complaint about the input or the machine."""
        self.err.print(f"[bold red]codeplan:[/] {escape(message)}")

    def say(self, message: str) -> None:
        """A remark beside the results."""
        self.err.print(escape(message), style="dim")

    def place(self, origin: str) -> None:
        """Where the next example stands."""
        self.out.print(escape(origin), style="dim")

    def progress(self, function: str, event: Progress) -> None:
        """The moving line; a pipe gets none."""
        if not self.err.is_terminal:
            return
        text = f"{escape(function)}: {escape(event.message)}"
        if self._status is None:
            self._status = self.err.status(text)
            self._status.start()
        else:
            self._status.update(text)

    def end_progress(self) -> None:
        """Take the moving line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def finished(self, finished: Finished, before: str, after: str) -> None:
        """Plan, examples with their verdicts, and the diff of the file."""
        task, best = finished.task, finished.best
        self.out.print(f"[bold]{escape(task.path or '')}::{escape(task.entry_point)}[/]")
        if best is None:
            self.out.print("  the model wrote no code that could be read")
            return
        if best.candidate.plan:
            self.out.print("  plan:")
            for number, step in enumerate(best.candidate.plan.steps, 1):
                self.out.print(f"    {number}. {escape(step)}")
        self.examples(best.results)
        self.out.print(f"  {escape(detailed_words(best))}")
        untested = untested_words(task, best)
        if untested:
            self.out.print(f"  {escape(untested)}: with one it would be tested")
        whence = f"code {origin_words(best.candidate.origin)}"
        if best.candidate.plan:
            whence = f"plan {origin_words(best.candidate.plan.origin)}, {whence}"
        self.out.print(f"  {escape(whence)}", style="dim")
        self.out.print(
            f"  {finished.seconds:.1f} s, {finished.tokens} tokens, {len(finished.plans)} plans, "
            f"{len(finished.ranked)} programs; sandbox {escape(finished.sandbox)}; "
            f"{escape(finished.model.name)}",
            style="dim",
        )
        if after != before:
            self.diff(before, after, task.path or "")

    def examples(self, results: Sequence[ExampleResult]) -> None:
        """One line an example, with what was got when it differs."""
        for result in results:
            colour, word = MARKS[result.status]
            source = result.example.name or result.example.source.strip().split("\n")[0]
            self.out.print(f"  [{colour}]{word:>10}[/]  {escape(source)}")
            if result.status is Status.FAILED and result.got:
                for label, value in (("expected", result.example.want), ("got", result.got)):
                    if not value:
                        continue  # an assert expects nothing in so many words
                    shown = value.strip().replace("\n", " / ")
                    self.out.print(f"              {label} {escape(shown)}", style="dim")
            elif result.status is not Status.PASSED and result.got:
                # Why it can't be judged, why it crashed.
                shown = result.got.strip().replace("\n", " / ")
                self.out.print(f"              {escape(shown)}", style="dim")

    def diff(self, before: str, after: str, name: str) -> None:
        """A unified diff."""
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), name, name, lineterm="", n=2
        )
        text = plain("\n".join(lines))
        if self.out.is_terminal:
            self.out.print(Syntax(text, "diff", background_color="default", word_wrap=True))
        else:
            with delivering():
                print(text, flush=True)

    def plans(self, records: Iterable[PlanRecord]) -> None:
        """Every plan with its record on the examples."""
        for index, record in enumerate(records, 1):
            origin = escape(origin_words(record.plan.origin))
            self.out.print(f"[bold]plan {index}[/]: {escape(record_words(record))}; {origin}")
            for number, step in enumerate(record.plan.steps, 1):
                self.out.print(f"    {number}. {escape(step)}")

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A small table."""
        table = Table(title=title or None, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        self.out.print(table)
