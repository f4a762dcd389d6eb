"""Tells, without a query on any table, whether something was committed to the database.

What a reader gets from memory hangs on it: it is right as long as nothing was committed since it
was checked. This process counts its own commits. For those of others there is a number that SQLite
keeps, or the snapshot that PostgreSQL would read by; either is looked at once in ``LOOK_SECONDS``.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
import time
from typing import Protocol

from flask import current_app
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from afterword.core.config import Settings

LOOK_SECONDS = 0.02
# How long PostgreSQL may take to take a connection, and to take what is sent over one; and how soon
# it is noticed that its machine is gone while a query is waited for
# (https://www.postgresql.org/docs/current/libpq-connect.html): readers wait for it.
_PATIENCE = {
    "connect_timeout": 2,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}

_log = logging.getLogger(__name__)
_counting = threading.Lock()
_commits = 0

Seen = tuple[int | str, ...]


class Changes(Protocol):
    """A look at whether anything was committed."""

    def seen(self) -> Seen | None:
        """What differs from an earlier answer when anything was committed in between.

        None where that cannot be told right now: then anything may have been. Never waits.
        """

    def is_cut_off(self) -> bool:
        """Whether the database did not answer when it was looked at last. Never waits."""

    def is_hung(self, made: float) -> bool:
        """Whether nobody is to wait for an answer over a connection that was made at that moment
        (``time.monotonic()``): the database has not answered for long, or hung since. Never waits.
        """

    def close(self) -> None:
        """Let go of the database."""


def count() -> None:
    """Note a commit of this process."""
    global _commits  # noqa: PLW0603 - of this process
    with _counting:
        _commits += 1


def patience(address: str) -> dict[str, int]:
    """How long whoever connects to the database of this address waits, as libpq's parameters.

    What the address itself says of them (``?connect_timeout=10``) is the owner's word and stays:
    what is handed over beside an address wins over it.
    """
    url = make_url(address)
    if url.get_backend_name() != "postgresql":
        return {}
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def watch(settings: Settings) -> Changes:
    """The look at the database that these settings name, which exists by now."""
    path = settings.sqlite_path
    return SqliteChanges(str(path)) if path else PostgresqlChanges(settings.database)


def is_cut_off() -> bool:
    """Whether the running application's database is not to be reached: asking it would take long.

    What is told of a file of this machine is always that it is there.
    """
    watched: Changes = current_app.extensions["afterword.changes"]
    return watched.is_cut_off()


class SqliteChanges:
    """``PRAGMA data_version`` (https://www.sqlite.org/pragma.html#pragma_data_version).

    It moves when another connection commits. It is not looked at for each reader, because under
    load each look makes a thread wait for its turn with the others.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._looked = -math.inf
        self._counted = 0  # commits of this process at that look
        self._version = 0

    def seen(self) -> Seen | None:
        """See ``Changes``."""
        commits = _commits
        now = time.monotonic()
        # After a commit of this process at once: the number moves by it too, and what is ready
        # would be looked through a second time when that is noticed later.
        if commits != self._counted or now - self._looked > LOOK_SECONDS:
            with self._lock:
                try:
                    self._version = self._look()
                except sqlite3.OperationalError:
                    return None
                self._looked, self._counted = now, commits
        return commits, self._version

    def is_cut_off(self) -> bool:
        """See ``Changes``. A file is there."""
        return False

    def is_hung(self, made: float) -> bool:  # noqa: ARG002 - the protocol names it
        """See ``Changes``."""
        return False

    def close(self) -> None:
        """See ``Changes``."""
        if self._connection is not None:
            self._connection.close()

    def _look(self) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{self._path}?mode=ro",
                uri=True,
                timeout=0,  # it is looked at on an event loop, which must not wait
                check_same_thread=False,
                isolation_level=None,
            )
        found: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return found


class PostgresqlChanges:
    """``pg_current_snapshot()``: which transactions a query that starts now would see the work of.

    Two equal snapshots see the same rows (https://www.postgresql.org/docs/current/functions-info.html).
    Unlike LISTEN it misses nobody's commit, needs no trigger, and passes through a pooler. A thread
    looks while somebody asks, since a server far away may keep it waiting.
    """

    TRUSTED_SECONDS = 0.5  # older looks tell nothing
    AWAY_SECONDS = 1.0  # a look that takes longer has met a server that hangs
    HUNG_SECONDS = 2.0  # then what was asked before that was known is given up too
    RETRY_SECONDS = 0.5

    def __init__(self, database: str) -> None:
        self._engine = create_engine(
            database,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=patience(database),
        )
        from afterword.core import postgresql

        postgresql.bound(self._engine, is_over=lambda waited, _made: waited > self.HUNG_SECONDS)
        self._looked = -math.inf
        self._snapshot = ""
        self._has_failed = False
        self._looking: float | None = None  # since when a look is under way, or none succeeds
        # Another server may stand at the address since: over what was connected before, nobody
        # is answered any more.
        self._hung_until = -math.inf
        self._asked = threading.Event()
        self._closed = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def seen(self) -> Seen | None:
        """See ``Changes``."""
        commits = _commits
        # The moment is read before the snapshot, as it is written after: never older than it says.
        looked = self._looked
        snapshot = self._snapshot
        if not self._asked.is_set():
            self._ask()
        if time.monotonic() - looked > self.TRUSTED_SECONDS:
            return None
        return commits, snapshot

    def is_cut_off(self) -> bool:
        """See ``Changes``."""
        return self._looks_for(self.AWAY_SECONDS) or self._has_failed

    def is_hung(self, made: float) -> bool:
        """See ``Changes``."""
        return made < self._hung_until or self._looks_for(self.HUNG_SECONDS)

    def close(self) -> None:
        """See ``Changes``."""
        self._closed.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(self.RETRY_SECONDS)  # one that hangs ends with its process

    def _looks_for(self, seconds: float) -> bool:
        """Whether a look has taken longer. Who never looked is told of nothing."""
        if self._thread is not None:
            self._asked.set()
        looking = self._looking
        return looking is not None and time.monotonic() - looking > seconds

    def _ask(self) -> None:
        self._asked.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look_on, daemon=True)
                    self._thread.start()

    def _look_on(self) -> None:
        while not self._closed.is_set():
            if self._looking is None:
                self._looking = time.monotonic()
            try:
                with self._engine.connect() as connection:
                    self._look_with(connection)
            except SQLAlchemyError as error:
                if not self._has_failed:
                    _log.warning("cannot look at the database: %s", type(error).__name__)
                self._has_failed = True
                if self._looks_for(self.HUNG_SECONDS):
                    self._hung_until = math.inf
                else:
                    self._looking = None
                self._closed.wait(self.RETRY_SECONDS)

    def _look_with(self, connection: Connection) -> None:
        look = text("SELECT pg_current_snapshot()::text")
        while not self._closed.is_set():
            self._asked.clear()
            began = time.monotonic()
            if self._looking is None:
                self._looking = began
            self._snapshot = connection.execute(look).scalar_one()
            self._looked = began
            if self._hung_until == math.inf:
                self._hung_until = time.monotonic()
            self._has_failed, self._looking = False, None
            self._closed.wait(LOOK_SECONDS)
            self._asked.wait()
