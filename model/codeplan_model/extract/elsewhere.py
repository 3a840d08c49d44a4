"""Whether the rest of a task's file parses: where it does not, no candidate can be verified."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable

from codeplan_model.values import Candidate, Task

from .edits import splice
from .errors import SpliceError
from .parse import tree_or_error


def broken_elsewhere(task: Task, shown: Callable[[int], int] = lambda line: line) -> str:
    """What is wrong outside of the function's body and what to do; "" when the file parses.

    The words go on behind the file's name: "doesn't parse at line 3 (...)". shown: from a line of
    the task's text, counted from 1, to the line that the user sees.
    """
    try:
        filled = splice(task, Candidate("    pass"))
    except SpliceError:
        return ""  # the function itself is odd; the search will say so for each candidate
    added = filled.count("\n") - task.text.count("\n")
    hole = task.prefix.count("\n") + 1

    def own(line: int) -> int:
        """The line in the user's file, which has no `pass` there."""
        return shown(line - added if line > hole else line)

    found = tree_or_error(filled)
    if isinstance(found, ast.Module):
        return ""
    line, reason = "", str(found) or type(found).__name__
    if isinstance(found, SyntaxError):
        line = f" at line {own(found.lineno or 1)}"
        reason = re.sub(r"(?<= on line )\d+", lambda m: str(own(int(m[0]))), found.msg)
    version = ".".join(map(str, sys.version_info[:2]))
    return (
        f"doesn't parse{line} ({reason}) as Python {version}, which codeplan runs on, "
        "so its examples can't be run: mend that first, or install codeplan with a newer "
        "Python if the file is written for one"
    )
