"""Whether reads, the queue and searches cost more when there are ten times as many comments.

Run it with ``python -m tests.bench.growth [FEW] [MANY]``: two databases in one PostgreSQL, of so
many comments each, a hundred a page; 100,000 and 1,000,000 unless said otherwise. A million and
ten take an hour and 25 GB. Each question is asked of both in turn, without any cache, so that a
shared machine's moods meet both; what is compared is the median. The goal: at most 1.5 times.
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
from sqlalchemy import create_engine, insert, text, update

from afterword.app import close, create_app
from afterword.core import config
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


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    words.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    few, many = words.parse_args().sizes
    with tempfile.TemporaryDirectory() as folder, Server.running() as server, ExitStack() as stack:
        apps = [
            stack.enter_context(_filled(Path(folder) / str(size), server, size))
            for size in (few, many)
        ]
        for name, ask in QUESTIONS.items():
            took: list[list[float]] = [[], []]
            for number in range(TIMES):
                for app, size, times in zip(apps, (few, many), took, strict=True):
                    times.append(_timed(app, lambda ask=ask, size=size, n=number: ask(size, n)))
            one, two = (statistics.median(times) for times in took)
            print(f"{name:44} {one:7.2f} ms {two:7.2f} ms {two / one:5.2f} times", flush=True)


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


def _search(asked: str, state: State) -> Callable[[int, int], object]:
    def ask(_size: int, _number: int) -> object:
        wanted = Wanted(state=state, query=search.read(asked))
        return queue.search(wanted, is_newest_first=True), queue.found(wanted)

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
    "search: iterator generator": _search("iterator generator", State.VISIBLE),
    "search: nobodysaidthis": _search("nobodysaidthis", State.VISIBLE),
}


@contextmanager
def _filled(data: Path, server: Server, size: int) -> Iterator[Flask]:
    print(f"Filling one with {size:,} comments ...", flush=True)
    address = server.new_database()
    settings = config.read(running.environment(data, database_url=address))
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add(fill.BLOG)
    wanted = dict.fromkeys(range(1, size // A_PAGE + 1), A_PAGE)
    engine = create_engine(address)
    with engine.begin() as writing:
        # Made at once afterwards, as a migration does it.
        made_by = writing.scalar(text("SELECT pg_get_indexdef('ix_comment_words_words'::regclass)"))
        writing.execute(text("DROP INDEX ix_comment_words_words"))
        pages = (fill._page(*one) for one in enumerate(wanted.items(), 1))
        rows = fill._rows(list(wanted.values()))
        for model, made in ((Page, pages), (Comment, rows)):
            while batch := list(itertools.islice(made, BATCH)):
                writing.execute(insert(model), batch)
        writing.execute(text(made_by))
        newest = "SELECT id FROM comments ORDER BY created DESC LIMIT :many"
        waits = update(Comment).where(Comment.id.in_(text(newest).bindparams(many=WAITING)))
        writing.execute(waits.values(state=State.PENDING, is_shown=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    try:
        yield app
    finally:
        close(app)


if __name__ == "__main__":
    main()
