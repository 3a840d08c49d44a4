"""Things that go wrong around the sandbox: kills, full disks, many descriptors, odd locales."""

from __future__ import annotations

import contextlib
import os
import pathlib
import resource
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.sandbox import Limits, Sandbox, SandboxUnavailable
from codeplan_model.sandbox.attacks import leftovers
from codeplan_model.values import Outcome

_FILE = '''
def f(x):
    """
    >>> f(1)
    2
    """
'''

# A program that judges a candidate which never ends, and says when that is in flight.
_SUPERVISOR = """
import sys
from codeplan_model import extract
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.values import Candidate

task = extract.task_named({file!r}, "f", with_tests=False)
sandbox = Sandbox(level={level!r})
sandbox.judge(task, Candidate("    return x + 1"))
print(*(z.pid for z in sandbox.zygotes()), flush=True)
sandbox.judge(task, Candidate("    while True: pass"), Limits(wall_seconds=600))
"""


def _busy_group(zygote: int) -> list[psutil.Process]:
    """The zygote and all that it started, once the candidate's loop is at work.

    A zygote that dies before it has answered is another case: the run starts again elsewhere.
    """
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(zygote)
            children = found.children(recursive=True)
            if len(children) >= 2 and any(c.cpu_times().user > 0.1 for c in children):
                return [found, *children]
        time.sleep(0.01)
    raise AssertionError("no run was started")


def test_killing_the_supervisor_leaves_no_process(level: str) -> None:
    text = _SUPERVISOR.format(file=_FILE, level=level)
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, env={**os.environ}
    ) as supervisor:
        assert supervisor.stdout is not None
        zygote = int(supervisor.stdout.readline())
        processes = [*psutil.Process(supervisor.pid).children(recursive=True)]
        processes += _busy_group(zygote)
        supervisor.kill()

        _, alive = psutil.wait_procs(set(processes), timeout=1.0)

    assert [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_zygote_death_is_reported_as_crashed_and_the_next_is_judged(sandbox, task, body) -> None:
    made = task(_FILE)
    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED
    (zygote,) = [z for z in sandbox.zygotes() if z.alive][-1:]

    def kill() -> None:
        _busy_group(zygote.pid)
        os.kill(zygote.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    verdict = sandbox.judge(made, body("while True: pass"), Limits(wall_seconds=20))
    killer.join()

    assert verdict.outcome is Outcome.CRASHED
    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED


def test_a_zygote_that_died_while_idle_is_not_noticed(sandbox, task, body) -> None:
    made = task(_FILE)
    sandbox.judge(made, body("return x + 1"))
    for zygote in sandbox.zygotes():
        os.kill(zygote.pid, signal.SIGKILL)
        _wait_until_dead(zygote)

    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED


def _wait_until_dead(zygote) -> None:
    """The kernel ends a killed process in its own time; before that it is not idle but dying."""
    deadline = time.monotonic() + 20
    while zygote.alive and time.monotonic() < deadline:
        time.sleep(0.01)


def test_cancel_stops_within_200_ms_and_leaves_nothing(sandbox, task, body) -> None:
    made = task(_FILE)
    sandbox.judge(made, body("return x + 1"))
    token = CancelToken()
    fired: list[float] = []

    def cancel() -> None:
        fired.append(time.monotonic())
        token.cancel()

    timer = threading.Timer(0.3, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        list(sandbox.judge_many(made, [body("while True: pass")] * 4, Limits(60.0), token))
    late = time.monotonic() - fired[0]

    assert late < 0.2
    assert leftovers.of(sandbox) == []
    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED


def test_a_token_that_has_fired_already_starts_nothing(best, task, body) -> None:
    token = CancelToken()
    token.cancel()

    with pytest.raises(Cancelled):
        best.judge(task(_FILE), body("return x + 1"), cancel=token)


def test_closing_the_iterator_ends_what_is_in_flight(best, task, body) -> None:
    verdicts = best.judge_many(task(_FILE), [body("return 1"), body("while True: pass")] * 3)
    next(verdicts)

    verdicts.close()

    assert leftovers.of(best) == []


def test_close_ends_everything_and_may_be_called_twice(task, body) -> None:
    made = Sandbox()
    made.judge(task(_FILE), body("return x + 1"))
    zygotes = [psutil.Process(z.pid) for z in made.zygotes()]

    made.close()
    made.close()

    assert psutil.wait_procs(zygotes, timeout=1.0)[1] == []
    with pytest.raises(SandboxUnavailable, match="closed"):
        made.judge(task(_FILE), body("return x + 1"))


def test_threads_share_a_sandbox(best, task, body) -> None:
    outcomes: list[str] = []

    def work(right: bool) -> None:
        for _ in range(5):
            verdict = best.judge(task(_FILE), body(f"return x + {int(right)}"))
            outcomes.append(f"{right} {verdict.outcome}")

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["False failed"] * 10 + ["True passed"] * 10


def test_a_zygote_outlives_the_thread_that_started_it(sandbox, task, body) -> None:
    """The kernel's "die with the parent" means the parent's thread."""
    made = task(_FILE)
    with Sandbox(level=sandbox.level.name) as fresh:
        thread = threading.Thread(target=lambda: fresh.judge(made, body("return x + 1")))
        thread.start()
        thread.join()
        (zygote,) = fresh.zygotes()
        time.sleep(0.2)

        assert fresh.judge(made, body("return x + 1")).outcome is Outcome.PASSED
        assert fresh.zygotes() == (zygote,)


def test_ten_thousand_open_files_do_no_harm(best, task, body) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(10_000, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted + 200), hard))
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(wanted)]
    try:
        with Sandbox() as fresh:
            assert fresh.judge(task(_FILE), body("return x + 1")).outcome is Outcome.PASSED
    finally:
        for fd in opened:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


