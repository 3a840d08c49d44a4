"""A memory of the test's own, and the real sandbox, one for a file of tests."""

from __future__ import annotations

import pytest

from codeplan_model.memory import Store
from codeplan_model.sandbox import Sandbox


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "m.sqlite") as made:
        yield made


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made
