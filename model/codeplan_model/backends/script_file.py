"""The scripted backend from a file of answers, for tests and demonstrations without a model.

The file is JSON: {"rules": [{"pattern": "def total", "texts": ["..."], "seconds": 0.1}, ...]}. The
first rule whose pattern (a regular expression) is found in a prompt answers it; "error" in place of
"texts" makes the model fail with that message. "prompt_format" beside "rules": "codeplan-1" when
left out, or "chat".
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.generation import BackendError


def read_script(path: Path) -> ScriptedBackend:
    """The backend for a file of answers. Raises BackendError when it can't be read."""
    try:
        script = json.loads(path.read_text(encoding="utf-8"))
        rules = [_rule(entry) for entry in script["rules"]]
        return ScriptedBackend(rules, prompt_format=script.get("prompt_format", "codeplan-1"))
    except OSError as error:
        raise BackendError(f"The file of answers can't be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, re.error) as error:
        raise BackendError(f"{path} is not a file of answers: {error!r}") from error


def _rule(entry: dict[str, Any]) -> Rule:
    re.compile(entry["pattern"])
    message = entry.get("error")
    texts = tuple(str(text) for text in entry.get("texts", ()))
    if message is None and not texts:
        raise ValueError("a rule needs texts or an error")
    return Rule(
        pattern=entry["pattern"],
        texts=texts,
        seconds=float(entry.get("seconds", 0.0)),
        error=BackendError(str(message), retryable=True) if message is not None else None,
    )
