"""Proposed examples: what the code gives, computed in the sandbox, marked, and nothing else."""

from __future__ import annotations

import doctest

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.search import Budget, NothingToPropose, Proposed, propose
from codeplan_model.search.docstrings import docstring_edits
from codeplan_model.values import apply_edits

SILENT = ScriptedBackend([])


def proposed(source, name, sandbox, backend=SILENT, **budget):
    *_, end = propose(task_named(source, name), backend, sandbox, Budget(**budget))
    assert isinstance(end, Proposed)
    return end


def written(source, name, end):
    lines = [line for example in end.examples for line in example.lines]
    return apply_edits(source, docstring_edits(task_named(source, name), lines))


GRADE = '''\
def grade(score, curve=0):
    """Letter of a score."""
    score += curve
    if score < 0:
        raise ValueError("negative")
    return "A\\n" if score >= 90 else "B"
'''


def test_values_are_the_code_s_own_and_the_boundaries_of_the_code_are_tried(sandbox):
    end = proposed(GRADE, "grade", sandbox)

    calls = {example.source: example.want for example in end.examples}
    assert calls["grade(90)"] == "'A\\n'\n"
    assert sum(want.startswith("Traceback") for want in calls.values()) == 1
    assert 2 < len(calls) <= 4


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (GRADE, "grade"),
        ("def parts(text: str, sep: str = ','):\n    return set(text.split(sep))\n", "parts"),
        ("def show(n):\n    for i in range(n):\n        print(i)\n    print()\n", "show"),
        ("def pairs(d: dict[str, int]):\n\treturn {v: k for k, v in d.items()}\n", "pairs"),
        (
            "class Cart:\n    def __init__(self, prices: list[float]):\n        self.p = prices\n\n"
            "    def total(self, rate):\n        '''Sum.'''\n        return sum(self.p) * rate\n",
            "Cart.total",
        ),
        (
            "class A:\n    @staticmethod\n    def half(n: int):\n        return n / 2\n\n"
            "    @classmethod\n    def twice(cls, n: int, *, by: float):\n        return n * by\n",
            "A.twice",
        ),
        ("def back(s):\n    r'''Back \\\\ slash.'''\n    return s + '\\\\'\n", "back"),
        ("def gone(xs):\r\n    'Short.'\r\n    return xs[::-1]\r\n", "gone"),
    ],
)
def test_what_is_written_holds_as_a_doctest_and_nothing_else_changes(sandbox, source, name):
    end = proposed(source, name, sandbox)

    after = written(source, name, end)

    assert end.examples
    namespace = {}
    exec(compile(after, "after", "exec"), namespace)  # the test's own code
    owner, _, method = name.rpartition(".")
    function = namespace[name] if not owner else vars(namespace[owner])[method]
    text = getattr(function, "__func__", function).__doc__
    found = doctest.DocTestParser().get_doctest(text, namespace, name, None, None)
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(found).failed == 0
    assert len(found.examples) == len(end.examples)
    assert all(example.source.rstrip().endswith("# confirm") for example in found.examples)
    code = [line for line in source.splitlines() if not line.strip().startswith(("'", "r'", '"'))]
    assert all(line in after.splitlines() for line in code)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(a):\n    ...\n", "no code yet"),
        ('def f(a):\n    """\n    >>> f(1)\n    1\n    """\n    return a\n', "examples already"),
        ("async def f(a):\n    return a\n", "asynchronous"),
        ("def f(a):\n    return a\n\nx = (\n", "doesn't parse"),
    ],
)
def test_where_no_examples_can_be_made_it_is_said_why(sandbox, source, words):
    with pytest.raises(NothingToPropose, match=words):
        proposed(source, "f", sandbox)


@pytest.mark.parametrize(
    "body",
    [
        "return object()",
        "import random\n    return random.random()",
        "import time\n    return time.time_ns()",
        "return None",
        "return n.missing",
        "while True: pass",
        "return '\\x1b[31m' * 9 + chr(0) if False else 'x' * 500",
    ],
)
def test_values_that_say_nothing_or_do_not_last_are_not_shown(sandbox, body):
    assert proposed(f"def f(n):\n    {body}\n", "f", sandbox).examples == ()


def test_a_chat_model_s_calls_come_first_and_only_those_that_are_calls(sandbox):
    answer = (
        "```python\n>>> f('kiwi')\nf(open('/etc/passwd').read())\nprint(f('x'))\n"
        "__import__('os').system('x')\nf(undefined)\n```"
    )
    backend = ScriptedBackend([Rule("", (answer,))], prompt_format="chat")

    end = proposed("def f(s: str):\n    return s[::-1]\n", "f", sandbox, backend)

    assert end.examples[0].source == "f('kiwi')"
    assert end.examples[0].want == "'iwik'\n"
    assert not any("open" in e.source or "print" in e.source for e in end.examples)


def test_proposing_can_be_cancelled(sandbox):
    cancel = CancelToken()
    cancel.cancel()

    with pytest.raises(Cancelled):
        list(propose(task_named(GRADE, "grade"), SILENT, sandbox, Budget(), cancel))
