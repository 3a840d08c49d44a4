"""Recalled programs: fitting in arguments, renamed soundly, and never trusted."""

from __future__ import annotations

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.memory import Entry, Store, adapted, nearest
from codeplan_model.memory.kinds import kinds, likeness
from codeplan_model.memory.rewrite import literals_in, rewrite
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, solve

TASK = task_named(
    '''
def bill(amounts, rate):
    """Add up the amounts and put the tax rate on top.

    >>> bill([1, 3], 0.5)
    6.0
    """
''',
    "bill",
)


def entry(signature, code, doc="Add up amounts with tax.", steps=("Add.",)):
    name = signature.split("(")[0].removeprefix("def ")
    return Entry(name, signature, (doc,), steps, code, "test", "Apache-2.0")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "m.sqlite") as made:
        yield made


def test_only_programs_with_as_many_arguments_are_recalled(store):
    store.add(
        [
            entry("def one(xs):", "    return sum(xs)"),
            entry("def two(xs, tax):", "    return sum(xs) * (1 + tax)"),
        ]
    )

    assert [e.name for e in nearest(TASK, [store])] == ["two"]


def test_self_does_not_count_as_an_argument(store):
    store.add([entry("def one(xs):", "    return sum(xs)")])
    method = task_named('class A:\n    def tax(self, amounts):\n        """Add tax."""\n', "A.tax")

    assert [e.name for e in nearest(method, [store])] == ["one"]


def test_other_orders_of_the_arguments_are_tried():
    program = entry("def two(tax, xs):", "    return sum(xs) * (1 + tax)")

    bodies = [c.completion for c in adapted(TASK, [program])]

    assert bodies == [
        "    return sum(rate) * (1 + amounts)",
        "    return sum(amounts) * (1 + rate)",
    ]


@pytest.mark.parametrize(
    ("code", "names", "expected"),
    [
        ("    return xs + [xs]", {"xs": "ys"}, "    return ys + [ys]"),
        ("    return a - b", {"a": "b", "b": "a"}, "    return b - a"),
        # The new name is taken by a local variable, which gets out of the way.
        ("    n = len(xs)\n    return n", {"xs": "n"}, "    n_ = len(n)\n    return n_"),
        # Strings, attributes and keywords are not names.
        ("    return xs.xs + f(xs='xs')", {"xs": "y"}, "    return y.xs + f(xs='xs')"),
        ("    return {'ä': xs}", {"xs": "y"}, "    return {'ä': y}"),
        ("    return fact(n - 1)", {"n": "k", "fact": "g"}, "    return g(k - 1)"),
        ("    return lambda xs: xs", {"xs": "y"}, "    return lambda y: y"),
        # A new name that hides a builtin that the code uses.
        ("    return len(xs)", {"xs": "len"}, None),
        ("    return (", {"xs": "y"}, None),
    ],
)
def test_renaming_follows_the_syntax_tree(code, names, expected):
    assert rewrite(code, names, {}) == expected


@pytest.mark.parametrize(
    ("code", "exchange", "expected"),
    [
        (
            "    return [w for w in ws if len(w) > 3]",
            {3: 5},
            "    return [w for w in ws if len(w) > 5]",
        ),
        ("    return ';'.join(ws)", {";": ", "}, "    return ', '.join(ws)"),
        ("    return r['price'] * 1", {"price": "cost"}, "    return r['cost'] * 1"),
        # True is not 1, and a float is not an int.
        ("    return True, 1, 1.0", {1: 2}, "    return True, 2, 1.0"),
        ("    return f'{x:>3}' + '3'", {3: 5}, "    return f'{x:>3}' + '3'"),
    ],
)
def test_literals_are_exchanged_by_value_and_type(code, exchange, expected):
    assert rewrite(code, {}, exchange) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Words longer than 3, joined by ';'.", [3, ";"]),
        ("The first two of v1.2 and x3", [2]),
        ('Use "a b" or -1.5 as the user\'s default', ["a b", -1.5]),
        ("5 and 5", [5]),
    ],
)
def test_literals_of_a_description(text, expected):
    assert literals_in(text) == expected


def test_the_literals_of_the_description_replace_those_of_the_remembered_one():
    task = task_named('def keep(ws):\n    """Keep the words longer than 7."""\n    ...\n', "keep")
    long = entry(
        "def long(xs):", "    return [x for x in xs if len(x) > 3]", "Words longer than 3."
    )

    bodies = [c.completion for c in adapted(task, [long])]

    assert bodies[0] == "    return [x for x in ws if len(x) > 7]"


def test_a_method_works_on_the_attribute_that_its_docstring_names(store):
    store.add([entry("def one(xs):", "    return sum(xs)")])
    source = 'class A:\n    def tax(self):\n        """Add up the tax amounts in self.lines."""\n'
    task = task_named(source, "A.tax")

    (candidate,) = adapted(task, nearest(task, [store]))

    assert candidate.completion == "    return sum(self.lines)"


def test_a_recalled_program_is_inserted_only_when_the_examples_let_it_in(store):
    store.add(
        [
            entry("def wrong(xs, tax):", "    return sum(xs) + tax"),
            entry("def right(xs, tax):", "    return sum(xs) * (1 + tax)"),
        ]
    )
    backend = ScriptedBackend([Rule("", ("\n    return 0",))])

    with Sandbox() as sandbox:
        finished = list(solve(TASK, backend, sandbox, Budget(), memory=[store]))[-1]

    assert finished.outcome == "passed"
    assert finished.best.candidate.origin == "adapted"
    assert finished.best.candidate.completion == "    return sum(amounts) * (1 + rate)"
    assert finished.tokens == 0


