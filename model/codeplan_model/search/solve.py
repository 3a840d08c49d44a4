"""The search: from a Task to a ranked list of verdicts, as one stream of events.

Strategies: `codeplan`, the three stages of the paper (plans; code for each, judged by the examples;
more code from the best plan); `direct`, code without plans, the conventional baseline; `adaptive`,
rounds that grow while nothing passes: a few direct programs, the three stages, twice as many plans.
What memory offers is judged first; by `adaptive` the nearest first, more after the direct programs,
far more before the last plans. A plan of the user's own is all that is used.

Who stops pulling, cancels. Nothing here knows how models or sandboxes work inside.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

from codeplan_model.generation import (
    Backend,
    Cancelled,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
    Sampling,
)
from codeplan_model.memory import Entry, Store, nearest
from codeplan_model.prompts import Prompt, PromptFormat, Worked, format_named
from codeplan_model.search import ranking
from codeplan_model.search.agreement import Judge, agreement
from codeplan_model.search.checks import keep_promises
from codeplan_model.search.events import (
    Budget,
    Event,
    Finished,
    Judged,
    PlanChosen,
    PlanRecord,
    Progress,
    Stage,
)
from codeplan_model.search.mending import mend
from codeplan_model.search.planning import plan_and_code
from codeplan_model.search.remembering import try_distant, try_nearest, try_remembered
from codeplan_model.search.worked import worked_for
from codeplan_model.values import Candidate, Plan, Task, Verdict

DIRECT_FIRST = 5
"""Direct programs that the adaptive strategy tries before it plans."""


def solve(
    task: Task,
    backend: Backend,
    judge: Judge,
    budget: Budget = Budget(),
    cancel: CancelToken | None = None,
    memory: Sequence[Store] = (),
) -> Generator[Event, None, None]:
    """Search for a body that passes the task's examples; ends with one Finished event.

    memory: stores whose programs and plans are tried as well; none by default.
    Raises Cancelled when `cancel` fires, BackendError when the model can't answer, and whatever
    `judge` raises when there is no sandbox.
    """
    with deadline(cancel, budget.time_limit) as (token, ran_out):
        search = Search(task, backend, judge, budget, token, memory)
        try:
            yield Progress("loading", 0, 1, "loading the model")
            search.load()
            if task.examples:
                judge.warm(task)
            yield from search.run()
        except Cancelled:
            if not ran_out():
                raise
            search.stopped = "time"
        # The deadline has passed or the work is done: ranking needs no more than moments.
        yield search.finish(cancel)


class Search:
    """The state of one search: what was generated, judged and spent.

    round: calls of the model. rounds: those that gave failing examples back to it.
    """

    def __init__(
        self,
        task: Task,
        backend: Backend,
        judge: Judge,
        budget: Budget,
        cancel: CancelToken,
        memory: Sequence[Store],
    ) -> None:
        self.task, self.backend, self.judge = task, backend, judge
        self.budget, self.cancel, self.memory = budget, cancel, memory
        self.neighbours: list[Entry] = []
        self.worked: tuple[Worked, ...] = ()
        self.began = time.monotonic()
        self.plans: list[Plan] = []
        self.verdicts: dict[str, Verdict] = {}
        self.repeated: list[Verdict] = []
        self.tokens = 0
        self.round = 0
        self.rounds = 0
        self.stopped = "exhausted"
        self.timings: dict[str, float] = {}
        # Replaced on loading; stays when the time ran out before that.
        self.info = ModelInfo("none loaded", "", "", "", 0)
        self.format: PromptFormat

    def load(self) -> None:
        with self.timed("loading"):
            self.info = self.backend.info(self.cancel)
        self.format = format_named(self.info.prompt_format)

    def run(self) -> Iterator[Event]:
        """Search, then see to what the docstring promises and no example shows."""
        yield from self._tries()
        yield from keep_promises(self)

    def _tries(self) -> Iterator[Event]:
        strategy = self.budget.strategy
        self.recall()
        self.worked = worked_for(self.task, self.neighbours, self.info, self.format, self.budget)
        if self.task.user_plan:
            plan = Plan(self.task.user_plan, origin="user")
            self.plans.append(plan)
            yield from self._refine(plan)
            return
        if strategy == "adaptive":
            yield from try_nearest(self)
            if not self.over:
                yield from self._direct(min(DIRECT_FIRST, self.budget.samples))
        if not self.over:
            yield from try_remembered(self)
        if self.over:
            return
        if strategy == "direct":
            # At equal numbers of programs: N for the plans' own, K for the chosen plan's.
            yield from self._direct(self.budget.plans + self.budget.samples)
            return
        yield from plan_and_code(self, self.budget.plans)
        if not self.over and self.plans:
            best = self._ranked_plans()[0]
            yield PlanChosen(best)
            yield from self._refine(best.plan)
        if strategy == "adaptive":
            yield from try_distant(self)
        more = self.budget.plans * self.budget.growth
        if strategy == "adaptive" and more and self._should_grow():
            yield from plan_and_code(self, more, "more ")
        if not self.over and self.budget.repair_rounds and self.task.examples:
            start = ranking.rank(list(self.verdicts.values()), self.task)[:1]
            if start and start[0].passed:
                yield from mend(self, start[0], self.budget.repair_rounds)

    def _should_grow(self) -> bool:
        """Whether nothing passes yet and another round is cheap: a small model's. A chat model
        takes as long for a plan as the small one for all of them."""
        early = self.budget.early_stop and bool(self.task.examples)
        return early and not self.over and self.format.JOINT is not None

    def finish(self, cancel: CancelToken | None) -> Finished:
        verdicts = list(self.verdicts.values())
        ranked = ranking.rank(verdicts, self.task)
        tied = ranking.tied_for_first(ranked)
        if len(tied) > 1 and self.stopped != "time":
            with self.timed("agreement"):
                agreed = agreement(
                    self.task, [v.candidate for v in tied], self.judge, self.budget.seed, cancel
                )
            ranked = ranking.rank(verdicts, self.task, agreed)
        return Finished(
            task=self.task,
            best=ranked[0] if ranked else None,
            ranked=tuple(ranked),
            plans=tuple(self._ranked_plans()),
            strategy=self.budget.strategy,
            stopped=self.stopped,
            seconds=time.monotonic() - self.began,
            tokens=self.tokens,
            sandbox=self.judge.level.describe(),
            model=self.info,
            timings=self.timings,
            repeated=tuple(self.repeated),
            rounds=self.rounds,
        )

    def recall(self) -> None:
        """Look once for the nearest solved problems."""
        if self.memory and not self.neighbours:
            with self.timed("remembering"):
                self.neighbours = nearest(self.task, self.memory)

    def _ranked_plans(self) -> list[PlanRecord]:
        verdicts = [*self.verdicts.values(), *self.repeated]
        return ranking.rank_plans(self.plans, verdicts, self.task)

    def _direct(self, count: int) -> Iterator[Event]:
        prompt = self.format.code_prompt(self.task, None, self.worked)
        yield from self.code("direct", [(prompt, None)], count, "writing code")

    def _refine(self, plan: Plan) -> Iterator[Event]:
        prompt = self.format.code_prompt(self.task, plan, self.worked)
        message = "writing code from the chosen plan"
        yield from self.code("refining", [(prompt, plan)], self.budget.samples, message)

    def code(
        self,
        stage: Stage,
        prompts: Sequence[tuple[Prompt, Plan | None]],
        count: int,
        message: str,
    ) -> Iterator[Event]:
        """Write `count` programs for each prompt and judge them as they finish."""
        total = count * len(prompts)
        if not total:
            return
        yield Progress(stage, 0, total, message)
        sampling = self.sampling(self.budget.code_tokens, self.format.CODE_STOP)
        requests = [Request(prompt, count, sampling) for prompt, _ in prompts]
        done = 0
        for completion in self.generate(stage, requests):
            done += 1
            yield from self.written(completion, prompts[completion.request][1])
            if self.stopped == "passed":
                return
            yield Progress(stage, done, total, self.so_far(f"{message}: {done} of {total}"))

    def written(self, completion: Completion, plan: Plan | None) -> Iterator[Event]:
        """A program that the model wrote: judge it."""
        candidate = self.format.parse_code(
            completion.text,
            self.task,
            plan,
            logprob=completion.logprob,
            tokens=completion.tokens,
            finished=completion.finish == "stop",
        )
        yield from self.consider(candidate)

    def so_far(self, message: str) -> str:
        """A message with the best record until now."""
        best = max((v.passed for v in self.verdicts.values()), default=0)
        return f"{message}, best passes {best} of {len(self.task.examples)}" if best else message

    def consider(self, candidate: Candidate) -> Iterator[Event]:
        """Judge a candidate unless the same code was judged before."""
        known = self.verdicts.get(candidate.completion)
        if known is not None:
            # Another plan that leads to the same code has the same record.
            self.repeated.append(replace(known, candidate=candidate))
        elif candidate.completion.strip():
            yield from self.record(self.judged(candidate))

    def record(self, verdict: Verdict) -> Iterator[Event]:
        """Keep a new verdict; the search is over when it passes."""
        self.verdicts[verdict.candidate.completion] = verdict
        yield Judged(verdict)
        if self.budget.early_stop and ranking.is_solved(verdict, self.task):
            self.stopped = "passed"

    def judged(self, candidate: Candidate) -> Verdict:
        with self.timed("judging"):
            return self.judge.judge(self.task, candidate, cancel=self.cancel)

    def judged_many(self, candidates: Iterable[Candidate]) -> Iterator[Verdict]:
        """Verdicts of different programs that nothing has judged yet, in their order."""
        with closing(self.judge.judge_many(self.task, candidates, cancel=self.cancel)) as verdicts:
            while True:
                with self.timed("judging"):
                    verdict = next(verdicts, None)
                if verdict is None:
                    return
                yield verdict

    @property
    def solved(self) -> bool:
        """Whether something passes."""
        return any(ranking.is_solved(v, self.task) for v in self.verdicts.values())

    def end_if_solved(self) -> None:
        """The search is over when something passes, unless all samples are wanted."""
        if self.budget.early_stop and self.solved:
            self.stopped = "passed"

    @property
    def over(self) -> bool:
        """Whether nothing more should be tried."""
        return self.stopped in ("passed", "tokens")

    def generate(
        self, stage: Stage | Callable[[Completion], Stage], requests: list[Request]
    ) -> Iterator[Completion]:
        """Completions of one round, counted and timed; the decoder stops when this is closed.

        stage: under which the wait for a completion is booked.
        """
        self.round += 1
        stream = self.backend.generate(requests, self.cancel)
        waited = decoded = 0.0
        try:
            while True:
                began = time.monotonic()
                completion = next(stream, None)
                wait = time.monotonic() - began
                waited += wait
                if completion is None:
                    return
                self.spent(stage(completion) if callable(stage) else stage, wait)
                self.tokens += completion.tokens
                decoded = completion.seconds
                yield completion
                limit = self.budget.token_limit
                if limit is not None and self.tokens >= limit:
                    self.stopped = "tokens"
                    return
        finally:
            self.spent("waiting", waited)
            if decoded:
                self.spent("decoding", decoded)
                # What the decoder did while the search judged and did not wait.
                self.spent("overlapped", max(0.0, decoded - waited))
            close = getattr(stream, "close", None)
            if close is not None:
                close()

    def sampling(self, max_tokens: int, stop: tuple[str, ...]) -> Sampling:
        return Sampling(
            temperature=self.budget.temperature,
            top_p=self.budget.top_p,
            max_tokens=max_tokens,
            stop=stop,
            # Rounds must differ, or the last stage would repeat the programs of the one before.
            seed=self.budget.seed * 1009 + self.round,
        )

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.spent(stage, time.monotonic() - began)

    def spent(self, stage: str, seconds: float) -> None:
        """Book seconds; see `Finished.timings`."""
        self.timings[stage] = self.timings.get(stage, 0.0) + seconds


@contextmanager
def deadline(
    cancel: CancelToken | None, seconds: float
) -> Iterator[tuple[CancelToken, Callable[[], bool]]]:
    """A token that fires with the caller's or after `seconds`; and whether it was the time."""
    token = CancelToken()
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        token.cancel()

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    forget = cancel.on_cancel(token.cancel) if cancel else (lambda: None)
    timer.start()
    try:
        yield token, lambda: expired.is_set() and not (cancel is not None and cancel.cancelled)
    finally:
        timer.cancel()
        forget()
