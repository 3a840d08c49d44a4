"""Accidents: full disks, damaged and read-only files, older formats, several processes at once."""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from codeplan_model.memory import Damaged, Entry, Store, StoreError, mend

SPAWN = multiprocessing.get_context("spawn")


def entry(name, doc="Add up the prices.", origin="shop/cart.py::f"):
    signature = f"def {name}(prices: list[float]) -> float:"
    return Entry(name, signature, (doc,), ("Add them.",), "    return sum(prices)", origin, "")


def schema_1(path, count):
    """A store as the first version wrote it."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, name TEXT, signature TEXT,"
            " wordings TEXT, steps TEXT, code TEXT, origin TEXT, licence TEXT)"
        )
        db.execute(
            "CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='porter unicode61')"
        )
        for number in range(count):
            db.execute(
                "INSERT INTO entries (name, signature, wordings, steps, code, origin, licence)"
                " VALUES (?, 'def f(prices):', '[\"Add up prices.\"]', '[\"Add.\"]',"
                " '    return sum(prices)', 'mine', 'MIT')",
                (f"f{number}",),
            )
        db.execute("PRAGMA user_version = 1")
    db.close()


def test_an_older_store_is_converted_when_it_can_be_written(tmp_path):
    path = tmp_path / "m.sqlite"
    schema_1(path, 50)

    with pytest.raises(StoreError, match="open it once where it can be written"):
        Store(path, read_only=True)
    with Store(path) as store:
        assert len(store) == 50
        assert len(list(store.search(["adding"], 60))) == 50
        assert store.add([entry("new")]) == 1
    with Store(path, read_only=True) as store:
        assert len(store) == 51


def _open(path, results):
    with Store(path) as store:
        results.put(len(store))


def test_two_processes_that_convert_at_once_convert_once(tmp_path):
    path = tmp_path / "m.sqlite"
    schema_1(path, 2000)
    results = SPAWN.Queue()
    openers = [SPAWN.Process(target=_open, args=(path, results)) for _ in range(3)]
    for opener in openers:
        opener.start()

    counts = [results.get(timeout=60) for _ in openers]
    for opener in openers:
        opener.join(60)
        opener.close()

    assert counts == [2000, 2000, 2000]
    with Store(path) as store:
        assert store.frequencies(["pric"]) == {"pric": 2000}


def _add_until_full(path, results):
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    with Store(path) as store:
        done = 0
        try:
            for batch in range(1000):
                done += store.add(entry(f"f{batch}_{k}", "Add. " * 50) for k in range(50))
        except StoreError as error:
            results.put((done, str(error)))


def test_a_full_disk_loses_the_batch_that_did_not_fit_and_nothing_else(tmp_path):
    path = tmp_path / "m.sqlite"
    results = SPAWN.Queue()
    writer = SPAWN.Process(target=_add_until_full, args=(path, results))
    writer.start()
    done, words = results.get(timeout=60)
    writer.join(60)
    writer.close()

    assert done > 0
    assert "nothing was added to the memory at" in words
    with Store(path) as store:
        assert len(store) == done
        assert store.add([entry("after")]) == 1


def test_a_full_database_says_what_to_do(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add([entry("one")])
        (pages,) = store._db.execute("PRAGMA page_count").fetchone()
        store._db.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StoreError, match="Make room on that disk"):
            store.add(entry(f"f{k}", "Much text. " * 100) for k in range(200))
        assert len(store) == 1


def test_a_damaged_page_costs_its_entries_only(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add(entry(f"f{k}", "Add up the prices. " * 20) for k in range(1000))
        store.compact()
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)

    mended = mend(path)

    assert mended.damaged is not None
    assert mended.damaged.read_bytes() == bytes(data)
    assert 900 <= mended.saved <= 1000
    with Store(path) as store:
        assert len(store) == mended.saved
        assert len(list(store.search(["prices"], 5))) == 5
        store.add([entry("after")])


def test_a_damaged_index_is_made_anew(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add(entry(f"f{k}") for k in range(100))
        store._db.execute("UPDATE words_data SET block = x'ff' WHERE id > 10")

    mended = mend(path)

    assert mended.saved == 100
    with Store(path) as store:
        assert len(list(store.search(["prices"], 100))) == 100


def test_a_sound_store_is_left_alone(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add([entry("f")])

    assert (mend(path).saved, mend(path).damaged) == (1, None)
    assert [p.name for p in tmp_path.iterdir()] == ["m.sqlite"]


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"SQLite format 3\0" + b"\0" * 84])
def test_what_is_no_database_is_set_aside_whole(tmp_path, content):
    path = tmp_path / "m.sqlite"
    path.write_bytes(content)

    with pytest.raises(Damaged, match="codeplan memory repair"):
        Store(path)
    mended = mend(path)

    assert mended.saved == 0
    assert mended.damaged.read_bytes() == content
    with Store(path) as store:
        assert store.add([entry("f")]) == 1


READ = """
import os, sys
from codeplan_model.memory import Store, StoreError
from pathlib import Path
path = Path(sys.argv[1])
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with Store(path, read_only=True) as store:
    print(len(store), len(list(store.search(["prices"], 5))))
