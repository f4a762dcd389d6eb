"""How the service itself is: what can be told in a moment. ``doctor`` looks deeper."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from importlib import metadata

from sqlalchemy import func, select

from afterword.core import clock
from afterword.core.config import Settings
from afterword.core.db import db
from afterword.operate import backup
from afterword.operate.doctor import LITTLE_DISK


@dataclass(frozen=True)
class Health:
    """What an owner would want to know before it is too late."""

    version: str
    database: str
    size: int | None  # bytes of the database; None while it is away
    copied: dt.datetime | None  # when ``afterword backup`` made its last copy, as far as is known
    free: int | None  # bytes beside the data; None where that cannot be told

    @property
    def keeps_copies(self) -> bool:
        """Whether ``afterword backup`` is what copies this database."""
        return self.database == "SQLite"

    @property
    def is_copy_old(self) -> bool:
        """Whether the last copy was made too long ago, or never."""
        late = self.copied is None or self.copied < clock.now() - backup.OLD
        return self.keeps_copies and late

    @property
    def is_disk_full(self) -> bool:
        """Whether there is little room left."""
        return self.free is not None and self.free < LITTLE_DISK


def look(settings: Settings, *, size: int | None) -> Health:
    """How things stand now, around a database of this size. It is not asked for anything."""
    is_sqlite = settings.sqlite_path is not None
    return Health(
        version=metadata.version("afterword"),
        database="SQLite" if is_sqlite else "PostgreSQL",
        size=size,
        copied=backup.last(settings),
        free=_free(settings),
    )


def size(settings: Settings) -> int:
    """The bytes that the database takes."""
    if settings.sqlite_path is None:
        asked = select(func.pg_database_size(func.current_database()))
        return int(db.session.scalar(asked) or 0)
    # The write-ahead log beside it holds what was committed last.
    files = settings.sqlite_path.parent.glob(settings.sqlite_path.name + "*")
    own = {settings.sqlite_path.name + ending for ending in ("", "-wal")}
    return sum(file.stat().st_size for file in files if file.name in own)


def _free(settings: Settings) -> int | None:
    try:
        return shutil.disk_usage(settings.data).free
    except OSError:
        return None
