"""The examiner's process: runs the examples and reports what they printed or raised.

It holds the user's file with the function's body replaced by calls of the candidate's process. It
doesn't know what a doctest expects: the trusted side compares. In a run with one process
(`run_alone`) the file is complete and no other process exists.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types

from . import target
from .codec import Codec
from .forbidden import Watch
from .peer import Lost, Peer
from .remote import Lending
from .report import Reporter
from .statements import run_group
from .world import World, fill


def run(fds: tuple[int, int], out: int, job: dict) -> None:
    """Load the file with its function elsewhere, run the groups, report each example.

    job: "source", "module", "target", "groups", "output"; see `jobs.py` on the trusted side.
    """
    reporter = Reporter(out, job["output"])
    watch = Watch()
    watch.install()
    sys.stdout = reporter.printed
    module = types.ModuleType(job["module"])
    module.__file__ = f"{job['module']}.py"
    sys.modules[job["module"]] = module
    world = World(module)
    lending = Lending(guarded=True, third_party=world.third_party)
    codec = Codec(world, 0, lending.lend, lending.stand_in)

    def serve(operation: str, fields: dict, values: dict) -> object:
        if operation != "do":
            raise ValueError(operation)
        return lending.serve(fields, values)

    def print_theirs(text: str) -> None:
        sys.stdout.write(text)

    peer = Peer(fds, world, codec, serve, lambda: "", print_theirs)
    lending.peer = peer

    def prepare(tree, module) -> None:
        where = job["target"]
        node = where and target.find(tree, where["path"], where["which"])
        if node is not None:
            vars(module)[target.HOOK] = functools.partial(_elsewhere, peer)
            target.hook(node)
            target.empty(node)

    try:
        peer.ask("load", {}, {})
    except Lost as lost:
        reporter.not_loaded(lost.detail, None)
        return
    except BaseException as error:
        reporter.not_loaded(None, error)
        return
    if not _load(reporter, lambda: fill(module, job["source"], prepare)):
        return
    vars(module).pop(target.HOOK, None)
    reporter.printed.drain()
    for group in job["groups"]:
        run_group(group, module, reporter, watch, lambda: peer.lost)
    reporter.done()


def run_alone(out: int, job: dict) -> None:
    """Run the complete file and its examples in this one process."""
    reporter = Reporter(out, job["output"])
    watch = Watch()
    watch.install()
    sys.stdout = reporter.printed
    module = types.ModuleType(job["module"])
    module.__file__ = f"{job['module']}.py"
    sys.modules[job["module"]] = module
    if not _load(reporter, lambda: fill(module, job["source"], lambda tree, module: None)):
        return
    reporter.printed.drain()
    for group in job["groups"]:
        run_group(group, module, reporter, watch, lambda: None)
    reporter.done()


def _load(reporter: Reporter, load) -> bool:
    try:
        load()
    except Lost as lost:
        reporter.not_loaded(lost.detail, None)
    except BaseException as error:
        reporter.not_loaded(None, error)
    else:
        return True
    return False


def _elsewhere(peer: Peer, function):
    """A function with the same face whose work is done in the candidate's process."""

    def ask(args, kwargs, wait: bool):
        return peer.ask("call", {"await": wait}, {"args": list(args), "kwargs": kwargs})

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call(*args, **kwargs):
            return ask(args, kwargs, True)

    else:

        @functools.wraps(function)
        def call(*args, **kwargs):
            return ask(args, kwargs, False)

    return call