_JUDGE_ONE = """
import sys
from codeplan_model import extract
from codeplan_model.sandbox import Sandbox, SandboxUnavailable
from codeplan_model.values import Candidate
task = extract.task_named({file!r}, "f", with_tests=False)
try:
    with Sandbox(level={level!r}) as sandbox:
        verdict = sandbox.judge(task, Candidate("    return x + 1"))
    print(verdict.outcome, verdict.sandbox[:1])
except SandboxUnavailable as error:
    print("unavailable", error)
"""


def _judge_one(
    prefix: list[str] | None = None, level: str | None = None, **environment: str
) -> str:
    program = _JUDGE_ONE.format(file=_FILE, level=level)
    command = [*(prefix or []), sys.executable, "-c", program]
    env = {**os.environ, **environment}
    return subprocess.run(
        command, capture_output=True, text=True, env=env, check=True, stdin=subprocess.DEVNULL
    ).stdout.strip()


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "ja_JP.SJIS", "nonsense"])
def test_a_locale_that_is_not_utf_8_has_no_effect(locale: str) -> None:
    said = _judge_one(LC_ALL=locale, LANG=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    assert said.startswith("passed")


def test_root_of_a_user_namespace_that_knows_no_other_user_has_the_same_level(level: str) -> None:
    alone = ["unshare", "--user", "--map-root-user"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no user namespaces here")

    said = _judge_one(alone, level=level)

    assert said.startswith("passed"), said


@pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("way", ["a full /tmp", "no /dev/shm"])
def test_a_full_tmp_or_no_shared_memory_has_no_effect(way: str) -> None:
    if way == "a full /tmp" and str(pathlib.Path(__file__).resolve()).startswith("/tmp/"):
        pytest.skip("this checkout is below /tmp itself, which would be hidden")
    script = {
        "a full /tmp": "mount -t tmpfs -o size=4k none /tmp && (yes > /tmp/full || true)",
        "no /dev/shm": "umount -l /dev/shm && chmod 0 /dev/shm",
    }[way]
    text = f'{script} 2>/dev/null; exec "$0" "$@"'
    probe = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"],
        check=False,
        capture_output=True,
    )
    if probe.returncode != 0:
        pytest.skip("mounting is not allowed here")

    said = _judge_one(["unshare", "--mount", "sh", "-c", text])

    assert said.startswith("passed")


def test_hostile_imports_are_limited(best, task, body) -> None:
    made = task("import this_does_not_exist_1\n" + _FILE)
    assert best.judge(made, body("return 1")).outcome is Outcome.CRASHED
    slow = task("import antigravity\nimport test.support\n" + _FILE)

    verdict = best.judge(slow, body("return x + 1"), Limits(import_seconds=0.001))

    assert verdict.outcome is Outcome.CRASHED
    assert "took over 0.001 s" in verdict.detail


def test_no_containment_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from codeplan_model.sandbox import filters, pool

    def unavailable() -> tuple[bytes, bytes]:
        raise filters.FiltersUnavailable("libseccomp.so.2 can't be loaded")

    monkeypatch.setattr(filters, "compile_filters", unavailable)
    monkeypatch.setattr(pool, "_levels", {})

    with pytest.raises(SandboxUnavailable) as caught:
        Sandbox()

    text = str(caught.value)
    assert "level A: libseccomp.so.2 can't be loaded" in text
    assert "level B: libseccomp.so.2 can't be loaded" in text
    assert "apt install bubblewrap" in text
    with Sandbox(consent=True) as unprotected:
        assert unprotected.level.name == "C"
        assert len(unprotected.level.reasons) == 2


def test_without_bubblewrap_level_b_is_taken_and_the_reason_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from codeplan_model.sandbox import linux, pool

    monkeypatch.setattr(linux, "bubblewrap", lambda: None)
    monkeypatch.setattr(pool, "_levels", {})

    with Sandbox() as lower:
        assert lower.level.name == "B"
        assert lower.level.reasons == ("level A: bubblewrap (the program bwrap) is not installed",)


def test_a_level_that_is_not_in_force_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags that no longer contain are noticed by the zygote's own attempts."""
    from codeplan_model.sandbox import filters, pool

    def lax() -> tuple[bytes, bytes]:
        import pyseccomp

        everything = filters._program(pyseccomp.SyscallFilter(pyseccomp.ALLOW))
        return everything, everything

    monkeypatch.setattr(filters, "compile_filters", lax)
    monkeypatch.setattr(pool, "_levels", {})

    with pytest.raises(SandboxUnavailable, match="could open a socket"):
        Sandbox(level="B")


def test_an_interpreter_that_does_not_run_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(SandboxUnavailable, match="no-python doesn't run"):
        Sandbox(python=str(tmp_path / "no-python"))


def _environment(folder: pathlib.Path, **modules: str) -> str:
    """A virtual environment with these modules in it; its interpreter."""
    import venv

    # World-readable, as a plain user's own would be for that user.
    for parent in (folder, *folder.parents[:2]):
        with contextlib.suppress(PermissionError):
            parent.chmod(parent.stat().st_mode | 0o055)
    venv.create(folder / "venv", symlinks=True)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text)
    return str(folder / "venv" / "bin" / "python")


