"""Hostile and honest candidates interleaved: right verdicts, nothing leaks."""

from __future__ import annotations

import gc
import os
import sys

import psutil

from codeplan_model.sandbox import Limits
from codeplan_model.sandbox.attacks import leftovers
from codeplan_model.values import Outcome

_FILE = '''
import math

CALLS = []

def f(x):
    """
    >>> f(1)
    2
    >>> f(-1)
    0
    >>> CALLS
    []
    """

assert f(5) == 6
'''

# A body, and how it must end.
_BODIES = [
    ("return x + 1", Outcome.PASSED),
    ("return x", Outcome.FAILED),
    ("import os; os._exit(0)", Outcome.CRASHED),
    ("return x + 1", Outcome.PASSED),
    ("raise SystemExit(0)", Outcome.FAILED),
    # From Python 3.13 on, the next call's `import sys` finds a module without `modules`.
    (
        "import sys; sys.modules.clear(); return x + 1",
        Outcome.PASSED if sys.version_info < (3, 13) else Outcome.CRASHED,
    ),
    ("return x + math.floor(1.5)", Outcome.PASSED),
    ("import math as m; m.floor = None; m.pi = 3; CALLS.append(1); return x + 1", Outcome.FAILED),
    ("print('x' * 10_000_000); return x + 1", Outcome.FAILED),
    ("while x == 1: pass\nreturn x + 1", Outcome.TIMED_OUT),
    ("return bytearray(1 << 40)", Outcome.FAILED),
    ("import builtins; builtins.len = builtins.print = None; return x + 1", None),
    ("import os; os.write(3, b'x' * 100000); return x + 1", None),
    ("return x + 1", Outcome.PASSED),
    ("import threading; threading.Thread(target=lambda: [0] * 10**9).start(); return 2", None),
    ("return [x] * 5_000_000", Outcome.FAILED),
]


def test_200_interleaved_candidates(best, task, body) -> None:
    made = task(_FILE)
    candidates = [(body(t), want) for t, want in _BODIES] * 13
    limits = Limits(wall_seconds=0.5, memory_mb=256)
    supervisor = psutil.Process(os.getpid())
    wrong = []

    def judge_all(chosen: list) -> None:
        verdicts = best.judge_many(made, [c for c, _ in chosen], limits)
        for (candidate, want), verdict in zip(chosen, verdicts, strict=True):
            # A loaded machine may make a slow end of any that isn't honest.
            allowed = {want} if want is Outcome.PASSED else {want, Outcome.TIMED_OUT}
            if want is not None and verdict.outcome not in allowed:
                wrong.append((candidate.completion, verdict.outcome, verdict.detail))

    judge_all(candidates[:32])
    gc.collect()
    memory, descriptors = supervisor.memory_info().rss, supervisor.num_fds()
    zygote = best.zygotes()[-1]
    inside = psutil.Process(zygote.pid).memory_info().rss
    judge_all(candidates)
    gc.collect()

    assert len(candidates) >= 200
    assert sorted(set(wrong)) == []
    assert leftovers.of(best) == []
    assert supervisor.num_fds() <= descriptors
    assert supervisor.memory_info().rss < memory + (8 << 20)
    assert best.zygotes()[-1] is zygote
    assert psutil.Process(zygote.pid).memory_info().rss < inside + (4 << 20)


def test_nothing_of_one_candidate_reaches_the_next(best, task, body) -> None:
    made = task(_FILE)
    poison = body(
        """
        import builtins, math, sys
        builtins.abs = math.floor = lambda *a: 99
        sys.modules["json"] = None
        sys.path.insert(0, "/tmp")
        CALLS.append(x)
        return x
        """
    )
    checking = body(
        """
        import json, sys
        assert abs(-1) == 1 and math.floor(1.5) == 1 and "/tmp" not in sys.path and not CALLS
        return x + 1
        """
    )

    verdicts = list(best.judge_many(made, [poison, checking] * 10))

    assert [v.outcome for v in verdicts[1::2]] == [Outcome.PASSED] * 10
    assert {v.outcome for v in verdicts[::2]} == {Outcome.FAILED}
