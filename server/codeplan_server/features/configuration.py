"""Settings from initializationOptions, workspace/configuration and didChangeConfiguration.

initializationOptions: {"settings": {...}, "trusted": bool}, or the settings themselves. Later
sources replace earlier ones as a whole; what a client never sends stays at its default. A folder's
own settings lie over those for everything.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lsprotocol import types

from codeplan_server import log
from codeplan_server.rpc import invalid_params
from codeplan_server.sections import Settings
from codeplan_server.session import Session
from codeplan_server.settings import read_settings, section_of
from codeplan_server.workers import cancel_aside

logger = logging.getLogger(__name__)
TRUST = "codeplan/didChangeTrust"


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
        ask_again(session)
        return
    given = params.settings
    if isinstance(given, dict):
        use_settings(session, given.get("codeplan", given))


def did_change_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """`workspace/didChangeWorkspaceFolders`: each folder may have settings of its own."""
    gone = {folder.uri for folder in params.event.removed}
    kept = [uri for uri in session.folders if uri not in gone]
    added = [folder.uri for folder in params.event.added]
    session.folders = tuple(dict.fromkeys([*kept, *added]))
    if session.client.can.configuration:
        ask_again(session)


def did_change_trust(session: Session, params: Any) -> None:
    """`codeplan/didChangeTrust`, {"trusted": bool}: the user trusts the workspace, or no longer.

    When trust is taken back, everything that runs is stopped: it may run on restricted settings.
    """
    trusted = params.get("trusted") if isinstance(params, dict) else None
    if not isinstance(trusted, bool):
        raise invalid_params(f'{TRUST} needs {{"trusted": true}} or {{"trusted": false}}')
    if trusted == session.trusted:
        return
    session.trusted = trusted
    if not trusted:
        cancel_aside(session.cancel_everything)
    use_settings(session, session.sent_settings, session.sent_by_folder)
    if session.client.can.configuration:
        ask_again(session)


def ask_again(session: Session) -> None:
    """Ask the client for its settings: a command behind this message sees the new ones."""
    session.spawn(fetch(session, session.configuring()))


async def fetch(session: Session, asked: int) -> None:
    """Ask the client for its settings and use them. asked: from `Session.configuring`."""
    try:
        folders = session.folders
        found = await session.client.configuration(folders)
        if not session.is_newest(asked):
            return
        if found is not None:
            use_settings(session, found[0], dict(zip(folders, found[1:], strict=True)))
        elif session.settings_problems:
            _report(session)
    finally:
        session.configured(asked)


def use_settings(
    session: Session,
    raw: Any,
    by_folder: Mapping[str, Any] = MappingProxyType({}),
    *,
    report: bool = True,
) -> None:
    """Take the settings in `raw` into use; wrong ones are reported by name.

    by_folder: those of the workspace's folders; None for a folder that has none of its own.
    """
    session.sent_settings, session.sent_by_folder = raw, by_folder
    known = session.settings_problems
    before = (session.settings, session.folder_settings)
    merged = _merged(section_of(session.initial_options), section_of(raw))
    session.settings, problems = read_settings(merged, trusted=session.trusted)
    session.folder_settings = {}
    for folder, own in by_folder.items():
        if own is None:
            continue
        over = _merged(merged, section_of(own))
        session.folder_settings[folder], more = read_settings(over, trusted=session.trusted)
        problems += tuple(problem for problem in more if problem not in problems)
    session.settings_problems = problems
    if session.settings.backend != before[0].backend:
        session.model = None
    logging_settings = session.settings.logging
    level = "debug" if session.trace else logging_settings.level
    log.set_level(log.LEVELS[level])
    session.protocol.trace_messages = level == "debug" and logging_settings.source_text
    if report and _lens_settings(*before) != _lens_settings(
        session.settings, session.folder_settings
    ):
        session.spawn(session.client.refresh_lenses())
    if report and session.settings_problems and session.settings_problems != known:
        _report(session)


def _lens_settings(settings: Settings, by_folder: Mapping[str, Settings]) -> list[Any]:
    return [settings.code_lens, *((uri, one.code_lens) for uri, one in sorted(by_folder.items()))]


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
