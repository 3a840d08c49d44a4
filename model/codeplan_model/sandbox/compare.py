"""From what a run reported to results: the comparison with what is expected, and the words.

Runs on the trusted side only. The rules are doctest's own (`doctest.OutputChecker`).
"""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..values import Example, ExampleKind, ExampleResult, Status

_CHECKER = doctest.OutputChecker()
# The line of a Traceback expectation up to the colon, without the exception's module.
_QUALIFIED = re.compile(r"^(?:[\w<>]+\.)+(\w+)")


class Reports:
    """The reports of one run, read as they arrive. What isn't a report is ignored."""

    def __init__(self) -> None:
        self._rest = b""
        self.by_example: dict[int, dict[str, Any]] = {}
        self.load: dict[str, Any] | None = None
        self.begun: list[int] = []
        self.done = False

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict):
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "begin" in message and isinstance(message["begin"], int):
            if message["begin"] not in self.begun:
                self.begun.append(message["begin"])
        elif isinstance(message.get("i"), int):
            # The first report counts: what comes later could be an attempt to correct it.
            self.by_example.setdefault(message["i"], message)
        elif "load" in message or "gone" in message:
            self.load = message
        elif message.get("done") is True:
            self.done = True

    def load_problem(self) -> str | None:
        """Why the file could not be executed, None when it was."""
        if self.load is None:
            return None
        error = self.load.get("load")
        if isinstance(error, dict):
            return _error_words(error)
        return "the process ended while the file was executed"


def result(example: Example, report: Mapping[str, Any] | None, end: str | None) -> ExampleResult:
    """One example's end. end: why the run ended early ("timed out", "died", "output"), or None."""
    if report is None:
        if end == "timed out":
            return ExampleResult(example, Status.TIMED_OUT, "ran over the time limit")
        if end == "output":
            return ExampleResult(example, Status.FAILED, "printed more than the output limit")
        return ExampleResult(example, Status.CRASHED, "the process died")
    if "skip" in report:
        return ExampleResult(example, Status.NOT_JUDGED, str(report["skip"]))
    if "lost" in report:
        if report["lost"] == "one process":
            return ExampleResult(example, Status.NOT_JUDGED, f"needs {report.get('why')} to cross")
        return ExampleResult(example, Status.CRASHED, "the process died")
    got, error, note = str(report.get("got", "")), report.get("error"), report.get("note")
    if error is not None and not isinstance(error, dict):
        return ExampleResult(example, Status.CRASHED, "an unreadable report")
    if _holds(example, got, error):
        weak = report.get("weak") is True
        return ExampleResult(example, Status.PASSED, _shown(got, error), weak)
    if error is not None and isinstance(note, str) and note.startswith("needs "):
        return ExampleResult(example, Status.NOT_JUDGED, note)
    if example.kind is not ExampleKind.DOCTEST and isinstance(note, str) and note:
        return ExampleResult(example, Status.FAILED, note)
    return ExampleResult(example, Status.FAILED, _shown(got, error))


def _holds(example: Example, got: str, error: Mapping[str, Any] | None) -> bool:
    if example.kind is not ExampleKind.DOCTEST:
        return error is None
    flags = 0
    for flag, on in example.options:
        flags = flags | flag if on else flags & ~flag
    if error is None:
        return example.exc_msg is None and _CHECKER.check_output(example.want, got, flags)
    if example.exc_msg is None:
        return False
    expected = example.exc_msg.rstrip("\n") + "\n"
    line = str(error.get("line", ""))
    # A class of the file shows as "shop.Odd: 2" or "Odd: 2", after how the file was run.
    for text in (line, _QUALIFIED.sub(r"\1", line)):
        if _CHECKER.check_output(expected, text, flags):
            return True
        if flags & doctest.IGNORE_EXCEPTION_DETAIL and _CHECKER.check_output(
            _class_name(expected), _class_name(text), flags
        ):
            return True
    return False


def _class_name(line: str) -> str:
    """An exception line without detail and module, as IGNORE_EXCEPTION_DETAIL compares it."""
    head = line.split("\n", 1)[0].split(":", 1)[0].strip()
    return head.rpartition(".")[2]


def _shown(got: str, error: Mapping[str, Any] | None) -> str:
    if error is None:
        return got
    return got + str(error.get("line", "an exception")).strip()


def _error_words(error: Mapping[str, Any]) -> str:
    words = str(error.get("line", "an exception")).strip()
    where = error.get("where")
    if isinstance(where, list) and len(where) == 2:
        words += f" ({where[0]}, line {where[1]})"
    return words


def words(found: ExampleResult) -> str:
    """One line for people about an example that did not pass."""
    example = found.example
    what = _one_line(example.name or example.source)
    if found.status is Status.TIMED_OUT:
        return f"{what} {found.got}"
    if found.status in (Status.CRASHED, Status.NOT_JUDGED):
        return f"{what}: {found.got}"
    if example.kind is not ExampleKind.DOCTEST:
        return f"{what}: {_one_line(found.got)}"
    expected = example.exc_msg if example.exc_msg is not None else example.want
    got = _one_line(found.got)
    if not got:
        return f"{what} printed nothing, expected {_one_line(expected)}"
    if not expected.strip():
        return f"{what} gave {got}, expected no output"
    return f"{what} gave {got}, expected {_one_line(expected)}"


def _one_line(text: str, limit: int = 200) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def first_failure(results: Sequence[ExampleResult]) -> str:
    """The first result that is not a pass, in words; "" when there is none."""
    for found in results:
        if found.status not in (Status.PASSED, Status.NOT_JUDGED):
            return words(found)
    return ""
