"""Time to verified code: codeplan beside the way most people would write it.

The usual way: llama-cpp-python's `Llama` called once per sample, all plans, then all programs, and
a fresh `python -I -m doctest` for each candidate, without any containment. Both sides use the
same model, prompts, numbers of samples and temperature, in one run, on the same functions.
Prints the median time per function with early stopping (as users have it), and the time for a fixed
number of generated tokens.
"""

from __future__ import annotations

import functools
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from codeplan_model.backends import EMBEDDED_MODEL, open_backend
from codeplan_model.extract import SpliceError, splice, task_named
from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import Sandbox, linux
from codeplan_model.sandbox.interpreter import describe
from codeplan_model.search import Budget, Finished, solve
from codeplan_model.values import Task

ROOT = Path(__file__).resolve().parents[2]
N = 10
LOOP_SECONDS = 2.0
"""Both sides give a candidate as long."""
BUDGET = Budget(plans=N, samples=N, strategy="codeplan", temperature=0.6)


def main() -> int:
    """Print the table."""
    tasks = demo_tasks()
    with Sandbox() as sandbox:
        backend = open_backend("llama", None)
        backend.info()
        rows = [
            ("codeplan, stops at the first pass", run_codeplan(tasks, backend, sandbox, BUDGET)),
            (
                "codeplan, all samples",
                run_codeplan(tasks, backend, sandbox, replace(BUDGET, early_stop=False)),
            ),
        ]
        backend.close()
    rows.append(("one sample at a time, fresh doctest processes", run_usual(tasks)))
    base = rows[-1][1]
    print(f"{len(tasks)} functions, {N} plans, {N} programs and {N} more from the chosen plan")
    print(f"{'':48} {'median s':>9} {'tokens/s':>9} {'times':>7} {'per token':>10}")
    for name, (seconds, tokens) in rows:
        median = statistics.median(seconds)
        rate = sum(tokens) / sum(seconds)
        faster = statistics.median(base[0]) / median
        per_token = rate / (sum(base[1]) / sum(base[0]))
        print(f"{name:48} {median:9.2f} {rate:9.0f} {faster:7.1f} {per_token:10.1f}")
    return 0


def demo_tasks() -> list[Task]:
    """The functions that `make run` solves."""
    lines = (ROOT / "examples" / "demo.txt").read_text(encoding="utf-8").splitlines()
    tasks = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            name, _, function = line.strip().partition("::")
            path = ROOT / "examples" / name
            tasks.append(task_named(path.read_text(encoding="utf-8"), function, str(path)))
    return tasks


def run_codeplan(tasks, backend, sandbox, budget) -> tuple[list[float], list[int]]:
    """Seconds and generated tokens for each task."""
    seconds, tokens = [], []
    for task in tasks:
        for event in solve(task, backend, sandbox, budget):
            if isinstance(event, Finished):
                seconds.append(event.seconds)
                tokens.append(event.tokens)
    return seconds, tokens


def run_usual(tasks) -> tuple[list[float], list[int]]:
    """The same three stages, one sample after the other."""
    import llama_cpp

    llama = llama_cpp.Llama(str(EMBEDDED_MODEL), n_ctx=1024, verbose=False)
    count = 0

    def generate(prompt: str, limit: int, stop: tuple[str, ...]) -> str:
        nonlocal count
        ids = llama.tokenize(prompt.encode(), add_bos=True, special=True)
        ends = {llama.tokenize(s.encode(), add_bos=False, special=True)[0] for s in stop[:2]}
        out: list[int] = []
        for token in llama.generate(ids, temp=BUDGET.temperature, top_p=BUDGET.top_p):
            count += 1
            if token in ends or len(out) >= limit:
                break
            out.append(token)
        return llama.detokenize(out).decode(errors="replace")

    seconds, tokens = [], []
    for task in tasks:
        began, before = time.monotonic(), count
        plans = [
            codeplan1.parse_plan(
                generate(codeplan1.plan_prompt(task), BUDGET.plan_tokens, codeplan1.PLAN_STOP)
            )
            for _ in range(N)
        ]
        best, record = plans[0], -1
        for plan in plans:
            passed = judge_usual(task, generate_code(generate, task, plan))
            if passed > record:
                best, record = plan, passed
        for _ in range(N):
            judge_usual(task, generate_code(generate, task, best))
        seconds.append(time.monotonic() - began)
        tokens.append(count - before)
    return seconds, tokens


def generate_code(generate, task, plan):
    """One program from a plan."""
    prompt = codeplan1.code_prompt(task, plan)
    return codeplan1.parse_code(
        generate(prompt, BUDGET.code_tokens, codeplan1.CODE_STOP), task, plan
    )


def judge_usual(task, candidate) -> int:
    """How many examples pass, in a fresh interpreter."""
    try:
        text = splice(task, candidate)
    except SpliceError:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "candidate.py").write_text(text, encoding="utf-8")
        command = [*_contained(folder), "-I", "-m", "doctest", "/candidate/candidate.py"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LOOP_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return 0
        if "Failed example" not in done.stdout and done.returncode != 0:
            return 0
        return max(0, len(task.examples) - done.stdout.count("Failed example:"))


# The usual way has no containment. Generated code runs nowhere without one here, so the sandbox's
# own bubblewrap is put around it: about 5 ms beside the 50 ms of a fresh interpreter.
@functools.cache
def _walls() -> tuple[str, list[str], str]:
    program = linux.bubblewrap()
    if program is None:
        raise SystemExit("benchmarks/solve needs bubblewrap (apt install bubblewrap)")
    interpreter = describe(None)
    _, *options = linux.bubblewrap_command(program, interpreter, 2)
    return program, options, interpreter.executable


def _contained(folder: str) -> list[str]:
    program, options, python = _walls()
    return [program, "--ro-bind", folder, "/candidate", *options, python]


if __name__ == "__main__":
    sys.exit(main())
