"""The memory that ships: every entry is whole, none is kept for validation, all have a licence."""

from __future__ import annotations

import ast
import hashlib

import pytest

from codeplan_model.memory import Store, open_shipped
from codeplan_model.memory.places import SHIPPED


@pytest.fixture(scope="module")
def entries():
    (store,) = open_shipped()
    with store:
        return [found.entry for found in store.entries(limit=1_000_000)]


def test_no_entry_is_kept_for_validation(entries):
    def is_kept(name: str) -> bool:
        digest = hashlib.sha256(name.encode()).digest()
        return digest[0] * 256 + digest[1] < 65536 // 10

    assert len(entries) > 8000
    assert [e.name for e in entries if is_kept(e.name)] == []


def test_every_entry_has_a_licence_a_description_and_code_that_parses(entries):
    assert {e.licence for e in entries} == {"Apache-2.0", "CC-BY-4.0"}
    for entry in entries:
        assert entry.wordings[0]
        ast.parse(f"{entry.signature}\n{entry.code}")


def test_mbpp_problems_that_evaluation_uses_are_not_in_it(entries):
    numbers = [int(e.origin.split("/")[1]) for e in entries if e.origin.startswith("mbpp/")]

    assert numbers
    assert not [n for n in numbers if 11 <= n <= 600]


def test_it_is_compact_and_needs_no_files_beside_it():
    with Store(SHIPPED, read_only=True) as store:
        assert len(store) == store.size
        assert SHIPPED.stat().st_size < 1_100 * len(store)
    assert not [p for p in SHIPPED.parent.iterdir() if p.name.startswith(SHIPPED.name + "-")]