def test_remembered_plans_stand_beside_the_sampled_ones(store):
    store.add([entry("def wrong(xs, tax):", "    return 0", steps=("Remembered step.",))])
    backend = ScriptedBackend(
        [
            Rule(r"<\|plan\|>$", ("\n1. Sampled.",)),
            Rule("Remembered", ("\n    return sum(amounts) * (1 + rate)",)),
            Rule("", ("\n    return 1",)),
        ]
    )

    with Sandbox() as sandbox:
        finished = list(solve(TASK, backend, sandbox, Budget(plans=1), memory=[store]))[-1]

    assert finished.outcome == "passed"
    assert finished.best.candidate.plan.origin == "memory"
    assert {r.plan.origin for r in finished.plans} == {"memory", "sampled"}


def test_without_examples_nothing_is_recalled(store):
    store.add([entry("def two(xs, tax):", "    return sum(xs) * (1 + tax)")])
    task = task_named('def bill(amounts, rate):\n    """Add up amounts with tax."""\n', "bill")
    backend = ScriptedBackend([Rule(r"<\|plan\|>$", ("\n1. S.",)), Rule("", ("\n    return 1",))])

    with Sandbox() as sandbox:
        finished = list(solve(task, backend, sandbox, Budget(plans=1, samples=1), memory=[store]))[
            -1
        ]

    assert all(v.candidate.origin == "sampled" for v in finished.ranked)


def test_signatures_that_agree_come_before_those_that_do_not(store):
    store.add(
        [
            entry("def texts(xs: list[str], tax: str) -> str:", "    return tax.join(xs)"),
            entry("def numbers(xs: list[float], tax: float) -> float:", "    return sum(xs) * tax"),
            entry("def unknown(xs, tax):", "    return xs"),
        ]
    )

    # The task has no hints: its example says that it takes numbers.
    assert [e.name for e in nearest(TASK, [store])] == ["numbers", "unknown", "texts"]


def test_scores_of_several_stores_are_compared_by_the_same_measure(tmp_path):
    with Store(tmp_path / "a.sqlite") as one, Store(tmp_path / "b.sqlite") as other:
        # Alone in its store, a word of no matter would look rare.
        one.add([entry("def weak(a, b):", "    return a", "Add something else.")])
        other.add([entry("def strong(a, b):", "    return b", "Add the tax rate to amounts.")])
        other.add(entry(f"def f{n}(a, b):", f"    return {n}", "Add.") for n in range(50))

        names = [e.name for e in nearest(TASK, [one, other])]

    assert names[0] == "strong"


def test_the_users_own_function_comes_before_a_shipped_one_that_is_as_near(tmp_path, monkeypatch):
    from codeplan_model.memory import recall

    mine, theirs = (entry(f"def {n}(a, b):", f"    return {n}()") for n in ("mine", "theirs"))
    with Store(tmp_path / "shipped.sqlite") as shipped, Store(tmp_path / "own.sqlite") as own:
        monkeypatch.setattr(recall, "SHIPPED", shipped.path)
        shipped.add([theirs])
        own.add([mine])

        assert [e.name for e in nearest(TASK, [shipped, own])] == ["mine", "theirs"]


@pytest.mark.parametrize(
    ("signature", "examples", "expected"),
    [
        ("def f(x: list[int], k=1) -> str:", (), ("list[number]", "", "str")),
        ("def f(self, x: 'dict[str, float] | None') -> bool:", (), ("dict[number]", "bool")),
        ("def f(x: Optional[str]) -> Iterable[str]:", (), ("str", "list[str]")),
        ("def f(x, y):", (("f([1.5], 'a')", "{'a': 1}"),), ("list[number]", "str", "dict[number]")),
        ("def f(x):", (("f(-1)", "None"), ("f(2)", "[]")), ("number", "list")),
        ("def f(x):", (("g(-1)", "3"),), ("", "")),
        ("def f(", (), ()),
    ],
)
def test_what_a_function_takes_and_gives_is_told_from_hints_and_examples(
    signature, examples, expected
):
    assert kinds(signature, examples) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("str", "number"), ("str", "number"), 1.0),
        (("str", "number"), ("", ""), 0.0),
        (("str", "number"), ("number", "number"), 0.0),
        (("dict",), ("number",), -1.0),
        (("list[str]",), ("list",), 0.5),
        (("str",), ("str", "str"), 0.0),
    ],
)
def test_likeness_of_kinds(one, other, expected):
    assert likeness(one, other) == expected


def test_arguments_with_defaults_may_be_left_out_on_either_side(store):
    store.add(
        [
            entry("def plain(xs):", "    return sum(xs)", "Add up with tax."),
            entry("def more(xs, tax, digits=2):", "    return round(sum(xs) * tax, digits)"),
            entry("def needs(xs, tax, digits):", "    return round(sum(xs) * tax, digits)"),
        ]
    )
    source = 'def bill(amounts, rate=0.5):\n    """Add up amounts with tax."""\n'
    task = task_named(source, "bill")

    found = nearest(task, [store])

    assert sorted(e.name for e in found) == ["more", "plain"]
    assert {c.completion for c in adapted(task, found)} == {
        "    return sum(amounts)",
        "    digits = 2\n    return round(sum(amounts) * rate, digits)",
        "    digits = 2\n    return round(sum(rate) * amounts, digits)",
    }


def test_a_program_that_would_need_another_argument_is_not_adapted():
    assert list(adapted(TASK, [entry("def three(a, b, c):", "    return a")])) == []


def test_an_order_in_which_the_kinds_agree_comes_before_one_in_which_they_do_not():
    program = entry("def two(tax: float, xs: list[float]):", "    return sum(xs) * (1 + tax)")

    bodies = [c.completion for c in adapted(TASK, [program])]

    assert bodies[0] == "    return sum(amounts) * (1 + rate)"
