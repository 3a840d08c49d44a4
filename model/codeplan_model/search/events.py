"""What `solve` reports while it works, and what it ends with. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from codeplan_model.generation import ModelInfo
from codeplan_model.search.promises import promised
from codeplan_model.values import Candidate, Plan, Task, Verdict

StrategyName = Literal["adaptive", "codeplan", "direct"]
Stage = Literal["loading", "remembering", "direct", "planning", "coding", "refining", "mending"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much to try.

    strategy: see `solve`; adaptive, the default, solved more of the exercises kept for validation,
        and sooner, with the embedded model (README.md).
    plans: sampled plans (N). samples: programs written from the chosen plan (K), and programs
        written directly by the strategies that do so.
    growth: where nothing has passed in the end, the adaptive strategy samples so many times `plans`
        more, with a program from each, if the model was trained by codeplan; 0 for none.
    temperature, top_p: for every draw. seed: the same seed, model and file give the same result.
    time_limit: seconds for the whole search; what was found by then is the result.
    token_limit: generated tokens for the whole search, None for no limit.
    plan_tokens, code_tokens: generated tokens at most for one plan, one program.
    early_stop: end at the first candidate that passes every example.
    remembered: programs adapted from memory that are judged at most.
    distant: where nothing has passed yet, the adaptive strategy judges so many times `remembered`
        before it samples further plans; 0 for none.
    changed: small changes of adapted programs that pass some examples, when none passes all.
    remembered_plans: plans from memory that stand beside the sampled ones.
    worked: solved problems from memory that stand in every prompt; None for as many as the model
        was trained with, and two for a chat model.
    checks: samples of a check that the docstring asks for ("Raise ValueError if ...") and the best
        program lacks; 0 for none.
    repair_rounds: how often the failing examples of the best program are given back to the model,
        by `repair`, and by `solve` when nothing passed; 0 for never.
    """

    strategy: StrategyName = "adaptive"
    plans: int = 10
    samples: int = 10
    growth: int = 2
    temperature: float = 0.6
    top_p: float = 0.95
    seed: int = 0
    time_limit: float = 60.0
    token_limit: int | None = None
    plan_tokens: int = 160
    code_tokens: int = 320
    early_stop: bool = True
    remembered: int = 60
    distant: int = 10
    changed: int = 250
    remembered_plans: int = 2
    worked: int | None = None
    checks: int = 20
    repair_rounds: int = 0


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan and how the code written from it fared. best: the best verdict, None when none."""

    plan: Plan
    best: Verdict | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Work goes on: `done` of `total` in this stage; message is for people."""

    stage: Stage
    done: int
    total: int
    message: str


@dataclass(frozen=True, slots=True)
class PlanSampled:
    """A new plan."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Judged:
    """A new candidate with its verdict."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PlanChosen:
    """The plan from which more code is written now."""

    record: PlanRecord


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a search.

    best: the verdict of the candidate to offer, None when there is none at all.
    ranked: all distinct verdicts, best first. repeated: verdicts of candidates whose code was
        judged before, one for each. plans: all plans with their records, best first.
    stopped: why it ended: "passed", "exhausted", "time", "tokens".
    timings: seconds. By stage, the wait for the model: "planning", "coding", "direct", "refining",
        "mending"; their sum: "waiting". "loading" the model, "remembering" (looking up neighbours),
        "judging" and "agreement" in the sandbox. "decoding": how long the model worked on this, by
        its own clock, where it tells; "overlapped": how much of that went on while the search
        judged instead of waiting.
    rounds: how often failing examples were given back to the model.
    before: for a repair the verdict of the code that was there.
    """

    task: Task
    best: Verdict | None
    ranked: tuple[Verdict, ...]
    plans: tuple[PlanRecord, ...]
    strategy: str
    stopped: str
    seconds: float
    tokens: int
    sandbox: str
    model: ModelInfo
    timings: dict[str, float] = field(default_factory=dict)
    repeated: tuple[Verdict, ...] = ()
    rounds: int = 0
    before: Verdict | None = None

    @property
    def outcome(self) -> str:
        """An Outcome's value, or "no_candidate"."""
        return self.best.outcome.value if self.best else "no_candidate"

    def to_json(self) -> dict[str, Any]:
        """The object that `codeplan solve --json` prints and the server returns.

        untested: exceptions that the docstring promises and no example shows.
        """
        candidate: Candidate | None = self.best.candidate if self.best else None
        plan = candidate.plan if candidate else None
        before = {"before": _record(self.before)} if self.before else {}
        return {
            "file": self.task.path,
            "function": self.task.entry_point,
            "outcome": self.outcome,
            "passed": self.best.passed if self.best else 0,
            "total": self.best.total if self.best else len(self.task.examples),
            "plan": list(plan.steps) if plan else [],
            "code": candidate.completion if candidate else "",
            "strategy": self.strategy,
            "plans": len(self.plans),
            "candidates": len(self.ranked),
            "seconds": round(self.seconds, 3),
            "tokens": self.tokens,
            "sandbox": self.sandbox,
            "model": self.model.name,
            "origin": candidate.origin if candidate else "",
            "plan_origin": plan.origin if plan else "",
            "weak": self.best.weak if self.best else False,
            "detail": self.best.detail if self.best else "",
            "untested": list(promised(self.task)),
            "stopped": self.stopped,
            "rounds": self.rounds,
            "timings": {stage: round(seconds, 3) for stage, seconds in self.timings.items()},
            **before,
        }


def _record(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome.value,
        "passed": verdict.passed,
        "total": verdict.total,
        "detail": verdict.detail,
    }


Event = Progress | PlanSampled | Judged | PlanChosen | Finished
