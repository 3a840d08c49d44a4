"""normalise_body: whatever a model wrote becomes a canonical body."""

from __future__ import annotations

import pytest

from codeplan_model.extract import normalise_body

HELPER = "    def g(y):\n        return y\n    return g(x)"
BODY = "    if x:\n        return 1\n    return 2"

# (what, raw text, canonical body)
CASES = [
    ("canonical", BODY, BODY),
    ("newline at the end", BODY + "\n\n", BODY),
    ("newline at the beginning", "\n\n" + BODY, BODY),
    ("no indentation", "if x:\n    return 1\nreturn 2\n", BODY),
    ("two spaces", "  if x:\n    return 1\n  return 2\n", BODY),
    ("two spaces from the margin", "if x:\n  return 1\nreturn 2\n", BODY),
    ("tabs", "\tif x:\n\t\treturn 1\n\treturn 2\n", BODY),
    ("tabs from the margin", "if x:\n\treturn 1\nreturn 2\n", BODY),
    ("three and five", "   if x:\n        return 1\n   return 2\n", BODY),
    ("eight", "        if x:\n            return 1\n        return 2\n", BODY),
    ("CRLF", BODY.replace("\n", "\r\n"), BODY),
    ("CR", BODY.replace("\n", "\r"), BODY),
    ("first line without its indentation", "if x:\n        return 1\n    return 2", BODY),
    ("plain first line without it", "y = 1\n    return y", "    y = 1\n    return y"),
    ("first line with too much", "        y = 1\n    return y", "    y = 1\n    return y"),
    ("fenced", "```python\nif x:\n    return 1\nreturn 2\n```\n", BODY),
    ("fenced, with prose", f"Here it is:\n\n```py\n{BODY}\n```\nIt returns.\n", BODY),
    ("fenced, no end", f"```\n{BODY}", BODY),
    ("closing fence only", f"{BODY}\n```\nDone.", BODY),
    ("tildes", f"~~~\n{BODY}\n~~~", BODY),
    ("repeated header", f"def f(x):\n{BODY}\n", BODY),
    (
        "repeated header and docstring",
        f'def f(x):\n    """Doc.\n\n    More.\n    """\n{BODY}\n',
        BODY,
    ),
    ("repeated header over lines", f"def f(\n    x: int = 1,\n) -> int:\n{BODY}\n", BODY),
    ("repeated header, one line", "def f(x): return 1", "    return 1"),
    ("repeated header, decorated", f"@cache\ndef f(x):\n{BODY}\n", BODY),
    (
        "repeated header in a class",
        "class C:\n    def f(self):\n        return 1\n",
        "    return 1",
    ),
    ("repeated header, indented", "    def f(self):\n        return 1\n", "    return 1"),
    ("repeated header, async", "async def f(x):\n    await x\n", "    await x"),
    ("repeated header, then a call", f"def f(x):\n{BODY}\n\nprint(f(1))\n", BODY),
    ("repeated header, then another", f"def f(x):\n{BODY}\n\ndef g(x):\n    return 3\n", BODY),
    (
        "repeated header after imports",
        f"import re\n\ndef f(x):\n{BODY}\n",
        "    import re\n" + BODY,
    ),
    ("repeated docstring", f'    """Doc."""\n{BODY}', BODY),
    (
        "repeated docstring, comments",
        f'    "Doc."  # doc\n    # then\n{BODY}',
        f"    # then\n{BODY}",
    ),
    ("text after the function", f"{BODY}\n\nThis returns 2.", BODY),
    ("text after the function, indented", f"{BODY}\n    This is wrong too", BODY),
    ("another function after it", f"{BODY}\n\ndef g():\n    pass\n", BODY),
    ("another function after it, no margin", "return x\n\ndef g():\n    pass\n", "    return x"),
    ("checks after it", f"{BODY}\nassert f(1) == 1\n", BODY),
    ("cut off in a line", f"{BODY}\n    return (1,", BODY),
    ("cut off in a block", f"{BODY}\n    for y in x:", BODY),
    ("cut off in a string", f'{BODY}\n    y = """abc', BODY),
    ("helper inside", HELPER, HELPER),
    ("helper inside, no margin", "def g(y):\n    return y\nreturn g(x)", HELPER),
    (
        "strings keep their text",
        '  if x:\n    return """a\n b\n   c"""\n',
        '    if x:\n        return """a\n b\n   c"""',
    ),
    ("fence in a string", '    return """\n```\n"""', '    return """\n```\n"""'),
    (
        "brackets move along",
        "  y = [\n    1,\n  ]\n  return y",
        "    y = [\n      1,\n    ]\n    return y",
    ),
    (
        "tab brackets move along",
        "\ty = [\n\t\t1,\n\t]\n\treturn y",
        "    y = [\n        1,\n    ]\n    return y",
    ),
    (
        "comments",
        "  # a\n  if x:\n    # b\n    y = 1\n  # c\n",
        "    # a\n    if x:\n        # b\n        y = 1\n    # c",
    ),
    ("comment at the margin", "    y = 1\n# c\n    return y", "    y = 1\n    # c\n    return y"),
    ("blank lines inside", "    y = 1\n\n  \n    return y", "    y = 1\n\n\n    return y"),
    ("semicolons", "y = 1; return y", "    y = 1; return y"),
    ("form feed", "\x0c    return 1", "    return 1"),
    ("BOM", "\ufeffreturn 1", "    return 1"),
    ("line separator in a string", "return 'a\u2028b'", "    return 'a\u2028b'"),
    ("emoji", "return '🐍'", "    return '🐍'"),
    ("generics", f"def f[T](x: T) -> T:\n{BODY}\n", BODY),
    ("nothing", "", ""),
    ("white space", " \n\t\n", ""),
    ("docstring only", '    """Doc."""\n', ""),
    ("empty fence", "```python\n```", ""),
    ("placeholder", "pass", "    pass"),
]


@pytest.mark.parametrize(("raw", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_raw_body_becomes_canonical(raw: str, expected: str) -> None:
    assert normalise_body(raw) == expected


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_a_canonical_body_stays_as_it_is(case: tuple[str, str, str]) -> None:
    assert normalise_body(case[2]) == case[2]


def test_what_can_not_be_read_comes_back_for_the_judge() -> None:
    assert normalise_body("The sum of the items is returned.") == (
        "    The sum of the items is returned."
    )


def test_with_its_name_known_only_the_function_itself_is_a_repeated_header() -> None:
    inner = "    @register\n    def callback(x):\n        return x"

    assert normalise_body(inner, name="f") == inner
    assert (
        normalise_body("def g():\n    pass\n\ndef f(x):\n    return 1\n", name="f")
        == "    return 1"
    )
