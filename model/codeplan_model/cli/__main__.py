"""`python -m codeplan_model.cli`."""

from codeplan_model.cli import main

main()
