"""Start a host process, find out how one died, and wait before starting one that keeps dying."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import codeplan_model
from codeplan_model.generation import BackendError
from codeplan_model.host.device import REINSTALL
from codeplan_model.host.places import Places
from codeplan_model.host.settings import HostSettings

_REMEMBERED = 60.0
_PATIENCE = 3
_DYING = 0.5
_LOG_LIMIT = 1_000_000
# What Host.run writes when the model is there; a device that is not the processor begins otherwise.
_LOADED_ON_GPU = re.compile(r" loaded .* in [\d.]+ s: (?!CPU)(.+)$", re.MULTILINE)

# The processes that this one started: waited for by a thread each, so that none becomes a zombie.
_started: dict[int, subprocess.Popen[bytes]] = {}


# Threads that spin at barriers for long make a small model ten times slower as soon as anything
# else runs on the machine, and the sandbox always does. Those that sleep at once cost it half of a
# step when nothing does. libgomp's count is some tens of microseconds: a barrier's worth.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "3000"}
"""How OpenMP's threads wait in the model's process, as environment variables."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a host ended. illegal: SIGILL, the processor lacks an instruction."""

    reason: str
    illegal: bool = False


def start_host(model: Path, places: Places, settings: HostSettings) -> subprocess.Popen[bytes]:
    """Start the process; it listens soon after. Raises BackendError after repeated crashes."""
    _back_off(places)
    if _safe_setting_applies(places):
        settings = replace(settings, extra_buffers=False)
    environment = dict(os.environ)
    root = str(Path(codeplan_model.__file__).parents[1])
    paths = [root, environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    if not WAITING.keys() & environment.keys():
        environment.update(WAITING)
    # glibc gives large blocks back to the kernel and takes them again, page by page, at every step:
    # drawing tokens took twice as long.
    environment.setdefault("MALLOC_MMAP_THRESHOLD_", str(16 << 20))
    environment.setdefault("MALLOC_TRIM_THRESHOLD_", str(64 << 20))
    # numpy's linear algebra isn't used; its threads would only wait.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    # llama.cpp would call a debugger, if there is one, when it gives up.
    environment.setdefault("GGML_NO_BACKTRACE", "1")
    command = [sys.executable, "-P", "-m", "codeplan_model.host", str(model), settings.to_json()]
    try:
        log = _open_log(places.log)
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
                cwd="/" if os.name == "posix" else None,
                start_new_session=True,
                # Windows: no console window, and not ended with the starter's console.
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        finally:
            os.close(log)
    except OSError as error:
        raise BackendError(
            f"The model process can't be started: {error.strerror}.", retryable=True
        ) from error
    _started[process.pid] = process
    threading.Thread(target=_reap, args=(process,), name="codeplan-reap", daemon=True).start()
    return process


def _reap(process: subprocess.Popen[bytes]) -> None:
    process.wait()


def _open_log(path: Path) -> int:
    """The log's descriptor, to append to; a log that has grown too long starts anew."""
    too_long = path.exists() and path.stat().st_size > _LOG_LIMIT
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if too_long else 0)
    descriptor = os.open(path, flags, 0o600)
    os.lseek(descriptor, 0, os.SEEK_END)  # on Windows only this process appends, the host doesn't
    return descriptor


def ended_in_order(pid: int, places: Places) -> bool:
    """Whether this host said in its log that it ends (see Host.run), which no crash does."""
    return f"pid {pid} ends" in _log_of(pid, places.log)


