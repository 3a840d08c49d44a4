"""How well code is contained here: the levels, and finding out which one can be had.

A level counts only when a process was really started with its flags and tried in vain to read a
file, write one, open a socket and send a signal (`inside/lockdown.py`, `holes`).
"""

from __future__ import annotations

from dataclasses import dataclass

NAMES = ("A", "B", "C")
_WAYS = {
    "A": "bubblewrap, Landlock, seccomp",
    "B": "Landlock, seccomp, no writes",
    "C": "none: consent given",
}


class SandboxUnavailable(Exception):
    """Nothing may run here; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Level:
    """The containment in force.

    name: "A", "B" or "C" (none). way: what it is made of, in words.
    reasons: why a better level can't be had, one sentence each; empty for "A".
    """

    name: str
    way: str
    reasons: tuple[str, ...] = ()

    def describe(self) -> str:
        """For people and for verdicts: "A (bubblewrap, Landlock, seccomp)"."""
        return f"{self.name} ({self.way})"


def make_level(name: str, landlock: int, reasons: tuple[str, ...]) -> Level:
    """A level from what the zygote reported. landlock: its version, 0 for none."""
    way = _WAYS[name]
    if name == "A" and landlock == 0:
        way = "bubblewrap, seccomp; this kernel has no Landlock"
    return Level(name, way, reasons)


def refusal(reasons: tuple[str, ...]) -> SandboxUnavailable:
    """What is raised when no containment can be had and the user has not consented to none."""
    why = "".join(f"\n  - {reason}" for reason in reasons)
    return SandboxUnavailable(
        f"generated code is not run, since it can't be contained on this machine:{why}\n"
        "Install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S"
        " bubblewrap), or, if you trust what the model writes in this workspace, allow running"
        " without containment in its settings (sandbox.consent)."
    )
