"""macOS and Windows: what can be checked from here."""

from __future__ import annotations

import ctypes
import sys

import pytest

from codeplan_model.sandbox import Limits, Sandbox, SandboxUnavailable, macos, windows
from codeplan_model.sandbox.interpreter import Interpreter


def _interpreter(*readable: str) -> Interpreter:
    return Interpreter("/opt/py/bin/python3", (3, 12, 1), "/opt/py", "/opt/py", readable)


def test_the_macos_profile_denies_by_default_and_allows_no_writing() -> None:
    text = macos.profile(_interpreter("/opt/py/lib", '/opt/a "b"'))

    assert text.startswith("(version 1)\n(deny default)\n")
    assert '(allow file-read* (subpath "/opt/py/lib"))' in text
    assert '(subpath "/opt/a \\"b\\"")' in text
    allowed = [line for line in text.splitlines() if line.startswith("(allow")]
    assert [line for line in allowed if "network" in line or "mach" in line] == []
    assert [line for line in allowed if "write" in line and "/dev/" not in line] == []
    assert text.count("(") == text.count(")")


def test_a_path_that_no_profile_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="control characters"):
        macos.profile(_interpreter("/opt/a\nb"))


def test_windows_job_limits_have_the_layout_of_the_64_bit_headers() -> None:
    assert ctypes.sizeof(windows.BasicLimits) == 64
    assert ctypes.sizeof(windows.ExtendedLimits) == 144


def test_windows_job_limits_allow_one_process_and_die_with_the_handle() -> None:
    made = windows.job_limits(Limits(wall_seconds=1.5, memory_mb=100), interpreter_mb=50)

    basic = made.BasicLimitInformation
    assert basic.ActiveProcessLimit == 1
    assert basic.PerProcessUserTimeLimit == 25_000_000
    assert made.ProcessMemoryLimit == 150 << 20
    assert basic.LimitFlags & 0x2000


@pytest.mark.parametrize(
    ("platform", "words"), [("darwin", "not verified"), ("win32", "WSL2"), ("aix", "aix")]
)
def test_other_platforms_refuse_and_say_why(
    platform: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    for consent in (False, True):
        with pytest.raises(SandboxUnavailable, match=words):
            Sandbox(consent=consent)
