"""Whether processes that a test watches have ended."""

from __future__ import annotations

import psutil


def runs(process: psutil.Process) -> bool:
    """Neither ended nor a zombie. It may end between two questions: that is an end too."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
