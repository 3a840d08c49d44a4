"""Running the examples of one group: doctest statements, bare asserts, functions of test modules."""

from __future__ import annotations
import __future__

import ast
import builtins
import sys
import types

from . import asserts
from .peer import Lost
from .report import Reporter

_FUTURE = [getattr(__future__, name) for name in __future__.all_feature_names]


def run_group(group: dict, module: types.ModuleType, reporter: Reporter, watch, lost) -> None:
    """Run one group's examples in order, in a copy of the module's variables as doctest does.

    group: {"number", "kind" ("statements" or "tests"), "source", "examples"}.
    lost: returns the Lost of the conversation, None while the candidate's process answers.
    """
    reporter.begin(group["number"])
    runner = _Runner(reporter, watch, lost)
    if group["kind"] == "tests":
        from .tests import run_tests

        run_tests(group, module, runner)
        return
    names = dict(vars(module))
    names.setdefault("__name__", module.__name__)
    for example in group["examples"]:
        runner.run(example["i"], lambda note, e=example: _statement(e, names, note))


def _statement(example: dict, names: dict, note: list) -> None:
    number = example["i"]
    flags = 0
    for feature in _FUTURE:
        if names.get(feature_name(feature)) is feature:
            flags |= feature.compiler_flag
    if example["kind"] == "assert":
        tree = ast.parse(example["source"], f"<example {number}>")
        asserts.explain(tree, names, note)
        exec(compile(tree, f"<example {number}>", "exec", flags, True), names)
        return
    name = f"<doctest {names['__name__']}[{number}]>"
    code = compile(example["source"], name, "single", flags, True)
    sys.displayhook = sys.__displayhook__
    exec(code, names)


_NAMES = {id(f): n for n, f in zip(__future__.all_feature_names, _FUTURE)}


def feature_name(feature: object) -> str:
    """The name under which a file imports a feature from __future__."""
    return _NAMES[id(feature)]


class NotJudged(BaseException):
    """Raised by a test that can't be judged here; the text says what it needs."""


class _Runner:
    """Runs one example and reports how it ended."""

    def __init__(self, reporter: Reporter, watch, lost) -> None:
        self._reporter = reporter
        self._watch = watch
        self._lost = lost

    def run(self, number: int, work) -> None:
        """Run `work(note)`; what it appends to `note` explains a failure."""
        reporter = self._reporter
        note: list[str] = []
        error: BaseException | None = None
        reporter.printed.drain()
        self._watch.clear()
        builtins.__dict__.pop("_", None) if number == 0 else None
        sys.stdout = reporter.printed
        try:
            work(note)
        except NotJudged as reason:
            reporter.skipped(number, str(reason))
            return
        except Lost:
            pass
        except BaseException as raised:
            error = raised
        got = reporter.printed.drain()
        lost = self._lost()
        if lost is not None:
            reporter.lost(number, lost.reason, lost.detail)
        elif error is not None and self._watch.needs and not isinstance(error, AssertionError):
            reporter.ended(number, got, error, f"needs {self._watch.needs}")
        else:
            reporter.ended(number, got, error, "; ".join(note))
