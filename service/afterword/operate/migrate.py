"""Bring the database to the shape that this version needs: once, under a lock, after a backup."""

from __future__ import annotations

import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError

from afterword.core import cache, clock, db, signing
from afterword.core.changes import patience
from afterword.core.config import Settings, needs_extra

SCRIPTS = Path(__file__).parent.parent / "migrations"
# Read whole in a second; a file of gigabytes would keep readers waiting for half a minute.
READ_AT_START = 256 * 1024 * 1024
# Any number will do as long as it is ours alone in the database ("afterword" in ASCII, cut).
_ADVISORY_LOCK = 0x61667465727764
BEFORE = "before-upgrade-"  # names of the copies that are made so begin
_NOT_ALLOWED = "42501"  # insufficient_privilege (PostgreSQL, Appendix A)
# What SQLite says of a file that it could not read, whatever is in it. The reason is in the higher
# bits of a code (https://www.sqlite.org/rescode.html).
_CLOSED = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_PRIMARY = 0xFF
# A server may end what takes long, and sessions that rest (from version 14 on).
_MAY_TAKE_LONG = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN
        ('statement_timeout', 'transaction_timeout', 'lock_timeout', 'idle_session_timeout')
"""
# Behind a change that waits for a table, all wait who read it: it gives way and comes again.
_GIVE_WAY = "SET lock_timeout = '3s'"
_IN_THE_WAY = {"40P01", "55P03"}  # deadlock_detected, lock_not_available
_TRIES = 60
_PAUSE = 2.0  # seconds


class BrokenDatabase(Exception):
    """The database cannot be used; its text says why and what to do."""


def upgrade(settings: Settings) -> list[str]:
    """Make the missing changes; answers their numbers. Raises BrokenDatabase, WrongSetting."""
    _make_folder(settings)
    check(settings)
    engine = _engine(settings)
    db.prepare(engine)
    try:
        with _only_one(settings, engine), engine.connect() as connection:
            missing = pending(connection)
            if not missing:
                _check_columns(settings, connection)
                return []
            is_file = bool(current(connection) and settings.sqlite_path)
            connection.rollback()
            with _copied(settings) if is_file else nullcontext():
                _change(connection)
            return missing
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise BrokenDatabase(
            "The database must be changed for this version, and this user of it may not do that. "
            "Run this first, with the address of the user who owns the tables: afterword migrate"
        ) from None
    finally:
        engine.dispose()


def _change(connection: Connection) -> None:
    """Make the missing changes, again and again where somebody else has what they need."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_MAY_TAKE_LONG))
        connection.execute(text(_GIVE_WAY))
        connection.commit()
    for left in reversed(range(_TRIES)):
        try:
            # What was changed stays so, when the next change does not come through.
            command.upgrade(_config(db.for_writes(connection)), "head")
            connection.commit()
        except OperationalError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
            if not left:
                raise BrokenDatabase(
                    "The database must be changed for this version, and another program held a "
                    "table of it for minutes: pg_dump perhaps. Start again when it is done."
                ) from None
            time.sleep(_PAUSE)
        else:
            return


def check(settings: Settings, *, wholly: bool = False) -> None:
    """Raises BrokenDatabase for an SQLite file that is damaged or not ours; none yet is fine.

    A large one is read from end to end only when ``wholly`` is asked for.
    """
    path = settings.sqlite_path
    if path is None or not path.exists():
        return
    if path.stat().st_size == 0:
        if _was_in_use(settings):
            raise _broken(path, "it is empty, but this folder was in use")
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            is_read = wholly or path.stat().st_size <= READ_AT_START
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if is_read else "ok"
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError:  # what is wrong is quoted by SQLite, and may be no text at all
        raise _broken(path, "it holds bytes that are no text") from None
    if found != "ok":
        raise _broken(path, found.strip().splitlines()[-1])
    if tables and "alembic_version" not in tables:
        raise BrokenDatabase(
            f"{path} is a database of another program. Set AFTERWORD_DATA to another folder."
        )


def _was_in_use(settings: Settings) -> bool:
    """Whether something lies in the folder that comes of a database with something in it.

    The keys alone would not tell: they may come from the environment.
    """
    from afterword.operate.backup import LAST

    left = (signing.KEY_FILE, LAST, cache.FILE, "backups/*")
    return any(next(settings.data.glob(name), None) for name in left)


