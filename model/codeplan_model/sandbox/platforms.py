"""Which platforms have containment here, and what to say on the others."""

from __future__ import annotations

import sys


def unsupported() -> str | None:
    """Why nothing can be contained on this platform; None on Linux."""
    if sys.platform == "linux":
        return None
    if sys.platform == "darwin":
        return "macOS: the wall through sandbox-exec is written but not verified, so it is not used"
    if sys.platform == "win32":
        return "Windows: job objects limit but don't contain; run codeplan inside WSL2"
    return f"{sys.platform}: no containment is known here"
