"""Copies of the database: made while the service writes, proved readable, put back whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from afterword.core import clock
from afterword.core.config import Settings


class CannotBackUp(Exception):
    """A backup or restore that did not happen; its text says why and what to do."""


def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a file, mode 0600; answers how many comments it holds.

    SQLite's own online backup (https://www.sqlite.org/backup.html): writers go on meanwhile. The
    file appears only when it is complete, on the disk and proved.
    """
    source = _sqlite(settings)
    if not source.exists():
        raise CannotBackUp(f"There is no database at {source} yet.")
    draft = file.with_name(f".{file.name}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with _open(source) as here, _open(draft) as there:
            here.backup(there)
        count = prove(draft)
        _to_disk(draft)
        draft.rename(file)
        _to_disk(file.parent)
    except OSError as error:
        raise CannotBackUp(f"{file} cannot be written: {error.strerror}.") from None
    except sqlite3.Error as error:
        raise CannotBackUp(f"{source} cannot be copied: {error}.") from None
    finally:
        draft.unlink(missing_ok=True)
    return count


def restore(settings: Settings, file: Path) -> int:
    """Put a backup in the database's place; answers how many comments it holds.

    The file is proved before anything is touched, and what was there is kept beside it. Raises
    CannotBackUp, also while a service has the database open.
    """
    target = _sqlite(settings)
    if not file.is_file():
        raise CannotBackUp(f"There is no file {file}.")
    count = prove(file)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_while_in_use(target)
    draft = target.with_name(f".{target.name}.part")
    shutil.copyfile(file, draft)
    draft.chmod(0o600)
    _to_disk(draft)
    if target.exists():
        stamp = clock.now().strftime("%Y%m%dT%H%M%S.%fZ")
        _move_with_journal(target, target.with_name(f"{target.name}.before-restore-{stamp}"))
    draft.rename(target)
    _to_disk(target.parent)
    return count


def prove(file: Path) -> int:
    """How many comments a backup holds. Raises CannotBackUp for a damaged or foreign file."""
    try:
        with _open(file, mode="ro&immutable=1") as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise CannotBackUp(f"{file} is damaged: {found}. Nothing was changed.")
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return int(connection.execute("SELECT count(*) FROM comments").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise CannotBackUp(
            f"{file} is not a backup of Afterword ({error}). Nothing was changed."
        ) from None


def _sqlite(settings: Settings) -> Path:
    if settings.sqlite_path is None:
        raise CannotBackUp(
            "The comments are in PostgreSQL: back them up with pg_dump and put them back with "
            "pg_restore, as docs/backup.md shows."
        )
    return settings.sqlite_path


@contextlib.contextmanager
def _open(file: Path, *, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def _refuse_while_in_use(target: Path) -> None:
    """A service keeps the shared-memory file of the write-ahead log open and mapped."""
    if not target.exists() or target.stat().st_size == 0:
        return
    try:
        with _open(target) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("PRAGMA journal_mode").fetchone()
            connection.rollback()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise CannotBackUp(
                "A service has this database open. Stop it first, then restore."
            ) from None
    except sqlite3.DatabaseError:
        return  # damaged beyond opening: the very reason to restore


def _move_with_journal(source: Path, target: Path) -> None:
    """Move a database with its write-ahead log: the log's last commits belong to it."""
    source.rename(target)
    for ending in ("-wal", "-shm"):
        journal = source.with_name(source.name + ending)
        if journal.exists():
            journal.rename(target.with_name(target.name + ending))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
