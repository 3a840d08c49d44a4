"""A run before the first: everything that a run executes, executed once in the zygote.

What a process writes to after a fork, the kernel must copy page by page, and Python writes when it
first compiles, specialises bytecode or fills its caches. Done here, before the fork, each run
saves that. Nothing of the rehearsal stays but these caches.
"""

from __future__ import annotations

import _socket
import _thread
import os
import sys

from . import wire
from .candidate import Candidate
from .examiner import Examiner
from .forbidden import Watch

_SOURCE = """
import math
class Pair:
    def __init__(self, a, b): self.a, self.b = a, b
def add(a, b=1, *rest): return a + b
"""
_TARGET = {"path": ["add"], "which": 0}
_JOB = {
    "source": _SOURCE,
    "module": "rehearsal",
    "target": _TARGET,
    "output": 1000,
    "package": "",
    "siblings": [],
}
_EXAMPLES = [
    {"i": 0, "kind": "doctest", "source": "add(1)\n", "reads": []},
    {"i": 1, "kind": "doctest", "source": "add([1], [{'a': 2.5}])\n", "reads": []},
    {"i": 2, "kind": "doctest", "source": "add(1, '')\n", "reads": []},
    {"i": 3, "kind": "assert", "source": "assert add(1, 1) == 2\n", "reads": []},
    {"i": 4, "kind": "assert", "source": "assert add((1,), ()) == {3}\n", "reads": []},
]
_ROUNDS = 12  # Python specialises a function's bytecode when it has run about eight times.


def rehearse() -> None:
    """Run candidates and examiners in two threads of this process."""
    stdout = sys.stdout
    null = os.open(os.devnull, os.O_WRONLY)
    for _ in range(_ROUNDS):
        a, b = _socket.socketpair()
        candidate = Candidate(a.fileno(), _JOB)
        ended = _thread.allocate_lock()
        ended.acquire()
        _thread.start_new_thread(_serve, (candidate, ended))
        told = [dict(example) for example in _EXAMPLES]
        group = {"number": 0, "kind": "statements", "source": "", "examples": told}
        examiner = Examiner({**_JOB, "groups": [group], "watched": []}, Watch())
        examiner.run(b.fileno(), null)
        b.close()
        ended.acquire()
        a.close()
    os.close(null)
    sys.stdout = stdout
    sys.modules.pop("rehearsal")


def _serve(candidate: Candidate, ended: _thread.LockType) -> None:
    try:
        candidate.serve()
    except wire.Gone:
        ended.release()
