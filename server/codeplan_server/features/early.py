"""Loading ahead: a file with functions to write opens, and the first command finds all in place.

The model's process maps the model and the sandbox starts its warm interpreter while the user still
reads. Not for backends that would load into this process or ask a server, and nothing of the file
is touched in a workspace that is not trusted. What fails is told by the command that needs it.
"""

from __future__ import annotations

import logging

from codeplan_model.extract import all_functions, task_at
from codeplan_model.generation import BackendError, Cancelled
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

    def load() -> None:
        sites = all_functions(document.text, document.path)
        first = next((site for site in sites if site.to_write), None)
        if first is None:
            return
        task = task_at(document.text, first.name.start, document.path)
        if session.trusted and task is not None and task.examples:
            with session.engine.sandboxes.use(settings.sandbox) as judge:
                judge.warm(task)
        with session.engine.backends.use(settings.backend) as backend:
            backend.info()

    try:
        await session.early.submit(load)
    except (BackendError, Cancelled, EngineClosed, OSError, sandbox_error()) as error:
        logger.info("not loaded early: %s", error)
