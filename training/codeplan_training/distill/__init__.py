"""Backward reasoning (CodePLAN, section 3.1): a teacher reads a solution and writes its plan.

ledger    the append-only file of everything that was paid for
prompts   what the teacher is asked, and how its answers are read
teacher   one call: retries, waiting, usage, budget
run       the whole job: plans, round trip, resume
results   from the ledger to problems with plans, ranked
loopback  a teacher for tests and for trying things out: a real server, without a model
"""
