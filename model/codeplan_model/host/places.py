"""Where a host's socket, locks, log and crash record lie, one set for each model file and user.

Sockets live in the user's runtime directory in a folder of mode 0700; logs and crash records in
the user's state directory. CODEPLAN_RUNTIME_DIR and CODEPLAN_STATE_DIR replace both (tests). On
Windows a file that says which pipe it is stands in the socket's place (see transport).
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from codeplan_model.generation import BackendError

# sockaddr_un holds 108 bytes on Linux, 104 on macOS, with the closing zero.
_LONGEST_SOCKET = 100


@dataclass(frozen=True, slots=True)
class Places:
    """Files of one host. starting: locked by who starts it; running: locked by the host itself."""

    socket: Path
    starting: Path
    running: Path
    log: Path
    crashes: Path
    safe_setting: Path


def places_for(model: Path) -> Places:
    """The places for a model file; makes the folders. Raises BackendError if they aren't safe."""
    key = hashlib.sha256(os.fsencode(os.path.realpath(model))).hexdigest()[:16]
    runtime = _private_folder(_runtime_folder(key), "CODEPLAN_RUNTIME_DIR")
    state = _private_folder(_state_folder(), "CODEPLAN_STATE_DIR")
    return Places(
        socket=runtime / f"{key}.sock",
        starting=runtime / f"{key}.start",
        running=runtime / f"{key}.run",
        log=state / f"host-{key}.log",
        crashes=state / f"host-{key}.crashes.json",
        safe_setting=state / "safe-setting.json",
    )


def _runtime_folder(key: str) -> Path:
    chosen = os.environ.get("CODEPLAN_RUNTIME_DIR")
    if chosen:
        folder = Path(chosen)
    elif sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        # Not logged in through a session manager (a container, sudo): platformdirs would name a
        # folder that may not exist.
        folder = _short_folder()
    else:
        folder = Path(platformdirs.user_runtime_dir("codeplan", appauthor=False))
    longest = len(os.fsencode(folder / f"{key}.sock"))
    return folder if longest <= _LONGEST_SOCKET or os.name == "nt" else _short_folder()


def _short_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    try:
        folder = Path(tempfile.gettempdir()) / f"codeplan-{user}"
    except FileNotFoundError as error:
        raise BackendError(
            f"The model process needs a folder to be reached in: {error.strerror}. "
            "Set CODEPLAN_RUNTIME_DIR to a folder that can be written to."
        ) from error
    return folder if len(os.fsencode(folder)) < 70 else Path("/tmp") / f"codeplan-{user}"


def _state_folder() -> Path:
    chosen = os.environ.get("CODEPLAN_STATE_DIR")
    return Path(chosen or platformdirs.user_state_dir("codeplan", appauthor=False))


def _private_folder(folder: Path, variable: str) -> Path:
    """The folder, made with mode 0700; refused when another user could have put things in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise BackendError(f"{folder} is not a folder. Remove it, or set {variable}.")
        if hasattr(os, "getuid"):
            if status.st_uid != os.getuid():
                raise BackendError(
                    f"{folder} belongs to another user. Remove it, or set {variable} to a folder "
                    "of your own."
                )
            if status.st_mode & 0o077:
                folder.chmod(0o700)
    except OSError as error:
        raise BackendError(
            f"The folder {folder} can't be used: {error.strerror}. Set {variable} to one that can."
        ) from error
    return folder
