"""The random stream of each completion, shared by all local backends."""

from __future__ import annotations

import hashlib


def sequence_key(seed: int, request: int, sample: int) -> int:
    """The 64-bit key of completion `sample` of request `request`."""
    digest = hashlib.blake2b(f"{seed}/{request}/{sample}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
