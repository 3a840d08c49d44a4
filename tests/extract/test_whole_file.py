"""file_examples: what `codeplan check` runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import sys
from pathlib import Path

import networkx
import pytest

from codeplan_model.extract import file_examples
from codeplan_model.values import ExampleKind

SOURCE = '''\
"""Module.

>>> b()
1
"""

__test__ = {"extra": """
>>> 5
5
"""}


def b():
    """
    >>> 4
    4
    """

    def inner():
        """
        >>> "not found by doctest"
        """


class A:
    """
    >>> 1
    1
    """

    @property
    def p(self):
        """
        >>> 3
        3
        """

    @p.setter
    def p(self, value):
        """
        >>> "setter"
        """

    class In:
        """
        >>> 2
        2
        """


def replaced():
    """
    >>> "old"
    """


def replaced():
    """
    >>> 6
    6
    """


@overload
def b():
    """
    >>> "overload"
    """


if __name__ == "__main__":

    def late():
        """
        >>> "not on import"
        """

    assert b() == 1

assert True
'''


def test_the_examples_of_a_file_are_those_of_doctest_in_its_order_then_asserts() -> None:
    found = [example.source.strip() for example in file_examples(SOURCE, "m.py")]

    assert found == ["b()", "1", "2", "3", "5", "4", "6", "assert b() == 1", "assert True"]


def test_a_broken_file_still_has_examples() -> None:
    source = SOURCE.replace("def b", "x = (\n\ndef b", 1)

    found = [example.source.strip() for example in file_examples(source, "m.py")]

    assert "assert b() == 1" in found
    assert {"1", "2", "3", "4", "5", "6"} <= set(found)


def test_a_file_without_examples_has_none() -> None:
    assert file_examples("x = 1\n") == []


MODULES = [
    f"networkx.{name}"
    for name in (
        "algorithms.dag",
        "algorithms.cycles",
        "algorithms.shortest_paths.weighted",
        "algorithms.centrality.betweenness",
        "algorithms.tree.mst",
        "classes.graph",
        "classes.digraph",
        "classes.function",
        "convert_matrix",
        "generators.classic",
        "utils.misc",
        "utils.union_find",
    )
]


@pytest.mark.parametrize("name", MODULES)
def test_third_party_files_have_the_examples_that_doctest_finds(name: str) -> None:
    module = importlib.import_module(name)
    path = Path(str(module.__file__))
    tests = sorted(doctest.DocTestFinder().find(module))
    expected = [(e.source, e.want, e.exc_msg) for test in tests for e in test.examples]

    examples = file_examples(path.read_text(encoding="utf-8"), str(path))

    found = [
        (e.source, e.want, None if e.exc_msg is None else e.exc_msg + "\n")
        for e in examples
        if e.kind is ExampleKind.DOCTEST
    ]
    assert found == expected
    assert len(found) > 3


def test_lines_are_those_of_the_prompts() -> None:
    path = Path(str(sys.modules["networkx"].__file__)).parent / "algorithms" / "dag.py"
    text = path.read_text(encoding="utf-8")

    for example in file_examples(text, str(path)):
        assert example.source.split("\n")[0] in text.split("\n")[example.line]


def test_the_modules_that_are_compared_exist() -> None:
    names = {module.name for module in pkgutil.walk_packages(networkx.__path__, "networkx.")}

    assert set(MODULES) <= names
