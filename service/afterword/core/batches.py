"""Many things, some at a time: as many as one question to the database should be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(every: Iterable[T], most: int) -> Iterator[list[T]]:
    """Lists of ``most``, the last one perhaps shorter, read as they are asked for.

    As ``itertools.batched`` of Python 3.12.
    """
    left = iter(every)
    while some := list(islice(left, most)):
        yield some
