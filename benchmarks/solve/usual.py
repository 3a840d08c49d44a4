"""The usual way to do what codeplan does: one sample after the other, a fresh process for each.

llama-cpp-python's `Llama` as its documentation shows it, all plans, then a program for each, then
more from the best plan; `python -I -m doctest` for every program. Prompts, numbers of samples,
limits, stops and seeds are codeplan's. It has no containment of its own: generated code runs
nowhere without one here, so bubblewrap is put around it, which adds about 5 ms to the
50 ms of a fresh interpreter.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from codeplan_model.extract import SpliceError, splice
from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import linux
from codeplan_model.search import Budget
from codeplan_model.values import Candidate, Plan, Task

LOOP_SECONDS = 2.0
"""Both sides give a candidate as long."""


@dataclass(slots=True)
class Run:
    """One task. Seconds from the start: first: when the first program that passes had been judged,
    if any; stage: when all programs of that stage had been; whole: at the end."""

    tokens: int = 0
    first: float | None = None
    stage: float | None = None
    whole: float = 0.0


class Usual:
    """A `Llama`, with the settings that are its defaults: the fastest for one sample at a time."""

    def __init__(self, model: Path, budget: Budget) -> None:
        import llama_cpp

        self._llama = llama_cpp.Llama(str(model), n_ctx=1024, verbose=False)
        self._budget = budget
        self._tokens = 0
        # The first call of all is slower.
        self._generate("def warm_up():\n<|plan|>", 8, (), 0)

    def solve(self, task: Task, seed: int) -> Run:
        """Plans, a program for each, as many programs from the best plan."""
        run, budget, began = Run(), self._budget, time.monotonic()
        before = self._tokens

        def judge_all(programs: list[Candidate]) -> list[int]:
            passed = []
            for program in programs:
                passed.append(judge(task, program))
                if passed[-1] == len(task.examples) and run.first is None:
                    run.first = time.monotonic() - began
            if run.first is not None and run.stage is None:
                run.stage = time.monotonic() - began
            return passed

        prompt = codeplan1.plan_prompt(task)
        plans = []
        for number in range(budget.plans):
            text = self._generate(prompt, budget.plan_tokens, codeplan1.PLAN_STOP, seed + number)
            plans.append(codeplan1.parse_plan(text))
        passed = judge_all([self._program(task, plan, seed + n) for n, plan in enumerate(plans)])
        best = plans[max(range(len(plans)), key=lambda n: passed[n])]
        judge_all([self._program(task, best, seed + 100 + n) for n in range(budget.samples)])
        run.whole = time.monotonic() - began
        run.tokens = self._tokens - before
        return run

    def _program(self, task: Task, plan: Plan, seed: int) -> Candidate:
        prompt = codeplan1.code_prompt(task, plan)
        text = self._generate(prompt, self._budget.code_tokens, codeplan1.CODE_STOP, seed)
        return codeplan1.parse_code(text, task, plan)

    def _generate(self, prompt: str, limit: int, stops: tuple[str, ...], seed: int) -> str:
        llama = self._llama
        ids = llama.tokenize(prompt.encode(), add_bos=True, special=True)
        ends = {llama.token_eos()}
        texts = []
        for stop in stops:
            (*more, last) = llama.tokenize(stop.encode(), add_bos=False, special=True)
            if more or not stop.startswith("<|"):
                texts.append(stop.encode())
            else:
                ends.add(last)
        llama.set_seed(seed)
        out, written = [], b""
        draw = llama.generate(
            ids,
            temp=self._budget.temperature,
            top_p=self._budget.top_p,
            top_k=0,
            min_p=0.0,
        )
        for token in draw:
            self._tokens += 1
            if token in ends:
                break
            out.append(token)
            written += llama.detokenize([token])
            stop = next((text for text in texts if text in written), None)
            if stop is not None:
                written = written[: written.index(stop)]
                break
            if len(out) >= limit:
                break
        return written.decode(errors="replace")


def judge(task: Task, candidate: Candidate) -> int:
    """How many examples pass, in a fresh interpreter."""
    try:
        text = splice(task, candidate)
    except SpliceError:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "candidate.py").write_text(text, encoding="utf-8")
        command = [*_walls(), "--ro-bind", folder, "/tmp/candidate", "--", sys.executable]
        command += ["-I", "-m", "doctest", "/tmp/candidate/candidate.py"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LOOP_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return 0
        if "Failed example" not in done.stdout and done.returncode != 0:
            return 0
        return max(0, len(task.examples) - done.stdout.count("Failed example:"))


@functools.cache
def _walls() -> tuple[str, ...]:
    """bubblewrap with nothing writable, no network and no other process in sight."""
    program = linux.bubblewrap()
    if program is None:
        raise SystemExit("benchmarks/solve needs bubblewrap (apt install bubblewrap)")
    options = "--unshare-all --cap-drop ALL --new-session --die-with-parent --clearenv"
    mounts = "--ro-bind / / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /run --tmpfs /home"
    return (program, *options.split(), *mounts.split(), "--chdir", "/")
