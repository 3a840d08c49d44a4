"""The attack list: run on the user's own machine by `codeplan doctor --attack`, and by the tests.

Every attack has a control: the same body run where nothing protects, to show that the check of it
can fire. A control that can't fire here (a plain user can't trace, this kernel has no vsock) is
told as such, not counted as success.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ... import extract
from ...values import Candidate, ExampleKind, Outcome, Status, Task, Verdict
from ..limits import Limits
from ..pool import Sandbox
from . import leftovers
from .attack import Attack
from .effects import EFFECTS
from .exhaustion import EXHAUSTION
from .faking import FAKING
from .range import Range

ATTACKS: tuple[Attack, ...] = (*EFFECTS, *FAKING, *EXHAUSTION)

_EFFECT_FILE = '''
def f(x):
    """
    >>> f(0)
    'contained'
    """
    raise NotImplementedError
'''

_FAKING_FILE = '''
EXPECTED = 7

class Box:
    pass

def check(value):
    return value == 7

def f(x):
    """
    >>> f(1)
    7
    >>> f(2)
    11
    >>> f(-1)
    Traceback (most recent call last):
        ...
    ValueError: negative
    """
    raise NotImplementedError

assert f(1) == 7
assert f(1) == EXPECTED
assert abs(f(2) - 11) < 1e-9
assert check(f(1))
assert f(2) in (11, 12)
'''

_FAKING_TESTS = """
import unittest
from target import f

class TestF(unittest.TestCase):
    def test_one(self):
        self.assertEqual(f(1), 7)
"""

_EXHAUSTION_FILE = '''
def g(x):
    return x + 1

def f(x):
    """
    >>> f(1)
    2
    """
    raise NotImplementedError
'''

_QUICK = Limits(wall_seconds=0.5, memory_mb=256, output_bytes=100_000)
# None of the effects and of the controls takes long: on a busy machine they still have the time.
_ENOUGH = replace(_QUICK, wall_seconds=10.0)
# Exhaustion always runs into its limit: half of the attacks' time is waiting for this one.
_SHORT = replace(_QUICK, wall_seconds=0.25)
_PATIENT = Limits(wall_seconds=30, memory_mb=2048)


@dataclass(frozen=True, slots=True)
class Result:
    """How one attack ended.

    contained: True when it got nothing, left nothing behind and earned no verdict.
    control: True when the same body succeeds unprotected; None when it can't here.
    detail: in words, what it got, or how it was refused.
    """

    attack: Attack
    contained: bool
    control: bool | None
    detail: str
    seconds: float


def attack(
    sandbox: Sandbox, attacks: Iterable[Attack] = ATTACKS, *, controls: bool = True
) -> Iterator[Result]:
    """Attack a sandbox, one result per attack, in order.

    Attacks that this sandbox's level doesn't claim to contain, and those that use another
    architecture's system calls, are left out. The controls run the same texts without containment
    (they are ours and harmless: they aim at targets made for them).
    """
    with Range() as target_range, _unprotected(sandbox) as unprotected:
        for one in attacks:
            if sandbox.level.name in one.levels and _fits(one):
                yield _attack(sandbox, unprotected, one, target_range, controls)


def _unprotected(sandbox: Sandbox) -> Sandbox:
    return Sandbox(level="C", consent=True, python=sandbox.interpreter.executable)


def _fits(one: Attack) -> bool:
    return not one.x86_64 or platform.machine() == "x86_64"


def _attack(
    sandbox: Sandbox, unprotected: Sandbox, one: Attack, aim: Range, controls: bool
) -> Result:
    began = time.monotonic()
    if one in EFFECTS:
        contained, detail = _effect(sandbox, one, aim)
        aim.reset()
        if controls:
            control = _bare(one, aim) if one.control == "bare" else _open(unprotected, one, aim)
        else:
            control = None
        aim.reset(new_victim=one.group == "other processes")
    elif one in FAKING:
        contained, detail = _faking(sandbox, one)
        control = _fooled(sandbox, one) if controls else None
    else:
        contained, detail = _exhaustion(sandbox, one)
        control = _patient(sandbox, one) if controls else None
    left = leftovers.of(sandbox)
    if left:
        contained, detail = False, f"it left processes behind: {left}"
    if contained and not _still_judges(sandbox):
        contained, detail = False, "an honest candidate is no longer judged"
    return Result(one, contained, control, detail, time.monotonic() - began)


def _effect(sandbox: Sandbox, one: Attack, aim: Range) -> tuple[bool, str]:
    verdict = sandbox.judge(_task(_EFFECT_FILE), _candidate(one, **aim.targets), _ENOUGH)
    got = verdict.results[0].got.strip()
    hits = aim.hits()
    if hits:
        return False, "; ".join(hits)
    return "escaped" not in got, got


def _open(unprotected: Sandbox, one: Attack, aim: Range) -> bool | None:
    """Whether it hits without containment; None when it can't be done by this user, here."""
    contained, _ = _effect(unprotected, one, aim)
    return None if contained else True


