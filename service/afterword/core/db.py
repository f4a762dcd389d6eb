"""The database: models' base, SQLite made durable, one write transaction at a time.

SQLite (https://www.sqlite.org/wal.html): WAL so that readers never wait for the writer,
``synchronous=FULL`` so that an answered comment survives a power cut, ``BEGIN IMMEDIATE`` for
writes so that two writers queue at the start and never fail half-way through.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as RoutedSession
from sqlalchemy import Connection, Engine, Enum, MetaData, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase, Session

from afterword.core import changes, metrics
from afterword.core.changes import Changes
from afterword.core.config import Settings

BUSY_SECONDS = 5
# What may pass by itself: locked, full, gone, no connection free.
UNREACHABLE = (DBAPIError, NoConnection)
_WRITES = "afterword_writes"
_REPLICA = "replica"
# How long a replica that hangs keeps a reader waiting.
_REPLICA_SECONDS = 1.0

T = TypeVar("T")

# What stands in a statement as it is, and may be what somebody looks for.
_LITERAL = re.compile(r"'(?:[^']|'')*'")

_log = logging.getLogger("afterword.database")


class Model(DeclarativeBase):
    """Base of every table. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _Session(RoutedSession):
    """A session that asks the replica, while it is told to."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        if self.info.get(_REPLICA):
            return self._db.engines[_REPLICA]
        return super().get_bind(*args, **kwargs)


# expire_on_commit off: what was written is still readable after the commit, without a query.
db = SQLAlchemy(
    model_class=Model,
    disable_autonaming=True,
    session_options={"class_": _Session, "expire_on_commit": False},
)

# A second SQLite writer adds nothing and may stall for seconds; inside a process they queue here.
# PostgreSQL has many, which wait for one another where they write the same: see ``threads.turns``.
_writer = threading.Lock()


def connect(app: Flask, settings: Settings, *, watched: Changes) -> None:
    """Bind the models to the database that the settings name. ``watched`` tells when it hangs."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings, settings.database)
    if settings.database_replica_url:
        # Neither tried out before nor ended by COMMIT: each would be one more question to it.
        url = settings.database_replica_url
        how = {
            **engine_options(settings, url),
            "pool_pre_ping": False,
            "isolation_level": "AUTOCOMMIT",
        }
        app.config["SQLALCHEMY_BINDS"] = {_REPLICA: {"url": url, **how}}
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
        if settings.sqlite_path is None:
            _ready_for_postgresql(db.engines, watched)
        if settings.slow_query_milliseconds:
            for engine in db.engines.values():
                _tell_of_slow(engine, settings.slow_query_milliseconds)


def _ready_for_postgresql(engines: Mapping[str | None, Engine], watched: Changes) -> None:
    """Have NUL refused as what a request did wrong, and nobody wait without end."""
    from afterword.core import postgresql

    for engine in engines.values():
        postgresql.refuse_nul(engine)
    # For a server that hangs: the threads would soon be used up.
    postgresql.bound(engines[None], is_over=lambda _waited, made: watched.is_hung(made))
    if _REPLICA in engines:
        postgresql.bound(engines[_REPLICA], is_over=lambda waited, _: waited > _REPLICA_SECONDS)


def engine_options(settings: Settings, address: str) -> dict[str, Any]:
    """For the database of this address: a connection for each thread and a few for the jobs."""
    pool = {"pool_size": settings.threads + 2, "max_overflow": 8, "pool_timeout": BUSY_SECONDS}
    if settings.sqlite_path:
        return pool
    return {**pool, "pool_pre_ping": True, "connect_args": changes.patience(address)}


def prepare(engine: Engine) -> None:
    """Have many rows written by one statement, also where nothing is asked back of them; give an
    SQLite engine the pragmas above."""
    engine.dialect.use_insertmanyvalues_wo_returning = True
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def named(kind: type[StrEnum]) -> Enum:
    """A column that holds one of these by its value, as text: a new one needs no new table."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=10,
        values_callable=lambda members: [member.value for member in members],
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """One write: everything inside is committed together, or nothing is. Does not nest."""
    session = db.session()
    session.commit()  # ends the read that may be open: a write must start on the newest state
    with _writer if db.engine.dialect.name == "sqlite" else nullcontext():
        session.connection(execution_options={_WRITES: True})
        try:
            yield session
            session.commit()
            changes.count()
        except BaseException:
            session.rollback()
            raise


def for_writes(connection: Connection) -> Connection:
    """This connection, whose transactions wait for other writers at their start from now on.

    One of SQLite's that begins with a read fails at its first write where somebody else has written
    in between, without any waiting.
    """
    return connection.execution_options(**{_WRITES: True})


@contextmanager
def on_replica() -> Iterator[None]:
    """Ask the replica in here; neither connection is kept for longer than it is asked."""
    session = db.session()
    session.commit()
    session.info[_REPLICA] = True
    try:
        yield
        session.commit()
    except UNREACHABLE:
        session.rollback()
        raise
    finally:
        del session.info[_REPLICA]


def make_room(megabytes: int) -> None:
    """Let this transaction's connection keep so much of SQLite's file in memory from now on.

    For rows by the thousand, whose entries in the indexes are all over the file.
    """
    if db.engine.dialect.name == "sqlite":
        db.session.connection().exec_driver_sql(f"PRAGMA cache_size = -{megabytes * 1024}")


def take_turns(about: str) -> None:
    """Wait until no other process is in a transaction about the same. Inside a transaction.

    For what is counted before it is added to. SQLite has one writer anyway.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:about, 0))"), {"about": about}
        )


def insist(write: Callable[[], T]) -> T:
    """Do a write, and again when another process made a row between its look and its insert."""
    try:
        return write()
    except IntegrityError:
        return write()


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for IMMEDIATE
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What was erased is not to be found in the file; systems' own builds differ in this.
    connection.execute("PRAGMA secure_delete = ON")
    # A connection for each thread: what they read often is in the system's memory already.
    connection.execute("PRAGMA cache_size = -512")


def _tell_of_slow(engine: Engine, most: int) -> None:
    """Log queries that take more than so many milliseconds, without values: what is searched for
    stands in them too (``literal_execute``)."""

    def before(
        _connection: Any, _cursor: Any, _text: str, _values: Any, context: Any, *_: Any
    ) -> None:
        if context is not None:
            context.afterword_began = time.monotonic()

    def after(
        _connection: Any, _cursor: Any, written: str, _values: Any, context: Any, *_: Any
    ) -> None:
        began = getattr(context, "afterword_began", None)
        took = round((time.monotonic() - began) * 1000) if began is not None else 0
        if took > most:
            if (counted := metrics.current()) is not None:
                counted.slow_query()
            _log.warning(
                "a query took %d ms",
                took,
                extra={"more": {"query": _LITERAL.sub("'…'", written)[:2000]}},
            )

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
