"""`codeplan solve`: what it prints, its exit status, and what it does to a file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOUBLE = '''\
"""A module."""


def double(x):
    """Twice x.

    >>> double(2)
    4
    >>> double(5)
    10
    """
    ...
'''
NO_EXAMPLES = '''\
def greet(name):
    """A friendly word."""
    pass
'''
PLAN = (r"<\|plan\|>$", "\n1. Add it to itself.\n2. Return that.")
RIGHT = (".", "\n    return x + x")
WRONG = (".", "\n    return x * x")
PLANNED = ("--strategy", "codeplan")

# The object that issue and documentation promise.
KEYS = {
    "file": str,
    "function": str,
    "outcome": str,
    "passed": int,
    "total": int,
    "plan": list,
    "code": str,
    "strategy": str,
    "plans": int,
    "candidates": int,
    "seconds": float,
    "tokens": int,
    "sandbox": str,
    "model": str,
}


def test_json_is_one_object_a_line_with_the_promised_keys(codeplan: Any) -> None:
    codeplan.file(DOUBLE)

    run = codeplan("solve", "work.py", "--json", *PLANNED, *codeplan.script(PLAN, RIGHT))

    assert run.status == 0
    (found,) = run.objects
    for key, kind in KEYS.items():
        assert type(found[key]) is kind, key
    assert found["file"] == "work.py"
    assert found["function"] == "double"
    assert found["outcome"] == "passed"
    assert (found["passed"], found["total"]) == (2, 2)
    assert found["plan"] == ["Add it to itself.", "Return that."]
    assert found["code"] == "    return x + x"
    assert found["strategy"] == "codeplan"
    assert found["tokens"] > 0
    assert found["sandbox"][:2] in ("A ", "B ")
    assert found["model"] == "scripted"


def test_people_get_plan_examples_diff_and_nothing_is_changed(codeplan: Any) -> None:
    path = codeplan.file(DOUBLE)

    run = codeplan("solve", "work.py", *PLANNED, *codeplan.script(PLAN, RIGHT))

    assert run.status == 0
    for line in (
        "work.py::double",
        "    1. Add it to itself.",
        "          ok  double(2)",
        "  passed 2 of 2 of your examples",
        "--- work.py",
        "-    ...",
        "+    return x + x",
    ):
        assert line in run.out.splitlines()
    assert "\x1b" not in run.out + run.err  # plain in a pipe
    assert path.read_text() == DOUBLE


@pytest.mark.parametrize(
    ("source", "answer", "status", "outcome"),
    [
        (DOUBLE, RIGHT, 0, "passed"),
        (DOUBLE, WRONG, 1, "failed"),
        (DOUBLE, (".", "\n    while True: pass"), 1, "timed_out"),
        (DOUBLE, (".", "\n    import os; os._exit(0)"), 1, "crashed"),
        (DOUBLE, (".", "\n"), 1, "no_candidate"),
        (NO_EXAMPLES, (".", "\n    return 'hi ' + name"), 3, "untested"),
    ],
    ids=["passed", "failed", "timed_out", "crashed", "no_candidate", "untested"],
)
def test_the_exit_status_tells_the_outcome(
    codeplan: Any, source: str, answer: tuple[str, str], status: int, outcome: str
) -> None:
    path = codeplan.file(source)
    options = ["--plans", "1", "--samples", "1", *codeplan.script(PLAN, answer)]

    run = codeplan("solve", "work.py", "--json", "--write", *options)

    assert [found["outcome"] for found in run.objects] == [outcome]
    assert run.status == status
    assert (path.read_text() == source) == (outcome != "passed")  # only verified code is written


def test_a_failing_function_counts_more_than_an_unverified_one(codeplan: Any) -> None:
    codeplan.file(NO_EXAMPLES + "\n\n" + DOUBLE)
    options = codeplan.script(PLAN, (".", "\n    return 1"))

    run = codeplan("solve", "work.py", "--json", "--strategy", "direct", *options)

    assert {found["outcome"] for found in run.objects} == {"untested", "failed"}
    assert run.status == 1


def test_the_best_of_the_failing_candidates_is_reported(codeplan: Any) -> None:
    codeplan.file(DOUBLE)
    texts = ["\n    return None", "\n    return x * x", "\n    return 0"]
    options = codeplan.script((".", texts))

    run = codeplan("solve", "work.py", "--json", "--strategy", "direct", *options)

    (found,) = run.objects
    assert found["code"] == "    return x * x"
    assert (found["passed"], found["total"]) == (1, 2)
    assert found["plan"] == []
    assert found["strategy"] == "direct"


def test_a_file_without_functions_to_write_is_said_to_have_none(codeplan: Any) -> None:
    codeplan.file("def f():\n    return 1\n")

    run = codeplan("solve", "work.py", *codeplan.script(RIGHT))

    assert run.status == 0
    assert run.out == ""
    assert "work.py: no function to write" in run.err


def test_a_finished_function_is_written_anew_when_it_is_named(codeplan: Any) -> None:
    path = codeplan.file(DOUBLE.replace("...", "return x"))

    run = codeplan("solve", "work.py::double", "--write", *codeplan.script(PLAN, RIGHT))

    assert run.status == 0
    assert path.read_text() == DOUBLE.replace("...", "return x + x")


def test_later_functions_see_earlier_ones_also_as_separate_arguments(codeplan: Any) -> None:
    uses = DOUBLE + '\n\ndef four(x):\n    """Four times.\n\n    >>> four(1)\n    4\n    """\n'
    path = codeplan.file(uses)
    options = codeplan.script(PLAN, ("def four", "\n    return double(double(x))"), RIGHT)

    run = codeplan("solve", "work.py::double", "work.py::four", "--json", "--write", *options)

    assert [found["outcome"] for found in run.objects] == ["passed", "passed"]
    assert run.status == 0
    expected = DOUBLE.replace("...", "return x + x") + uses.removeprefix(DOUBLE)
    assert path.read_text() == expected + "    return double(double(x))\n"


def test_several_files_are_solved_in_their_order(codeplan: Any) -> None:
    codeplan.file(DOUBLE, "b.py")
    codeplan.file(DOUBLE, "a.py")

    run = codeplan("solve", "b.py", "a.py", "--json", *codeplan.script(PLAN, RIGHT))

    assert [found["file"] for found in run.objects] == ["b.py", "a.py"]


def test_one_bad_argument_stops_before_any_work(codeplan: Any) -> None:
    path = codeplan.file(DOUBLE)

    run = codeplan("solve", "work.py", "none.py", "--write", *codeplan.script(PLAN, RIGHT))

    assert run.status == 2
    assert run.out == ""
    assert path.read_text() == DOUBLE


def test_a_search_that_is_out_of_time_reports_what_it_has(codeplan: Any) -> None:
    codeplan.file(DOUBLE)
    options = codeplan.script((r"<\|plan\|>$", ["\n1. Square.", "\n1. Add."]), (*WRONG, 0.3))
    options += ["--plans", "2", "--time-limit", "1.5", "--samples", "500"]

    run = codeplan("solve", "work.py", "--json", *options)

    (found,) = run.objects
    assert found["seconds"] < 60  # all the samples would take 150
    assert found["outcome"] in ("failed", "no_candidate")
    assert found["stopped"] == "time"
    assert run.status == 1


# Files


def _solve_and_write(codeplan: Any, name: str = "work.py", answer: str = "x + x") -> Any:
    options = codeplan.script(PLAN, (".", f"\n    return {answer}"))
    run = codeplan("solve", name, "--write", *options)
    assert run.status == 0, run.err
    return run


def test_write_changes_the_body_and_nothing_else(codeplan: Any) -> None:
    head = "#!/usr/bin/env python3\n# odd  spacing \t \n\nimport   os\n\x0c\n"
    source = head + DOUBLE.replace('"""A module."""', "") + "\t\n\n# no newline at the end"
    path = codeplan.file(source)

    _solve_and_write(codeplan)

    assert path.read_bytes() == source.replace("    ...", "    return x + x").encode()


def test_write_adds_the_imports_that_the_code_needs(codeplan: Any) -> None:
    source = '''import os


def area(r):
    """Of a circle.

    >>> area(0)
    0.0
    """
'''
    path = codeplan.file(source)

    _solve_and_write(codeplan, answer="math.pi * r * r")

    body = source.removeprefix("import os\n") + "    return math.pi * r * r\n"
    assert path.read_text() in (
        "import math\nimport os\n" + body,
        "import os\nimport math\n" + body,
    )


@pytest.mark.parametrize("mode", [0o755, 0o600])
def test_write_keeps_the_mode(codeplan: Any, mode: int) -> None:
    path = codeplan.file(DOUBLE)
    path.chmod(mode)

    _solve_and_write(codeplan)

    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_write_keeps_a_latin_1_coding_line(codeplan: Any) -> None:
    source = "# -*- coding: latin-1 -*-\n" + DOUBLE.replace("Twice x.", "Zweimal x, jährlich.")
    path = codeplan.folder / "work.py"
    path.write_bytes(source.encode("latin-1"))

    _solve_and_write(codeplan)

    assert path.read_bytes() == source.replace("    ...", "    return x + x").encode("latin-1")


def test_code_that_the_encoding_can_not_hold_is_not_written(codeplan: Any) -> None:
    source = "# coding: latin-1\n" + DOUBLE
    path = codeplan.file(source)
    options = codeplan.script(PLAN, (".", "\n    return x + x  # \N{SNOWMAN}"))

    run = codeplan("solve", "work.py", "--write", *options)

    assert run.status == 2
    assert "latin-1" in run.err or "iso-8859-1" in run.err
    assert path.read_text() == source


def test_write_keeps_a_byte_order_mark_and_crlf(codeplan: Any) -> None:
    source = DOUBLE.replace("\n", "\r\n").replace("Twice", "Twice\N{PILE OF POO}")
    path = codeplan.folder / "work.py"
    path.write_bytes(b"\xef\xbb\xbf" + source.encode())

    _solve_and_write(codeplan)

    assert path.read_bytes() == b"\xef\xbb\xbf" + source.replace("...", "return x + x").encode()


def test_write_goes_through_a_link(codeplan: Any) -> None:
    (codeplan.folder / "real").mkdir()
    real = codeplan.file(DOUBLE, "real/work.py")
    link = codeplan.folder / "link.py"
    link.symlink_to("real/work.py")

    _solve_and_write(codeplan, "link.py")

    assert os.readlink(link) == "real/work.py"
    assert real.read_text() == DOUBLE.replace("...", "return x + x")


def test_a_written_file_has_a_new_time_and_no_rest_lies_beside_it(codeplan: Any) -> None:
    path = codeplan.file(DOUBLE)
    os.utime(path, (1_000_000_000, 1_000_000_000))

    _solve_and_write(codeplan)

    assert path.stat().st_mtime > 1_700_000_000  # else build tools and caches would not notice
    assert sorted(os.listdir(codeplan.folder)) == ["script.json", "work.py"]


def test_a_name_and_letters_beyond_the_terminal_do_no_harm(codeplan: Any) -> None:
    source = DOUBLE.replace("Twice x.", "Zweimal für ‘x’ → 😀.")
    name = os.fsdecode(b"\xff\xc3\xa4.py")
    (codeplan.folder / name).write_text(source, encoding="utf-8")
    codeplan.environment = {**codeplan.environment, "PYTHONIOENCODING": "ascii"}

    plain = codeplan("solve", name, *codeplan.script(PLAN, RIGHT))
    as_json = codeplan("solve", name, "--json", *codeplan.script(PLAN, RIGHT))

    assert plain.status == as_json.status == 0
    assert plain.out.isascii()
    assert as_json.objects[0]["file"] == name


def test_nothing_that_a_terminal_would_obey_is_printed(codeplan: Any) -> None:
    codeplan.file(DOUBLE, "[red]x.py")
    plan = (r"<\|plan\|>$", "\n1. \x1b]0;title\x07 \x1b[31m [bold]Add[/] \x9b2J it.")
    options = codeplan.script(plan, (".", "\n    return x + x  # \x1b[2J"))

    run = codeplan("solve", "[red]x.py", *PLANNED, *options)

    assert run.status == 0
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in run.out.replace("\n", ""))
    assert r"    1. \x1b]0;title\x07 \x1b[31m [bold]Add[/] \x9b2J it." in run.out
    assert run.out.startswith("[red]x.py::double\n")


def test_help_and_version(codeplan: Any) -> None:
    run = codeplan("solve", "--help")
    assert run.status == 0
    for option in (
        "--write --json --plans --samples --temperature --seed --time-limit --strategy --backend"
        " --model"
    ).split():
        assert option in run.out
    assert codeplan("--version").out.startswith("codeplan 0.")


def test_the_console_script_is_the_same_program(codeplan: Any, environment: dict[str, str]) -> None:
    script = Path(sys.executable).with_name("codeplan")
    if not script.exists():
        pytest.skip("codeplan is not installed here")
    out = subprocess.run([script, "--version"], env=environment, capture_output=True, check=True)
    assert out.stdout.decode() == codeplan("--version").out
