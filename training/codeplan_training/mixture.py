"""Token files from mixtures: how much of which problems and texts a training phase reads."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from codeplan_model.prompts import codeplan1
from codeplan_training import compose, corpus, decontaminate, neighbours, tokens
from codeplan_training.corpus import FunctionText
from codeplan_training.problems import Check, Problem, Solution, from_record
from codeplan_training.render import Sample, Variation, sample

LONGEST = 512
"""Tokens of the longest text that is trained on."""

AS_PROBLEM = 0.6
"""Share of the documented functions that need nothing else which are shown as problems."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """One phase's data.

    exercises: renderings of every training problem. composed: problems from the generator.
    functions: function texts from packages, at most; per_package: of one package, at most;
    alone: as for function_samples. seed: decides every draw.
    prompt_weight: loss weight of the prompt's tokens, the completion's being 1.
    neighbours: share of the renderings, from 0 to 1, that solved problems stand before.
    plans: which plans the renderings show (render.PLANS); neighbours keep theirs as written.
    executions: texts that ask for the value of a call, at most.
    """

    exercises: int
    composed: int
    functions: int = 0
    seed: int = 1
    prompt_weight: float = 0.15
    neighbours: float = 0.0
    per_package: int = 1500
    alone: bool | None = None
    plans: str = "all"
    executions: int = 0


def problem_samples(
    problems: Sequence[Problem],
    mixture: Mixture,
    held_out: frozenset[str],
    near: Mapping[str, Sequence[Problem]] | None = None,
) -> list[Sample]:
    """Renderings of exercises and composed problems, shuffled. held_out: names never used.

    near: neighbours of the exercises by their id, the nearest first; needed when the mixture wants
    neighbours. Without them a seed gives the renderings that it always gave.
    """
    rng = random.Random(mixture.seed)
    variation = Variation(plans=mixture.plans)
    samples = [sample(p, rng, variation) for _ in range(mixture.exercises) for p in problems]
    records = [
        record
        for record in compose.generate(mixture.seed, mixture.composed)
        if record["entry_point"] not in held_out
    ]
    composed = [from_record(record, "compose", "Apache-2.0") for record in records]
    samples += [sample(p, rng, variation) for p in composed]
    if mixture.neighbours:
        draw = random.Random(f"neighbours/{mixture.seed}")
        siblings = neighbours.Siblings(composed, [record["ops"] for record in records])
        first = mixture.exercises * len(problems)
        for index, bare in enumerate(samples):
            if draw.random() >= mixture.neighbours:
                continue
            if index < first:
                found = (near or {}).get(problems[index % len(problems)].id, ())
            else:
                found = siblings.of(index - first, draw)
            forms = neighbours.shown(found, draw)
            contexts = tuple(codeplan1.worked_text(form) for form in forms)
            samples[index] = replace(bare, contexts=contexts)
    rng.shuffle(samples)
    return samples


def execution_samples(problems: Sequence[Problem], count: int, seed: int) -> list[Sample]:
    """Texts that ask for the value of a call: the problems' own examples, each once a solution.

    At most `count`. An example that expects an exception or is no plain call is passed over.
    """
    asked = [
        (problem, solution, check)
        for problem in problems
        if problem.form == "function"
        for solution in problem.solutions
        for check in problem.examples
        if check.kind == "call" and not check.want.startswith("raises ")
    ]
    random.Random(f"executions/{seed}").shuffle(asked)
    return [execution_sample(*one) for one in asked[:count]]


def execution_sample(problem: Problem, solution: Solution, check: Check) -> Sample:
    """The function without its docstring and the call, as an interpreter shows them; the value."""
    prompt = f"{problem.signature}\n{solution.code}\n\n>>> {check.call}\n"
    return Sample(prompt, check.want + codeplan1.END)


def function_samples(
    count: int,
    seed: int,
    per_package: int = 1500,
    texts: Iterable[FunctionText] | None = None,
    alone: bool | None = None,
) -> Iterator[Sample]:
    """Function texts, the most like the users' first; at most `per_package` from one package.

    texts: where from; None for the installed packages. alone: only those that need nothing of
    their package, or only the others; None for both.
    """
    if count <= 0:
        return  # reading every installed package takes a minute
    found = list(corpus.functions(corpus.permissive_packages()) if texts is None else texts)
    rng = random.Random(seed)
    rng.shuffle(found)
    used: Counter[str] = Counter()
    for function in corpus.best_first(found):
        if alone is not None and function.alone != alone:
            continue
        used[function.package] += 1
        if used[function.package] <= per_package and count > 0:
            count -= 1
            yield function_sample(function, rng)


def function_sample(function: FunctionText, rng: random.Random) -> Sample:
    """The text as it stands in its file, or as a problem and its solution where it can be both."""
    plain = function.docstring.isascii()  # an escape may stand for half a character
    if function.alone and function.docstring and plain and rng.random() < AS_PROBLEM:
        prompt = codeplan1.problem(function.header, function.docstring) + codeplan1.CODE
        return Sample(prompt, codeplan1.code_text(function.body) + codeplan1.END)
    return Sample("", function.text + codeplan1.END)


def write(
    path: Path,
    tokenizer: Tokenizer,
    problems: Sequence[Problem],
    mixture: Mixture,
    held_out: frozenset[str],
    near: Mapping[str, Sequence[Problem]] | None = None,
    unlike: decontaminate.HeldOut | None = None,
    functions: Iterable[FunctionText] | None = None,
) -> tuple[int, Counter[str]]:
    """Write a token file: the number of tokens, and the texts left out by reason.

    near: as for problem_samples. unlike: held-out problems that no text may resemble.
    functions: as for function_samples.
    """
    unlike = unlike or decontaminate.HeldOut()
    left_out: Counter[str] = Counter()
    samples = problem_samples(problems, mixture, held_out, near)
    samples += execution_samples(problems, mixture.executions, mixture.seed)
    samples = list(decontaminate.clean(samples, unlike, left_out))
    ids, weights = tokens.encode(
        samples, tokenizer, prompt_weight=mixture.prompt_weight, longest=LONGEST
    )
    if mixture.functions:
        texts = function_samples(
            mixture.functions, mixture.seed, mixture.per_package, functions, mixture.alone
        )
        texts = decontaminate.clean(texts, unlike, left_out)
        more, heavy = tokens.encode(texts, tokenizer, prompt_weight=1.0, longest=LONGEST)
        # Library code is read for its language, at half the weight of the tasks themselves.
        ids = np.concatenate([ids, more])
        weights = np.concatenate([weights, heavy // 2])
    tokens.save(path, ids, weights)
    return len(ids), left_out
