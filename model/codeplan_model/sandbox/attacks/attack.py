"""What an attack is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Control = Literal["open", "bare", "one process", "exit code", "patient"]


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile body for the function of `TASK`, and what shows that the check of it can fire.

    group: what it goes after, for people ("reading files").
    body: the body's lines, at no indentation. `{secret}` and the like are filled in from the
        range (range.py). Attacks on the outside return a text that starts with "escaped" when
        they got what they wanted.
    control: how the same body is run without protection, where it must succeed:
        "open": at level C (no containment) it returns "escaped";
        "one process": judged in one process together with its examples, some of them pass or
            are excused;
        "bare": in a plain interpreter, which even level C is not, it does so;
        "exit code": a judge that trusts the exit code of a script is fooled;
        "patient": with generous limits it comes to its end and passes.
    levels: the levels at which it has to be contained.
    x86_64: True when it uses system call numbers of that architecture.
    """

    group: str
    name: str
    body: str
    control: Control = "open"
    levels: str = "AB"
    x86_64: bool = False