def _bare(one: Attack, aim: Range) -> bool:
    task = _task(_EFFECT_FILE)
    text = extract.splice(task, _candidate(one, **aim.targets)) + "print(f(0))\n"
    return b"escaped" in _plain_interpreter(text).stdout


def _plain_interpreter(text: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-c", text],
        capture_output=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _faking(sandbox: Sandbox, one: Attack) -> tuple[bool, str]:
    verdict = sandbox.judge(_faking_task(), _candidate(one), _QUICK)
    earned = [r.example.source for r in verdict.results if r.status is Status.PASSED]
    excused = [r for r in verdict.results if r.status is Status.NOT_JUDGED]
    fine = verdict.outcome not in (Outcome.PASSED, Outcome.UNTESTED)
    return fine and not earned and not excused, f"{verdict.outcome}: {verdict.detail}"


def _fooled(sandbox: Sandbox, one: Attack) -> bool:
    """Whether a usual judge is fooled: one that shares the process, or trusts an exit code."""
    task = _faking_task()
    text = extract.splice(task, _candidate(one))
    if one.control == "exit code":
        return _plain_interpreter(text).returncode == 0
    results = sandbox.run(text, task.examples, path="target.py", limits=_ENOUGH)
    return any(r.status in (Status.PASSED, Status.NOT_JUDGED) for r in results)


def _exhaustion(sandbox: Sandbox, one: Attack) -> tuple[bool, str]:
    began = time.monotonic()
    verdict = sandbox.judge(_task(_EXHAUSTION_FILE), _candidate(one, long=30), _SHORT)
    seconds = time.monotonic() - began
    if seconds > 10:
        return False, f"it took {seconds:.1f} s"
    return verdict.outcome is not Outcome.PASSED, f"{verdict.outcome}: {verdict.detail}"


def _patient(sandbox: Sandbox, one: Attack) -> bool:
    verdict = sandbox.judge(_task(_EXHAUSTION_FILE), _candidate(one, long=0.05), _PATIENT)
    return verdict.outcome is Outcome.PASSED


def _still_judges(sandbox: Sandbox) -> bool:
    honest = Candidate("    return g(x)")
    verdict: Verdict = sandbox.judge(_task(_EXHAUSTION_FILE), honest, _PATIENT)
    return verdict.outcome is Outcome.PASSED


def _candidate(one: Attack, **targets: object) -> Candidate:
    body = textwrap.dedent(one.body.format(**targets)).strip("\n")
    # Bodies on one line may hold several statements, the last of them a compound one.
    return Candidate(textwrap.indent(body, "    "))


def _task(text: str) -> Task:
    return extract.task_named(text, "f", "target.py", with_tests=False)


def _faking_task() -> Task:
    task = _task(_FAKING_FILE)
    test = replace(
        task.examples[0],
        source=_FAKING_TESTS,
        want="",
        kind=ExampleKind.TEST,
        group="tests",
        name="TestF::test_one",
    )
    return replace(task, examples=(*task.examples, test))
