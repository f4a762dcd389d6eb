"""Ready bytes in a file beside the database, for the processes of one machine."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from afterword.core.cache.patience import Answer, Patience, digest


class FileCache:
    """Bytes in a file of their own, the oldest out first when it outgrows ``most_bytes``.

    SQLite without care for power cuts: a damaged file is thrown away, and each body is proved by a
    digest before it is believed.
    """

    def __init__(self, path: Path, *, owner: str, most_bytes: int) -> None:
        self._path = path
        self._owner = owner
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._file: sqlite3.Connection | None = None
        self._patience = Patience(path.name, (sqlite3.Error, OSError))

    def get(self, name: object) -> bytes | None:
        """See ``Cache``."""
        key = self._key(name)
        return self._patience.ask(lambda: self._use(lambda file: _find(file, key)))

    def put(self, name: object, body: bytes) -> None:
        """See ``Cache``."""
        key = self._key(name)
        self._patience.ask(lambda: self._use(lambda file: self._keep(file, key, body)))

    def close(self) -> None:
        """See ``Cache``."""
        with self._lock:
            self._let_go()

    def _key(self, name: object) -> bytes:
        return digest(f"{self._owner} {name!r}".encode())

    def _use(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer:
        with self._lock:
            try:
                self._file = self._file or _open(self._path)
                return act(self._file)
            except sqlite3.OperationalError:
                raise  # locked, full, not to be written: not damaged
            except sqlite3.DatabaseError:
                self._let_go()
                _throw_away(self._path)
                raise

    def _keep(self, file: sqlite3.Connection, key: bytes, body: bytes) -> None:
        file.execute(
            "INSERT OR REPLACE INTO ready (name, proof, body) VALUES (?, ?, ?)",
            (key, digest(body), body),
        )
        if _bytes(file) > self._most_bytes:
            # The oldest eighth at once: not a little with each that comes.
            file.execute(
                "DELETE FROM ready WHERE id <= "
                "(SELECT min(id) + (max(id) - min(id)) / 8 FROM ready)"
            )

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def empty(path: Path, *, patience: float = 10) -> None:
    """Leave nothing in the file, nor in the journal beside it. Who uses it goes on doing so.

    A file that is damaged, or held by somebody for so many seconds, is thrown away.
    """
    if path.exists() and not _is_emptied(path, patience=patience):
        _throw_away(path)


def _is_emptied(path: Path, *, patience: float) -> bool:
    try:
        with closing(_open(path, patience=patience)) as file:
            file.execute("DELETE FROM ready")
            # What was thrown out before lies in pages that are free: they go as well.
            file.execute("VACUUM")
            is_held, _, _ = file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    return not is_held


def _find(file: sqlite3.Connection, key: bytes) -> bytes | None:
    row = file.execute("SELECT proof, body FROM ready WHERE name = ?", (key,)).fetchone()
    return row[1] if row and row[0] == digest(row[1]) else None


def _bytes(file: sqlite3.Connection) -> int:
    """How much of the file is in use."""
    size, count, free = (
        int(file.execute(f"PRAGMA {what}").fetchone()[0])
        for what in ("page_size", "page_count", "freelist_count")
    )
    return size * (count - free)


def _open(path: Path, *, patience: float = 0.1) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    file = sqlite3.connect(path, timeout=patience, check_same_thread=False, isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")
        file.execute(
            "CREATE TABLE IF NOT EXISTS ready "
            "(id INTEGER PRIMARY KEY, name BLOB UNIQUE, proof BLOB, body BLOB)"
        )
    except sqlite3.Error:
        file.close()
        raise
    return file


def _throw_away(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
