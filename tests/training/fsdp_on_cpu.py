"""`codeplan-train` whose processes accelerate takes for ones that may shard.

accelerate turns FSDP on for accelerators only, and with CPUs quietly trains unsharded. torch shards
on CPUs as well (gloo): with another name for the kind of processes the rest is the real thing.
"""

import sys

from accelerate import PartialState
from accelerate.utils import DistributedType

from codeplan_training.finetune import loop

PartialState(cpu=True)
PartialState._shared_state["distributed_type"] = DistributedType.MULTI_XPU


class Run(loop.Run):
    """Says what it trains."""

    def __init__(self, accelerator, student, model, *further):
        kind = type(next(model.parameters())).__name__
        print(f"{accelerator.distributed_type.value} {kind}", file=sys.stderr)
        super().__init__(accelerator, student, model, *further)


loop.Run = Run

from codeplan_training.cli import main  # noqa: E402

main()
