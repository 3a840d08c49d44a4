"""`codeplan repair`: a function whose examples fail, mended in its file when asked to."""

from __future__ import annotations

from typing import Any

SOURCE = '''\
def total(numbers):
    """The sum of the positive ones.

    >>> total([1, -2, 3])
    4
    >>> total([])
    0
    """
    result = 0
    for number in numbers:
        if number < 0:
            result += number
    return result
'''
MENDED = (SOURCE.replace("number < 0", "number > 0"), SOURCE.replace("number < 0", "number >= 0"))
ODD = SOURCE.replace("    4\n", "    'odd'\n")


def test_a_slip_is_mended_in_the_file_when_it_is_to_be_written(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)
    options = codeplan.script((".", "x"))

    shown = codeplan("repair", "work.py::total", *options)
    assert (shown.status, path.read_text()) == (0, SOURCE)
    assert "-        if number < 0:" in shown.out.splitlines()
    assert "total as it stands: passed 1 of 2 of your examples" in shown.err

    written = codeplan("repair", "work.py::total", "--write", "--json", *options)
    (found,) = written.objects
    assert written.status == 0
    assert path.read_text() in MENDED
    assert (found["outcome"], found["rounds"], found["before"]["passed"]) == ("passed", 0, 1)


def test_what_can_not_be_mended_is_left_as_it_is(codeplan: Any) -> None:
    path = codeplan.file(ODD)
    options = codeplan.script((".", "\n    return 1"))

    run = codeplan("repair", "work.py::total", "--write", "--rounds", "1", *options)

    assert run.status == 1
    assert "total: no repair was found" in run.err
    assert path.read_text() == ODD


def test_code_that_passes_needs_no_repair(codeplan: Any) -> None:
    path = codeplan.file(MENDED[0])

    run = codeplan("repair", "work.py::total", "--write", *codeplan.script((".", "x")))

    assert run.status == 0
    assert "nothing to repair" in run.err
    assert path.read_text() == MENDED[0]


def test_a_function_without_code_is_said_to_have_none(codeplan: Any) -> None:
    codeplan.file(SOURCE[: SOURCE.index("    result")] + "    ...\n")

    run = codeplan("repair", "work.py::total", *codeplan.script((".", "x")))

    assert run.status == 2
    assert "total has no code yet" in run.err
