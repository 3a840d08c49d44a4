"""Shared by the sandbox's tests: sandboxes at each level, and tasks made from texts."""

from __future__ import annotations

import contextlib
import os
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence

import psutil
import pytest

from codeplan_model import extract
from codeplan_model.sandbox import Sandbox, linux
from codeplan_model.values import Candidate, Task


def _need(level: str) -> None:
    """Skip where the level can't be had, unless this is a machine that promised it."""
    if level == "A" and linux.bubblewrap() is None and not os.environ.get("CODEPLAN_CI"):
        pytest.skip("bubblewrap is not installed (apt install bubblewrap)")


@pytest.fixture(scope="session", params=["A", "B"])
def level(request: pytest.FixtureRequest) -> str:
    """Level A, then level B."""
    _need(request.param)
    return request.param


@pytest.fixture(scope="session")
def sandbox(level: str) -> Iterator[Sandbox]:
    """A sandbox, once at level A and once at level B."""
    with Sandbox(level=level) as made:
        yield made


@pytest.fixture(scope="session")
def best() -> Iterator[Sandbox]:
    """A sandbox at the best level that this machine has."""
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="session")
def task() -> Callable[..., Task]:
    """Makes a task from a file's text: task(source, "Cart.total", path="cart.py")."""

    def make(source: str, name: str = "f", path: str | None = None) -> Task:
        return extract.task_named(textwrap.dedent(source), name, path, with_tests=False)

    return make


@pytest.fixture(scope="session")
def body() -> Callable[[str], Candidate]:
    """Makes a candidate from the lines of a body."""

    def make(text: str) -> Candidate:
        text = textwrap.dedent(text).strip("\n")
        return Candidate(textwrap.indent(text, "    "))

    return make


@pytest.fixture
def left_of() -> Callable[[Sequence[psutil.Process]], list[psutil.Process]]:
    """left_of(processes): those that still run after a while, which should be none.

    A zygote lets go of its dead with its next fork: zombies don't count.
    """

    def runs(process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return process.status() != psutil.STATUS_ZOMBIE
        return False

    def wait(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
        deadline = time.monotonic() + 10
        while (left := [p for p in processes if runs(p)]) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left

    return wait
