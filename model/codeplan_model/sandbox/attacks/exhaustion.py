"""Attacks on what a run may use: time, memory, threads, output; and ways to end badly.

Each ends as failed, crashed or timed out, in bounded time, and the next candidate is judged as if
nothing had been. The control gives the same body generous limits, or is a shorter form of it.
"""

from __future__ import annotations

from .attack import Attack

# Bodies that would never end say what "long" is: {long} is beyond the limit when attacked, and
# short in the control run.


def _use(name: str, body: str, group: str = "using too much") -> Attack:
    return Attack(group, name, body, control="patient")


EXHAUSTION = [
    _use(
        "a busy loop",
        "import time; e = time.time() + {long}\nwhile time.time() < e: pass\nreturn g(x)",
    ),
    _use("sleep", "import time; time.sleep({long}); return g(x)"),
    _use(
        "a loop that ignores signals",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.time() + {long}
        while time.time() < end:
            try:
                time.sleep(0.01)
            except BaseException:
                pass
        return g(x)
        """,
    ),
    _use("a loop inside C", "sum(range(int({long} * 40_000_000))); return g(x)"),
    _use(
        "a hopeless regular expression",
        "import re; re.match('(a+)+$', 'a' * (18 + int({long} * 5)) + 'b'); return g(x)",
    ),
    _use("a huge power", "9 ** int(400_000 * {long} ** 2); return g(x)"),
    _use(
        "memory",
        """
        kept = []
        for _ in range(int({long} * 100)):
            kept.append(bytearray(8 << 20))
        return g(x)
        """,
    ),
    _use("one huge block", "bytearray(int({long} * (1 << 30))); return g(x)"),
    _use(
        "threads",
        """
        import threading, time
        def wait(): time.sleep({long})
        for _ in range(int(40 * {long} ** 2)):
            threading.Thread(target=wait, daemon=True).start()
        time.sleep({long})
        return g(x)
        """,
    ),
    _use(
        "endless output",
        """
        import io, sys, time
        file = sys.stdout if {long} > 1 else io.StringIO()
        end = time.time() + {long}
        while time.time() < end:
            print('x' * 10000, file=file)
        return g(x)
        """,
        group="output",
    ),
    _use(
        "endless output by descriptor",
        """
        import os, time
        end = time.time() + {long}
        while time.time() < end:
            for fd in (1, 2):
                os.write(fd, b'x' * 65536)
        return g(x)
        """,
        group="output",
    ),
    _use(
        "a deep value",
        """
        value = g(x)
        if {long} > 1:
            for _ in range(200_000):
                value = [value]
        return value
        """,
        group="output",
    ),
    _use(
        "a wide value",
        "return g(x) if {long} < 1 else list(range(5_000_000))",
        group="output",
    ),
    _use(
        "a long text",
        "return g(x) if {long} < 1 else 'x' * 100_000_000",
        group="output",
    ),
    _use(
        "an endless iterator",
        """
        import itertools
        return g(x) if {long} < 1 else itertools.count()
        """,
        group="output",
    ),
    _use(
        "a thread that goes on",
        """
        import threading, time
        def later():
            time.sleep({long})
            while {long} > 1:
                pass
        threading.Thread(target=later).start()
        if {long} > 1:
            time.sleep(60)
        return g(x)
        """,
        group="ending badly",
    ),
    _use(
        "work at exit",
        """
        import atexit, time
        atexit.register(lambda: time.sleep({long}))
        if {long} > 1:
            raise SystemExit
        return g(x)
        """,
        group="ending badly",
    ),
    _use("abort", "import os; os.abort() if {long} > 1 else None; return g(x)", "ending badly"),
    _use(
        "a segmentation fault",
        "import ctypes; ctypes.string_at(0) if {long} > 1 else None; return g(x)",
        "ending badly",
    ),
    _use(
        "endless recursion in C",
        """
        import sys
        if {long} > 1:
            sys.setrecursionlimit(1 << 30)
            def down(): return down()
            object.__repr__(down())
        return g(x)
        """,
        "ending badly",
    ),
    _use("exit", "import os; os._exit(0) if {long} > 1 else None; return g(x)", "ending badly"),
    _use(
        "closing every descriptor",
        "import os; os.closerange(0, 99) if {long} > 1 else None; return g(x)",
        "ending badly",
    ),
]