try:
    Store(path)
except StoreError as error:
    print(error)
"""


def test_a_store_in_a_read_only_folder_is_read_and_not_written():
    # Not below pytest's own folder, which only this user may enter.
    folder = Path(tempfile.mkdtemp(prefix="codeplan-test-"))
    try:
        path = folder / "m.sqlite"
        with Store(path) as store:
            store.add([entry("f"), entry("g")])
        path.chmod(0o444)
        folder.chmod(0o555)

        done = subprocess.run(
            [sys.executable, "-c", READ, str(path)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        counted, refused = done.stdout.splitlines()
        assert counted == "2 2", done.stderr
        assert str(path) in refused
        assert [p.name for p in folder.iterdir()] == ["m.sqlite"]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def _write_batches(path, started, stop):
    with Store(path) as store:
        batch = 0
        while not stop.is_set():
            store.add(entry(f"f{batch}_{k}") for k in range(20))
            started.set()
            batch += 1


def test_a_reader_sees_whole_batches_while_another_window_writes(tmp_path):
    path = tmp_path / "m.sqlite"
    started, stop = SPAWN.Event(), SPAWN.Event()
    writer = SPAWN.Process(target=_write_batches, args=(path, started, stop))
    writer.start()
    try:
        assert started.wait(60)
        for _ in range(20):
            with Store(path, read_only=True) as store:
                assert len(store) % 20 == 0
                assert list(store.search(["prices"], 3))
    finally:
        stop.set()
        writer.join(60)
        writer.close()


def test_others_can_not_read_it(tmp_path):
    folder = tmp_path / "data"
    with Store(folder / "m.sqlite") as store:
        store.add([entry("f")])
        modes = {p.name: p.stat().st_mode & 0o077 for p in folder.iterdir()}

    assert folder.stat().st_mode & 0o077 == 0
    assert set(modes.values()) == {0}
    assert "m.sqlite-wal" in modes


def test_what_was_forgotten_is_gone_from_the_file(tmp_path):
    path = tmp_path / "m.sqlite"
    with Store(path) as store:
        store.add([entry("f", "A peculiar zzyzx."), entry("g", origin="other.py::g")])
        assert store.forget_place("shop/cart.py::f") == 1
        assert list(store.search(["zzyzx"], 5)) == []
        assert store.frequencies(["zzyzx"]).get("zzyzx", 0) == 0
        assert [f.entry.name for f in store.entries()] == ["g"]

    assert b"zzyzx" not in path.read_bytes()


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("shop", {"shopping/a.py::f", "x.py::shop"}),
        ("shop/a.py", {"shopping/a.py::f", "x.py::shop", "shop/a_py::f"}),
        ("shop/a_py", {"shopping/a.py::f", "x.py::shop", "shop/a.py::f"}),
        ("shop/a.py::f", {"shopping/a.py::f", "x.py::shop", "shop/a_py::f"}),
    ],
)
def test_forgetting_a_place_forgets_what_lies_in_it(tmp_path, place, left):
    origins = ["shop/a.py::f", "shopping/a.py::f", "x.py::shop", "shop/a_py::f"]
    with Store(tmp_path / "m.sqlite") as store:
        store.add(entry(f"f{n}", origin=origin) for n, origin in enumerate(origins))
        store.forget_place(place)

        assert {f.entry.origin for f in store.entries()} == left


def test_an_entry_that_moved_is_known_by_its_new_place(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        assert store.add([entry("f", origin="a.py::f")]) == 1
        assert store.add([entry("f", origin="b.py::f")]) == 0

        assert [f.entry.origin for f in store.entries()] == ["b.py::f"]
