"""The programs that run inside the sandbox. Standard library only, Python 3.10 and later.

The trusted side imports none of these modules but `target.py`, which handles syntax trees only. It
ships their text to an interpreter (the user's own, which may not have codeplan installed), where
they appear as the package `codeplan_inside`. See `boot.py` for how, and `zygote.py` for what runs
first.
"""
