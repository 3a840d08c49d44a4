"""One search in a worker thread, with its progress: what all commands that generate code share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from codeplan_model.extract import broken_elsewhere
from codeplan_model.generation import Backend, BackendError, CancelToken
from codeplan_model.memory import Store, StoreError, open_for
from codeplan_model.memory.recall import WORKED
from codeplan_model.prompts import UnknownFormat
from codeplan_model.search import (
    Budget,
    Event,
    Finished,
    NothingToExplain,
    NothingToPropose,
    NothingToRepair,
    Progress,
    solve,
)
from codeplan_model.values import Plan
from codeplan_server.engine import Engine, EngineClosed
from codeplan_server.progress import WorkProgress
from codeplan_server.sections import Settings
from codeplan_server.session import Session
from codeplan_server.targets import Target

if TYPE_CHECKING:
    from codeplan_model.sandbox import Sandbox


NOT_IN_FORCE = "Sandbox not in force: not run."


class SearchFailed(Exception):
    """The search could not be done: a dead model, no sandbox. The text is for people."""


def budget_of(settings: Settings, *, repair_rounds: int | None = None) -> Budget:
    """The budget that the settings give; repair_rounds: in place of theirs for a search."""
    search = settings.search
    rounds = search.repair_rounds if search.repair_failed else 0
    worked = {"auto": None, "always": WORKED, "never": 0}[settings.memory.worked_examples]
    return Budget(
        strategy=search.strategy,
        plans=search.plans,
        samples=search.samples,
        growth=search.growth,
        temperature=search.temperature,
        seed=search.seed,
        time_limit=search.time_limit,
        remembered=settings.memory.adapted,
        remembered_plans=settings.memory.plans,
        worked=worked,
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
    task = replace(target.task, user_plan=plan.steps) if plan else target.task

    def begin(tools: Tools) -> Iterator[Event | Finished]:
        problem = broken_elsewhere(task, target.document.shown_line)
        if problem:
            raise SearchFailed(f"the file {problem}")
        memory: tuple[Store, ...] = ()
        if tools.settings.search.memory:
            own = tools.settings.memory.own
            opened = tools.stack.enter_context(open_for(target.document.path, own=own))
            memory = opened.stores
            complaints.extend(opened.complaints)
        return find(task, tools.backend(), tools.sandbox(), budget, cancel, memory)

    complaints: list[str] = []
    finished: Finished = await run(session, target.document.uri, cancel, progress, begin)
    for complaint in complaints:
        session.client.show(complaint, types.MessageType.Warning)
    session.last = finished
    if finished.model.path:
        session.model = finished.model
    return finished


class Tools:
    """What a piece of work opens, for as long as it lasts."""

    def __init__(self, engine: Engine, settings: Settings, stack: ExitStack) -> None:
        self.settings, self.stack = settings, stack
        self._engine = engine

    def backend(self) -> Backend:
        return self.stack.enter_context(self._engine.backends.use(self.settings.backend))

    def sandbox(self) -> Sandbox:
        return self.stack.enter_context(self._engine.sandboxes.use(self.settings.sandbox))


async def run(
    session: Session,
    uri: str,
    cancel: CancelToken,
    progress: WorkProgress,
    begin: Callable[[Tools], Iterator[Any]],
) -> Any:
    """Drain what `begin` gives in a worker thread; its last event. Raises SearchFailed, Cancelled.

    Events of the kind Progress are shown; the last event is the result. The settings are those for
    the document `uri`.
    """
    settings = await session.current_settings(uri)
    loop = asyncio.get_running_loop()

    def work() -> Any:
        last: Any = None
        with ExitStack() as stack:
            events = begin(Tools(session.engine, settings, stack))
            # A generator that is left alone would go on using the model until it is collected.
            stack.callback(getattr(events, "close", lambda: None))
            for last in events:
                if isinstance(last, Progress):
                    loop.call_soon_threadsafe(progress.report, last.message, last.done, last.total)
        return last

    try:
        return await session.searches.submit(work, cancel)
    except StoreError as error:
        raise SearchFailed(
            f"{error}. Install codeplan again, or set codeplan.search.memory to false"
        ) from error
    except sandbox_error() as error:
        raise SearchFailed(f"{NOT_IN_FORCE} {error}") from error
    except (
        BackendError,
        UnknownFormat,
        NothingToExplain,
        NothingToPropose,
        NothingToRepair,
        EngineClosed,
    ) as error:
        raise SearchFailed(str(error)) from error


def sandbox_error() -> type[Exception]:
    from codeplan_model.sandbox import SandboxUnavailable

    return SandboxUnavailable
