"""Extraction is quick in long files, and its cost grows with the file and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from codeplan_model.extract import all_functions, functions_to_write, outline, task_named


def source(functions: int, body: str) -> str:
    one = (
        "\n\ndef fun_{n}(items: list[int], limit: int = {n}) -> int:\n"
        '    """Sum of the first items.\n\n    >>> fun_{n}([1, 2, 3])\n    6\n    """\n' + body
    )
    return "import re\n" + "".join(one.format(n=n) for n in range(functions))


WRITTEN = "    total = 0\n    for item in items[:limit]:\n        total += item\n    return total\n"


@pytest.fixture
def seconds() -> Callable[[Callable[[str], object], str], float]:
    """The least processor time of three cold calls on a text, whatever else the machine does."""

    def measure(call: Callable[[str], object], text: str) -> float:
        times = []
        for n in range(3):
            fresh = f"# {n}\n{text}"  # not in any cache
            begin = time.process_time()
            call(fresh)
            times.append(time.process_time() - begin)
        return min(times)

    return measure


def test_a_task_of_a_file_of_ten_thousand_lines_is_quick(seconds) -> None:
    text = source(840, WRITTEN)
    assert text.count("\n") > 10_000

    # 45 ms and 30 ms where it was measured; the bounds leave room for slower machines.
    assert seconds(lambda t: task_named(t, "fun_700"), text) < 0.2
    assert seconds(all_functions, text) < 0.15


def test_the_cost_of_functions_to_write_is_linear(seconds) -> None:
    few, many = source(125, "    pass\n"), source(1000, "    pass\n")

    assert seconds(functions_to_write, many) < 8 * 3 * seconds(functions_to_write, few)


def test_a_text_is_scanned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[str] = []
    real = outline.logical_lines
    monkeypatch.setattr(outline, "logical_lines", lambda text: scans.append(text) or real(text))
    text = source(3, WRITTEN) + "# only here\n"

    all_functions(text)
    functions_to_write(text)
    task_named(text, "fun_1")

    assert scans == [text]
