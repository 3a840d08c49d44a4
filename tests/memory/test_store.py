"""The store of solved problems: nothing lost, clear words, and the nearest ones found."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from codeplan_model.memory import Entry, Store, StoreError


def entry(name="total_price", doc="Add up the prices.", origin="mine"):
    return Entry(
        name,
        f"def {name}(prices: list[float]) -> float:",
        (doc,),
        ("Add them.",),
        "    return sum(prices)",
        origin,
        "Apache-2.0",
    )


def test_an_entry_comes_back_as_it_was(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add([entry()])
        (found,) = store.search(["prices"], 5)

    assert found == entry()


def test_the_entry_that_shares_more_and_rarer_words_comes_first(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add(entry(f"f{i}", "Return the longest of the words.") for i in range(20))
        store.add([entry("g", "Return the longest palindrome.")])

        found = list(store.search(["longest", "palindrome"], 3))

    assert found[0].name == "g"


def test_words_are_found_in_other_grammatical_forms(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add([entry(doc="Counting the words.")])

        assert list(store.search(["count"], 3))


def test_words_that_look_like_query_syntax_are_words(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add([entry(doc="Not near or and.")])

        assert list(store.search(["or", "near", "not"], 3))
        assert list(store.search([], 3)) == []


def test_a_batch_that_fails_adds_nothing(tmp_path):
    def broken():
        yield entry()
        raise sqlite3.OperationalError("disk full")

    with Store(tmp_path / "m.sqlite") as store:
        with pytest.raises(StoreError, match="nothing was added"):
            store.add(broken())
        assert len(store) == 0


def test_a_read_only_store_leaves_no_files_beside_it(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add([entry()])
        store.compact()

    with Store(path, read_only=True) as store:
        assert len(store) == 1
        with pytest.raises(StoreError):
            store.add([entry()])
    assert [p.name for p in tmp_path.iterdir()] == ["m.sqlite"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_a_damaged_file_is_said(tmp_path, content):
    path = tmp_path / "m.sqlite"
    path.write_bytes(content)

    with pytest.raises(StoreError):
        Store(path, read_only=True)


def test_a_missing_store_is_said(tmp_path):
    with pytest.raises(StoreError, match="no memory at"):
        Store(tmp_path / "none.sqlite", read_only=True)


def test_a_folder_that_can_not_be_made_is_said_with_how_to_name_another(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="CODEPLAN_DATA_DIR names another"):
        Store(tmp_path / "file" / "workspaces" / "m.sqlite")


def test_a_store_of_another_format_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add([entry()])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(StoreError, match="newer codeplan"):
        Store(path)


def _write_for_ever(path, started):
    with Store(path) as store:
        for number in range(100000):
            store.add([entry(f"f{number}_{k}") for k in range(20)])
            started.set()


def test_a_killed_writer_leaves_whole_batches_only(tmp_path):
    path = tmp_path / "m.sqlite"
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    writer = context.Process(target=_write_for_ever, args=(path, started))
    writer.start()
    assert started.wait(30)
    time.sleep(0.2)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    writer.close()

    with Store(path) as store:
        count = len(store)
        store.add([entry("after")])

        assert count > 0
        assert count % 20 == 0
        assert len(store) == count + 1


def _write_some(path, prefix):
    with Store(path) as store:
        for number in range(15):
            store.add([entry(f"{prefix}{number}")])


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path):
    path = tmp_path / "m.sqlite"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_some, args=(path, p)) for p in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
        writer.close()

    with Store(path) as store:
        assert len(store) == 30
