"""One search in a worker thread, with its progress: what all commands that generate code share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

from codeplan_model.generation import BackendError, CancelToken
from codeplan_model.memory import StoreError, open_shipped
from codeplan_model.prompts import UnknownFormat
from codeplan_model.search import Budget, Event, Finished, NothingToRepair, Progress, solve
from codeplan_model.values import Plan
from codeplan_server.engine import EngineClosed
from codeplan_server.progress import WorkProgress
from codeplan_server.session import Session
from codeplan_server.settings import Settings
from codeplan_server.targets import Target


class SearchFailed(Exception):
    """The search could not be done: a dead model, no sandbox. The text is for people."""


def budget_of(settings: Settings, *, repair_rounds: int | None = None) -> Budget:
    """The budget that the settings give; repair_rounds: in place of theirs for a search."""
    search = settings.search
    rounds = search.repair_rounds if search.repair_failed else 0
    return Budget(
        strategy=search.strategy,
        plans=search.plans,
        samples=search.samples,
        temperature=search.temperature,
        seed=search.seed,
        time_limit=search.time_limit,
        repair_rounds=rounds if repair_rounds is None else repair_rounds,
    )


async def search(
    session: Session,
    target: Target,
    budget: Budget,
    cancel: CancelToken,
    progress: WorkProgress,
    *,
    plan: Plan | None = None,
    find: Callable[..., Generator[Event, None, None]] = solve,
) -> Finished:
    """Search for a body of the target. Raises SearchFailed, Cancelled.

    plan: used instead of sampled ones. find: `solve`, or `repair` to begin with the body's code.
    """
    settings = await session.current_settings()
    task = replace(target.task, user_plan=plan.steps) if plan else target.task
    loop = asyncio.get_running_loop()

    def post(event: Event) -> None:
        if isinstance(event, Progress):
            loop.call_soon_threadsafe(progress.report, event.message, event.done, event.total)

    def work() -> Finished:
        with ExitStack() as stack:
            sandbox = stack.enter_context(session.engine.sandboxes.use(settings.sandbox))
            backend = stack.enter_context(session.engine.backends.use(settings.backend))
            memory = open_shipped() if settings.search.memory else []
            for store in memory:
                stack.enter_context(store)
            events = find(task, backend, sandbox, budget, cancel, memory)
            return _drain(stack.enter_context(closing(events)), post)

    try:
        finished = await session.searches.submit(work, cancel)
    except StoreError as error:
        raise SearchFailed(
            f"{error}. Install codeplan again, or set codeplan.search.memory to false"
        ) from error
    except (
        BackendError,
        UnknownFormat,
        NothingToRepair,
        EngineClosed,
        sandbox_error(),
    ) as error:
        raise SearchFailed(str(error)) from error
    session.model = finished.model
    return finished


def _drain(events: Iterator[Event], post: Callable[[Event], None]) -> Finished:
    for event in events:
        if isinstance(event, Finished):
            return event
        post(event)
    raise AssertionError("the search ended without a result")


def sandbox_error() -> type[Exception]:
    from codeplan_model.sandbox import SandboxUnavailable

    return SandboxUnavailable
