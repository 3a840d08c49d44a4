"""What of the user's files is remembered, and what never is."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from codeplan_model.extract import task_named
from codeplan_model.files import FileError
from codeplan_model.memory import Store, open_for, places, user_path, workspace_of, workspace_path
from codeplan_model.memory.mining import mine, python_files
from codeplan_model.memory.remembering import keep, remember_insertion
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate, Outcome, Plan, Verdict

FILE = '''
TAX = 0.5


def with_tax(prices: list[float]) -> float:
    """Add up the prices
    and put the tax on top.

    >>> with_tax([1.0, 3.0])
    6.0
    """
    # A comment goes along.
    return sum(prices) * (1 + TAX)


def wrong(x):
    """Give two.

    >>> wrong(1)
    2
    """
    return 3


def undocumented(x):
    return x


def login(user):
    """Log in.

    >>> login("ann")
    'ann'
    """
    password = "hunter2hunter2"
    return user


class Cart:
    def __init__(self, lines):
        self.lines = lines

    def total(self) -> int:
        """Add up self.lines.

        >>> Cart([1, 2]).total()
        3
        """
        return sum(self.lines)
'''


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEPLAN_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    (folder / "src" / "cart.py").write_text(FILE)
    return folder


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_functions_whose_doctests_pass_are_remembered_and_the_others_named(shop, sandbox):
    mined = mine(shop / "src" / "cart.py", shop, sandbox)

    assert [e.origin for e in mined.entries] == [
        "src/cart.py::with_tax",
        "src/cart.py::Cart.total",
    ]
    entry = mined.entries[0]
    assert entry.signature == "def with_tax(prices: list[float]) -> float:"
    assert entry.wordings == ("Add up the prices and put the tax on top.",)
    assert entry.code == "    # A comment goes along.\n    return sum(prices) * (1 + TAX)"
    assert entry.examples == (("with_tax([1.0, 3.0])", "6.0"),)
    assert dict(mined.passed_over) == {
        "wrong": "1 of its examples did not pass",
        "login": "it holds what looks like a secret",
    }


@pytest.mark.parametrize(
    "line",
    [
        'token = "abcdefghijklmnop"',
        'self.api_key: str = "abcdefghijklmnop"',
        "x = 'AKIAIOSFODNN7EXAMPLE'",
        "x = '-----BEGIN RSA PRIVATE KEY-----'",
        "x = 'postgres://me:pw1234@host/db'",
        "x = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYabc'",
    ],
)
def test_what_looks_like_a_secret_is_not_remembered(tmp_path, sandbox, line):
    file = tmp_path / "a.py"
    file.write_text(
        f'def f():\n    """F.\n\n    >>> f()\n    1\n    """\n    {line}\n    return 1\n'
    )

    assert mine(file, tmp_path, sandbox).entries == ()
    assert "secret" in mine(file, tmp_path, sandbox).passed_over[0][1]


@pytest.mark.parametrize(
    "name", ["sympy", "more_itertools", "more-itertools", "jaraco.text", "web"]
)
def test_what_is_held_out_for_evaluation_is_refused_by_name(tmp_path, sandbox, name):
    (tmp_path / name).mkdir()
    file = tmp_path / name / "core.py"
    file.write_text(FILE)

    mined = mine(file, tmp_path, sandbox)

    assert mined.entries == ()
    assert "held out" in mined.passed_over[0][1]


def test_the_standard_library_is_refused(sandbox):

    mined = mine(Path(textwrap.__file__), None, sandbox)

    assert "standard library" in mined.passed_over[0][1]


def test_files_that_are_too_large_or_no_text_are_said(tmp_path, sandbox):
    (tmp_path / "large.py").write_text("#" * 1_000_001)
    (tmp_path / "binary.py").write_bytes(b"\0\1")

    assert "bytes" in mine(tmp_path / "large.py", tmp_path, sandbox).passed_over[0][1]
    assert "binary" in mine(tmp_path / "binary.py", tmp_path, sandbox).passed_over[0][1]


def test_folders_are_walked_without_links_environments_and_hidden_ones(tmp_path):
    for place in ("a.py", "pkg/b.py", ".hidden/c.py", "build/d.py", "my-env/lib/e.py"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    (tmp_path / "my-env" / "pyvenv.cfg").touch()
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    (tmp_path / "loop").symlink_to(tmp_path)

    assert [f.relative_to(tmp_path).as_posix() for f in python_files(tmp_path)] == [
        "a.py",
        "pkg/b.py",
    ]
    with pytest.raises(FileError, match="no such"):
        list(python_files(tmp_path / "none"))


def test_a_file_that_changed_is_learnt_anew(shop, sandbox, tmp_path):
    file = shop / "src" / "cart.py"
    with Store(tmp_path / "m.sqlite") as store:
        assert keep(store, mine(file, shop, sandbox)) == 2
        assert keep(store, mine(file, shop, sandbox)) == 0
        file.write_text(FILE.split("class Cart")[0].replace("* (1 + TAX)", "* (TAX + 1)"))
        assert keep(store, mine(file, shop, sandbox)) == 1

        assert [f.entry.origin for f in store.entries()] == ["src/cart.py::with_tax"]
        assert "(TAX + 1)" in store.entries()[0].entry.code


def test_the_workspace_is_the_nearest_folder_that_looks_like_one(shop, tmp_path):
    assert workspace_of(shop / "src" / "cart.py") == shop
    assert workspace_of(tmp_path / "loose.py") == tmp_path
    # One that has a memory already counts as well.
    with Store(workspace_path(shop / "src")):
        pass
    assert workspace_of(shop / "src" / "cart.py") == shop / "src"


def test_workspaces_of_the_same_name_have_memories_of_their_own(tmp_path, data):
    one, other = workspace_path(tmp_path / "a" / "shop"), workspace_path(tmp_path / "b" / "shop")

    assert one != other
    assert one.parent == other.parent == data / "workspaces"
    assert one.name.startswith("shop-")


def test_a_search_opens_the_workspaces_memory_then_the_users_then_the_shipped_one(shop):
    file = shop / "src" / "cart.py"
    for path in (workspace_path(shop), user_path()):
        with Store(path):
            pass

    with open_for(file) as opened:
        assert [s.path for s in opened.stores] == [
            workspace_path(shop),
            user_path(),
            places.SHIPPED,
        ]
    with open_for(file, own=False) as opened:
        assert [s.path for s in opened.stores] == [places.SHIPPED]


def test_a_damaged_memory_of_the_users_is_a_complaint_and_no_end(shop, data):
    data.mkdir()
    user_path().write_bytes(b"not a database" * 100)

    with open_for(shop / "src" / "cart.py") as opened:
        assert [s.path for s in opened.stores] == [places.SHIPPED]
    (complaint,) = opened.complaints
    assert "codeplan memory repair" in complaint
    assert "goes on without it" in complaint


def verdict(task, code, outcome=Outcome.PASSED):
    plan = Plan(("Take two.",))
    return Verdict(Candidate(code, plan), outcome, len(task.examples), len(task.examples))


@pytest.mark.parametrize("everywhere", [False, True])
def test_an_accepted_insertion_is_remembered_with_its_plan(shop, everywhere):
    file = shop / "src" / "two.py"
    text = 'def two():\n    """Give two.\n\n    >>> two()\n    2\n    """\n    ...\n'
    task = task_named(text, "two", str(file))

    assert remember_insertion(task, verdict(task, "    return 2"), everywhere=everywhere)
    assert remember_insertion(task, verdict(task, "    return 1 + 1"), everywhere=everywhere)

    path = user_path() if everywhere else workspace_path(shop)
    with Store(path, read_only=True) as store:
        (found,) = store.entries()
    assert (found.entry.code, found.entry.steps) == ("    return 1 + 1", ("Take two.",))
    assert found.entry.origin == (f"{file.as_posix()}::two" if everywhere else "src/two.py::two")


def test_what_did_not_pass_or_may_not_be_remembered_is_not(shop, tmp_path):
    text = 'def two():\n    """Give two.\n\n    >>> two()\n    2\n    """\n    ...\n'
    task = task_named(text, "two", str(shop / "two.py"))
    held_out = task_named(text, "two", str(tmp_path / "sympy" / "two.py"))
    unsaved = task_named(text, "two")

    assert not remember_insertion(task, verdict(task, "    return 2", Outcome.UNTESTED))
    assert not remember_insertion(task, verdict(task, "    password = 'abcdefgh'\n    return 2"))
    assert not remember_insertion(held_out, verdict(held_out, "    return 2"))
    assert not remember_insertion(unsaved, verdict(unsaved, "    return 2"))
    assert not workspace_path(shop).exists()
