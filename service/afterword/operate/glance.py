"""What watchers ask the database, one of them at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Glance(Generic[T]):
    """A question whose last answer is good enough for whoever comes while it is asked.

    A server that hangs would else take a thread for each probe. ``unknown`` is the answer until
    there was one.
    """

    def __init__(self, unknown: T) -> None:
        self._lock = threading.Lock()
        self._last = unknown

    def ask(self, question: Callable[[T], T]) -> T:
        """The answer, or the last one; ``question`` is told the last one. Waits for nobody else."""
        if self._lock.acquire(blocking=False):
            try:
                self._last = question(self._last)
            finally:
                self._lock.release()
        return self._last
