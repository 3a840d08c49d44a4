"""Which solved problems stand in the prompt: as many as asked for, or as the model knows to use."""

from __future__ import annotations

from collections.abc import Sequence

from codeplan_model.generation import ModelInfo
from codeplan_model.memory import Entry, worked_examples
from codeplan_model.prompts import PromptFormat, Worked, chat
from codeplan_model.search.events import Budget
from codeplan_model.values import Task

CHAT_WORKED = 2
"""Worked examples for a chat model when the number is left to codeplan."""
_CHARACTERS_A_TOKEN = 2.5
"""A careful guess: code and text of a small vocabulary take about 3."""


def worked_for(
    task: Task,
    nearest: Sequence[Entry],
    info: ModelInfo,
    prompt_format: PromptFormat,
    budget: Budget,
) -> tuple[Worked, ...]:
    """The worked examples of a search, the nearest last; () where the model was trained without.

    They take no room that the problem, its plan and its code may need in the model's context.
    """
    wanted = budget.worked
    if wanted is None:
        wanted = CHAT_WORKED if info.prompt_format == chat.NAME else info.worked_examples
    if not wanted or not nearest:
        return ()
    problem = len(task.docstring) + len(task.header) + len(task.context)
    room = info.context - budget.plan_tokens - budget.code_tokens
    characters = int(room * _CHARACTERS_A_TOKEN) - problem
    return worked_examples(nearest, wanted, min(characters, prompt_format.MAX_WORKED))
