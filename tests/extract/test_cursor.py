"""task_at and task_named: which function is meant."""

from __future__ import annotations

import pytest

from codeplan_model.extract import ExtractError, task_at, task_named

# The cursor is $0. (what, source, expected function or None)
CURSORS = [
    ("on the name", "def f$0oo(x):\n    ...\n", "foo"),
    ("before the def", "$0def foo(x):\n    ...\n", "foo"),
    ("in the parameters", "def foo(\n    x$0,\n):\n    ...\n", "foo"),
    ("after the colon", "def foo(x):$0\n    ...\n", "foo"),
    ("in the docstring", 'def foo(x):\n    """Do$0c."""\n', "foo"),
    ("in the body", "def foo(x):\n    retu$0rn x\n", "foo"),
    ("at the end of the body", "def foo(x):\n    return x$0\n", "foo"),
    ("in the indentation", "def foo(x):\n  $0  return x\n", "foo"),
    ("on a decorator", "@de$0co(1)\ndef foo(x):\n    ...\n", "foo"),
    ("before a decorator", "$0@deco\n@other\ndef foo(x):\n    ...\n", "foo"),
    ("on a blank line inside", "def foo(x):\n    y = 1\n$0\n    return y\n", "foo"),
    ("on a comment inside", "def foo(x):\n    # n$0ote\n    return y\n", "foo"),
    ("on a comment after the body", "def foo(x):\n    return 1\n    # n$0ote\n", "foo"),
    ("on the blank line after an empty one", "def foo(x):\n    ...\n$0\n\ny = 1\n", "foo"),
    ("on the indented blank line after", 'def foo(x):\n    """Doc."""\n    $0\n\ny = 1\n', "foo"),
    ("at the end of the text", "def foo(x):\n    ...\n$0", "foo"),
    ("at the end of the text, header only", "def foo(x):\n    $0", "foo"),
    ("two blank lines after", "def foo(x):\n    ...\n\n$0\ny = 1\n", None),
    ("on the blank line after a written one", "def foo(x):\n    return 1\n$0\n\ny = 1\n", None),
    ("on the code after", "def foo(x):\n    ...\ny$0 = 1\n", None),
    ("on the code after, same column", "def foo(x):\n    ...\n$0y = 1\n", None),
    ("on the comment above", "# a$0bove\ndef foo(x):\n    ...\n", None),
    ("on the class line", "class C$0:\n    def m(self): ...\n", None),
    ("in the class docstring", 'class C:\n    """D$0oc."""\n    def m(self): ...\n', None),
    ("in a method", "class C:\n    def m(self):\n        retu$0rn 1\n", "C.m"),
    ("between methods", "class C:\n    def m(self): ...\n$0\n    def n(self): ...\n", "C.m"),
    ("in the second method", "class C:\n    def m(self): ...\n\n    def n(self)$0: ...\n", "C.n"),
    ("in an inner one", "def f():\n    def g():\n        .$0..\n    return g\n", "f.<locals>.g"),
    ("after the inner function", "def f():\n    def g():\n        ...\n    return g$0\n", "f"),
    ("one line", "def f(x): .$0..\n", "f"),
    ("behind one line", "def f(x): ...  # no$0te\n", "f"),
    ("emoji before", "s = '🐍🐍🐍'\ndef f(x): $0...\n", "f"),
    ("CRLF", "def f(x):\r\n    ...$0\r\n", "f"),
    ("in a broken file", "x = (\n\ndef f(x):\n    ..$0.\n", "f"),
    ("in a broken body", "def f(x):\n    y = (1,\n    z$0\n\ndef g(): ...\n", "f"),
    ("no function", "x$0 = 1\n", None),
    ("empty text", "$0", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("marked", "expected"), [case[1:] for case in CURSORS], ids=[case[0] for case in CURSORS]
)
def test_the_function_at_the_cursor(marked: str, expected: str | None, at_cursor) -> None:
    task = task_at(*at_cursor(marked))

    assert (task.entry_point if task else None) == expected


@pytest.mark.parametrize("offset", [-1, 6])
def test_an_offset_outside_of_the_text_is_an_error(offset: int) -> None:
    with pytest.raises(ExtractError, match="outside the text of 5 characters"):
        task_at("x = 1", offset)


def test_a_header_without_a_colon_is_an_error_in_words(at_cursor) -> None:
    with pytest.raises(ExtractError, match=r"header of total \(line 3\) has no colon"):
        task_at(*at_cursor("x = 1\n\ndef total(items)$0\n    return 1\n"))


def test_a_header_that_does_not_parse_is_an_error_in_words(at_cursor) -> None:
    with pytest.raises(ExtractError, match=r"header of total \(line 1\) does not parse: "):
        task_at(*at_cursor("def total(items, 1):$0\n    ...\n"))


def test_a_docstring_that_is_not_closed_is_an_error_in_words(at_cursor) -> None:
    marked = 'def total(items):\n    """Sum of$0\n    x = 1\n\ndef other():\n    ...\n'

    with pytest.raises(ExtractError, match=r"docstring of total \(line 2\) is not closed"):
        task_at(*at_cursor(marked))


SHOP = (
    "def total(items): ...\n\n"
    "class Cart:\n    def total(self): ...\n    def add(self, x): ...\n\n"
    "class Order:\n    def total(self): ...\n\n"
    "def outer():\n    def inner(): ...\n    return inner\n"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total", "total"),
        ("Cart.total", "Cart.total"),
        ("Order.total", "Order.total"),
        ("add", "Cart.add"),
        ("inner", "outer.<locals>.inner"),
        ("outer.<locals>.inner", "outer.<locals>.inner"),
    ],
)
def test_a_function_by_name(name: str, expected: str) -> None:
    assert task_named(SHOP, name).entry_point == expected


def test_an_unknown_name_lists_near_ones() -> None:
    with pytest.raises(ExtractError, match=r"no function 'totl'.*did you mean 'total'"):
        task_named(SHOP, "totl")


def test_an_unknown_method_lists_near_ones() -> None:
    with pytest.raises(ExtractError, match=r"did you mean .*'Cart\.add'"):
        task_named(SHOP, "Cart.ad")


def test_a_name_that_is_like_no_other_lists_all() -> None:
    with pytest.raises(ExtractError, match=r"no function 'xyz' in this file; it has total, Cart"):
        task_named(SHOP, "xyz")


def test_a_plain_name_of_several_methods_asks_for_the_qualified_one() -> None:
    source = SHOP.replace("def total(items): ...\n", "")

    with pytest.raises(ExtractError, match=r"not unique.*'Cart\.total' or 'Order\.total'"):
        task_named(source, "total")


def test_a_file_without_functions_says_so() -> None:
    with pytest.raises(ExtractError, match="no functions in this file"):
        task_named("x = 1\n", "total")


def test_of_a_getter_and_a_setter_the_one_to_write_is_meant() -> None:
    source = (
        "class C:\n    @property\n    def x(self):\n        return 1\n\n"
        "    @x.setter\n    def x(self, value):\n        ...\n"
    )

    assert task_named(source, "C.x").header == "def x(self, value):"


def test_of_overloads_the_implementation_is_meant() -> None:
    stubs = "@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\n"
    source = stubs + "def f(x):\n    return x\n"

    assert task_named(source, "f").header == "def f(x):"
