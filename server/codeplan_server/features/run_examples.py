"""`codeplan.runExamples`: the file's own examples, in the sandbox, failing ones marked in the text.

Argument: {"uri"} for the whole file, {"uri", "position"} for one function. Value: {"outcome",
"passed", "total", "examples": [{"source", "want", "got", "status", "origin", "line"}, ...], ...}.
Edits nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from lsprotocol import types

from codeplan_model.extract import ExtractError, file_examples
from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.values import Example, ExampleKind, ExampleResult, Status
from codeplan_server.commands import Command, Result, arguments_of, document_of, place_of, working
from codeplan_server.documents import Document
from codeplan_server.engine import EngineClosed
from codeplan_server.features.diagnostics import show_diagnostics
from codeplan_server.rpc import Call
from codeplan_server.searching import NOT_IN_FORCE, sandbox_error
from codeplan_server.session import Session
from codeplan_server.targets import target_at

NAME = "codeplan.runExamples"


def run_examples(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    if "position" in arguments_of(params):
        place = place_of(session, params)
        document, position = place.document, place.position
    else:
        document, position = document_of(session, params), None
    return _run(session, document, position, call, params.work_done_token)


async def run_on_save(session: Session, document: Document) -> None:
    """Run a saved file's examples for its diagnostics, if its settings say so.

    Speaks only when they can't be run.
    """
    settings = (await session.current_settings(document.uri)).diagnostics
    if not settings.enable or not settings.on_save:
        return
    try:
        await _judged(session, document, None, CancelToken())
    except (ExtractError, EngineClosed, sandbox_error()) as error:
        session.client.error(_words(error))


async def _run(
    session: Session,
    document: Document,
    position: types.Position | None,
    call: Call,
    token: types.ProgressToken | None,
) -> Result:
    command = Command(NAME, "running examples", session, call, token)
    try:
        with working(command, document.uri):
            function, results, sandbox = await _judged(session, document, position, call.cancel)
    except Cancelled:
        if call.withdrawn:
            raise
        return {"file": document.path, "outcome": "cancelled", "message": "cancelled"}
    except (ExtractError, EngineClosed, sandbox_error()) as error:
        session.client.error(_words(error))
        return {"file": document.path, "outcome": "error", "message": _words(error)}
    result = _result(document, function, results, sandbox)
    session.client.show(result["message"])
    return result


def _words(error: Exception) -> str:
    return f"{NOT_IN_FORCE} {error}" if isinstance(error, sandbox_error()) else str(error)


async def _judged(
    session: Session, document: Document, position: types.Position | None, cancel: CancelToken
) -> tuple[str | None, tuple[ExampleResult, ...], str]:
    """Function's name, results and sandbox level; shows the diagnostics on the way."""
    settings = await session.current_settings(document.uri)

    def work() -> tuple[str | None, tuple[ExampleResult, ...], str]:
        name, examples = _examples(document, position)
        with session.engine.sandboxes.use(settings.sandbox) as judge:
            results = judge.run(document.text, examples, path=document.path, cancel=cancel)
            return name, results, judge.level.describe()

    name, results, sandbox = await session.searches.submit(work, cancel)
    await show_diagnostics(session, document, results, mark=settings.diagnostics.enable)
    return name, results, sandbox


def _examples(
    document: Document, position: types.Position | None
) -> tuple[str | None, Sequence[Example]]:
    if position is None:
        found = file_examples(document.text, document.path)
        tests = [example for example in found if example.kind is ExampleKind.TEST]
        own = [e for e in found if e not in tests and document.own_line(e.line) is not None]
        return None, [*own, *tests]
    target = target_at(document, position)
    if target is None:
        raise ExtractError(f"line {position.line + 1} is in no function: no examples to run")
    return target.name, target.task.examples


def _result(
    document: Document, function: str | None, results: Sequence[ExampleResult], sandbox: str
) -> Result:
    judged = [result for result in results if result.status is not Status.NOT_JUDGED]
    passed = sum(result.status is Status.PASSED for result in judged)
    statuses = {result.status for result in judged} - {Status.PASSED}
    if not judged:
        outcome, words = "untested", "no examples"
    elif not statuses:
        outcome, words = "passed", f"passed {passed} of {len(judged)} examples"
    else:
        outcome = next(s.value for s in _WORST_FIRST if s in statuses)
        words = f"passed {passed} of {len(judged)} examples"
    return {
        "file": document.path,
        "function": function,
        "outcome": outcome,
        "passed": passed,
        "total": len(judged),
        "message": f"{function or 'the file'}: {words}",
        "sandbox": sandbox,
        "examples": [
            {
                "source": result.example.source,
                "want": result.example.want,
                "got": result.got,
                "status": result.status.value,
                "origin": result.example.origin,
                "line": _line(document, result.example),
            }
            for result in results
        ],
    }


def _line(document: Document, example: Example) -> int | None:
    """The example's line; None for one in another cell of the notebook."""
    if example.kind is ExampleKind.TEST:
        return example.line
    return document.own_line(example.line)


_WORST_FIRST = (Status.TIMED_OUT, Status.CRASHED, Status.FAILED)
