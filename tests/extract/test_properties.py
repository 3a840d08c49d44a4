"""Properties of the edit, for functions and files made at random."""

from __future__ import annotations

import ast
import contextlib
import re

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from codeplan_model.extract import (
    ExtractError,
    SpliceError,
    all_functions,
    edits_for,
    file_examples,
    functions_to_write,
    normalise_body,
    splice,
    task_at,
    task_named,
)
from codeplan_model.extract.bodies import reindent
from codeplan_model.values import Candidate, Edit, Span, apply_edits

relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

simple = st.sampled_from(
    [
        "x = 1",
        "return x",
        "x += len('🐍')",
        "y = [\n    1,\n    2,\n]",
        'y = """a\n  b\n\n"""',
        "z = math.sqrt(2)",
        "w = Counter('abc')",
        "x = 'a' \\\n    'b'",
        "pass  # note",
        "# a comment\nx = 2",
        "print(f'{x!r}')",
    ]
)


def indented(code: str) -> str:
    """One level deeper, but for what is inside of strings over lines."""
    return "\n".join(
        line if inside or not line else "    " + line
        for line, inside in zip(code.split("\n"), _inside_string(code), strict=True)
    )


def _inside_string(code: str) -> list[bool]:
    inside, flags = False, []
    for line in code.split("\n"):
        flags.append(inside)
        inside ^= line.count('"""') % 2 == 1
    return flags


compound = st.recursive(
    simple,
    lambda inner: st.tuples(
        st.sampled_from(["if x:", "for i in x:", "while x:", "with x as y:", "def g(a):"]),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda parts: parts[0] + "\n" + indented("\n".join(parts[1]))),
    max_leaves=8,
)
code = st.lists(compound, min_size=1, max_size=4).map("\n".join)
bodies = code.map(indented)

