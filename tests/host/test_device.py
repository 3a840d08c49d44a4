"""What is said about the device, with a driver that a script stands in for."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codeplan_model.host.device import describe_device, nvidia_gpu
from codeplan_model.host.gpus import built_for

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
    not_used = describe_device(False, 2, True, True)
    not_wanted = describe_device(False, 2, True, False)

    assert nvidia_gpu() == "NVIDIA H100 80GB HBM3"
    assert not_used.startswith("CPU, 2 threads (an NVIDIA H100 80GB HBM3 is here")
    remedy = "update NVIDIA" if built_for("CUDA") else 'CMAKE_ARGS="-DGGML_CUDA=on" pip install'
    assert remedy in not_used
    assert "settings say not to use it" in not_wanted
    assert "CMAKE_ARGS" not in not_wanted


@pytest.mark.skipif(sys.platform != "linux", reason="a library of Linux is linked")
@pytest.mark.parametrize(
    ("absent", "remedy"),
    [
        ("libcuda.so.1", "Install the driver, or the build for processors"),
        ("libcublas.so.12", "Install the version of CUDA that it was built with"),
    ],
)
def test_a_build_for_gpus_that_does_not_load_here_is_told_with_the_remedy(
    absent: str, remedy: str, tmp_path: Path
) -> None:
    """The libraries are linked as a CUDA build's are, against one that isn't here any more."""
    if _loads(absent):
        pytest.skip(f"this machine has {absent}")
    lib = tmp_path / "lib"
    lib.mkdir()
    needed = linked(tmp_path / "needed.so", "int empty;", f"-Wl,-soname,{absent}")
    linked(lib / "libllama.so", "int empty;", str(needed))

    problem = doctor(tmp_path, lib)

    assert f"{absent}: cannot open shared object file" in problem
    assert remedy in problem
    assert "pip install --force-reinstall --no-deps" in problem


@pytest.mark.skipif(sys.platform != "linux", reason="a library of Linux is linked")
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("int empty;", ("undefined symbol", "Install it again: pip install --force-reinstall")),
        (
            "__attribute__((constructor)) void loaded(void) { __builtin_trap(); }",
            ("died 3 times", "(SIGILL)", "built for this machine: pip install --force-reinstall"),
        ),
        (
            "#include <signal.h>\n"
            "__attribute__((constructor)) void loaded(void) { raise(SIGSEGV); }",
            ("died 3 times", "llama.cpp crashed"),
        ),
    ],
    ids=["another version's library", "another processor's library", "a broken library"],
)
def test_a_library_that_can_not_be_loaded_is_told_and_not_tried_again_and_again(
    source: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    linked(lib / "libllama.so", source)

    problem = doctor(tmp_path, lib)

    assert all(part in problem for part in words), problem


def linked(library: Path, source: str, *more: str) -> Path:
    """A shared library of this text."""
    file = library.with_suffix(".c")
    file.write_text(source + "\n")
    compiler = shutil.which("cc") or shutil.which("c++") or "g++"
    link = [compiler, "-shared", "-fPIC", "-Wl,--no-as-needed", str(file), *more]
    subprocess.run([*link, "-o", str(library)], check=True)
    return library


def doctor(folder: Path, lib: Path) -> str:
    """The one problem that `codeplan doctor` finds with llama.cpp's libraries in `lib`."""
    folders = {"CODEPLAN_RUNTIME_DIR": str(folder / "r"), "CODEPLAN_STATE_DIR": str(folder)}
    told = subprocess.run(
        [sys.executable, "-m", "codeplan_model.cli", "doctor", "--json"],
        check=False,
        env={**os.environ, **folders, "LLAMA_CPP_LIB_PATH": str(lib)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    problems = json.loads(told.stdout)["problems"]
    assert told.returncode == 1
    assert len(problems) == 1
    return problems[0]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands in for nvidia-smi")
@pytest.mark.parametrize("driver", ["dead", "none"], indirect=True)
def test_without_a_working_gpu_nothing_is_said_of_one(driver: str) -> None:
    if driver == "none" and nvidia_gpu():
        pytest.skip("this machine has a GPU")

    assert describe_device(False, 1, True, True) == "CPU, 1 thread"
    assert "safe setting" in describe_device(False, 4, False, True)
