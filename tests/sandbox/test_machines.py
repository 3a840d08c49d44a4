"""Odd machines: many descriptors, odd locales, full disks, and means of containment that lack."""

from __future__ import annotations

import os
import pathlib
import resource
import subprocess
import sys

import pytest

from codeplan_model.sandbox import Sandbox, SandboxUnavailable
from codeplan_model.values import Outcome

_FILE = '''
def f(x):
    """
    >>> f(1)
    2
    """
'''


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
