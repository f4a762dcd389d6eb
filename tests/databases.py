"""Where a service under test keeps its rows: in its data folder, or in a PostgreSQL of the tests'.

By ``pytest --database postgresql`` every data folder stands for a database of that server: what a
command writes for a folder, the service over the same folder finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Of the server, without a database; None: SQLite, each in its folder.
_server: str | None = None
_made: dict[str, Path] = {}


@contextmanager
def on(server: str) -> Iterator[None]:
    """Keep the rows of all data folders there until the block ends."""
    global _server  # noqa: PLW0603 - as pytest was told, for all that runs
    _server = server
    try:
        yield
    finally:
        _server = None
        _made.clear()


def settings(data: Path) -> dict[str, str]:
    """What a service is told besides its data folder; the database is made when it is new."""
    if _server is None:
        return {}
    if (name := _name(data)) not in _made:
        _run(f"CREATE DATABASE {name} STRATEGY file_copy")
        _made[name] = data
    address = f"{_server}/{name}".replace("postgresql:", "postgresql+psycopg:", 1)
    return {"AFTERWORD_DATABASE_URL": address}


def copy(source: Path, target: Path) -> None:
    """Give a data folder the rows of another, as copying an SQLite file does it."""
    if _server is not None:
        _run(f"CREATE DATABASE {_name(target)} TEMPLATE {_name(source)} STRATEGY file_copy")
        _made[_name(target)] = target


def forget(folder: Path) -> None:
    """Remove what was kept for the data folders inside of this one."""
    for name, data in list(_made.items()):
        if folder in data.parents:
            _run(f"DROP DATABASE {name} WITH (FORCE)")
            del _made[name]


def rows(data: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds in the database of a data folder, asked beside the service."""
    from sqlalchemy import NullPool, create_engine, text

    address = settings(data).get("AFTERWORD_DATABASE_URL", f"sqlite:///{data / 'afterword.db'}")
    with create_engine(address, poolclass=NullPool).begin() as connection:
        found = connection.execute(text(statement))
        return [tuple(row) for row in found] if found.returns_rows else []


def is_whole(data: Path) -> bool:
    """Whether SQLite finds its file as it should be; PostgreSQL is believed."""
    return _server is not None or rows(data, "PRAGMA integrity_check") == [("ok",)]


def _name(data: Path) -> str:
    return f"folder_{hashlib.sha256(bytes(data.absolute())).hexdigest()[:20]}"


def _run(statement: str) -> None:
    import psycopg

    with psycopg.connect(f"{_server}/postgres", autocommit=True) as server:
        server.execute(statement)  # type: ignore[arg-type]
