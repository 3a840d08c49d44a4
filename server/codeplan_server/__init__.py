"""codeplan's language server: positions, versions, progress and cancellation around the model room.

Nothing heavy is imported here: a model is loaded by its backend, on first use, never at start.
"""

from codeplan_model import __version__

__all__ = ["__version__"]
