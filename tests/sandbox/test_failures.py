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
    """The zygote and all that it started, once a run is busy."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(zygote)
            children = found.children(recursive=True)
            if len(children) >= 2:
                return [found, *children]
        time.sleep(0.01)
    raise AssertionError("no run was started")


@pytest.mark.parametrize("level", ["A", "B"])
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
    verdict = sandbox.judge(made, body("while True: pass"), Limits(wall_seconds=60))
    killer.join()

    assert verdict.outcome is Outcome.CRASHED
    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED


def test_a_zygote_that_died_while_idle_is_not_noticed(sandbox, task, body) -> None:
    made = task(_FILE)
    sandbox.judge(made, body("return x + 1"))
    for zygote in sandbox.zygotes():
        os.kill(zygote.pid, signal.SIGKILL)

    assert sandbox.judge(made, body("return x + 1")).outcome is Outcome.PASSED


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
    with Sandbox() as sandbox:
        verdict = sandbox.judge(task, Candidate("    return x + 1"))
    print(verdict.outcome, verdict.sandbox[:1])
except SandboxUnavailable as error:
    print("unavailable", error)
"""


def _judge_one(prefix: list[str] | None = None, **environment: str) -> str:
    command = [*(prefix or []), sys.executable, "-c", _JUDGE_ONE.format(file=_FILE)]
    env = {**os.environ, **environment}
    return subprocess.run(
        command, capture_output=True, text=True, env=env, check=True, stdin=subprocess.DEVNULL
    ).stdout.strip()


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "ja_JP.SJIS", "nonsense"])
def test_a_locale_that_is_not_utf_8_has_no_effect(locale: str) -> None:
    said = _judge_one(LC_ALL=locale, LANG=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    assert said.startswith("passed")


@pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize("way", ["a full /tmp", "no /dev/shm"])
def test_a_full_tmp_or_no_shared_memory_has_no_effect(way: str) -> None:
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


def test_a_virtual_environment_s_packages_are_found(task, body, tmp_path: pathlib.Path) -> None:
    import venv

    # World-readable, as a plain user's own would be for that user.
    folder = tmp_path / "venv"
    for parent in (tmp_path, *tmp_path.parents[:2]):
        with contextlib.suppress(PermissionError):
            parent.chmod(parent.stat().st_mode | 0o055)
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "only_here.py").write_text("VALUE = 41\n")
    made = task("import only_here\n" + _FILE)

    with Sandbox(python=str(folder / "bin" / "python")) as own:
        verdict = own.judge(made, body("return only_here.VALUE - 40 + x"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
