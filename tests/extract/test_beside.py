"""Tests in other files that check a function."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeplan_model.extract import find_tests, functions_to_write, task_at, task_named
from codeplan_model.values import ExampleKind

CART = """\
def total(items): ...

class Cart:
    def __init__(self, items): ...
    def size(self): ...

def helper(x): ...
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with a package and the file cart.py in it."""
    (tmp_path / "pyproject.toml").touch()
    package = tmp_path / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "cart.py").write_text(CART)
    return tmp_path


def found_for(root: Path, name: str) -> list[str]:
    path = str(root / "src" / "shop" / "cart.py")
    return [f"{e.origin} {e.name}" for e in find_tests(path, [name]).get(name, ())]


PLACES = [
    "src/shop/test_cart.py",
    "src/shop/cart_test.py",
    "src/shop/tests/test_cart.py",
    "src/tests/test_it.py",
    "tests/test_cart.py",
    "tests/unit/deep/test_cart.py",
    "test/test_cart.py",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_test_is_found_at(place: str, shop: Path) -> None:
    file = shop / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("from shop.cart import total\n\ndef test_a():\n    assert total([]) == 0\n")

    assert found_for(shop, "total") == [f"{file.name}:3 test_a"]


@pytest.mark.parametrize(
    "place", ["tests/cart.py", "src/test_cart.py", "other/test_cart.py", "tests/.x/test_cart.py"]
)
def test_a_test_is_not_looked_for_at(place: str, shop: Path) -> None:
    file = shop / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("from shop.cart import total\n\ndef test_a():\n    assert total([]) == 0\n")

    assert found_for(shop, "total") == []


def test_the_search_does_not_leave_the_project(shop: Path) -> None:
    inner = shop / "src" / "setup.cfg"
    inner.touch()
    file = shop / "tests" / "test_cart.py"
    file.parent.mkdir()
    file.write_text("from shop.cart import total\n\ndef test_a():\n    assert total([]) == 0\n")

    assert found_for(shop, "total") == []


TOTAL = "from cart import total\n"
HELPER = "from cart import helper\n"
CLASS = "from cart import Cart\n"

# (what, test module, function, tests)
MODULES = [
    ("from", "from shop.cart import total\ndef test_a(): total(1)\n", "total", "test_a"),
    ("from as", "from shop.cart import total as t\ndef test_a(): t(1)\n", "total", "test_a"),
    ("short module", TOTAL + "def test_a(): total(1)\n", "total", "test_a"),
    ("import", "import shop.cart\ndef test_a(): shop.cart.total(1)\n", "total", "test_a"),
    ("import as", "import shop.cart as c\ndef test_a(): c.total(1)\n", "total", "test_a"),
    ("from package", "from shop import cart\ndef test_a(): cart.total(1)\n", "total", "test_a"),
    ("star", "from shop.cart import *\ndef test_a(): total(1)\n", "total", "test_a"),
    (
        "import in the test",
        "def test_a():\n    from shop.cart import total\n    total(1)\n",
        "total",
        "test_a",
    ),
    ("another module", "from x.cart import total\ndef test_a(): total(1)\n", "total", ""),
    ("another function", HELPER + "def test_a(): helper(1)\n", "total", ""),
    ("imported, not called", TOTAL + "def test_a(): assert total\n", "total", ""),
    ("not a test", TOTAL + "def check_a(): total(1)\n", "total", ""),
    (
        "only those that call",
        TOTAL + HELPER + "def test_a(): total(1)\ndef test_b(): helper(1)\n",
        "total",
        "test_a",
    ),
    ("async", TOTAL + "async def test_a(): total(1)\n", "total", "test_a"),
    (
        "class",
        TOTAL + "class TestA:\n    def test_a(self): total(1)\n    def b(self): total(1)\n",
        "total",
        "TestA::test_a",
    ),
    (
        "unittest",
        TOTAL + "class A(unittest.TestCase):\n    def test_a(self): total(1)\n",
        "total",
        "A::test_a",
    ),
    (
        "setUp",
        CLASS
        + "class TestA:\n    def setUp(self):\n        self.c = Cart(1)\n"
        + "    def test_a(self): self.c.size()\n",
        "Cart.size",
        "TestA::test_a",
    ),
    (
        "helper",
        TOTAL + "def run(x): return total(x)\ndef test_a(): run(1)\n",
        "total",
        "test_a",
    ),
    (
        "fixture",
        CLASS + "@pytest.fixture\ndef c(): return Cart(1)\ndef test_a(c): c.size()\n",
        "Cart.size",
        "test_a",
    ),
    (
        "parametrize",
        TOTAL + "@pytest.mark.parametrize('x', [total(1)])\ndef test_a(x): pass\n",
        "total",
        "test_a",
    ),
    (
        "method",
        CLASS + "def test_a(): Cart(1).size()\ndef test_b(): [].size()\n",
        "Cart.size",
        "test_a",
    ),
    ("constructor", CLASS + "def test_a(): Cart(1)\n", "Cart.__init__", "test_a"),
    (
        "method by module",
        "import cart\ndef test_a(): cart.Cart(1).size()\n",
        "Cart.size",
        "test_a",
    ),
    (
        "method by dotted module",
        "import shop.cart\ndef test_a(): shop.cart.Cart(1).size()\n",
        "Cart.size",
        "test_a",
    ),
    ("does not parse", TOTAL + "def test_a(: total(1)\n", "total", ""),
    ("nested function", TOTAL + "def test_a(): total(1)\n", "total.<locals>.x", ""),
]


@pytest.mark.parametrize(
    ("module", "name", "expected"), [case[1:] for case in MODULES], ids=[c[0] for c in MODULES]
)
def test_the_tests_that_use_a_function(module: str, name: str, expected: str, shop: Path) -> None:
    file = shop / "tests" / "test_cart.py"
    file.parent.mkdir()
    file.write_text(module)

    assert [found.split()[1] for found in found_for(shop, name)] == expected.split()


def test_a_relative_import_is_followed(shop: Path) -> None:
    tests = shop / "src" / "shop" / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text("from ..cart import total\ndef test_a(): total(1)\n")
    (tests / "test_b.py").write_text("from .. import cart\ndef test_b(): cart.total(1)\n")

    assert found_for(shop, "total") == ["test_a.py:2 test_a", "test_b.py:2 test_b"]


def test_a_package_is_imported_by_its_own_name(shop: Path) -> None:
    (shop / "src" / "shop" / "__init__.py").write_text("def total(items): ...\n")
    (shop / "tests").mkdir()
    (shop / "tests" / "test_a.py").write_text("from shop import total\ndef test_a(): total(1)\n")

    found = find_tests(str(shop / "src" / "shop" / "__init__.py"), ["total"])

    assert [example.name for example in found["total"]] == ["test_a"]


def test_a_task_has_the_tests_after_its_own_examples(shop: Path) -> None:
    path = shop / "src" / "shop" / "cart.py"
    text = CART + "\nassert total([]) == 0\n"
    test_text = "from shop.cart import total\n\ndef test_a():\n    assert total([]) == 0\n"
    (shop / "tests").mkdir()
    (shop / "tests" / "test_cart.py").write_text(test_text)

    task = task_named(text, "total", str(path))
    own, beside = task.examples

    assert own.kind is ExampleKind.ASSERT
    assert (beside.kind, beside.source, beside.name) == (ExampleKind.TEST, test_text, "test_a")
    assert (beside.origin, beside.line) == ("test_cart.py:3", 2)
    assert beside.group == "../../tests/test_cart.py"
    assert task == functions_to_write(text, str(path))[0] == task_at(text, 5, str(path))
    assert task_named(text, "total", str(path), with_tests=False).examples == (own,)


def test_a_path_that_does_not_exist_has_no_tests(shop: Path) -> None:
    assert find_tests(str(shop / "src" / "shop" / "none.py"), ["total"]) == {}


def test_unreadable_test_files_are_passed_over(shop: Path) -> None:
    tests = shop / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_bytes(b"from shop.cart import total\xff\xfe\n")
    (tests / "test_b.py").mkdir()
    (tests / "test_c.py").write_text(
        "from cart import total\ndef test_c(): total(1)\n" + "#" * 600_000
    )
    (tests / "test_d.py").write_text("from cart import total\ndef test_d(): total(1)\n")

    assert found_for(shop, "total") == ["test_d.py:2 test_d"]
