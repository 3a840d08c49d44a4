"""Runs generated code so that it can't hurt the user and can't fake a verdict.

    with Sandbox() as sandbox:
        verdict = sandbox.judge(task, candidate)

See README.md beside this file for what is contained, by which layer, and which attack each layer
stops.
"""

from __future__ import annotations

import atexit
import threading

from ..generation import CancelToken
from ..values import Candidate, Task, Verdict
from .attacks import Result as AttackResult
from .attacks import attack
from .environments import workspace_interpreter
from .levels import Level, SandboxUnavailable
from .limits import Limits
from .pool import Sandbox, probe

__all__ = [
    "AttackResult",
    "Level",
    "Limits",
    "Sandbox",
    "SandboxUnavailable",
    "attack",
    "judge",
    "probe",
    "workspace_interpreter",
]

_shared: Sandbox | None = None
_shared_lock = threading.Lock()


def judge(
    task: Task,
    candidate: Candidate,
    limits: Limits | None = None,
    cancel: CancelToken | None = None,
) -> Verdict:
    """Judge a candidate in a sandbox that this process shares; see `Sandbox.judge`."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Sandbox()
            atexit.register(_shared.close)
    return _shared.judge(task, candidate, limits, cancel)