docstrings = st.sampled_from(
    [
        "",
        '"""Doc."""',
        '"""Doc.\n\n    >>> f(1)\n    2\n    """',
        "'Ein Größe 🐍'",
        'r"""\\d"""',
    ]
)
old_bodies = st.sampled_from(
    ["...", "pass", "raise NotImplementedError", "# how\n    ...", "x = 1\n\n    return x  # end"]
)
heads = st.sampled_from(
    [
        "",
        '"""Module."""\n',
        "import re\n\n",
        "from collections import deque\n",
        "# 🐍\n\nX = '\u2028'\n",
        "from __future__ import annotations\n",
        "try:\n    import numpy\nexcept ImportError:\n    numpy = None\n",
    ]
)
tails = st.sampled_from(
    ["", "\n\n\ny = 1\n", "\n\ndef later(): ...\n", "\n\n# end", "\nassert f(1)\n"]
)
newlines = st.sampled_from(["\n", "\r\n", "\r"])
units = st.sampled_from(["    ", "  ", "\t"])
shapes = st.sampled_from(["function", "method", "nested"])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """A file that parses, and the name of the function in it that is meant."""
    docstring, old = draw(docstrings), draw(old_bodies)
    if docstring and old.startswith("#"):
        docstring += "\n    # and"
    lines = ["def f(x):", *([f"    {docstring}"] if docstring else []), f"    {old}"]
    function, name = "\n".join(lines), "f"
    shape = draw(shapes)
    if shape == "method":
        function, name = "class C:\n" + indented("@deco\n" + function), "C.f"
    elif shape == "nested":
        function, name = "def outer():\n" + indented(function + "\nreturn f"), "outer.<locals>.f"
    text = draw(heads) + function + draw(tails)
    unit = draw(units)
    text = re.sub("^(?:    )+", lambda m: unit * (len(m.group()) // 4), text, flags=re.MULTILINE)
    return text.replace("\n", draw(newlines)), name


@given(files(), bodies)
@relaxed
def test_an_edit_changes_the_hole_and_import_lines_only(file: tuple[str, str], body: str) -> None:
    text, name = file
    task = task_named(text, name)
    *imports, last = edits_for(task, Candidate(body))

    assert last.span == task.hole
    assert all(edit.span.start == edit.span.end for edit in imports)  # nothing is taken away
    assert all(re.search("math|Counter", edit.new_text) for edit in imports)
    result = apply_edits(text, (*imports, last))
    assert result.endswith(task.suffix)
    assert ast.parse(result)


@given(files(), bodies)
@relaxed
def test_putting_the_old_body_back_restores_the_text(file: tuple[str, str], body: str) -> None:
    text, name = file
    task = task_named(text, name)
    edits = edits_for(task, Candidate(body))

    result = apply_edits(text, edits)
    back: list[Edit] = []
    moved = 0
    for edit in edits:
        start = edit.span.start + moved
        old = text[edit.span.start : edit.span.end]
        back.append(Edit(Span(start, start + len(edit.new_text)), old))
        moved += len(edit.new_text) - len(old)

    assert apply_edits(result, tuple(back)) == text


@given(files(), bodies)
@relaxed
def test_the_new_function_does_what_the_candidate_says(file: tuple[str, str], body: str) -> None:
    text, name = file
    result = splice(task_named(text, name), Candidate(body))

    again = task_named(result, name)

    assert ast.dump(ast.parse("def f(x):\n" + normalise_body(again.old_body, "f"))) == ast.dump(
        ast.parse("def f(x):\n" + body)
    )


@given(files(), bodies)
@relaxed
def test_a_second_edit_adds_no_second_import(file: tuple[str, str], body: str) -> None:
    text, name = file
    once = splice(task_named(text, name), Candidate(body))

    assert len(edits_for(task_named(once, name), Candidate(body))) == 1


@given(bodies)
@relaxed
def test_a_canonical_body_is_left_as_it_is(body: str) -> None:
    once = normalise_body(body, "f")

    assert normalise_body(once, "f") == once
    assert ast.dump(ast.parse("def f():\n" + once)) == ast.dump(ast.parse("def f():\n" + body))


@given(bodies, units, newlines, st.integers(0, 3))
@relaxed
def test_a_body_survives_any_indentation(body: str, unit: str, newline: str, depth: int) -> None:
    laid = reindent(body, unit * (depth + 1), unit, newline)

    assert ast.dump(ast.parse("def f():\n" + normalise_body(laid, "f"))) == ast.dump(
        ast.parse("def f():\n" + body)
    )


ANY_TEXT = st.lists(
    st.sampled_from(
        ["def f(x):", "class C:", "@d", '"""', "'''", "'", '"', "(", ")", "[", "]", "{", "}",
         ":", "    ", "\t", "\n", "\r\n", "\r", "\x0c", "\\", "#", ">>> f(1)", "...", "pass",
         "return 1", "assert f(1)", "async ", "import re", "from x import (y", "__test__ = {",
         "\ufeff", "\u2028", "\x00", "🐍", "\ud800", "if TYPE_CHECKING:", "lambda: 0", ";", "=",
         "x", "# Plan:", "# 1. A"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(ANY_TEXT, st.data())
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_without_an_exception(text: str, data: st.DataObject) -> None:
    sites = all_functions(text)
    for example in file_examples(text):
        assert 0 <= example.line <= len(text)
    for task in functions_to_write(text):
        assert task.text == text
        assert text[task.hole.start : task.hole.end] == task.old_body
        try:
            result = splice(task, Candidate("    return 1"))
        except SpliceError:
            continue
        assert result.endswith(task.suffix)
    for site in sites:
        assert text[site.name.start : site.name.end] == site.entry_point.rpartition(".")[2]
        assert site.extent.start <= site.header.start < site.header.end <= site.extent.end
    offset = data.draw(st.integers(0, len(text)))
    with contextlib.suppress(ExtractError):  # a broken header or docstring
        task = task_at(text, offset)
        assert task is None or task.text == text


@given(ANY_TEXT)
@settings(deadline=None, max_examples=300)
def test_any_model_output_is_normalised_to_a_fixed_point(raw: str) -> None:
    assume("\ud800" not in raw)
    body = normalise_body(raw)

    assert "\r" not in body
    assert not body or body.startswith("    ")
    if ast_ok(body):
        assert normalise_body(body, "no_such_name") == body


def ast_ok(body: str) -> bool:
    try:
        ast.parse(f"def f():\n{body}")
    except (SyntaxError, ValueError):
        return False
    return True
