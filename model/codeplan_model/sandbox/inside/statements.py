"""Running the examples of one group: doctest statements, bare asserts, test functions."""

from __future__ import annotations
import __future__

import ast
import builtins
import sys
import types

from . import asserts
from .forbidden import Watch
from .peer import Lost, Peer
from .report import Reporter

_FUTURE = {name: getattr(__future__, name) for name in __future__.all_feature_names}


def run_group(group: dict, module: types.ModuleType, runner: Runner) -> None:
    """Run one group's examples in order, in a copy of the module's variables as doctest does.

    group: {"number", "kind" ("statements" or "tests"), "source", "examples"}.
    """
    runner.reporter.begin(group["number"])
    if group["kind"] == "tests":
        from .tests import run_tests

        run_tests(group, module, runner)
        return
    names = dict(vars(module))
    builtins.__dict__.pop("_", None)
    for example in group["examples"]:
        runner.run(example, lambda note, e=example: _statement(e, names, note))


def compile_ahead(groups: list, module_name: str, flags: int) -> None:
    """Compile the statements of groups before they are run, where that can be done.

    flags: the `from __future__` features of the file, which hold for its examples too. Should the
    file turn out to have others, or a statement not compile, it is compiled when it is run.
    """
    flags &= sum(feature.compiler_flag for feature in _FUTURE.values())
    for group in groups:
        for example in group["examples"] if group["kind"] == "statements" else ():
            try:
                example["code"] = flags, _compiled(example, module_name, flags)
            except Exception:
                example["code"] = None


def _compiled(example: dict, module_name: str, flags: int) -> types.CodeType:
    number = example["i"]
    if example["kind"] == "assert":
        tree = ast.parse(example["source"], f"<example {number}>")
        asserts.rewrite(tree)
        return compile(tree, f"<example {number}>", "exec", flags, True)
    filename = f"<doctest {module_name}[{number}]>"
    return compile(example["source"], filename, "single", flags, True)


def _statement(example: dict, names: dict, note: list) -> None:
    flags = 0
    for name, feature in _FUTURE.items():
        if names.get(name) is feature:
            flags |= feature.compiler_flag
    ahead = example.get("code")
    if ahead is not None and ahead[0] == flags:
        code = ahead[1]
    else:
        code = _compiled(example, names["__name__"], flags)
    if example["kind"] == "assert":
        asserts.take_notes(names, note)
    else:
        sys.displayhook = sys.__displayhook__
    exec(code, names)


class NotJudged(BaseException):
    """Raised by a test that can't be judged here; the text says what it needs."""


class Runner:
    """Runs one example and reports how it ended. peer: None in a run with one process."""

    def __init__(self, reporter: Reporter, watch: Watch, peer: Peer | None) -> None:
        self.reporter = reporter
        self._watch = watch
        self._peer = peer

    def is_candidates(self, error: BaseException) -> bool:
        """Whether the candidate raised this in its own process."""
        return self._peer is not None and self._peer.theirs(error)

    def run(self, example: dict, work) -> None:
        """Run `work(note)`; what it appends to `note` explains a failure."""
        reporter, number = self.reporter, example["i"]
        note: list[str] = []
        error: BaseException | None = None
        reporter.printed.drain()
        self._watch.clear()
        sys.stdout = reporter.printed
        try:
            work(note)
        except NotJudged as reason:
            if self._lost() is None:
                reporter.skipped(number, str(reason))
                return
        except BaseException as raised:
            error = raised
        got = reporter.printed.drain()
        lost = self._lost()
        if lost is not None:
            reporter.lost(number, lost.reason, lost.detail)
            return
        needs = self._watch.needs
        if error is not None and needs and not isinstance(error, AssertionError):
            note = [f"needs {needs}"]
        weak = self._peer is not None and not self._peer.changed.isdisjoint(example["reads"])
        reporter.ended(number, got, error, "; ".join(note), weak)

    def _lost(self) -> Lost | None:
        return None if self._peer is None else self._peer.lost
