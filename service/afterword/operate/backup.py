"""Copies of the database: made while the service writes, proved readable, put back whole."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from afterword.core import clock
from afterword.core.config import Settings

OLD = dt.timedelta(days=8)  # a weekly one that failed
LAST = "last-backup"  # in the data folder: when the last copy was made
CHANGES = Path(__file__).parent.parent / "migrations" / "versions"


class CannotBackUp(Exception):
    """A backup or restore that did not happen; its text says why and what to do."""


def backup(settings: Settings, file: Path) -> int:
    """Copy the database to a file, mode 0600; answers how many comments it holds.

    SQLite's own online backup (https://www.sqlite.org/backup.html): writers go on meanwhile. The
    file appears only when it is complete, on the disk and proved.
    """
    source = _present(settings)
    _refuse_the_same(source, file)
    draft = file.with_name(f".{file.name}.part")
    try:
        _remove(draft)  # what a killed one left, with its journal, which would be read as ours
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        count = _copy(source, draft)
        _to_disk(draft)
        draft.rename(file)
        _to_disk(file.parent)
        _note(settings, clock.now())
    except OSError as error:
        raise CannotBackUp(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        _remove(draft)
    return count


def withdraw(settings: Settings, file: Path, *, before: dt.datetime | None) -> None:
    """Delete a copy that was of no use; the last one is that of ``before`` again."""
    file.unlink()
    _note(settings, before)


def send(settings: Settings, to: BinaryIO) -> int:
    """Write such a copy to a stream, out of a container that has no tools to hand out a file.

    It is made beside the database first: nothing leaves before it is complete and proved.
    """
    source = _present(settings)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{source.name}.", dir=source.parent) as folder:
            draft = Path(folder) / source.name
            draft.touch(mode=0o600)
            count = _copy(source, draft)
            with draft.open("rb") as copy:
                shutil.copyfileobj(copy, to)
            to.flush()
        _note(settings, clock.now())
    except OSError as error:
        raise CannotBackUp(f"The copy cannot be written: {error.strerror}.") from None
    return count


def sweep(folder: Path, *, beginning: str) -> None:
    """Remove what killed backups left here, of files named so. The caller holds off other ones."""
    for part in folder.glob(f".{beginning}*.db.part*"):
        part.unlink(missing_ok=True)


def last(settings: Settings) -> dt.datetime | None:
    """When ``backup`` made its last copy; None where it has made none that is known here."""
    try:
        return clock.parse((settings.data / LAST).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def restore(settings: Settings, file: Path) -> int:
    """Put a backup in the database's place; answers how many comments it holds.

    The file is proved before anything is touched, and what was there is kept beside it. Raises
    CannotBackUp, also while a service has the database open.
    """
    target = _sqlite(settings)
    if not file.is_file():
        raise CannotBackUp(f"There is no file {file}.")
    _refuse_the_same(target, file)
    return _put(target, lambda draft: _copy_with_journal(file, draft), named=str(file))


def receive(settings: Settings, content: BinaryIO) -> int:
    """Put a backup that comes as a stream in the database's place, as ``restore`` does a file."""
    return _put(_sqlite(settings), lambda draft: _write(content, draft), named="standard input")


def _put(target: Path, bring: Callable[[Path], None], *, named: str) -> int:
    draft = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(draft)
        bring(draft)
        _hand_over(draft)
        count = prove(draft, named=named)
        _refuse_newer(draft, named=named)
        _refuse_while_in_use(target)
        _to_disk(draft)
        _keep(target)
        draft.replace(target)
        _to_disk(target.parent)
    except OSError as error:
        raise CannotBackUp(f"{named} cannot be restored: {error.strerror}.") from None
    finally:
        _remove(draft)
    return count


