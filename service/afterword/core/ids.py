"""Public identifiers: 13 characters that sort by the time they were made and tell nothing else."""

from __future__ import annotations

import re
import secrets
import threading
import time

# Crockford's base 32 (https://www.crockford.com/base32.html): no i, l, o, u to misread or misspell.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 13
_RANDOM_BITS = 20
_SHAPE = re.compile(r"[0-9A-Za-z_-]{1,40}\Z")

_lock = threading.Lock()
_last = 0


def new() -> str:
    """A fresh id: 45 bits of milliseconds, 20 random bits, above the last of this process."""
    global _last  # noqa: PLW0603 - one sequence a process is the point
    made = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        _last = max(made, _last + 1)
        made = _last
    return _encode(made)


def is_id(text: object) -> bool:
    """Whether this could be one of our ids or one kept from an import."""
    return isinstance(text, str) and _SHAPE.match(text) is not None


def number(written: str) -> int | None:
    """The number of a row, or another of ours, that a text says; None where it says none.

    No number in the database is longer; one that is would not get past its driver.
    """
    is_one = written.isascii() and written.isdigit() and len(written) < 10
    return int(written) if is_one else None


def _encode(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
