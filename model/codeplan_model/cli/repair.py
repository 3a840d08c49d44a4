"""`codeplan repair`: a function whose examples fail."""

from __future__ import annotations

from contextlib import closing

from codeplan_model.cli.output import Output
from codeplan_model.cli.solve import OK, Options, exit_status, parse_target, search
from codeplan_model.extract import splice, task_named
from codeplan_model.files import FileError, require_writable, write_source
from codeplan_model.search import repair
from codeplan_model.search.wording import detailed_words, verdict_words
from codeplan_model.values import Outcome


def repair_function(argument: str, options: Options, output: Output, *, write: bool) -> int:
    """Repair PATH::FUNCTION; the exit status of its best code. Raises what bad input raises."""
    if "::" not in argument:
        raise FileError(f"name one function: {argument}::FUNCTION")
    target = parse_target(argument)
    source = target.source
    if write:
        require_writable(source.path)
    task = task_named(source.text, target.functions[0], str(source.path))
    with (
        closing(options.open_backend()) as backend,
        options.judge.sandbox([str(source.path)], output) as sandbox,
    ):
        finished = search(task, options, output, backend, sandbox, repair)
    best, before = finished.best, finished.before
    found = best is not None and best is not before
    verified = found and best is not None and best.outcome is Outcome.PASSED
    after = splice(task, best.candidate) if verified and best is not None else source.text
    already = before is not None and before.outcome is Outcome.PASSED
    try:
        if write and verified and not already:
            write_source(source, after)
    finally:
        # When it can't be written, this is where the user finds it.
        if output.as_json:
            output.json(finished.to_json())
        else:
            if before is not None:
                output.say(f"{task.entry_point} as it stands: {detailed_words(before)}")
            if found:
                output.finished(finished, source.text, after)
    if already:
        output.say(f"{task.entry_point}: nothing to repair")
        return OK
    if not found:
        output.say(f"{task.entry_point}: no repair was found")
    elif write and best is not None and not verified:
        output.say(f"{task.entry_point}: not written ({verdict_words(best)})")
    return exit_status([finished])
