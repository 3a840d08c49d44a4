"""Prompt formats: render and parse together, one module a format.

A format is chosen by the name that the model carries (`ModelInfo.prompt_format`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from codeplan_model.generation import Message
from codeplan_model.prompts import chat, codeplan1
from codeplan_model.prompts.worked import Worked, fitting
from codeplan_model.values import Candidate, Plan, Task

__all__ = [
    "Prompt",
    "PromptFormat",
    "UnknownFormat",
    "Worked",
    "chat",
    "codeplan1",
    "fitting",
    "format_named",
]

Prompt = str | tuple[Message, ...]


class PromptFormat(Protocol):
    """What a format module offers."""

    NAME: str
    PLAN_STOP: tuple[str, ...]
    CODE_STOP: tuple[str, ...]
    JOINT: str | None
    MAX_WORKED: int

    def plan_prompt(self, task: Task, worked: Sequence[Worked] = ()) -> Prompt: ...

    def code_prompt(
        self, task: Task, plan: Plan | None = None, worked: Sequence[Worked] = ()
    ) -> Prompt: ...

    def parse_plan(self, text: str, *, logprob: float, tokens: int, finished: bool) -> Plan: ...

    def parse_code(
        self,
        text: str,
        task: Task,
        plan: Plan | None = None,
        *,
        logprob: float,
        tokens: int,
        finished: bool,
    ) -> Candidate: ...


_CODEPLAN1: PromptFormat = codeplan1
_CHAT: PromptFormat = chat


class UnknownFormat(ValueError):
    """A model names a prompt format that this version does not know."""


def format_named(name: str) -> PromptFormat:
    """The format "codeplan-1" or "chat". Raises UnknownFormat."""
    for known in (_CODEPLAN1, _CHAT):
        if name == known.NAME:
            return known
    raise UnknownFormat(
        f"the model wants the prompt format {name!r}, which this version does not know: "
        "update codeplan, or choose another model"
    )
