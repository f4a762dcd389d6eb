"""Whether a replica has what was written to the database, and goes on receiving it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from afterword.core.changes import patience
from afterword.core.config import Settings
from afterword.operate import unusable
from afterword.operate.finding import Finding, Grade

MOST_BEHIND = 60  # seconds that a replica has not caught up with

_WRITTEN = text("SELECT pg_current_wal_lsn()::text")
# Where the database is, and not what was received: who receives nothing has replayed all of it.
_FOLLOWS = text(
    "SELECT pg_is_in_recovery(), EXISTS (SELECT FROM pg_stat_wal_receiver), "
    "pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn), "
    "coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::int"
)


def look(settings: Settings) -> Iterator[Finding]:
    """One finding about the replica, where there is to be one."""
    if not settings.database_replica_url:
        return
    if settings.sqlite_path:
        sentence = "AFTERWORD_DATABASE_REPLICA_URL is for PostgreSQL: comments are in SQLite."
        yield Finding(Grade.WRONG, "replica", sentence)
        return
    try:
        written = _ask(settings.database, _WRITTEN)[0]
    except (SQLAlchemyError, ImportError):
        written = None  # what is wrong with the database is a finding of its own
    try:
        found = _ask(settings.database_replica_url, _FOLLOWS, written=written)
    except ImportError:  # likewise
        return
    except SQLAlchemyError as error:
        setting = "AFTERWORD_DATABASE_REPLICA_URL"
        said = unusable.database(error, settings.database_replica_url, setting=setting)
        sentence = f"The database answers alone. {said}"
        yield Finding(Grade.LOOK, "replica", sentence)
        return
    yield _judged(found)


def _judged(found: tuple[Any, ...]) -> Finding:
    follows, receives, has_all, behind = found
    if not follows:
        sentence = "It is no replica: AFTERWORD_DATABASE_REPLICA_URL names one that takes writes."
        return Finding(Grade.WRONG, "replica", sentence)
    if not receives:
        sentence = (
            "It receives nothing from the database, and falls behind with each write. Its log says "
            "why; its primary_conninfo says from where it should."
        )
        return Finding(Grade.LOOK, "replica", sentence)
    if has_all is None:
        sentence = "How far behind it is cannot be told while the database does not answer."
        return Finding(Grade.LOOK, "replica", sentence)
    if has_all:
        return Finding(Grade.FINE, "replica", "It has all that was written.")
    grade = Grade.FINE if behind < MOST_BEHIND else Grade.LOOK
    return Finding(grade, "replica", f"It is {behind} s behind.")


def _ask(address: str, question: Any, **values: object) -> tuple[Any, ...]:
    engine = create_engine(address, connect_args=patience(address), poolclass=NullPool)
    with engine.connect() as connection:
        return tuple(connection.execute(question, values).one())