def how_it_died(pid: int, places: Places) -> Death:
    """From the exit status when this process started it, otherwise from its log."""
    status = _status(pid)
    name = signal.Signals(-status).name if status is not None and status < 0 else ""
    log = _log_of(pid, places.log)
    if name == "SIGILL" or "Fatal Python error: Illegal instruction" in log:
        return Death("it met an instruction that this processor can't do (SIGILL)", illegal=True)
    if name == "SIGKILL":
        return Death("it was killed, by hand or because memory ran out (SIGKILL)")
    if "GGML_ASSERT" in log:
        line = next(line for line in log.splitlines() if "GGML_ASSERT" in line)
        return Death(f"llama.cpp gave up: {line[line.index('GGML_ASSERT') :].strip()}")
    if name in ("SIGSEGV", "SIGBUS") or "Fatal Python error: " in log:
        if gpu := _LOADED_ON_GPU.search(log):
            advice = "update its driver, or choose the device cpu"
            return Death(f"llama.cpp crashed on {gpu[1]}; {advice}")
        return Death("llama.cpp crashed; the model file may be damaged")
    if name:
        return Death(f"it ended by {name}")
    last = log.strip().splitlines()[-1:] or ["it left no message"]
    if "Traceback" in log:
        return Death(f"an error in it: {last[0]}")
    if status is not None:
        return Death(f"it ended with status {status} and could not say why; is the disk full?")
    return Death("it was killed, by hand or because memory ran out")


def _status(pid: int) -> int | None:
    """How a process ended that this one started, a signal as its negative; None if not known."""
    process = _started.get(pid)
    if process is None:
        return None
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=2.0)
    return process.returncode


def _log_of(pid: int, path: Path) -> str:
    """What the host with this pid wrote: the log from its first line on."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    at = text.rfind(f"pid {pid} serves")
    return text[at:] if at >= 0 else ""


def note_death(process: subprocess.Popen[bytes], places: Places) -> None:
    """Record the end of a host that this process started, if it has ended and in no good order."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_DYING)  # its socket closes a moment before it is gone
    if process.returncode and not ended_in_order(process.pid, places):
        record_death(process.pid, places, how_it_died(process.pid, places))


def record_death(pid: int, places: Places, death: Death) -> None:
    """Remember a crash, once however many clients saw it; choose the safe setting after SIGILL."""
    crashes = _crashes(places)
    if not any(entry["pid"] == pid for entry in crashes):
        entry = {"pid": pid, "time": time.time(), "reason": death.reason, "illegal": death.illegal}
        crashes.append(entry)
        _write(places.crashes, crashes)
    if death.illegal:
        _write(places.safe_setting, {"extra_buffers": False, "llama": _llama_version()})


def _crashes(places: Places) -> list[dict]:
    try:
        entries = json.loads(places.crashes.read_text(encoding="utf-8"))
        return [entry for entry in entries if 0 <= time.time() - entry["time"] < _REMEMBERED]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _back_off(places: Places) -> None:
    """The first restarts are free; then the pause doubles with each crash, up to 30 seconds."""
    crashes = _crashes(places)
    if len(crashes) < _PATIENCE:
        return
    pause = min(30.0, 2.0 ** (len(crashes) - _PATIENCE + 1))
    left = crashes[-1]["time"] + pause - time.time()
    if left > 0:
        illegal = crashes[-1].get("illegal")
        advice = f" llama.cpp has to be built for this machine: {REINSTALL}" if illegal else ""
        raise BackendError(
            f"The model process died {len(crashes)} times within a minute; the last time "
            f"{crashes[-1]['reason']}. It can be started again in {left:.0f} s. Its log is "
            f"{places.log}.{advice}",
            retryable=True,
        )


def _safe_setting_applies(places: Places) -> bool:
    """After a SIGILL, for as long as the same llama-cpp-python is installed."""
    try:
        setting = json.loads(places.safe_setting.read_text(encoding="utf-8"))
        return setting["llama"] == _llama_version()
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _llama_version() -> str:
    """Changes with every installation, also of the same version built with other flags."""
    try:
        distribution = importlib.metadata.distribution("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError:
        return ""
    library = next((f for f in distribution.files or [] if "libggml-cpu" in f.name), None)
    with contextlib.suppress(OSError):
        if library is not None:
            return f"{distribution.version}/{os.stat(library.locate()).st_mtime_ns}"
    return distribution.version


def _write(path: Path, value: object) -> None:
    """Replace a small JSON file in one go."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(value), encoding="utf-8")
        os.replace(temporary, path)
