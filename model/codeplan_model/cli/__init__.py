"""The command line: `codeplan solve | plans | check | doctor`.

Exit status: 0 all examples pass; 1 some fail; 2 usage or bad input; 3 nothing could be verified;
130 interrupted.
"""

from codeplan_model.cli.main import main

__all__ = ["main"]
