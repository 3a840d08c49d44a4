"""Loading ahead: a file with functions to write opens, and the first command finds all in place.

The model's process maps the model and the sandbox starts its warm interpreter while the user still
reads. Only for the file that was opened last, and only where nothing else is let go for it. Not for
backends that would load into this process or ask a server. In a workspace that is not trusted, and
where nothing contains the code, no more than the model is loaded. What fails is told by the command
that needs it.
"""

from __future__ import annotations

import logging

from codeplan_model.extract import ExtractError, all_functions, task_at
from codeplan_model.generation import BackendError, Cancelled, CancelToken
from codeplan_model.values import Task
from codeplan_server.documents import Document
from codeplan_server.engine import EngineClosed
from codeplan_server.searching import sandbox_error
from codeplan_server.session import Session

logger = logging.getLogger(__name__)


async def load_early(session: Session, document: Document) -> None:
    """Get ready for this document's functions, if the settings say so."""
    settings = await session.current_settings(document.uri)
    if settings.backend.kind != "llama" or not settings.backend.load_early:
        return
    first = await session.readers.submit(lambda: _first_to_write(document))
    if first is None:
        return
    session.loading_early.cancel()
    cancel = session.loading_early = CancelToken()
    engine, trusted = session.engine, session.trusted

    def load() -> None:
        if trusted and engine.sandboxes.suits(settings.sandbox):
            task = _task(document, first)
            with engine.sandboxes.use(settings.sandbox) as judge:
                if task is not None and task.examples and judge.level.name != "C":
                    judge.warm(task)
        cancel.check()
        if engine.backends.suits(settings.backend):
            with engine.backends.use(settings.backend) as backend:
                backend.info(cancel)

    try:
        await session.early.submit(load, cancel)
    except (BackendError, Cancelled, EngineClosed, OSError, sandbox_error()) as error:
        logger.info("not loaded early: %s", error)


def _first_to_write(document: Document) -> int | None:
    sites = all_functions(document.text, document.path)
    return next((site.name.start for site in sites if site.to_write), None)


def _task(document: Document, offset: int) -> Task | None:
    try:
        return task_at(document.text, offset, document.path)
    except ExtractError:
        return None
