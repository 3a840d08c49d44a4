"""`codeplan memory`: the user's own functions help, are shown, and go when the user says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

HELPERS = '''
def k_round(amount: float) -> float:
    """Round an amount as this shop does: to five hundredths.

    >>> k_round(1.02)
    1.0
    >>> k_round(1.03)
    1.05
    """
    return round(amount * 20) / 20


def k_sum_rows(k_rows: list[float]) -> float:
    """Sum of the rows, rounded as this shop does.

    >>> k_sum_rows([1.01, 1.01])
    2.0
    """
    return k_round(sum(k_rows))
'''

TO_WRITE = '''
from shop import k_round


def k_sum_prices(k_prices: list[float]) -> float:
    """Sum of the prices, rounded as this shop does.

    >>> k_sum_prices([1.02, 1.02])
    2.05
    >>> k_sum_prices([])
    0.0
    """
    ...
'''


@pytest.fixture
def shop(codeplan: Any, tmp_path: Any) -> Any:
    data = {"CODEPLAN_DATA_DIR": str(tmp_path / "data")}
    shop = type(codeplan)(codeplan.folder, {**codeplan.environment, **data})
    shop.file("", "pyproject.toml")
    shop.file(HELPERS, "shop.py")
    shop.file(TO_WRITE, "prices.py")
    return shop


def test_a_convention_of_the_workspace_is_known_after_add_and_not_before(shop: Any) -> None:
    command = ("solve", "prices.py", "--json", "--plans", "1", "--samples", "1")
    before = shop(*command)
    added = shop("memory", "add", ".")
    after = shop(*command, "--write")

    (was,), (is_now,) = before.objects, after.objects
    assert was["outcome"] != "passed"
    assert "2 functions remembered" in added.out
    assert (is_now["outcome"], is_now["origin"]) == ("passed", "adapted")
    assert is_now["code"] == "    return k_round(sum(k_prices))"
    assert "return k_round(sum(k_prices))" in (shop.folder / "prices.py").read_text()


def test_own_memories_can_be_left_out(shop: Any) -> None:
    shop("memory", "add", ".")

    run = shop("solve", "prices.py", "--json", "--plans=1", "--samples=1", "--no-own-memory")

    assert run.objects[0]["outcome"] != "passed"


def test_what_is_remembered_is_listed_found_exported_and_forgotten(shop: Any) -> None:
    shop("memory", "add", "shop.py")

    listed = shop("memory", "list", "--json").objects
    found = shop("memory", "search", "rounding", "rows", "--json").objects
    shop("memory", "export", "all.jsonl")
    exported = [json.loads(t) for t in (shop.folder / "all.jsonl").read_text().splitlines()]
    forgotten = shop("memory", "forget", "shop.py::k_round")
    rest = shop("memory", "list", "--json").objects
    shop("memory", "forget", "--all")

    assert [e["origin"] for e in listed] == ["shop.py::k_round", "shop.py::k_sum_rows"]
    assert found[0]["name"] == "k_sum_rows"
    assert [e["code"] for e in exported] == [e["code"] for e in listed]
    assert forgotten.out.startswith("1 functions forgotten")
    assert [e["origin"] for e in rest] == ["shop.py::k_sum_rows"]
    assert shop("memory", "list").status == 1


def test_a_written_function_is_remembered_only_when_asked_for(shop: Any) -> None:
    shop("memory", "add", "shop.py")
    shop("solve", "prices.py", "--write", "--plans=1", "--samples=1")
    before = shop("memory", "list", "--json").objects
    shop.file(TO_WRITE, "prices.py")
    shop("solve", "prices.py", "--write", "--remember", "--plans=1", "--samples=1")
    after = shop("memory", "list", "--json").objects

    assert len(before) == 2
    assert [e["origin"] for e in after][2:] == ["prices.py::k_sum_prices"]


def test_a_damaged_memory_is_said_and_repaired(shop: Any, tmp_path: Any) -> None:
    shop("memory", "add", "shop.py")
    (file,) = (tmp_path / "data" / "workspaces").glob("*.sqlite")
    file.write_bytes(b"no database" * 100)

    solved = shop("solve", "prices.py", "--json", "--plans=1", "--samples=1")
    refused = shop("memory", "add", "shop.py")
    repaired = shop("memory", "repair")
    again = shop("memory", "add", "shop.py")

    assert "goes on without it" in solved.err
    assert solved.objects
    assert refused.status == 2
    assert "codeplan memory repair" in refused.err
    assert "0 functions saved" in repaired.out
    assert list(file.parent.glob("*.damaged-*"))
    assert "2 functions remembered" in again.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("memory", "add", "none"), "no such file or folder"),
        (("memory", "forget"), "say what to forget"),
        (("memory", "export", "x.jsonl"), "nothing to export"),
        (("memory", "repair"), "there is no memory"),
    ],
)
def test_wrong_requests_say_what_is_wrong(shop: Any, arguments: Any, words: str) -> None:
    run = shop(*arguments)

    assert run.status == 2
    assert words in " ".join(run.err.split())


def test_what_is_held_out_is_named_once(shop: Any) -> None:
    (shop.folder / "sympy").mkdir()
    for name in "abc":
        shop.file(HELPERS, f"sympy/{name}.py")

    run = shop("memory", "add", "sympy")

    assert run.status == 1
    assert " ".join(run.err.split()).count("held out") == 1
    assert "sympy/a.py and 2 files more" in " ".join(run.err.split())
    assert shop("memory", "list").status == 1
