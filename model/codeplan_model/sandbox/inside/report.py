"""What the examiner's process reports to the trusted side: one JSON object a line.

{"begin": g}                         group g starts
{"i": n, "got": text, "error": e, "note": words, "weak": flag}
                                     example n ended; e is null or {"line", "type", "where"}
{"i": n, "skip": reason}             example n can't be judged here
{"i": n, "lost": kind, "why": text}  the candidate's process didn't answer
{"load": e} or {"gone": text}        the file could not be executed
{"done": true}                       all groups ran
"""

from __future__ import annotations

import os
import traceback

from . import wire
from .printed import Printed


class Reporter:
    """Writes the lines to `fd`. printed: stands for standard output while an example runs."""

    def __init__(self, limit: int) -> None:
        self.fd = -1
        self.printed = Printed(limit)

    def begin(self, group: int) -> None:
        self._line({"begin": group})

    def ended(
        self, number: int, got: str, error: BaseException | None, note: str, weak: bool
    ) -> None:
        told = None if error is None else describe(error)
        report = {"i": number, "got": got, "error": told, "note": note[:2000]}
        self._line({**report, "weak": weak})

    def skipped(self, number: int, reason: str) -> None:
        self._line({"i": number, "skip": reason[:500]})

    def lost(self, number: int, kind: str, why: str) -> None:
        self._line({"i": number, "lost": kind, "why": why[:500]})

    def not_loaded(self, error: dict) -> None:
        self._line({"load": error})

    def gone(self, why: str) -> None:
        self._line({"gone": why})

    def done(self) -> None:
        self._line({"done": True})

    def _line(self, message: dict) -> None:
        view = memoryview(wire.to_text(message) + b"\n")
        while view:
            view = view[os.write(self.fd, view) :]


def describe(error: BaseException) -> dict:
    """An exception in plain words: its last line, its type and where in the file it arose."""
    try:
        line = traceback.format_exception_only(type(error), error)[-1]
    except BaseException:
        line = f"{type(error).__name__}: <its text could not be made>\n"
    where = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith("codeplan_inside"):
            where = [frame.f_code.co_filename, number]
    return {"line": line[:8000], "type": type(error).__name__, "where": where}
