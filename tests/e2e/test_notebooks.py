"""Notebooks: a cell is written with what the other cells define, and nothing else of them runs."""

from __future__ import annotations

NOTEBOOK = "file:///shop/sales.ipynb"
IMPORTS = "%matplotlib inline\nimport math\nRATE = 2\n"
DATA = 'raise SystemExit("must not run")\nrows = open("/data/rows.csv").read()\n'
HELPER = "def twice(number):\n    return RATE * number\n"
CELL = '''\
# 🎉 the one to write
def total(numbers):
    """The doubled sum.

    >>> total([1, 2, 3])
    12
    """
    ...

print(total([9]))
'''
CODE = "\n    return math.floor(sum(twice(n) for n in numbers))<|end|>"
RULES = ((r"<\|plan\|>$", "\n1. x<|code|>"), (".", CODE))


def test_a_cell_is_written_with_the_definitions_of_the_others(ready):
    client = ready(*RULES)
    *others, cell = client.open_notebook(NOTEBOOK, IMPORTS, DATA, HELPER, CELL)

    result = client.command("planThenCode", client.place(cell, "total"))

    assert (result["outcome"], result["applied"]) == ("passed", True)
    written = CODE.removesuffix("<|end|>").lstrip("\n")
    assert cell.text == CELL.replace("    ...", written)
    assert [other.text for other in others] == [IMPORTS, DATA, HELPER]
    (change,) = client.edits[0]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": cell.uri, "version": 1}


def test_a_missing_import_goes_where_the_notebook_has_its_imports(ready):
    client = ready(*RULES)
    first, helper, cell = client.open_notebook(NOTEBOOK, "import os\n\nRATE = 2\n", HELPER, CELL)

    result = client.command("planThenCode", client.place(cell, "total"))

    assert result["applied"] is True
    assert first.text == "import math\nimport os\n\nRATE = 2\n"
    assert "import" not in cell.text
    assert helper.text == HELPER
    assert len(client.edits) == 1


def test_examples_of_a_cell_are_run_and_marked_in_it(ready):
    client = ready(*RULES)
    wrong = CELL.replace("    ...", "    return twice(sum(numbers)) + 1")
    cells = client.open_notebook(NOTEBOOK, IMPORTS, HELPER, wrong)

    result = client.command("runExamples", {"uri": cells[2].uri})

    assert (result["outcome"], result["total"]) == ("failed", 1)
    assert result["examples"][0]["line"] == 4
    (published,) = [
        n["params"] for n in client.notifications if n["method"].endswith("publishDiagnostics")
    ]
    assert published["uri"] == cells[2].uri
    assert published["diagnostics"][0]["range"]["start"] == {"line": 4, "character": 4}
    client.replace(cells[1], "return RATE", "return  RATE")
    client.wait(
        lambda: client.notifications[-1]["params"].get("diagnostics") == [], 5.0, "cleared marks"
    )


def test_lenses_are_those_of_the_cell(ready):
    client = ready(*RULES)
    cells = client.open_notebook(NOTEBOOK, "def first():\n    ...\n", IMPORTS, CELL)

    def lines(cell):
        found = client.ask("textDocument/codeLens", {"textDocument": {"uri": cell.uri}})
        return [lens["range"]["start"]["line"] for lens in found]

    assert [lines(cell) for cell in cells] == [[0], [], [1]]


def test_cells_come_go_and_move(ready):
    client = ready(*RULES)
    (cell,) = client.open_notebook(NOTEBOOK, CELL)
    place = client.place(cell, "total")
    assert client.command("runExamples", place)["outcome"] == "failed"
    uri = f"{NOTEBOOK}#new"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "import math\n" + HELPER}
    new = [{"kind": 2, "document": uri}]

    client.change_notebook(
        NOTEBOOK,
        {
            "structure": {
                "array": {"start": 0, "deleteCount": 0, "cells": new},
                "didOpen": [item],
            }
        },
    )
    client.change_notebook(
        NOTEBOOK,
        {
            "textContent": [
                {
                    "document": {"uri": uri, "version": 2},
                    "changes": [{"text": item["text"] + "RATE = 2\n"}],
                }
            ]
        },
    )
    assert client.command("planThenCode", place)["outcome"] == "passed"

    client.change_notebook(
        NOTEBOOK,
        {"structure": {"array": {"start": 0, "deleteCount": 1}, "didClose": [{"uri": uri}]}},
    )
    assert [d["uri"] for d in client.status()["documents"]] == [cell.uri]
    client.close_notebook(NOTEBOOK)
    assert client.status()["documents"] == []


def test_typing_in_another_cell_meanwhile_does_not_disturb_the_edit(ready):
    client = ready((r"<\|plan\|>$", "\n1. x<|code|>", 0.2), (".", CODE, 0.2))
    first, helper, cell = client.open_notebook(NOTEBOOK, IMPORTS, HELPER, CELL)
    number = client.begin_command("planThenCode", client.place(cell, "total"))
    client.wait_progress("plan 1 of 3|writing code")

    client.replace(first, "RATE = 2", "# 🎉\nRATE = 2")

    assert client.answer(number)["result"]["applied"] is True
    assert "math.floor" in cell.text
    assert first.text == IMPORTS.replace("RATE = 2", "# 🎉\nRATE = 2")
    assert helper.text == HELPER


def test_a_cell_of_another_language_and_broken_cells_do_no_harm(ready):
    client = ready(*RULES)
    *_, cell = client.open_notebook(
        NOTEBOOK, IMPORTS, "%%bash\nrm -rf /\n", "def (:\n", "!ls\nmath?\n" + HELPER, CELL
    )

    result = client.command("planThenCode", client.place(cell, "total"))

    assert result["outcome"] == "passed"
    assert "math.floor" in cell.text
