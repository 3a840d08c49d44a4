"""Running functions of a test module: pytest's style and unittest's.

The module is executed once per run. What it can't find in here (other files, conftest fixtures,
temporary folders) makes the test "not judged".
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import importlib
import importlib.util
import inspect
import io
import os
import sys
import types
import unittest

from . import asserts, shim
from .statements import NotJudged


def run_tests(group: dict, module: types.ModuleType, runner) -> None:
    """Run a group's tests. group: "source" is the test module, each example's "name" a test."""
    note: list[str] = []
    loaded: dict = {}
    for example in group["examples"]:

        def work(found: list, name=example["name"]) -> None:
            note.clear()
            if not loaded:
                loaded["module"] = _load(group["source"], module, note, runner)
            try:
                _run(loaded["module"], name)
            finally:
                found.extend(note)

        runner.run(example, work)


def _load(source: str, module: types.ModuleType, note: list, runner) -> types.ModuleType:
    sys.modules["pytest"] = shim.make()
    name = f"test_{module.__name__}"
    tests = types.ModuleType(name)
    tests.__file__ = f"{name}.py"
    sys.modules[name] = tests
    tree = ast.parse(source, f"{name}.py")
    _import_from(tree, module)
    asserts.explain(tree, vars(tests), note)
    try:
        exec(compile(tree, f"{name}.py", "exec", dont_inherit=True), vars(tests))
    except ModuleNotFoundError as error:
        if runner.is_candidates(error):
            raise
        raise NotJudged(f"needs the module {error.name}") from None
    except shim.Skipped as reason:
        raise NotJudged(f"skips itself: {reason}") from None
    return tests


def _import_from(tree: ast.Module, module: types.ModuleType) -> None:
    """Let the test module's imports find the file under judgement, whatever its package there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if name.rpartition(".")[2] == module.__name__:
                node.module, node.level = module.__name__, 0
            elif any(alias.name == module.__name__ for alias in node.names):
                _register(("." * node.level + name).lstrip(".") or "_package", module)
                node.module, node.level = name or "_package", 0
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parent, _, last = alias.name.rpartition(".")
                if parent and last == module.__name__:
                    _register(parent, module)


def _register(parent: str, module: types.ModuleType) -> None:
    """Make `parent.module` importable, with empty packages where there are none."""
    parts = parent.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        if name not in sys.modules and not _exists(name):
            package = types.ModuleType(name)
            package.__path__ = []
            sys.modules[name] = package
            if depth > 1:
                setattr(sys.modules[".".join(parts[: depth - 1])], parts[depth - 1], package)
    sys.modules[f"{parent}.{module.__name__}"] = module
    setattr(importlib.import_module(parent), module.__name__, module)


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _run(tests: types.ModuleType, name: str) -> None:
    class_name, _, function_name = name.rpartition("::")
    owner = vars(tests).get(class_name) if class_name else None
    if class_name and not isinstance(owner, type):
        raise NotJudged(f"has no class {class_name} when executed")
    if owner is not None and issubclass(owner, unittest.TestCase):
        _run_case(owner, function_name)
        return
    function = getattr(owner or tests, function_name, None)
    if function is None:
        raise NotJudged(f"has no function {function_name} when executed")
    marks = [
        *_marks(tests),
        *(_marks(owner) if owner is not None else []),
        *_marks(function),
    ]
    ran = False
    try:
        for values, own_marks in _parameter_sets(marks):
            if _skip_reason([*marks, *own_marks]) is None:
                _run_once(tests, owner, function_name, values, [*marks, *own_marks])
                ran = True
    except shim.Skipped as reason:
        raise NotJudged(f"skips itself: {reason}") from None
    if not ran:
        raise NotJudged(f"skips itself: {_skip_reason(marks) or 'no parameters'}")


def _run_case(owner: type, name: str) -> None:
    result = unittest.TestResult()
    owner(name).run(result)  # type: ignore[operator]
    if result.skipped:
        raise NotJudged(f"skips itself: {result.skipped[0][1]}")
    problems = [*result.failures, *result.errors]
    if problems:
        lines = problems[0][1].strip().splitlines()
        if any("PermissionError" in line or "No such file" in line for line in lines[-1:]):
            raise OSError(lines[-1])
        raise AssertionError(lines[-1])
    if result.unexpectedSuccesses:
        raise AssertionError("expected to fail, yet passed")


def _marks(value) -> list:
    marks = vars(value).get("pytestmark", []) if hasattr(value, "__dict__") else []
    return marks if isinstance(marks, list) else [marks]


def _skip_reason(marks: list) -> str | None:
    for mark in marks:
        if mark.name == "skip" or (mark.name == "skipif" and mark.args and mark.args[0]):
            return str(mark.kwargs.get("reason", "marked skip"))
    return None


def _parameter_sets(marks: list) -> list:
    """Every combination of the parametrize marks: (values by name, further marks)."""
    sets: list = [({}, [])]
    for mark in [m for m in marks if m.name == "parametrize"]:
        names, rows = mark.args[0], mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]
        if isinstance(names, str):
            names = [n.strip() for n in names.split(",") if n.strip()]
        choices = []
        for row in rows:
            own = row.marks if isinstance(row, shim.Param) else []
            if isinstance(row, shim.Param):
                values = list(row.values)
            else:
                values = list(row) if len(names) > 1 else [row]
            if len(values) != len(names):
                raise AssertionError(f"parametrize gives {len(values)} values for {names}")
            choices.append((dict(zip(names, values, strict=True)), own))
        sets = [({**a, **b}, [*m, *n]) for a, m in sets for b, n in choices]
    return sets


