"""Source text -> Task, and Candidate -> Edit, on plain text and character offsets.

Works on files that don't parse, as files in an editor mostly don't: a scanner of logical lines
(scan.py) finds the functions, and the standard parser sees only the pieces that are asked about.
Nothing here runs code; only find_tests reads files.
"""

from __future__ import annotations

from .beside import find_tests
from .bodies import normalise_body
from .edits import edits_for, splice
from .elsewhere import broken_elsewhere
from .errors import ExtractError, SpliceError
from .sites import FunctionSite
from .tasks import all_functions, functions_to_write, task_at, task_named
from .whole_file import file_examples

__all__ = [
    "ExtractError",
    "FunctionSite",
    "SpliceError",
    "all_functions",
    "broken_elsewhere",
    "edits_for",
    "file_examples",
    "find_tests",
    "functions_to_write",
    "normalise_body",
    "splice",
    "task_at",
    "task_named",
]
