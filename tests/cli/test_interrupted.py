"""Ctrl-C, closed pipes, full disks, no network, no sandbox: nothing half-written, nothing left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

SOURCE = '''\
def double(x):
    """Twice x.

    >>> double(2)
    4
    >>> double(3)
    6
    """
    ...
'''
PLANS = (r"<\|plan\|>$", ["\n1. Square it.", "\n1. Wait."])
RIGHT = ((r"<\|plan\|>$", "\n1. Add."), (".", "\n    return x + x"))


def _wait_for(condition: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.02)
    return value


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_an_interruption_leaves_no_process_and_no_change(
    codeplan: Any, descendants: Any, gone: Any, number: signal.Signals
) -> None:
    path = codeplan.file(SOURCE)
    # The first program is judged, so that a sandbox is at work; the second never comes.
    options = codeplan.script(
        PLANS, ("Square", "\n    return x * x"), ("Wait", "\n    pass", 600.0)
    )
    process = codeplan.start(
        "solve", "work.py", "--write", "--strategy", "codeplan", "--plans", "2", *options
    )

    children = _wait_for(lambda: _at_work(descendants(process.pid)), "sandbox")
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=30)

    assert "Traceback" not in err
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted; nothing was left half-written" in err
    else:
        assert process.returncode == -signal.SIGTERM
    assert out == ""
    assert gone(children) == []
    assert path.read_text() == SOURCE
    assert sorted(os.listdir(codeplan.folder)) == ["script.json", "work.py"]


def _at_work(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run a moment later: what only finds out the sandbox's level does not."""
    time.sleep(0.5)
    return [process for process in processes if process.is_running()]


def test_ctrl_c_keeps_what_was_verified_and_written_before(codeplan: Any) -> None:
    second = '\n\ndef later(x):\n    """Never.\n\n    >>> later(1)\n    1\n    """\n    ...\n'
    path = codeplan.file(SOURCE + second)
    options = codeplan.script(("def later", "\n    pass", 600.0), *RIGHT)
    process = codeplan.start("solve", "work.py", "--write", "--json", *options)

    first = process.stdout.readline()
    _wait_for(lambda: path.read_text() != SOURCE + second, "change")
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert '"outcome": "passed"' in first
    assert out == ""
    assert process.returncode == 130
    assert path.read_text() == SOURCE.replace("...", "return x + x") + second


def test_ctrl_c_while_the_model_writes(codeplan: Any, tiny_gguf: Path) -> None:
    path = codeplan.file(SOURCE)
    options = ["--model", tiny_gguf, "--plans", "500", "--samples", "500", "--no-memory"]
    process = codeplan.start("solve", "work.py", "--write", *options)

    _wait_for(lambda: _host_is_busy(codeplan), "model process")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in err
    assert path.read_text() == SOURCE


def _host_is_busy(codeplan: Any) -> bool:
    runtime = codeplan.environment["CODEPLAN_RUNTIME_DIR"]
    for process in psutil.process_iter():
        try:
            if (
                "codeplan_model.host" in process.cmdline()
                and process.environ().get("CODEPLAN_RUNTIME_DIR") == runtime
            ):
                return any(Path(runtime).glob("*.sock")) and process.cpu_times().user > 0.5
        except psutil.Error:
            continue
    return False


@pytest.mark.parametrize("command", ["solve", "check"])
def test_a_reader_that_goes_away_gets_no_traceback(codeplan: Any, command: str) -> None:
    for name in ("a.py", "b.py", "c.py"):
        codeplan.file(SOURCE, name)
    options = codeplan.script(*RIGHT) if command == "solve" else []

    with codeplan.start(command, "a.py", "b.py", "c.py", "--json", *options) as process:
        assert process.stdout.readline().startswith('{"file": "a.py"')
        process.stdout.close()
        err = process.stderr.read()
        process.wait(60)

    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert "BrokenPipe" not in err


def test_an_interruption_while_the_command_loads_is_told_as_any_other(codeplan: Any) -> None:
    # What the command line imports first meets Ctrl-C.
    (codeplan.folder / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    )
    path = os.pathsep.join([str(codeplan.folder), codeplan.environment["PYTHONPATH"]])
    early = type(codeplan)(codeplan.folder, {**codeplan.environment, "PYTHONPATH": path})

    run = early("doctor")

    assert (run.status, run.out) == (130, "")
    assert run.err.splitlines() == ["codeplan: interrupted; nothing was left half-written"]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_what_was_verified_is_written_although_nobody_reads_the_result(
    codeplan: Any, form: list[str]
) -> None:
    path = codeplan.file(SOURCE)
    reader, writer = os.pipe()
    os.close(reader)

    try:
        process = codeplan.start(
            "solve", "work.py", "--write", *form, *codeplan.script(*RIGHT), stdout=writer
        )
    finally:
        os.close(writer)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (141, "")
    assert path.read_text() == SOURCE.replace("...", "return x + x")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_result_that_the_disk_has_no_room_for_is_told(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)

    with open("/dev/full", "w") as full:
        process = codeplan.start(
            "solve", "work.py", "--write", *codeplan.script(*RIGHT), stdout=full
        )
        _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert err == (
        "codeplan: standard output can't be written to: No space left on device. "
        "Make room there, or send it elsewhere.\n"
    )
    assert path.read_text() == SOURCE.replace("...", "return x + x")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("asked", [["--help"], ["solve", "--help"], ["--version"], ["doctor"]])
