"""Small changes of code: which slips they undo, and what they never do."""

from __future__ import annotations

import ast

import pytest

from codeplan_model.search.mutations import Hints, mutations


def body(*lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (body("return a <= b"), body("return a < b")),
        (body("return a not in b"), body("return a in b")),
        (body("return a + b"), body("return a - b")),
        (body("return a / b"), body("return a // b")),
        (body("return a and b"), body("return a or b")),
        (body("return range(len(a))"), body("return range(len(a) - 1)")),
        (body("return range(a)"), body("return range(1, a + 1)")),
        (body("return a[1:]"), body("return a[0:]")),
        (body("return a % 3"), body("return a % 2")),
        (body("return pow(b, a)"), body("return pow(a, b)")),
        (body("return b - a"), body("return a - b")),
        (body("return min(a, b)"), body("return max(a, b)")),
        (body("return a.lower()"), body("return a.upper()")),
        (body("return sorted(a)"), body("return sorted(a, reverse=True)")),
        (body("return a"), body("return len(a)")),
        (body("return not a"), body("return a")),
        (body("x = a", "if b:", "    x = 1"), body("x = a", "if b:", "    x = 1", "return x")),
        (body("a.sort()"), body("return a.sort()")),
        (
            body("t = 0", "for x in a:", "    t = x", "return t"),
            body("t = 0", "for x in a:", "    t += x", "return t"),
        ),
        (
            body("t = 0", "for x in a:", "    t += x", "    return t"),
            body("t = 0", "for x in a:", "    t += x", "return t"),
        ),
        (
            body("for x in a:", "    if x:", "        t = 1", "        return t"),
            body("for x in a:", "    if x:", "        t = 1", "return t"),
        ),
        (
            body("for x in a:", "    y = x", "b.append(y)"),
            body("for x in a:", "    y = x", "    b.append(y)"),
        ),
        (body("c = 1", "return a + a"), body("c = 1", "return a + b")),
        (body("return a == 'x'"), body("return a == 'y'")),
        (body("return a[0]"), body("if not a:", "    return []", "return a[0]")),
    ],
)
def test_one_change_undoes_a_common_slip(wrong, right):
    hints = Hints(("a", "b"), ("'y'",), ("[]",))

    assert right in list(mutations(wrong, hints))


CODE = body(
    "total = 0  # é, kept as it is",
    "for i in range(len(a)):",
    "    if a[i] > b and a[i] not in (b, 3):",
    '        total += a[i]; print(f"{a[i]!r:>{b}} 🎉", b)',
    "return total",
)


def test_every_change_parses_and_none_comes_twice():
    found = list(mutations(CODE, Hints(("a", "b"), ("7", "'z'"), ("0",))))

    assert len(found) == len(set(found)) > 60
    assert CODE not in found
    for code in found:
        ast.parse("def _(a, b):\n" + code)


def test_comments_and_formatting_stay():
    found = list(mutations(CODE))

    assert all("# é, kept as it is" in code or "total = 0" not in code for code in found)
    assert all('f"{a[i]!r:>{b}} 🎉"' in code for code in found if "print" in code)


def test_an_operator_beside_a_comment_is_left_alone():
    code = body("return (a  # less < than", "    < b)")

    assert all("# less < than" in changed for changed in mutations(code))


@pytest.mark.parametrize("code", ["", "    return (", "return 1", "    x = '\ud800' +"])
def test_code_that_does_not_parse_has_no_changes(code):
    assert list(mutations(code)) == []
