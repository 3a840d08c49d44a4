"""Settings from initializationOptions, workspace/configuration and didChangeConfiguration.

initializationOptions: {"settings": {...}, "trusted": bool}, or the settings themselves. Later
sources replace earlier ones as a whole; what a client never sends stays at its default.
"""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types

from codeplan_server import log
from codeplan_server.session import Session
from codeplan_server.settings import read_settings, section_of

logger = logging.getLogger(__name__)


def take_initial_options(session: Session, options: Any) -> None:
    """Before the client's configuration is asked for."""
    if isinstance(options, dict):
        session.trusted = options.get("trusted", True) is not False
        options = options.get("settings", {k: v for k, v in options.items() if k != "trusted"})
    session.initial_options = options
    use_settings(session, options, report=False)


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """`workspace/didChangeConfiguration`: asked for again, or taken from the notification."""
    if session.client.can.configuration:
        # Cleared before the next message is read: a command behind this one sees the new settings.
        session.spawn(fetch(session, session.configuring()))
        return
    given = params.settings
    if isinstance(given, dict):
        use_settings(session, given.get("codeplan", given))


async def fetch(session: Session, asked: int) -> None:
    """Ask the client for its settings and use them. asked: from `Session.configuring`."""
    try:
        found = await session.client.configuration()
        if not session.is_newest(asked):
            return
        if found is not None:
            use_settings(session, found)
        elif session.settings_problems:
            _report(session)
    finally:
        session.configured(asked)


def use_settings(session: Session, raw: Any, *, report: bool = True) -> None:
    """Take the settings in `raw` into use; wrong ones are reported by name."""
    merged = _merged(section_of(session.initial_options), section_of(raw))
    known, lenses = session.settings_problems, session.settings.code_lens
    backend = session.settings.backend
    session.settings, session.settings_problems = read_settings(merged, trusted=session.trusted)
    if session.settings.backend != backend:
        session.model = None
    logging_settings = session.settings.logging
    level = "debug" if session.trace else logging_settings.level
    log.set_level(log.LEVELS[level])
    session.protocol.trace_messages = level == "debug" and logging_settings.source_text
    if report and session.settings.code_lens != lenses:
        session.spawn(session.client.refresh_lenses())
    if report and session.settings_problems and session.settings_problems != known:
        _report(session)


def _report(session: Session) -> None:
    for problem in session.settings_problems:
        logger.warning("settings: %s", problem)
    session.client.show(
        "codeplan's settings: " + "; ".join(session.settings_problems), types.MessageType.Warning
    )


def _merged(base: Any, over: Any) -> Any:
    """Objects merged key by key, everything else replaced; None says nothing."""
    if isinstance(base, dict) and isinstance(over, dict):
        keys = [*base, *(key for key in over if key not in base)]
        return {key: _merged(base.get(key), over.get(key)) for key in keys}
    return base if over is None else over
