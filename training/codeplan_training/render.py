"""From a problem to training text: the prompt that inference will show, and what must follow it.

The prompt code is codeplan_model.prompts.codeplan1 itself, so training and inference can't drift
apart. What varies here is what users vary: wording, number, order and form of the examples, type
hints, argument names.
"""

from __future__ import annotations

import ast
import random
import re
from dataclasses import dataclass, replace

from codeplan_model.prompts import codeplan1
from codeplan_training.problems import Check, Problem, Solution

PLANS = ("all", "first", "joined", "ends", "none")
"""Which plans renderings show: all as written; only a problem's first solution; the steps joined to
two at most; only the first and the last step; none."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How often, from 0 to 1, a rendering departs from the problem as written.

    plans: one of PLANS. Raises ValueError when it is another word.
    """

    with_plan: float = 0.6
    without_hints: float = 0.2
    renamed: float = 0.25
    as_asserts: float = 0.12
    without_examples: float = 0.06
    shuffled: float = 0.3
    other_wording: float = 0.6
    as_method: float = 0.07
    plans: str = "all"

    def __post_init__(self) -> None:
        if self.plans not in PLANS:
            raise ValueError(f"unknown plans {self.plans!r}: one of {', '.join(PLANS)}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One training text in two parts; the loss counts mainly on the completion.

    contexts: worked examples that may stand before the prompt; the first that leaves room is used.
    """

    prompt: str
    completion: str
    contexts: tuple[str, ...] = ()


ARGUMENT_NAMES = """values items data numbers text s xs words line entries records rows seq
elements source word string numbers_list lst nums arr table mapping d pairs a b n k x y m count
limit size threshold first second left right names scores prices content amounts key sep target
""".split()


def sample(problem: Problem, rng: random.Random, variation: Variation = Variation()) -> Sample:
    """One rendering of the problem, drawn with `rng`."""
    solution = _shown(problem, rng.choice(problem.solutions), variation.plans)
    if problem.form == "program":
        # A question says everything itself, its names are the program's own.
        prompt = codeplan1.problem(problem.signature, problem.wordings[0])
        return _sample(prompt, solution, rng.random() < variation.with_plan)
    if rng.random() < variation.renamed:
        problem, solution = rename_argument(problem, solution, rng)
    if rng.random() < variation.as_method:
        problem, solution = as_method(problem, solution, rng)
    wording, *others = problem.wordings
    if others and rng.random() < variation.other_wording:
        wording = rng.choice(others)
    signature = problem.signature
    if rng.random() < variation.without_hints:
        signature = strip_hints(signature)
    docstring, extra = _docstring(problem, wording, rng, variation)
    prompt = codeplan1.problem(signature, docstring, extra)
    return _sample(prompt, solution, rng.random() < variation.with_plan)


def _shown(problem: Problem, drawn: Solution, plans: str) -> Solution:
    """The solution with the plan to show, of which one was drawn: so no other draw changes."""
    if plans == "first":
        return problem.solutions[0]
    if plans == "none":
        return replace(drawn, steps=())
    if plans == "all" or len(drawn.steps) <= 2:
        return drawn
    steps = drawn.steps
    if plans == "joined":
        half = (len(steps) + 1) // 2
        return replace(drawn, steps=(" ".join(steps[:half]), " ".join(steps[half:])))
    return replace(drawn, steps=(steps[0], steps[-1]))


def _sample(prompt: str, solution: Solution, with_plan: bool) -> Sample:
    body = codeplan1.code_text(solution.code)
    if with_plan and solution.steps:
        prompt += codeplan1.PLAN
        completion = codeplan1.plan_text(solution.steps) + codeplan1.CODE + body
    else:
        prompt += codeplan1.CODE
        completion = body
    return Sample(prompt, completion + codeplan1.END)


def doctest_lines(check: Check) -> str:
    """The example as a docstring shows it."""
    if check.want.startswith("raises "):
        name = check.want.removeprefix("raises ").strip()
        return f">>> {check.call}\nTraceback (most recent call last):\n    ...\n{name}"
    return f">>> {check.call}" + ("" if check.want == "None" else f"\n{check.want}")


def assert_line(check: Check) -> str | None:
    """The example as an assert, None when it expects an exception."""
    if check.kind == "assert":
        return check.call
    return None if check.want.startswith("raises ") else f"assert {check.call} == {check.want}"


def _docstring(
    problem: Problem, wording: str, rng: random.Random, variation: Variation
) -> tuple[str, list[str]]:
    if rng.random() < variation.without_examples:
        return wording, []
    checks = [check for check in problem.examples if check.kind in ("call", "assert")]
    if rng.random() < variation.shuffled:
        rng.shuffle(checks)
    checks = checks[: rng.choice((1, 2, 2, 3, 3, 4))]
    as_asserts = rng.random() < variation.as_asserts
    if as_asserts or any(check.kind == "assert" for check in checks):
        return wording, [line for check in checks if (line := assert_line(check))]
    if not checks:
        return wording, []
    blank = "\n" if rng.random() < 0.9 else ""
    return wording + "\n" + blank + "\n".join(doctest_lines(check) for check in checks), []


def strip_hints(signature: str) -> str:
    """The signature without annotations; as it was when it can't be parsed."""
    try:
        node = ast.parse(signature + "\n    pass").body[0]
    except SyntaxError:
        return signature
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return signature
    node.returns = None
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for argument in [*every, arguments.vararg, arguments.kwarg]:
        if argument is not None:
            argument.annotation = None
    return ast.unparse(node).split("\n")[0]


CLASS_NAMES = """Cart Basket Order Report Store Team Shelf Box Sheet Journal Ledger Catalog Meter
Record Group Queue Deck Board Plan Account Text Series Board Batch Library Album Garage""".split()


def as_method(problem: Problem, solution: Solution, rng: random.Random) -> tuple[Problem, Solution]:
    """The same problem as a method whose object holds the first argument.

    Unchanged where the wordings don't name that argument: a reader could not know the attribute.
    """
    try:
        node = ast.parse(problem.signature + "\n    pass").body[0]
    except SyntaxError:
        return problem, solution
    if not isinstance(node, ast.FunctionDef) or not node.args.args or node.args.defaults:
        return problem, solution
    field = node.args.args[0].arg
    word = re.compile(rf"(?<![\w'\".])\b{re.escape(field)}\b(?!['\"\w])")
    wordings = tuple(text for text in problem.wordings if word.search(text))
    # A loop or lambda that binds the same name can't be written with an attribute.
    bound = rf"(for|lambda)[^:\n]*\b{re.escape(field)}\b[^:\n]*( in |:)"
    if not wordings or re.search(bound, solution.code):
        return problem, solution
    node.args.args[0] = ast.arg("self")
    owner = rng.choice(CLASS_NAMES)
    calls = [_method_call(check, problem.entry_point, owner) for check in problem.examples]
    if any(call is None for call in calls):
        return problem, solution
    mine = f"self.{field}"
    method = replace(
        problem,
        signature=ast.unparse(node).split("\n")[0],
        wordings=tuple(word.sub(mine, text) for text in wordings),
        examples=tuple(
            Check(call, check.want)
            for call, check in zip(calls, problem.examples, strict=True)
            if call is not None
        ),
    )
    steps = tuple(word.sub(mine, step) for step in solution.steps)
    return method, Solution(steps, word.sub(mine, solution.code))


def _method_call(check: Check, name: str, owner: str) -> str | None:
    """`name(a, b)` as `Owner(a).name(b)`; None when the call is anything else."""
    try:
        call = ast.parse(check.call, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    if call.func.id != name or not call.args or call.keywords:
        return None
    first, *rest = (ast.unparse(argument) for argument in call.args)
    return f"{owner}({first}).{name}({', '.join(rest)})"


def rename_argument(
    problem: Problem, solution: Solution, rng: random.Random
) -> tuple[Problem, Solution]:
    """The same problem with one argument renamed everywhere; unchanged where that isn't safe."""
    try:
        node = ast.parse(problem.signature + "\n    pass").body[0]
    except SyntaxError:
        return problem, solution
    if not isinstance(node, ast.FunctionDef) or not node.args.args:
        return problem, solution
    old = rng.choice(node.args.args).arg
    new = rng.choice(ARGUMENT_NAMES)
    word = re.compile(rf"\b{re.escape(old)}\b")
    everything = [problem.signature, solution.code, *problem.wordings, *solution.steps]
    checks = "\n".join(f"{check.call} {check.want}" for check in problem.examples)
    taken = re.compile(rf"\b{re.escape(new)}\b")
    # A word in quotes may be data (a key, a pattern) rather than the argument.
    quoted = re.compile(rf"""['"{{.][^'"\n]*\b{re.escape(old)}\b""")
    if (
        word.search(checks)
        or any(taken.search(text) for text in everything)
        or quoted.search(solution.code)
        or problem.entry_point == old
    ):
        return problem, solution
    renamed = replace(
        problem,
        signature=word.sub(new, problem.signature),
        wordings=tuple(word.sub(new, text) for text in problem.wordings),
    )
    steps = tuple(word.sub(new, step) for step in solution.steps)
    return renamed, Solution(steps, word.sub(new, solution.code))