def _check_columns(settings: Settings, connection: Connection) -> None:
    """Raises BrokenDatabase for an SQLite file in which a column has lost its name.

    A byte that changed in the words of a table leaves all pages well formed.
    """
    if settings.sqlite_path is None:
        return
    for table in db.Model.metadata.sorted_tables:
        try:
            held = {row[1] for row in connection.execute(text(f"PRAGMA table_info({table.name})"))}
        except DatabaseError:  # a name that is no text any more
            raise _broken(settings.sqlite_path, f"{table.name} cannot be read") from None
        lost = [column.name for column in table.columns if column.name not in held]
        if lost:
            raise _broken(settings.sqlite_path, f"it has no {table.name}.{lost[0]}")


def current(connection: Connection) -> str | None:
    """The number of the last change that was made; None for a new database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The number of the last change that this version knows."""
    return str(_scripts().get_current_head())


def is_usable(connection: Connection) -> bool:
    """Whether the database has all that this version needs: a newer one's has, and more."""
    at = current(connection)
    return at is not None and at >= head()  # numbered, so that they sort


def pending(connection: Connection) -> list[str]:
    """The numbers of the changes that are missing. Raises BrokenDatabase for a newer version's."""
    known = [script.revision for script in _scripts().walk_revisions()][::-1]
    at = current(connection)
    if at is not None and at not in known:
        raise BrokenDatabase(
            f"The database was used by a newer version of Afterword (change {at}). "
            "Install that version, or restore a backup made before it with: afterword restore FILE"
        )
    return known[known.index(at) + 1 :] if at else known


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(SCRIPTS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _engine(settings: Settings) -> Engine:
    try:
        return create_engine(settings.database, connect_args=patience(settings.database))
    except ImportError:
        raise needs_extra("DATABASE_URL", "postgresql") from None


def _make_folder(settings: Settings) -> None:
    for folder in {settings.data, (settings.sqlite_path or settings.data / "x").parent}:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _copied(settings: Settings) -> Iterator[None]:
    """Make a copy of the file before; where nothing was changed, none is left.

    Who starts a service again and again is not to fill the disk with them.
    """
    from afterword.operate.backup import last, withdraw

    before, shape = last(settings), _shape(settings)
    copy = _back_up(settings)
    try:
        yield
    except BaseException:
        if _shape(settings) == shape:
            withdraw(settings, copy, before=before)
        raise


def _shape(settings: Settings) -> object:
    with closing(sqlite3.connect(settings.sqlite_path or "")) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()


def _back_up(settings: Settings) -> Path:
    from afterword.operate.backup import CannotBackUp, backup, sweep

    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    folder = settings.data / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    sweep(folder, beginning=BEFORE)
    copy = folder / f"{BEFORE}{stamp}.db"
    try:
        backup(settings, copy)
    except CannotBackUp as error:
        raise BrokenDatabase(
            "The database must be changed for this version, and the copy of it that is made before "
            f"failed: {error} If it is damaged, put the last good copy back with: "
            "afterword restore BACKUP"
        ) from None
    return copy


@contextmanager
def _only_one(settings: Settings, engine: Engine) -> Iterator[None]:
    """Two processes that start together change the database one after the other."""
    if settings.sqlite_path is None:
        # In no transaction: a server may end those that rest for a while, and the lock with them.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
            holder.execute(text(_MAY_TAKE_LONG))
            holder.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            yield
        return
    import fcntl  # Windows has none, and there builds that ask a service import this module

    handle = os.open(settings.data / "migrate.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unreadable(path: Path, error: sqlite3.DatabaseError) -> BrokenDatabase:
    # Python's own errors have no code: for text that is none.
    if getattr(error, "sqlite_errorcode", 0) & _PRIMARY not in _CLOSED:
        return _broken(path, str(error))
    folder, file = shlex.quote(str(path.parent)), shlex.quote(str(path))
    return BrokenDatabase(
        f"The database {path} cannot be read ({error}); nothing says that it is damaged. Its disk "
        "has to take writes, and no other program may hold it. Where it or its folder is another "
        f"user's, as root: chown {os.geteuid()} {folder} {file}*"
    )


def _broken(path: Path, why: str) -> BrokenDatabase:
    return BrokenDatabase(
        f"The database {path} is damaged ({why}). It was left as it is. "
        "Put the last good copy back with: afterword restore BACKUP"
    )
