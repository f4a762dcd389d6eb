"""Features as numbers: what is kept of a reader's words is a digest of each, never the word."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection
from typing import Final

COMMENTS: Final = 0  # stands for the comments themselves
TEXTS: Final = 1  # stands for all words, stems and pairs in them
_SIZE: Final = 8


def of(feature: str) -> int:
    """A signed number of 64 bits, which both databases index."""
    digest = hashlib.blake2b(feature.encode(), digest_size=_SIZE).digest()
    return int.from_bytes(digest, "big", signed=True)


def packed(features: Collection[int]) -> bytes:
    """Numbers as bytes, in order, eight each."""
    return struct.pack(f">{len(features)}q", *sorted(features))


def unpacked(stored: bytes) -> tuple[int, ...]:
    """The numbers again."""
    return struct.unpack(f">{len(stored) // _SIZE}q", stored)


def together(stored: bytes) -> bytes:
    """One digest of many: comments that share it say the same."""
    return hashlib.blake2b(stored, digest_size=16).digest()
