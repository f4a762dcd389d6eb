"""How alike two texts are, told by sketches of 256 bytes.

A sketch holds the 64 smallest digests of a text's five-letter pieces (a bottom-k sketch after
Broder, "On the resemblance and containment of documents"): the share of them that two texts have
in common estimates the share of the pieces themselves, in any language, within some 6 %.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array

PIECE = 5
KEPT = 64
# Letters below which two texts may well be the same: "Thanks!", "I had the same question."
SHORTEST = 30
ALIKE = 0.65  # from which one is a copy of the other

_ADDRESS = re.compile(r"https?://(?:www\.)?([^\s/?#]+)\S*", re.IGNORECASE)
_SIGNS = re.compile(r"[\W\d_]+")


def plain(text: str) -> str:
    """What a copied text has in common with its copies: letters and hosts of links, no numbers."""
    folded = unicodedata.normalize("NFKC", _ADDRESS.sub(r"\1", text)).casefold()
    return _SIGNS.sub(" ", folded).strip()


def sketch(text: str) -> bytes:
    """The sketch of a text that is ``plain``."""
    pieces = {text[at : at + PIECE] for at in range(max(1, len(text) - PIECE + 1))}
    return array("I", sorted(map(_digest, pieces))[:KEPT]).tobytes()


def likeness(one: bytes, other: bytes, *, least: float = 0.0) -> float:
    """Which share of the pieces of both texts they have in common, from 0 to 1.

    Answers 0 for a share that cannot reach ``least``, which is quickly told.
    """
    here, there = set(memoryview(one).cast("I")), set(memoryview(other).cast("I"))
    common = here & there
    if not common or len(common) < least * max(len(here), len(there)):
        return 0.0
    smallest = sorted(here | there)[:KEPT]
    return len(common.intersection(smallest)) / len(smallest)


def _digest(piece: str) -> int:
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=4).digest(), "little")
