"""What both caches do alike: names made short, and failures borne."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


class Patience:
    """Asks a cache, and leaves one that failed alone for ``REST_SECONDS``."""

    REST_SECONDS = 5.0

    def __init__(self, what: str, failures: tuple[type[Exception], ...]) -> None:
        self._what = what
        self._failures = failures
        self._rests_until = 0.0

    def ask(self, question: Callable[[], Answer]) -> Answer | None:
        """The answer, None where there is none to be had."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            return question()
        except self._failures as error:
            self._rests_until = time.monotonic() + self.REST_SECONDS
            _log.warning("%s keeps no threads for now: %s", self._what, type(error).__name__)
            return None


def digest(content: bytes) -> bytes:
    """16 bytes that stand for these."""
    return hashlib.blake2b(content, digest_size=16).digest()
