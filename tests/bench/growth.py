"""Whether reads, the queue and searches cost more when there are ten times as many comments.

Run it with ``python -m tests.bench.growth [FEW] [TIMES]``: two databases in one PostgreSQL, one of
so many comments, a hundred a page, and one that has so many times as many: 100,000 and ten times
that unless said otherwise. The second is made of the first by the database itself: the same texts
again, on other pages and at later times. A million and ten take an hour and 25 GB. Each question
is asked of both in turn, without any cache, so that a shared machine's moods meet both; what is
compared is the median. The goal: at most 1.5 times.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, create_engine, insert, text, update

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.config import Settings
from afterword.core.db import db
from afterword.moderation import queue, search
from afterword.moderation.index import Wanted
from afterword.operate import migrate
from afterword.sites import changes, directory
from afterword.threads import counts, read, slices
from afterword.threads.models import Comment, Page, State
from tests import running
from tests.bench import fill
from tests.postgresql import Server

A_PAGE = 100  # comments
WAITING = 20_000
TIMES = 40
BATCH = 5000


# Those that no constraint needs.
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made_by
    FROM pg_index
    WHERE indrelid::regclass::text
        IN ('comments', 'pages', 'comment_places', 'comment_words', 'page_words')
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:of AS regclass) AND attnum > 0"
LETTERS = "abcdefghjkmnpqrstvwxyz"  # no id of these centuries begins with one
NUMBERED = "regexp_replace({0}, '[0-9]+$', (substring({0} from '[0-9]+$')::int + :by)::text)"
OTHER_ID = "overlay({} placing :letter from 1 for 1)"
# What a copy has otherwise, as SQL over the row that it is of.
LATER = "created + make_interval(mins => :by * 100)"
PLACE = "place + ((:by)::bigint * 100 * 60000 << 20)"
ERA = "tsvector_to_array(afterword_era(place))"
WORDS = f"ts_delete(words, {ERA}) || afterword_era({PLACE})"
COPIES = {
    "pages": {
        "id": "id + :by",
        "key": NUMBERED.format("key"),
        "url": NUMBERED.format("url"),
        "title": NUMBERED.format("title"),
    },
    "comments": {
        "id": OTHER_ID.format("id"),
        "parent_id": OTHER_ID.format("parent_id"),
        "root_id": OTHER_ID.format("root_id"),
        "page_id": "page_id + :by",
        "created": LATER,
    },
    "comment_places": {"place": PLACE, "comment_id": OTHER_ID.format("comment_id")},
    "comment_words": {"place": PLACE, "page_id": "page_id + :by", "words": WORDS},
    "page_words": {"page_id": "page_id + :by"},
}
# Of which rows: those of the first database.
WHICH = {
    "pages": "id <= :pages",
    "comments": "page_id <= :pages",
    "comment_places": "comment_id ~ '^[0-9]'",
    "comment_words": "page_id <= :pages",
    "page_words": "page_id <= :pages",
}


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    words.add_argument("few", nargs="?", type=int, default=100_000)
    words.add_argument("times", nargs="?", type=int, default=10)
    asked = words.parse_args()
    few, many = asked.few, asked.few * asked.times
    with tempfile.TemporaryDirectory() as folder, Server.running() as server, ExitStack() as stack:
        one = server.new_database()
        settings = config.read(running.environment(Path(folder) / "few", database_url=one))
        _fill(settings, few)
        two = server.new_database(like=one)
        others = config.read(running.environment(Path(folder) / "many", database_url=two))
        _multiply(two, few // A_PAGE, asked.times)
        apps = [stack.enter_context(_ready(each)) for each in (settings, others)]
        for name, ask in QUESTIONS.items():
            took: list[list[float]] = [[], []]
            for number in range(TIMES):
                for app, size, times in zip(apps, (few, many), took, strict=True):
                    times.append(_timed(app, lambda ask=ask, size=size, n=number: ask(size, n)))
            less, more = (statistics.median(times) for times in took)
            print(f"{name:44} {less:7.2f} ms {more:7.2f} ms {more / less:5.2f} times", flush=True)


def _timed(app: Flask, ask: Callable[[], object]) -> float:
    with app.app_context():
        began = time.perf_counter()
        ask()
        return (time.perf_counter() - began) * 1000


def _page(size: int, number: int) -> str:
    """Another page each time, the same ones in every run."""
    return str(random.Random(number).randint(1, size // A_PAGE))


def _thread(size: int, number: int, **asked: str) -> object:
    url = fill.url(_page(size, number))
    site = directory.of_url(url)
    return read.thread(site, site.page_key(url, None), url=url, slice=slices.read(**asked))


def _link(size: int, number: int) -> object:
    url = fill.url(_page(size, number))
    site = directory.of_url(url)
    page = db.session.query(Page).filter_by(site_id=site.id, key=site.page_key(url, None)).one()
    comment = db.session.query(Comment.id).filter_by(page_id=page.id).offset(90).limit(1).scalar()
    return _thread(size, number, around=str(comment))


def _counts(size: int, number: int) -> object:
    site = directory.of_url(fill.BLOG)
    urls = (fill.url(_page(size, number * 50 + n)) for n in range(50))
    return counts.of_pages({(site.id, site.page_key(url, None)) for url in urls})


def _search(
    asked: str, state: State, *, is_newest_first: bool = True
) -> Callable[[int, int], object]:
    def ask(_size: int, _number: int) -> object:
        wanted = Wanted(state=state, query=search.read(asked))
        first = queue.search(wanted, is_newest_first=is_newest_first)
        return first, queue.found(wanted, first=first)

    return ask


QUESTIONS: dict[str, Callable[[int, int], object]] = {
    "first page of a thread": _thread,
    "the same, best first": lambda size, number: _thread(size, number, sort="best"),
    "a link to its ninetieth comment": _link,
    "counts of fifty pages": _counts,
    "the latest of the site": lambda _size, _number: read.latest(
        directory.of_url(fill.BLOG), limit=50
    ),
    "the queue": lambda _size, _number: (queue.read(State.PENDING), queue.totals()),
    "the queue of what is visible": lambda _size, _number: queue.read(State.VISIBLE),
    "search: the, of those that wait": _search("the", State.PENDING),
    "search: the, of those that are visible": _search("the", State.VISIBLE),
    "search: iterator": _search("iterator", State.VISIBLE),
    "search: iterator generator": _search("iterator generator", State.VISIBLE),
    "the same, oldest first": _search("iterator generator", State.VISIBLE, is_newest_first=False),
    "search: iterator metaclass zero, none has all": _search(
        "iterator metaclass zero", State.VISIBLE
    ),
    "search: nobodysaidthis": _search("nobodysaidthis", State.VISIBLE),
}


def _fill(settings: Settings, size: int) -> None:
    """Comments in a database of their own, which has no indexes yet."""
    print(f"Filling one with {size:,} comments ...", flush=True)
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add(fill.BLOG)
    close(app)
    wanted = dict.fromkeys(range(1, size // A_PAGE + 1), A_PAGE)
    with _opened(settings.database_url) as writing:
        # Made at once afterwards, as a migration does it. Beside them: both databases need them.
        writing.execute(text("CREATE TABLE indexes_to_make AS " + INDEXES))
        for (name,) in writing.execute(text("SELECT name FROM indexes_to_make")).all():
            writing.execute(text(f"DROP INDEX {name}"))
        pages = (fill._page(*one) for one in enumerate(wanted.items(), 1))
        rows = fill._rows(list(wanted.values()))
        for model, made in ((Page, pages), (Comment, rows)):
            while batch := list(itertools.islice(made, BATCH)):
                writing.execute(insert(model), batch)


def _multiply(address: str, pages: int, times: int) -> None:
    """The same comments again and again, each time on other pages, later, under other ids."""
    for number in range(1, times):
        print(f"Copying them, {number} of {times - 1} ...", flush=True)
        with _opened(address) as writing:
            # No trigger and no foreign key: what they would make is copied as well.
            writing.execute(text("SET LOCAL session_replication_role = replica"))
            for table, changed in COPIES.items():
                columns = writing.scalars(text(COLUMNS), {"of": table}).all()
                values = (changed.get(column, column) for column in columns)
                copy = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
                told = {"by": number * pages, "letter": LETTERS[number], "pages": pages}
                which = WHICH[table]
                copy = f"{copy} FROM {table} WHERE {which}"
                writing.execute(text(copy), {k: v for k, v in told.items() if f":{k}" in copy})


@contextmanager
def _ready(settings: Settings) -> Iterator[Flask]:
    """Its application, once indexes are made, some comments wait, and the planner knows."""
    print("Making its indexes ...", flush=True)
    with _opened(settings.database_url) as writing:
        writing.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        for (made_by,) in writing.execute(text("SELECT made_by FROM indexes_to_make")).all():
            writing.execute(text(made_by))
        writing.execute(text("DROP TABLE indexes_to_make"))
        newest = "SELECT id FROM comments ORDER BY created DESC LIMIT :many"
        waits = update(Comment).where(Comment.id.in_(text(newest).bindparams(many=WAITING)))
        writing.execute(waits.values(state=State.PENDING, is_shown=False))
    engine = create_engine(settings.database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    app = create_app(settings)
    try:
        yield app
    finally:
        close(app)


@contextmanager
def _opened(address: str) -> Iterator[Connection]:
    """A transaction of a database, and no connection to it afterwards."""
    engine = create_engine(address)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


if __name__ == "__main__":
    main()
