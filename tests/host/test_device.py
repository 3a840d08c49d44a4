"""What is said about the device, with a driver that a script stands in for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codeplan_model.host.device import describe_device, nvidia_gpu

ANSWERS = {"one": "echo NVIDIA H100 80GB HBM3", "dead": "echo 'No devices' >&2; exit 9", "none": ""}


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Puts an `nvidia-smi` on the path: one GPU, a driver that fails, or no such program."""
    script = ANSWERS[request.param]
    if script:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return request.param


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for nvidia-smi")
@pytest.mark.parametrize("driver", ["one"], indirect=True)
def test_a_gpu_that_is_not_used_is_named_with_the_reason_and_the_remedy(driver: str) -> None:
    built_without = describe_device(False, 2, True, True)
    not_wanted = describe_device(False, 2, True, False)

    assert nvidia_gpu() == "NVIDIA H100 80GB HBM3"
    assert built_without.startswith("CPU, 2 threads (an NVIDIA H100 80GB HBM3 is here")
    assert 'CMAKE_ARGS="-DGGML_CUDA=on" pip install' in built_without
    assert "settings say not to use it" in not_wanted
    assert "CMAKE_ARGS" not in not_wanted


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for nvidia-smi")
@pytest.mark.parametrize("driver", ["dead", "none"], indirect=True)
def test_without_a_working_gpu_nothing_is_said_of_one(driver: str) -> None:
    if driver == "none" and nvidia_gpu():
        pytest.skip("this machine has a GPU")

    assert describe_device(False, 1, True, True) == "CPU, 1 thread"
    assert "safe setting" in describe_device(False, 4, False, True)
