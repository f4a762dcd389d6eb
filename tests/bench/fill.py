"""Databases of a given size, as an import would leave them, made in a minute.

They are kept in the system's folder for temporary files under a digest of what makes them, so that
the next run finds them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, text

from afterword.core import clock, ids, urls
from afterword.markup.render import render
from afterword.threads.models import Comment, Page, State
from tests import running
from tests.bench import texts

BLOG = "https://blog.example"
SIZES = {"small": (1, 100), "middle": (100, 100), "large": (10_000, 100)}  # pages, comments each
LONG = {"ten-thousand": 10_000, "hundred-thousand": 100_000}  # in the large one besides
TEXTS = 3000  # different ones
BATCH = 20_000
START = dt.datetime(2020, 1, 1, tzinfo=clock.UTC)


@dataclass(frozen=True)
class Place:
    """Where a comment came to be: for questions about the middle of a thread."""

    id: str
    created: dt.datetime


def database(size: str) -> Path:
    """The data folder of a database of this size; made when it is not there yet."""
    here = Path(tempfile.gettempdir()) / f"afterword-bench-{_digest()}"
    data = here / size
    if not (here / f"{size}.made").exists():
        shutil.rmtree(data, ignore_errors=True)
        print(f"Making the {size} database ...", flush=True)
        _make(data, size)
        (here / f"{size}.made").touch()
    for left in data.glob("ready.cache*"):
        left.unlink()
    return data


def url(page: str | int) -> str:
    """The address of a page of these databases: by number, or by the name of a long thread."""
    return f"{BLOG}/posts/{page}"


def roots(data: Path, page: str) -> list[Place]:
    """The roots of a page, oldest first."""
    return _places(data, page, "AND root_id IS NULL")


def replies(data: Path, page: str) -> list[Place]:
    """The replies on a page, oldest first."""
    return _places(data, page, "AND root_id IS NOT NULL")


def _places(data: Path, page: str, which: str) -> list[Place]:
    with sqlite3.connect(f"file:{data / 'afterword.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT id, created FROM comments WHERE page_id = (SELECT id FROM pages WHERE url = ?)"
            f" {which} ORDER BY created, id",
            (url(page),),
        ).fetchall()
    connection.close()
    return [Place(row[0], dt.datetime.fromisoformat(row[1] + "+00:00")) for row in rows]


def _make(data: Path, size: str) -> None:
    done = running.command(data, "init", "--site-origin", BLOG)
    if done.returncode:
        raise SystemExit(done.stderr)
    pages, each = SIZES[size]
    wanted: dict[str | int, int] = dict.fromkeys(range(1, pages + 1), each)
    wanted |= LONG if size == "large" else {}
    engine = create_engine(f"sqlite:///{data / 'afterword.db'}")
    with engine.connect() as connection:
        indexes = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        ).all()
        # With an index goes what the planner is told of it.
        figures = connection.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1")).all()
        for name, _ in indexes:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.execute(insert(Page), [_page(*one) for one in enumerate(wanted.items(), 1)])
        rows = _rows(list(wanted.values()))
        while batch := list(itertools.islice(rows, BATCH)):
            connection.execute(insert(Comment), batch)
        for _, made_by in indexes:
            connection.execute(text(made_by))
        connection.execute(text("DELETE FROM sqlite_stat1"))
        told = text("INSERT INTO sqlite_stat1 VALUES (:tbl, :idx, :stat)")
        connection.execute(told, [row._asdict() for row in figures])
        connection.commit()
    engine.dispose()
    examined = running.command(data, "doctor")
    if examined.returncode:
        raise SystemExit(examined.stdout + examined.stderr)


def _page(number: int, wanted: tuple[str | int, int]) -> dict[str, Any]:
    name, count = wanted
    return {
        "id": number,
        "site_id": 1,
        "key": urls.page_key(url(name)),
        "url": url(name),
        "title": f"Post {name}",
        "is_open": True,
        "count": count,
        "version": count,
        "created": START,
    }


def _rows(counts: list[int]) -> Iterator[dict[str, Any]]:
    """Comments of the pages in turn, a third of them replies to the root before."""
    pool = [(said, render(said)) for said in itertools.islice(texts.comments(1), TEXTS)]
    says = itertools.cycle(pool)
    names = itertools.cycle(list(itertools.islice(texts.names(2), 997)))
    minutes = itertools.count()
    for page_id, count in enumerate(counts, 1):
        root = ""
        for number in range(count):
            comment_id, is_reply = ids.new(), number % 3 == 2
            root = root if is_reply else comment_id
            said, html = next(says)
            yield {
                "id": comment_id,
                "site_id": 1,
                "page_id": page_id,
                "parent_id": root if is_reply else None,
                "root_id": root if is_reply else None,
                "depth": int(is_reply),
                "name": next(names),
                "text": said,
                "html": html,
                "state": State.VISIBLE,
                "is_shown": True,
                "created": START + dt.timedelta(minutes=next(minutes)),
            }


def _digest() -> str:
    made_by = [*Path(__file__).parent.glob("[ft]*.py"), *_versions()]
    said = b"".join(sorted(file.read_bytes() for file in made_by))
    return hashlib.sha256(said).hexdigest()[:12]


def _versions() -> Iterator[Path]:
    from afterword.operate.migrate import SCRIPTS

    yield from (Path(SCRIPTS) / "versions").glob("[0-9]*.py")
