"""The candidate's process: runs the file with the candidate's code in it, and answers calls.

Everything here may be turned against us by the candidate, and that is fine: this process knows no
examples and no expected values, and whatever it sends is checked on arrival.
"""

from __future__ import annotations

import io
import os
import sys
import types

from . import target, wire
from .codec import Codec
from .peer import Peer
from .remote import Lending
from .world import World, fill


class Printed(io.TextIOBase):
    """Standard output as text in memory, at most `limit` characters between two messages."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    @property
    def encoding(self):
        return "utf-8"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = self._limit - self._size
        if room > 0:
            self._parts.append(str(text[:room]))
            self._size += min(len(text), room)
        return len(text)

    def drain(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return text


def run(fd: int, job: dict) -> None:
    """Serve calls of the function until the other side has gone.

    job: "source", "module" (its name), "target" {"path", "which"} or None, "output" (characters).
    """
    found: list = []

    def hook(function):
        found.append(function)
        return function

    def prepare(tree, module) -> None:
        where = job["target"]
        node = where and target.find(tree, where["path"], where["which"])
        if node is not None:
            vars(module)[target.HOOK] = hook
            target.hook(node)

    printed = Printed(job["output"])
    sys.stdout = printed
    module = types.ModuleType(job["module"])
    module.__file__ = f"{job['module']}.py"
    sys.modules[job["module"]] = module
    world = World(module)
    lending = Lending(guarded=False, third_party=world.third_party)
    codec = Codec(world, 1, lending.lend, lending.stand_in)
    load_error: list = []

    def serve(operation: str, fields: dict, values: dict) -> object:
        if operation == "load":
            if load_error:
                raise load_error[0]
            return None
        if operation == "do":
            return lending.serve(fields, values)
        if operation == "call":
            result = found[-1](*values["args"], **values["kwargs"])
            if fields.get("await") and hasattr(result, "__await__"):
                result = lending.run(result)
            return result
        raise ValueError(operation)

    peer = Peer((fd, fd), world, codec, serve, printed.drain, printed.write)
    lending.peer = peer
    try:
        fill(module, job["source"], prepare)
        if job["target"] and not found:
            raise NameError(f"the file no longer defines {'.'.join(job['target']['path'])}")
    except BaseException as error:
        load_error.append(error)
    vars(module).pop(target.HOOK, None)
    printed.drain()
    try:
        peer.serve_until_gone()
    except wire.Gone:
        os._exit(0)
