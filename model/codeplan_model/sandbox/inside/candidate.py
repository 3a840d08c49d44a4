"""The candidate's process: runs the file with the candidate's code in it, and answers calls.

Everything here may be turned against us by the candidate, and that is fine: this process knows no
examples and no expected values, and whatever it sends is checked on arrival.
"""

from __future__ import annotations

import sys
import types

from . import target
from .codec import Codec
from .peer import Peer
from .printed import Printed
from .remote import Lending
from .report import describe
from .world import compiled, new_world


def warm() -> None:
    """Compile and run something small, of which nothing stays, while there is nothing to do.

    The pages of memory that this touches are then this process's own when they are needed.
    """
    module = types.ModuleType("nothing")
    exec(compiled(module, "def f(x):\n    return x\n", _unhooked), vars(module))


def _unhooked(tree, module) -> None:
    target.hook(target.find(tree, ["f"], 0))
    vars(module)[target.HOOK] = _same


def _same(function):
    return function


class Candidate:
    """Runs the file and serves calls of the function under judgement.

    fd: this end of the conversation. job: "source", "module" (its name), "target" {"path",
    "which"}, "output" (characters that may be printed between two messages).
    """

    def __init__(self, fd: int, job: dict) -> None:
        self._functions: list = []
        self._target = job["target"]
        self._error: BaseException | None = None
        printed = Printed(job["output"])
        sys.stdout = printed
        world = new_world(job)
        module = world.module
        self._lending = Lending(guarded=False, third_party=world.third_party)
        codec = Codec(world, 1, self._lending.lend, self._lending.stand_in)
        self._peer = Peer(False, codec, self._do, printed.drain, printed.write)
        self._peer.fd = fd
        self._lending.peer = self._peer
        try:
            exec(compiled(module, job["source"], self._prepare), vars(module))
            if not self._functions:
                raise NameError(f"the file no longer defines {'.'.join(self._target['path'])}")
        except BaseException as error:
            self._error = error
        vars(module).pop(target.HOOK, None)
        printed.drain()

    def serve(self) -> None:
        """Say how loading went, then answer until the examiner's process has gone: wire.Gone."""
        self._peer.greet(None if self._error is None else describe(self._error))
        self._peer.codec.warm()
        self._peer.serve_until_gone()

    def _prepare(self, tree, module) -> None:
        node = target.find(tree, self._target["path"], self._target["which"])
        if node is not None:
            vars(module)[target.HOOK] = self._note
            target.hook(node)

    def _note(self, function):
        self._functions.append(function)
        return function

    def _do(self, operation: str, fields: dict, values: dict) -> object:
        if operation == "do":
            return self._lending.serve(fields, values)
        if self._error is not None:
            raise self._error
        result = self._functions[-1](*values["args"], **values["kwargs"])
        return self._lending.run(result) if fields["await"] else result
