"""`codeplan solve` and `codeplan plans`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeplan_model.backends import open_backend
from codeplan_model.cli.interrupt import cancelled_by_ctrl_c
from codeplan_model.cli.output import Output
from codeplan_model.cli.sandboxing import Judging
from codeplan_model.extract import broken_elsewhere, functions_to_write, splice, task_named
from codeplan_model.files import FileError, SourceFile, read_source, require_writable, write_source
from codeplan_model.generation import Backend, BackendError
from codeplan_model.memory import Store, open_for
from codeplan_model.memory.remembering import remember_insertion
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, Event, Finished, Progress, solve
from codeplan_model.search.wording import verdict_words
from codeplan_model.values import Outcome, Task

OK, FAILED, UNVERIFIED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Options:
    """What a command line says about model, sandbox and search.

    memory: any at all. own_memory: the workspace's and the user's too. remember: add what is
    written to the workspace's.
    """

    backend: str
    model: str | None
    base_url: str | None
    judge: Judging
    memory: bool
    budget: Budget
    own_memory: bool = True
    remember: bool = False

    def open_backend(self) -> Backend:
        """The backend, not loaded yet. Raises BackendError."""
        if self.base_url and self.backend != "openai":
            raise BackendError("--base-url is the address for --backend openai.")
        extra: dict[str, Any] = {"base_url": self.base_url} if self.base_url else {}
        return open_backend(self.backend, self.model, **extra)


@dataclass(frozen=True, slots=True)
class Target:
    """A file with the names of the functions to write in it, in the order of work."""

    source: SourceFile
    functions: tuple[str, ...]


def solve_targets(
    arguments: Sequence[str], options: Options, output: Output, *, write: bool
) -> int:
    """Solve everything named; the exit status. Raises what bad input raises."""
    targets = [parse_target(argument) for argument in arguments]
    if write:
        for target in targets:
            require_writable(target.source.path)
    finished: list[Finished] = []
    with (
        closing(options.open_backend()) as backend,
        options.judge.sandbox((str(t.source.path) for t in targets), output) as sandbox,
    ):
        latest: dict[Path, SourceFile] = {}
        for target in targets:
            if not target.functions:
                output.say(
                    f"{target.source.path}: no function to write (a body of `...`, `pass`,"
                    " `raise NotImplementedError`, or only a docstring)"
                )
            # Several arguments may name functions of one file: each sees what is there by then.
            key = target.source.path.resolve()
            source = latest.get(key, target.source)
            done, latest[key] = _solve_file(
                source, target.functions, options, output, backend, sandbox, write=write
            )
            finished += done
    return exit_status(finished)


def show_plans(argument: str, options: Options, output: Output) -> int:
    """Sample plans for one function and print each with its record; the exit status."""
    if "::" not in argument:
        raise FileError(f"name one function: {argument}::FUNCTION")
    target = parse_target(argument)
    task = task_named(target.source.text, target.functions[0], str(target.source.path))
    with (
        closing(options.open_backend()) as backend,
        options.judge.sandbox([str(target.source.path)], output) as sandbox,
    ):
        finished = search(task, options, output, backend, sandbox)
    if not finished.plans:
        output.say(f"{target.source.path}: the model wrote no plan that could be read")
    if output.as_json:
        for record in finished.plans:
            output.json(
                {
                    "function": task.entry_point,
                    "plan": list(record.plan.steps),
                    "logprob": round(record.plan.logprob, 4),
                    "origin": record.plan.origin,
                    "code_origin": record.best.candidate.origin if record.best else "",
                    "passed": record.best.passed if record.best else 0,
                    "total": record.best.total if record.best else len(task.examples),
                    "outcome": record.best.outcome.value if record.best else "no_candidate",
                    "code": record.best.candidate.completion if record.best else "",
                }
            )
    else:
        output.plans(finished.plans)
    return exit_status([finished])


def parse_target(argument: str) -> Target:
    """PATH or PATH::FUNCTION. Raises FileError, ExtractError."""
    name, separator, function = argument.partition("::")
    source = read_source(Path(name))
    if separator and not function:
        raise FileError(f"no function is named after '::' in {argument!r}")
    if separator:
        tasks = [task_named(source.text, function, name)]
    else:
        tasks = functions_to_write(source.text, name)
    for task in tasks:
        # Before anything is generated: a file that is broken elsewhere can't verify anything.
        problem = broken_elsewhere(task)
        if problem:
            raise FileError(f"{name} {problem}")
    return Target(source, tuple(task.entry_point for task in tasks))


def exit_status(finished: Sequence[Finished]) -> int:
    """0: all pass; 1: a best candidate fails; 3: nothing could be verified."""
    outcomes = {f.outcome for f in finished}
    if outcomes - {Outcome.PASSED.value, Outcome.UNTESTED.value}:
        return FAILED
    return UNVERIFIED if Outcome.UNTESTED.value in outcomes else OK


def _solve_file(
    source: SourceFile,
    functions: Sequence[str],
    options: Options,
    output: Output,
    backend: Backend,
    sandbox: Sandbox,
    *,
    write: bool,
) -> tuple[list[Finished], SourceFile]:
    """Solve functions of one file; what was found, and the file with it."""
    done: list[Finished] = []
    for name in functions:
        text = source.text
        task = task_named(text, name, str(source.path))
        finished = search(task, options, output, backend, sandbox)
        done.append(finished)
        best = finished.best
        verified = best is not None and best.outcome is Outcome.PASSED
        after = splice(task, best.candidate) if best is not None and verified else text
        try:
            if write and verified:
                # Function by function, each before it is shown: neither an interruption nor a
                # reader that goes away loses what was verified.
                write_source(source, after)
        finally:
            # When it can't be written, this is where the user finds it.
            if output.as_json:
                output.json(finished.to_json())
            else:
                output.finished(finished, text, after)
        if write and verified:
            if options.remember and best is not None and remember_insertion(task, best):
                output.say(f"{name}: remembered")
        elif write and best is not None:
            output.say(f"{name}: not written ({verdict_words(best)})")
        # Later functions of the file may call this one.
        source = SourceFile(source.path, after, source.encoding)
    return done, source


def search(
    task: Task,
    options: Options,
    output: Output,
    backend: Backend,
    sandbox: Sandbox,
    find: Callable[..., Generator[Event, None, None]] = solve,
) -> Finished:
    """One search with its moving line. find: `solve` or `repair`. Raises what they raise."""
    finished: Finished | None = None
    try:
        with ExitStack() as stack:
            memory: tuple[Store, ...] = ()
            if options.memory:
                opened = stack.enter_context(open_for(task.path, own=options.own_memory))
                memory = opened.stores
                for complaint in opened.complaints:
                    output.error(complaint)
            cancel = stack.enter_context(cancelled_by_ctrl_c())
            events = find(task, backend, sandbox, options.budget, cancel, memory)
            for event in stack.enter_context(closing(events)):
                if isinstance(event, Progress):
                    output.progress(task.entry_point, event)
                elif isinstance(event, Finished):
                    finished = event
    finally:
        output.end_progress()
    if finished is None:
        raise RuntimeError("a search ended without a result")
    return finished