def test_a_virtual_environment_s_packages_are_found(task, body, tmp_path: pathlib.Path) -> None:
    python = _environment(tmp_path, only_here="VALUE = 41\n")
    made = task("import only_here\n" + _FILE)

    with Sandbox(python=python) as own:
        verdict = own.judge(made, body("return only_here.VALUE - 40 + x"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail


_ENDLESS_IMPORT = """
import os, time
if os.fork() == 0:
    time.sleep(300)
while True:
    pass
"""
# Begins to import what never ends, and says so.
_SUPERVISOR_OF_IMPORTS = """
from codeplan_model import extract
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate

task = extract.task_named("import endless\\n" + {file!r}, "f", with_tests=False)
with Sandbox(level={level!r}, python={python!r}) as sandbox:
    print("begun", flush=True)
    sandbox.judge(task, Candidate("    return x + 1"))
"""
_GREEDY_IMPORT = """
import mmap
kept = []
while True:
    kept.append({block})
"""


def test_an_import_that_never_ends_is_ended_with_all_that_it_started(
    sandbox, task, body, tmp_path: pathlib.Path
) -> None:
    python = _environment(tmp_path, endless=_ENDLESS_IMPORT)
    made = task("import endless\n" + _FILE)
    before = {p.pid for p in psutil.process_iter()}
    limits = Limits(import_seconds=2.0)

    with Sandbox(level=sandbox.level.name, python=python) as own:
        verdict = own.judge(made, body("return x + 1"), limits)
        began = time.monotonic()
        again = own.judge(made, body("return x + 1"), limits)
        waited = time.monotonic() - began
        honest = own.judge(task(_FILE), body("return x + 1"))
        time.sleep(0.5)
        left = [
            p
            for p in psutil.process_iter(["cmdline", "status"])
            if p.pid not in before
            and p.info["status"] != psutil.STATUS_ZOMBIE
            and str(tmp_path) in " ".join(p.info["cmdline"] or ())
        ]
        kept = {pid for z in own.zygotes() for pid in z.processes}

    assert verdict.outcome is Outcome.CRASHED
    assert "took over 2 s" in verdict.detail
    assert again.outcome is Outcome.CRASHED
    assert waited < 1.0
    assert honest.outcome is Outcome.PASSED
    assert [p for p in left if p.pid not in kept] == []


# How an import may hang, and how many processes of its own it starts.
_HANGING = {
    "in Python": ("while True: pass", 0),
    "in C": ("import itertools; sum(itertools.repeat(0))", 0),
    "in C, with a child that sleeps": (
        "import itertools, os, time\nif os.fork() == 0: time.sleep(300)\nsum(itertools.repeat(0))",
        1,
    ),
    "in C, with a child and a grandchild in C": (
        "import itertools, os\nos.fork(); os.fork()\nsum(itertools.repeat(0))",
        3,
    ),
}


def _at_work(supervisor: int, expected: int) -> list[psutil.Process]:
    """A supervisor's processes, once all are there and an import has used the processor."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(supervisor).children(recursive=True)
            if len(found) >= expected and any(p.cpu_times().user > 0.5 for p in found):
                return found
        time.sleep(0.02)
    raise AssertionError("the import did not begin")


@pytest.mark.parametrize("way", _HANGING)
def test_killing_the_supervisor_ends_an_import_that_never_ends(
    way: str, level: str, tmp_path: pathlib.Path
) -> None:
    source, children = _HANGING[way]
    python = _environment(tmp_path, endless=source)
    text = _SUPERVISOR_OF_IMPORTS.format(file=_FILE, level=level, python=python)
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        # Beside the zygote there are bubblewrap's two processes, or the guard.
        processes = _at_work(supervisor.pid, children + (3 if level == "A" else 2))
        supervisor.kill()

        _, alive = psutil.wait_procs(processes, timeout=1.0)

    assert processes != []
    assert [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("block", ["bytearray(64 << 20)", "mmap.mmap(-1, 64 << 20)"])
def test_an_import_that_takes_memory_without_end_is_stopped(
    block: str, task, body, tmp_path: pathlib.Path
) -> None:
    python = _environment(tmp_path, greedy=_GREEDY_IMPORT.format(block=block))
    made = task("import greedy\n" + _FILE)

    with Sandbox(python=python) as own:
        verdict = own.judge(made, body("return x + 1"), Limits(import_memory_mb=200))

    assert verdict.outcome is Outcome.CRASHED
    assert "greedy" in verdict.detail


def test_other_imports_have_another_zygote_and_the_first_is_kept_warm(task, body) -> None:
    first, second = task("import json\n" + _FILE), task("import json, decimal\n" + _FILE)
    with Sandbox() as fresh:
        assert fresh.judge(first, body("return x + 1")).outcome is Outcome.PASSED
        (one,) = fresh.zygotes()
        assert fresh.judge(second, body("return x + 1")).outcome is Outcome.PASSED
        _, two = fresh.zygotes()
        fresh.judge(first, body("return x + 1"))

        assert {z.pid for z in fresh.zygotes()} == {one.pid, two.pid}


def test_a_zygote_is_replaced_after_a_number_of_runs(
    task, body, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codeplan_model.sandbox import pool

    monkeypatch.setattr(pool, "_RUNS_PER_ZYGOTE", 3)
    made = task(_FILE)
    with Sandbox() as fresh:
        pids = []
        for _ in range(7):
            assert fresh.judge(made, body("return x + 1")).outcome is Outcome.PASSED
            pids += [z.pid for z in fresh.zygotes()]

    assert len(pids) == 7
    assert pids[0] == pids[2] != pids[3] == pids[5] != pids[6]


@pytest.mark.parametrize("times", [1, 2])
def test_the_death_of_what_waits_for_the_next_run_is_not_noticed(
    times: int, sandbox, task, body
) -> None:
    """Of the template, which has read the file for all candidates, and of a next run's two."""
    made = task(_FILE)
    outcomes = [sandbox.judge(made, body("return x + 1")).outcome]
    (zygote,) = [z for z in sandbox.zygotes() if z.alive][-1:]
    for _ in range(times):
        waiting = psutil.Process(zygote.pid).children(recursive=True)
        for process in waiting:
            with contextlib.suppress(psutil.NoSuchProcess):  # It died with its template.
                process.kill()
        assert waiting != []
        assert _left_of(waiting) == []
        outcomes += [sandbox.judge(made, body("return x + 1")).outcome for _ in range(4)]

    assert outcomes == [Outcome.PASSED] * len(outcomes)
    assert zygote in sandbox.zygotes()


def test_what_was_forked_ahead_is_not_used_for_other_limits_or_another_file(best, task, body):
    first, second = task(_FILE), task(_FILE.replace("    2\n", "    3\n").replace("f(1)", "f(2)"))
    allocate = body("bytearray(100 << 20)\nreturn x + 1")

    for _ in range(2):
        assert best.judge(first, body("return x + 1")).outcome is Outcome.PASSED
        assert best.judge(first, allocate, Limits(memory_mb=50)).outcome is Outcome.FAILED
        assert best.judge(first, allocate, Limits(memory_mb=300)).outcome is Outcome.PASSED
        assert best.judge(second, body("return x + 1")).outcome is Outcome.PASSED
        assert best.judge(second, body("return 2")).outcome is Outcome.FAILED


def test_nothing_waits_in_vain_after_a_sandbox_rests(best, task, body) -> None:
    best.judge(task(_FILE), body("return x + 1"))
    zygote = best.zygotes()[-1]
    waiting = psutil.Process(zygote.pid).children(recursive=True)

    zygote.rest()

    assert waiting != []  # the template, and the two processes of a next run
    assert _left_of(waiting) == []


def _left_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run after a while. The zygote lets go of its dead with its next fork."""

    def runs(process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return process.status() != psutil.STATUS_ZOMBIE
        return False

    deadline = time.monotonic() + 10
    while (left := [p for p in processes if runs(p)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def test_a_start_that_is_broken_off_leaves_no_process(
    level: str, task, body, tmp_path: pathlib.Path
) -> None:
    """At whatever moment: bubblewrap's own process waits for its parent at first."""
    python = _environment(tmp_path, only_here="")
    made = task("import only_here\n" + _FILE)
    for number in range(20):
        limits = Limits(import_seconds=0.0005 * (number + 1))
        with Sandbox(level=level, python=python) as own:
            own.judge(made, body("return x + 1"), limits)
    started = [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(p.info["cmdline"] or ())
    ]

    assert _left_of(started) == []
