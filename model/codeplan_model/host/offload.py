"""How many layers of a model a GPU has room for: all, or some with the rest on the processor."""

from __future__ import annotations

from codeplan_model.host.gguf_file import GgufHeader

CACHE_BYTES = 192 * 1024 * 1024
CACHE_SHARE = 4
"""What the cache may take: so many bytes, of a larger model its size divided by this."""
# For what is computed in between, and the driver: with a vocabulary of 152,000 llama.cpp takes
# 300 MB for a batch of 512.
_BESIDE = 512 * 1024 * 1024
# With fewer the GPU saves next to nothing.
_WORTH = 1 / 4


def layers_for(header: GgufHeader, free: int) -> tuple[int, int]:
    """How many layers to put on GPUs with `free` bytes, and how many there are.

    The output counts as one. The first is -1 for all: where they fit, where nothing is known (0
    bytes free), and where so few fit that loading may as well fail.
    """
    blocks = header.metadata.get(f"{header.metadata.get('general.architecture')}.block_count")
    if not isinstance(blocks, int) or blocks < 1 or free <= 0:
        return -1, 0
    total = blocks + 1
    room = free - _BESIDE - max(CACHE_BYTES, header.end // CACHE_SHARE)
    fitting = room * total // max(1, header.end)
    return (fitting if _WORTH * total <= fitting < total else -1), total
