"""Helpers of the extraction tests: sources with a cursor, and code to put in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from codeplan_model.extract import splice, task_named
from codeplan_model.values import Candidate

CURSOR = "$0"


@pytest.fixture
def at_cursor() -> Callable[[str], tuple[str, int]]:
    """A source without its cursor mark "$0", and the mark's offset."""

    def cut(marked: str) -> tuple[str, int]:
        assert marked.count(CURSOR) == 1
        return marked.replace(CURSOR, ""), marked.index(CURSOR)

    return cut


@pytest.fixture
def put() -> Callable[[str, str, str], str]:
    """The source after the code, written without its base indentation, became a function's body."""

    def put_in(source: str, name: str, code: str) -> str:
        body = re.sub("^(?=.)", "    ", code, flags=re.MULTILINE)
        return splice(task_named(source, name), Candidate(body))

    return put_in