def _run_once(tests, owner, name: str, values: dict, marks: list) -> None:
    expected_failure = next((m for m in marks if m.name == "xfail"), None)
    with contextlib.ExitStack() as stack:
        instance = owner() if owner is not None else None
        fixtures = _Fixtures(tests, instance, values, stack)
        for setup, teardown in (("setup_method", "teardown_method"), ("setup", "teardown")):
            if instance is not None and hasattr(instance, setup):
                _call_setup(getattr(instance, setup))
            if instance is not None and hasattr(instance, teardown):
                stack.callback(_call_setup, getattr(instance, teardown))
        fixtures.use_automatic()
        for mark in marks:
            if mark.name == "usefixtures":
                for wanted in mark.args:
                    fixtures.get(wanted)
        function = getattr(instance if instance is not None else tests, name)
        arguments = {p: fixtures.get(p) for p in _needed(function)}
        try:
            result = function(**arguments)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except (NotJudged, shim.Skipped):
            raise
        except Exception:
            if expected_failure is None:
                raise
        else:
            if expected_failure is not None and expected_failure.kwargs.get("strict"):
                raise AssertionError("expected to fail, yet passed")


def _call_setup(method) -> None:
    if inspect.signature(method).parameters:
        method(None)
    else:
        method()


def _needed(function) -> list[str]:
    return [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]


class _Fixtures:
    """Finds and builds the fixtures of one test."""

    def __init__(self, tests, instance, values: dict, stack: contextlib.ExitStack) -> None:
        self._values = dict(values)
        self._stack = stack
        self._instance = instance
        self._known: dict[str, tuple] = {}
        owners = [(tests, None)]
        if instance is not None:
            owners.append((type(instance), instance))
        for place, bound in owners:
            for found in vars(place).values():
                if isinstance(found, shim.Fixture):
                    self._known[found.name] = (found, bound)

    def use_automatic(self) -> None:
        for name, (found, _) in list(self._known.items()):
            if found.autouse:
                self.get(name)

    def get(self, name: str):
        if name in self._values:
            return self._values[name]
        if name in self._known:
            value = self._build(*self._known[name])
        elif name in _BUILT_IN:
            value = self._stack.enter_context(_BUILT_IN[name]())
        else:
            raise NotJudged(f"needs the fixture {name}")
        self._values[name] = value
        return value

    def _build(self, found: shim.Fixture, bound):
        if found.params is not None and len(found.params) > 1:
            raise NotJudged(f"needs the fixture {found.name}, which has several values")
        arguments = {}
        names = [n for n in _needed(found.function) if n != "self" or bound is None]
        for name in names:
            if name == "request":
                param = found.params[0] if found.params else None
                arguments[name] = types.SimpleNamespace(param=param, instance=bound)
            else:
                arguments[name] = self.get(name)
        positional = [bound] if bound is not None else []
        result = found.function(*positional, **arguments)
        if inspect.isgenerator(result):
            value = next(result)
            self._stack.callback(lambda: next(result, None))
            return value
        return result


class _Partial:
    """A fixture of which a part is missing here: a test that needs that part isn't judged."""

    fixture: str

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotJudged(f"needs {self.fixture}.{name}")


class _Captured(_Partial):
    fixture = "capsys"

    def __init__(self, readouterr) -> None:
        self.readouterr = readouterr


@contextlib.contextmanager
def _capsys():
    out, err = io.StringIO(), io.StringIO()

    def readouterr():
        texts = types.SimpleNamespace(out=out.getvalue(), err=err.getvalue())
        for stream in (out, err):
            stream.seek(0)
            stream.truncate()
        return texts

    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield _Captured(readouterr)


class _MonkeyPatch(_Partial):
    fixture = "monkeypatch"

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def setattr(self, target, name, *value, raising=True) -> None:
        if isinstance(target, str):
            place, _, attribute = target.rpartition(".")
            target, name, value = importlib.import_module(place), attribute, (name,)
        missing = object()
        old = vars(target).get(name, missing)
        if old is missing and raising and not hasattr(target, name):
            raise AttributeError(name)
        undo = (
            (lambda: delattr(target, name))
            if old is missing
            else (lambda: builtins.setattr(target, name, old))
        )
        builtins.setattr(target, name, value[0])
        self._stack.callback(undo)

    def setitem(self, mapping, key, value) -> None:
        missing = object()
        old = mapping.get(key, missing)
        mapping[key] = value
        self._stack.callback(
            lambda: mapping.pop(key, None) if old is missing else mapping.__setitem__(key, old)
        )

    def setenv(self, name: str, value: str) -> None:
        self.setitem(os.environ, name, value)

    def delenv(self, name: str, raising: bool = True) -> None:
        if name in os.environ:
            old = os.environ.pop(name)
            self._stack.callback(lambda: os.environ.__setitem__(name, old))
        elif raising:
            raise KeyError(name)


@contextlib.contextmanager
def _monkeypatch():
    with contextlib.ExitStack() as stack:
        yield _MonkeyPatch(stack)


_BUILT_IN = {"capsys": _capsys, "monkeypatch": _monkeypatch}