def prove(file: Path, *, named: str = "") -> int:
    """How many comments a backup holds. Raises CannotBackUp for a damaged or foreign file."""
    try:
        with _open(file, mode="ro&immutable=1") as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                sentence = f"{named or file} is damaged: {found}. Nothing was changed."
                raise CannotBackUp(sentence)
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return int(connection.execute("SELECT count(*) FROM comments").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise CannotBackUp(
            f"{named or file} is not a backup of Afterword ({error}). Nothing was changed."
        ) from None


def _copy(source: Path, draft: Path) -> int:
    """Copy the database into an empty file and prove it; how many comments it holds."""
    try:
        with _open(source) as here, _open(draft) as there:
            here.backup(there)
    except sqlite3.Error as error:
        raise CannotBackUp(f"{source} cannot be copied: {error}.") from None
    return prove(draft, named=str(source))


def _note(settings: Settings, at: dt.datetime | None) -> None:
    """Say for the desk when the last copy was made. It is as good where this cannot be written."""
    file = settings.data / LAST
    with contextlib.suppress(OSError):
        if at is None:
            file.unlink(missing_ok=True)
            return
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as note:
            note.write(clock.text(at) + "\n")


def _sqlite(settings: Settings) -> Path:
    if settings.sqlite_path is None:
        raise CannotBackUp(
            "The comments are in PostgreSQL: back them up with pg_dump and put them back with "
            "pg_restore, as docs/backup.md shows."
        )
    return settings.sqlite_path


def _present(settings: Settings) -> Path:
    source = _sqlite(settings)
    if not source.exists():
        raise CannotBackUp(f"There is no database at {source} yet.")
    return source


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
                "A service has this database open, or Litestream beside it. Stop it first, then "
                "restore."
            ) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the latter is its message, quoted
        return  # damaged beyond opening: the very reason to restore


def _refuse_the_same(database: Path, file: Path) -> None:
    if database.exists() and file.exists() and file.samefile(database):
        raise CannotBackUp(f"{file} is the database itself. Name another file.")


def _refuse_newer(draft: Path, *, named: str) -> None:
    """A database of a later version would stop every start after it was put back."""
    known = {script.name.partition("_")[0] for script in CHANGES.glob("[0-9]*.py")}
    with _open(draft, mode="ro&immutable=1") as connection:
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if {row[0] for row in rows} - known:
        raise CannotBackUp(
            f"{named} was made by a newer version of Afterword. Install that version first. "
            "Nothing was changed."
        )


def _copy_with_journal(file: Path, draft: Path) -> None:
    """Copy a backup, with a write-ahead log beside it: the log's last commits belong to it."""
    for ending in ("", "-wal"):
        source = _beside(file, ending)
        if source.exists():
            with source.open("rb") as content:
                _write(content, _beside(draft, ending))
    if _beside(draft, "-wal").exists():
        # What is damaged stays so: ``prove`` says it.
        with contextlib.suppress(sqlite3.DatabaseError), _open(draft) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _write(content: BinaryIO, file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as copy:
        shutil.copyfileobj(content, copy)


def _hand_over(draft: Path) -> None:
    """Give what root restores to the folder's owner, the service's user, who could not open it."""
    if os.geteuid() == 0:
        owner = draft.parent.stat()
        os.chown(draft, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _keep(target: Path) -> None:
    """Keep the present database under another name, while it stays in place for a last moment.

    A cut of power between here and the replacement leaves the old one or the new one, never none.
    """
    if not target.exists():
        return
    stamp = clock.now().strftime("%Y%m%dT%H%M%S.%fZ")
    kept = target.with_name(f"{target.name}.before-restore-{stamp}")
    # A sound database has no log left: the look that nobody uses it has closed it. What remains
    # belongs to a damaged one, and would be read as the log of the new one.
    if _beside(target, "-wal").exists():
        _beside(target, "-wal").rename(_beside(kept, "-wal"))
    _beside(target, "-shm").unlink(missing_ok=True)
    try:
        os.link(target, kept)
    except OSError:  # a file system without links
        shutil.copy2(target, kept)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _remove(draft: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        _beside(draft, ending).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
