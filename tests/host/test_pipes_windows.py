"""Named pipes, both ends of which run on Windows, or in Wine; see pipe_claims.py.

CODEPLAN_WINE_PYTHON names a python.exe of 3.11 or later that `wine` runs. It needs platformdirs, no
numpy and no llama.cpp.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLAIMS = Path(__file__).with_name("pipe_claims.py")
MODEL = Path(__file__).parents[2] / "model"
WINE_PYTHON = os.environ.get("CODEPLAN_WINE_PYTHON", "")

if sys.platform != "win32" and not WINE_PYTHON:
    pytest.skip(
        "this is not Windows, and CODEPLAN_WINE_PYTHON names no python.exe for Wine",
        allow_module_level=True,
    )
not_in_wine = pytest.mark.skipif(sys.platform != "win32", reason="Wine 8 doesn't enforce it")


@pytest.mark.parametrize(
    "claim",
    [
        "a_megabyte_goes_both_ways",
        "several_clients_are_served_at_once",
        "a_client_that_waits_can_be_cancelled",
        "a_call_is_cancelled_from_another_thread",
        "an_idle_connection_is_alive_until_the_host_is_killed",
        "a_call_ends_when_the_host_is_killed",
        "a_host_ends_when_its_last_client_closes",
        "a_host_ends_when_its_last_client_is_killed",
        "a_host_ends_though_a_client_reads_nothing",
        "what_was_sent_before_the_end_arrives",
        "a_wrong_secret_is_refused",
        pytest.param("a_taken_name_is_refused", marks=not_in_wine),
        "the_access_list_names_this_user_alone",
        pytest.param("the_access_list_is_in_force", marks=not_in_wine),
        "a_pipe_of_another_user_hears_nothing",
        "a_name_nobody_listens_to_is_told",
        "a_file_that_a_client_reads_can_be_withdrawn",
        "a_hundred_connections_leave_nothing_behind",
        "a_client_starts_a_host_and_another_when_that_was_killed",
    ],
)
def test_on_windows(claim: str, tmp_path: Path) -> None:
    python = [sys.executable] if sys.platform == "win32" else ["wine", WINE_PYTHON]
    ended = subprocess.run(
        [*python, "-W", "error", as_windows_says(CLAIMS), claim, as_windows_says(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": as_windows_says(MODEL),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "WINEDEBUG": "-all",
        },
    )

    assert ended.returncode == 0, ended.stderr
    assert "Warning" not in ended.stderr


def as_windows_says(path: Path) -> str:
    """Wine has the whole tree under Z:."""
    return str(path) if sys.platform == "win32" else "Z:" + str(path).replace("/", "\\")
