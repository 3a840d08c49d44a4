"""The examiner's process: runs the examples and reports what they printed or raised.

It holds the user's file with the function's body replaced by calls of the candidate's process. It
doesn't know what a doctest expects: the trusted side compares. In a run with one process
(`run_alone`) the file is complete and no other process exists.
"""

from __future__ import annotations

import functools
import sys

from . import target
from .codec import Codec
from .forbidden import Watch
from .peer import Lost, Peer
from .remote import Lending
from .report import Reporter, describe
from .statements import Runner, compile_ahead, run_group
from .world import compiled, new_world

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE; inspect itself is heavy


class Examiner:
    """Loads the file with its function elsewhere, runs the groups, reports each example.

    It is made once for all candidates of a task, in a process that is then forked for each of
    them (`zygote.py`): whatever can be done before the candidate is there is done here. No code of
    the file is run by that.

    job: "source", "module", "target", "groups", "output"; see `jobs.py` on the trusted side.
    """

    def __init__(self, job: dict, watch: Watch) -> None:
        self._job = job
        self._watch = watch
        self._reporter = Reporter(job["output"])
        world = new_world(job)
        self._module = world.module
        self._lending = Lending(guarded=True, third_party=world.third_party)
        codec = Codec(world, 0, self._lending.lend, self._lending.stand_in)
        self._peer = Peer(True, codec, self._serve, lambda: "", _print)
        self._lending.peer = self._peer
        self._peer.watched = frozenset(job["watched"])
        self._unreadable: Exception | None = None
        try:
            self._code = compiled(self._module, job["source"], self._prepare)
        except Exception as error:
            self._unreadable = error
        else:
            compile_ahead(job["groups"], job["module"], self._code.co_flags)

    def run(self, fd: int, out: int) -> None:
        """Report everything; returns when there is no more to report.

        fd: this end of the conversation; out: where reports go.
        """
        reporter = self._reporter
        reporter.fd = out
        self._peer.fd = fd
        sys.stdout = reporter.printed
        # Both processes load the file at once; what the candidate's has to say about it counts.
        failure: BaseException | None = self._unreadable
        if failure is None:
            try:
                exec(self._code, vars(self._module))
            except BaseException as error:
                failure = error
        self._peer.codec.warm()
        try:
            problem = self._peer.greeting()
        except BaseException as error:
            reporter.gone(f"{type(error).__name__}: {error}")
            return
        if problem is not None:
            reporter.not_loaded(problem if type(problem) is dict else {})
            return
        if failure is not None:
            _tell_failure(reporter, failure)
            return
        vars(self._module).pop(target.HOOK, None)
        self._peer.follow = True
        _run_groups(self._job, self._module, Runner(reporter, self._watch, self._peer))

    def _serve(self, operation: str, fields: dict, values: dict) -> object:
        if operation != "do":
            raise ValueError(operation)
        self._watch.paused = True
        try:
            return self._lending.serve(fields, values)
        finally:
            self._watch.paused = False

    def _prepare(self, tree, module) -> None:
        where = self._job["target"]
        node = target.find(tree, where["path"], where["which"])
        if node is not None:
            vars(module)[target.HOOK] = functools.partial(_elsewhere, self._peer)
            target.hook(node)
            target.empty(node)


def run_alone(out: int, job: dict, watch: Watch) -> None:
    """Run the complete file and its examples in this one process."""
    reporter = Reporter(job["output"])
    reporter.fd = out
    sys.stdout = reporter.printed
    module = new_world(job).module
    try:
        exec(compiled(module, job["source"], lambda tree, module: None), vars(module))
    except BaseException as error:
        _tell_failure(reporter, error)
    else:
        _run_groups(job, module, Runner(reporter, watch, None))


def _run_groups(job: dict, module, runner: Runner) -> None:
    runner.reporter.printed.drain()
    for group in job["groups"]:
        run_group(group, module, runner)
    runner.reporter.done()


def _tell_failure(reporter: Reporter, error: BaseException) -> None:
    if isinstance(error, Lost):
        reporter.gone(error.detail)
    else:
        reporter.not_loaded(describe(error))


def _print(text: str) -> None:
    sys.stdout.write(text)


def _elsewhere(peer: Peer, function):
    """A function with the same face whose work is done in the candidate's process."""

    def ask(args, kwargs, wait: bool):
        return peer.ask("call", {"await": wait}, {"args": list(args), "kwargs": kwargs})

    async def call_async(*args, **kwargs):
        return ask(args, kwargs, True)

    def call(*args, **kwargs):
        return ask(args, kwargs, False)

    is_async = function.__code__.co_flags & _CO_COROUTINE
    return functools.wraps(function)(call_async if is_async else call)
