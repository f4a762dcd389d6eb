"""SQLite databases of other systems, read without a trace: they may be the only copy."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from afterword.core import config
from afterword.transfer.reading import BadFile

MOST_TEXT = 16 * 1024 * 1024  # bytes of one cell
_MAGIC = b"SQLite format 3\0"


@contextmanager
def opened(file: BinaryIO) -> Iterator[sqlite3.Connection]:
    """The database in a file, whose rows answer to the names of their columns.

    A file on the disk is opened where it lies, for reading only: changes that its last owner left
    in the ``-wal`` beside it are seen. Any other is copied first, for SQLite reads only files.
    Raises BadFile for what is damaged, also while it is read.
    """
    file.seek(0)
    with tempfile.NamedTemporaryFile(dir=config.current().data, suffix=".db") as copy:
        path = _path(file)
        if path is None:
            shutil.copyfileobj(file, copy)
            copy.flush()
            path = Path(copy.name)
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_TEXT)
            database.row_factory = sqlite3.Row
            database.text_factory = lambda raw: raw.decode("utf-8", "replace").replace("\0", "")
            try:
                _look_for_views(database)
                yield database
            except sqlite3.DataError:
                most = MOST_TEXT // 2**20
                raise BadFile(f"It has a text of more than {most} million bytes.") from None
            except (sqlite3.Error, UnicodeDecodeError) as fault:  # names of columns may be noise
                raise BadFile(f"This is no database that can be read: {fault}.") from None
    file.seek(0)


def is_one(file: BinaryIO) -> bool:
    """Whether a file is a database."""
    file.seek(0)
    return file.read(len(_MAGIC)) == _MAGIC


def tables(file: BinaryIO) -> frozenset[str]:
    """The names of a database's tables; none where it cannot be read."""
    try:
        with opened(file) as database:
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return frozenset(row["name"] for row in rows)
    except BadFile:
        return frozenset()


def _look_for_views(database: sqlite3.Connection) -> None:
    """A view may stand for rows without end. Raises BadFile."""
    if database.execute("SELECT 1 FROM sqlite_master WHERE type = 'view'").fetchone():
        raise BadFile("It has views, which no export has.")


def _path(file: BinaryIO) -> Path | None:
    name = getattr(file, "name", None)
    return Path(name) if isinstance(name, str) and Path(name).is_file() else None
