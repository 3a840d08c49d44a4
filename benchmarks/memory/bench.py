"""The memory: how long retrieval takes as it grows, and what adding functions costs.

    python benchmarks/memory/bench.py [--sizes 3000,30000,300000] [--functions 10000]

Entries beyond the shipped ones are made of the shipped ones' words, shuffled among them, so that
words are as frequent as in real descriptions. Queries are the kept exercises, which no store holds.
Times are processor time, but for verified adding, where other processes work.
The baseline of the table is BM25 over every word of the query, without choosing the rarest.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from codeplan_model.extract import ExtractError, all_functions, task_named
from codeplan_model.files import FileError, read_source
from codeplan_model.memory import Entry, Store, nearest, open_shipped
from codeplan_model.memory import store as stores
from codeplan_model.memory.mining import entry_for, mine, refused
from codeplan_model.memory.remembering import keep
from codeplan_model.sandbox import Sandbox
from codeplan_training import corpus, neighbours, problems

DATA = Path(__file__).parents[2] / "training" / "data"
QUERIES = 200
BATCH = 1000


def main() -> int:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="3000,30000,300000")
    parser.add_argument("--functions", type=int, default=10_000)
    parser.add_argument("--verified", type=float, default=60.0, help="seconds of verified adding")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codeplan-bench-") as name:
        folder = Path(name)
        print(
            "| entries | adding, entries/s | file, MB | p50, ms | p99, ms | all words p50, ms "
            "| memory, MB |"
        )
        print("|---|---|---|---|---|---|---|")
        for size in map(int, options.sizes.split(",")):
            print("| " + " | ".join(in_a_process(retrieval, folder, size)) + " |", flush=True)
        print()
        for row in in_a_process(adding, folder, options.functions):
            print(row)
        for row in in_a_process(verified_adding, folder, options.verified):
            print(row)
    return 0


def in_a_process(work, *arguments) -> list[str]:
    """What `work` returns, from a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def retrieval(folder: Path, size: int) -> list[str]:
    """One row of the first table."""
    path = folder / f"{size}.sqlite"
    began = time.process_time()
    with Store(path) as store:
        for batch in batches(shuffled(size), BATCH):
            store.add(batch)
    seconds = time.process_time() - began
    kept = problems.validation(problems.read_all(DATA)[0])
    tasks = [neighbours.task_of(p) for p in kept]
    tasks = tasks[:: max(1, len(tasks) // QUERIES)][:QUERIES]
    before = memory()
    with Store(path, read_only=True) as store:
        times = [timed(task, store) for task in tasks]
        grown = memory() - before
        stores.MOST_ROWS = sys.maxsize
        every_word = [timed(task, store) for task in tasks[::4]]
    return [
        f"{size:,}",
        f"{size / seconds:,.0f}",
        f"{path.stat().st_size / 1e6:.1f}",
        f"{statistics.median(times):.1f}",
        f"{statistics.quantiles(times, n=100)[98]:.1f}",
        f"{statistics.median(every_word):.1f}",
        f"{grown:.1f}",
    ]


def timed(task, store: Store) -> float:
    """Milliseconds of processor time of one retrieval, as a search does it.

    It waits for nothing, so that on a machine of its own this is the time that passes.
    """
    began = time.process_time()
    nearest(task, [store])
    return (time.process_time() - began) * 1000


def shuffled(size: int) -> Iterator[Entry]:
    """The shipped entries, then others with their words in new places."""
    (shipped,) = open_shipped()
    with shipped:
        known = [found.entry for found in shipped.entries(limit=1_000_000)]
    rng = random.Random(1)
    words = [word for entry in known for word in entry.wordings[0].split()]
    for number in range(size):
        entry = known[number % len(known)]
        if number < len(known):
            yield entry
            continue
        text = " ".join(rng.choices(words, k=len(entry.wordings[0].split())))
        yield Entry(
            f"{entry.name}_{number}",
            entry.signature,
            (text,),
            entry.steps,
            entry.code,
            f"made/{number}",
            entry.licence,
            entry.examples,
        )


def adding(folder: Path, count: int) -> list[str]:
    """Documented functions of installed packages (held-out ones refused), without running them."""
    path = folder / "packages.sqlite"
    reading = storing = 0.0
    added = 0
    before = memory()
    with Store(path) as store:
        for file in package_files():
            began = time.process_time()
            found = list(documented(file))[: count - added]
            reading += time.process_time() - began
            began = time.process_time()
            added += store.add(found, replaces=str(file))
            storing += time.process_time() - began
            if added >= count:
                break
    return [
        f"{added:,} documented functions of installed packages: {reading:.1f} s of reading, "
        f"{storing:.1f} s of storing, {path.stat().st_size / 1e6:.1f} MB, "
        f"{memory() - before:.0f} MB more memory",
    ]


def verified_adding(folder: Path, limit: float) -> list[str]:
    """What `codeplan memory add` does: doctests run in the sandbox first."""
    # Those of one package lie together and need the same imports: a mixture of all.
    with_doctests = [file for file in package_files() if b">>>" in file.read_bytes()]
    random.Random(1).shuffle(with_doctests)
    began = time.perf_counter()
    files = added = 0
    with Sandbox() as sandbox, Store(folder / "verified.sqlite") as store:
        for file in with_doctests:
            if time.perf_counter() - began > limit:
                break
            added += keep(store, mine(file, None, sandbox))
            files += 1
    seconds = time.perf_counter() - began
    return [
        f"with their doctests run: {added} functions of {files} files that have some, "
        f"in {seconds:.0f} s"
    ]


def package_files() -> Iterator[Path]:
    """Files of installed packages with permissive licences, none of them held out."""
    for _, files in corpus.permissive_packages().values():
        yield from files


def documented(file: Path) -> Iterator[Entry]:
    """Short functions of a file that have a docstring."""
    try:
        text = read_source(file).text
    except FileError:
        return
    for site in all_functions(text, str(file)):
        if site.to_write or "<locals>" in site.entry_point:
            continue
        try:
            task = task_named(text, site.entry_point, str(file), with_tests=False)
        except ExtractError:
            continue
        if task.docstring and task.old_body.strip() and not refused(task, task.old_body):
            yield entry_for(task, task.old_body, (), f"{file}::{site.entry_point}")


def batches(entries: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Lists of `size`."""
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def memory() -> float:
    """The memory that this process holds now, in MB."""
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(main())
