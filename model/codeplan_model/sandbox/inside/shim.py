"""The part of pytest that tests of pure functions use, for test modules that `import pytest`.

Real pytest collects files, writes caches and takes over output: none of that fits in here. What
this module lacks raises NotJudged when a test asks for it, so that no test fails for our lack.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import re
import types
from typing import Any

from .statements import NotJudged


class Skipped(BaseException):
    """`pytest.skip` was called."""


class Failed(AssertionError):
    """`pytest.fail` was called, or `pytest.raises` saw nothing raised."""


def make() -> types.ModuleType:
    """A module to stand for pytest."""
    module = types.ModuleType("pytest")
    module.__dict__.update(
        raises=raises,
        warns=warns,
        approx=approx,
        fixture=fixture,
        mark=_Marks(),
        param=param,
        skip=skip,
        fail=fail,
        xfail=skip,
        importorskip=importorskip,
        __version__="8.0.0",
    )

    def missing(name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotJudged(f"needs pytest.{name}")

    module.__getattr__ = missing  # type: ignore[method-assign]
    return module


class _ExceptionInfo:
    value: BaseException

    @property
    def type(self) -> type:
        return type(self.value)

    def match(self, pattern: str) -> bool:
        text = str(self.value)
        assert re.search(pattern, text), f"{pattern!r} does not match {text!r}"
        return True


class _Raises:
    def __init__(self, expected, match=None) -> None:
        self._expected = expected
        self._match = match
        self._info = _ExceptionInfo()

    def __enter__(self) -> _ExceptionInfo:
        return self._info

    def __exit__(self, kind, error, traceback) -> bool:
        if error is None:
            raise Failed(f"nothing raised, expected {_names(self._expected)}")
        if not isinstance(error, self._expected):
            return False
        self._info.value = error
        if self._match is not None:
            self._info.match(self._match)
        return True


def raises(expected, *args, match=None, **kwargs):
    context = _Raises(expected, match)
    if not args:
        return context
    with context as info:
        args[0](*args[1:], **kwargs)
    return info


@contextlib.contextmanager
def warns(expected=Warning, *, match=None):
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught
    fitting = [w for w in caught if issubclass(w.category, expected)]
    if match is not None:
        fitting = [w for w in fitting if re.search(match, str(w.message))]
    if not fitting:
        raise Failed(f"no warning, expected {_names(expected)}")


def _names(expected) -> str:
    kinds = expected if isinstance(expected, tuple) else (expected,)
    return " or ".join(k.__name__ for k in kinds)


class approx:
    """Equal within a tolerance, pytest's: relative 1e-6 or absolute 1e-12, the larger."""

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None
    __array_priority__ = 100

    def __init__(self, expected, rel=None, abs=None, nan_ok=False) -> None:
        self._expected = expected
        self._rel, self._abs, self._nan_ok = rel, abs, nan_ok

    def __repr__(self) -> str:
        return f"approx({self._expected!r})"

    def __eq__(self, actual) -> bool:
        expected = self._expected
        if isinstance(expected, dict):
            return (
                isinstance(actual, dict)
                and expected.keys() == actual.keys()
                and all(self._near(expected[k], actual[k]) for k in expected)
            )
        if isinstance(expected, (str, bytes)):
            return bool(actual == expected)
        if hasattr(expected, "__len__"):
            try:
                pairs = list(zip(expected, actual, strict=False))
                return len(expected) == len(actual) and all(self._near(e, a) for e, a in pairs)
            except TypeError:
                return False
        return self._near(expected, actual)

    def _near(self, expected: Any, actual: Any) -> bool:
        if hasattr(expected, "__len__") and not isinstance(expected, (str, bytes)):
            return approx(expected, self._rel, self._abs, self._nan_ok) == actual
        try:
            if expected == actual:
                return True
            if isinstance(expected, bool) or isinstance(actual, (str, bytes)):
                return False
            if isinstance(expected, float) and math.isnan(expected):
                return self._nan_ok and math.isnan(actual)
            size: Any = abs  # of a complex number too
            if math.isinf(size(expected)):
                return False
            absolute = 1e-12 if self._abs is None else self._abs
            relative = self._rel
            if relative is None:
                relative = 1e-6 if self._abs is None else 0.0
            return bool(size(expected - actual) <= max(relative * size(expected), absolute))
        except TypeError:
            return False


class Fixture:
    """A function marked with `@pytest.fixture`."""

    def __init__(self, function, scope: str, params, autouse: bool, name) -> None:
        self.function = function
        self.scope = scope
        self.params = params
        self.autouse = autouse
        self.name = name or function.__name__

    def __call__(self, *args, **kwargs):
        raise Failed(f"the fixture {self.name} was called directly")


def fixture(function=None, *, scope="function", params=None, autouse=False, ids=None, name=None):
    if function is None:
        return lambda f: Fixture(f, scope, params, autouse, name)
    return Fixture(function, scope, params, autouse, name)


class Mark:
    """One `@pytest.mark.name(...)`."""

    def __init__(self, name: str, args: tuple = (), kwargs: dict | None = None) -> None:
        self.name, self.args, self.kwargs = name, args, kwargs or {}

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and not self.args and _markable(args[0]):
            marks = list(vars(args[0]).get("pytestmark", []))
            args[0].pytestmark = [*marks, self]
            return args[0]
        return Mark(self.name, args, kwargs)


def _markable(value) -> bool:
    return isinstance(value, (types.FunctionType, type))


class _Marks:
    def __getattr__(self, name: str) -> Mark:
        return Mark(name)


class Param:
    """`pytest.param`: values with marks."""

    def __init__(self, values: tuple, marks) -> None:
        self.values = values
        self.marks = list(marks) if isinstance(marks, (list, tuple)) else [marks]


def param(*values, marks=(), id=None) -> Param:
    return Param(values, marks)


def skip(reason: str = "", **_) -> None:
    raise Skipped(str(reason))


def fail(reason: str = "", pytrace: bool = True) -> None:
    raise Failed(reason)


def importorskip(name: str, *_, **__):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Skipped(str(error)) from None
