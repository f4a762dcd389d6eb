"""Reads that a replica of the database answers, where it has come as far as the database itself.

A replica is behind, by milliseconds or by hours. How far is not guessed from its clock: the caller
names what tells (a page's version), it is asked of the replica, and only where it is the database's
own does the replica's answer count. So who wrote reads what they wrote, and nobody reads what is
older than without a replica. https://www.postgresql.org/docs/current/hot-standby.html
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app

from afterword.core import db, metrics
from afterword.core.config import Settings, WrongSetting

# How long one that failed is left alone: readers wait for each try.
REST_SECONDS = 5.0

T = TypeVar("T")

_log = logging.getLogger("afterword.replica")


class Replica:
    """Whether the replica is to be asked."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    @property
    def rests(self) -> bool:
        """Whether it failed a moment ago."""
        return time.monotonic() < self._rests_until

    def rest(self, error: Exception) -> None:
        """Leave it alone for a while."""
        self._rests_until = time.monotonic() + REST_SECONDS
        _log.warning("the replica is not asked for now: %s", type(error).__name__)


def start(app: Flask, settings: Settings) -> None:
    """Look whether there is one. Raises WrongSetting for one of SQLite."""
    if settings.database_replica_url and settings.sqlite_path:
        raise WrongSetting(
            "AFTERWORD_DATABASE_REPLICA_URL is for PostgreSQL: set AFTERWORD_DATABASE_URL as well."
        )
    has_one = bool(settings.database_replica_url)
    app.extensions["afterword.replica"] = Replica() if has_one else None


def read(ask: Callable[[], T], *, is_as_far: Callable[[], bool]) -> T:
    """What ``ask`` finds, by the replica where ``is_as_far``, asked of it, says so.

    Nothing is written in ``ask``, and it may be asked twice.
    """
    replica: Replica | None = current_app.extensions["afterword.replica"]
    if replica is None or replica.rests:
        return ask()
    try:
        with db.on_replica():
            if is_as_far():
                found = ask()
                _count("answered")
                return found
        _count("behind")
    except db.UNREACHABLE as error:
        # Away, or a query that stood in the way of what it had to catch up with.
        replica.rest(error)
        _count("away")
    return ask()


def _count(end: str) -> None:
    if (counted := metrics.current()) is not None:
        counted.replica_read(end)