def test_help_and_reports_that_the_disk_has_no_room_for_are_told_too(
    codeplan: Any, asked: list[str]
) -> None:
    with open("/dev/full", "w") as full:
        process = codeplan.start(*asked, stdout=full)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert err == (
        "codeplan: standard output can't be written to: No space left on device. "
        "Make room there, or send it elsewhere.\n"
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_change_nothing(codeplan: Any, closed: str) -> None:
    path = codeplan.file(SOURCE)
    script = codeplan.script(*RIGHT)
    before = ["sh", "-c", f'exec "$@" {closed}', "sh"]

    run = codeplan("solve", "work.py", "--write", *script, before=before)

    assert run.status == 0
    assert path.read_text() == SOURCE.replace("...", "return x + x")
    assert sorted(os.listdir(codeplan.folder)) == ["script.json", "work.py"]


def test_a_full_disk_leaves_the_file_as_it_was(codeplan: Any, unshare: Any) -> None:
    codeplan.file(SOURCE, "big.py")
    script = codeplan.script(*RIGHT)
    disk = codeplan.folder / "disk"
    disk.mkdir()
    # Two blocks: the file and what fills the rest. The namespace takes the disk with it.
    shell = (
        'mount -t tmpfs -o size=8k none "$0" && cp big.py "$0/work.py" && '
        'head -c 4096 /dev/zero > "$0/rest" && "$@"; echo "status $?"; ls -A "$0"; '
        'cmp big.py "$0/work.py" && echo same'
    )
    before = [*unshare("-m"), "sh", "-c", shell, str(disk)]

    run = codeplan("solve", "disk/work.py", "--write", *script, before=before)

    if "status 2" not in run.out and "mount" in run.err:
        pytest.skip(f"no disk can be mounted here: {run.err.strip()}")
    assert run.out.splitlines()[-4:] == ["status 2", "rest", "work.py", "same"]
    assert "disk/work.py can't be written: No space left on device; it is as it was" in run.err
    # The code itself is not lost.
    assert "+    return x + x" in run.out


def test_a_model_process_needs_no_room_for_its_log(
    codeplan: Any, unshare: Any, tiny_gguf: Path
) -> None:
    codeplan.file(SOURCE)
    disk = codeplan.folder / "disk"
    disk.mkdir()
    shell = (
        'mount -t tmpfs -o size=4k none "$0" && head -c 4096 /dev/zero > "$0/rest" && '
        'export CODEPLAN_STATE_DIR="$0/state" CODEPLAN_RUNTIME_DIR="$0/run" && "$@"'
    )
    before = [*unshare("-m"), "sh", "-c", shell, str(disk)]
    options = ("--strategy", "direct", "--samples", "1", "--no-memory", "--model", tiny_gguf)

    run = codeplan("solve", "work.py", "--json", *options, before=before)

    if not run.out and "mount" in run.err:
        pytest.skip(f"no disk can be mounted here: {run.err.strip()}")
    # What it writes is no code; that it writes is what counts.
    assert run.status == 1, run.err
    assert run.objects[0]["tokens"] > 0


def test_everything_works_without_a_network(codeplan: Any, unshare: Any, tiny_gguf: Path) -> None:
    codeplan.file(SOURCE)
    before = unshare("-n")

    scripted = codeplan("solve", "work.py", "--json", *codeplan.script(*RIGHT), before=before)
    model = codeplan(
        "plans", "work.py::double", "--plans", "2", "--model", tiny_gguf, before=before
    )

    assert scripted.objects[0]["outcome"] == "passed"
    assert model.status in (0, 1), model.err


def test_without_a_sandbox_nothing_runs_and_nothing_is_written(
    codeplan: Any, no_containment: Any
) -> None:
    path = codeplan.file(SOURCE)

    run = codeplan("solve", "work.py", "--write", *codeplan.script(*RIGHT), before=no_containment)
    check = codeplan("check", "work.py", before=no_containment)

    for ended in (run, check):
        assert ended.status == 2
        assert ended.out == ""
        assert "generated code is not run, since it can't be contained on this machine" in ended.err
        assert "--allow-unsandboxed" in ended.err
    assert path.read_text() == SOURCE


def test_consent_runs_without_a_sandbox_and_the_verdict_says_so(
    codeplan: Any, no_containment: Any
) -> None:
    codeplan.file(SOURCE)
    options = ["--json", "--allow-unsandboxed", *codeplan.script(*RIGHT)]

    run = codeplan("solve", "work.py", *options, before=no_containment)

    assert run.status == 0
    assert run.objects[0]["sandbox"] == "C (none: consent given)"


def test_consent_changes_nothing_where_there_is_a_sandbox(codeplan: Any) -> None:
    codeplan.file(SOURCE)

    run = codeplan("solve", "work.py", "--json", "--allow-unsandboxed", *codeplan.script(*RIGHT))

    assert run.objects[0]["sandbox"][0] in "AB"
