"""How long the desk's queue and its search take over a million comments, 20,000 of them waiting.

Run it with ``python -m tests.bench.search``; it takes about four minutes, or one where a bench made
the large database before. ``--postgresql`` asks a PostgreSQL of its own instead, filled with the
same rows. The promises: a search takes 50 ms at most, the queue 60 ms and 40 kB.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, insert, select, text, update

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.config import Settings
from afterword.core.db import db, transaction
from afterword.identity import moderators, sessions
from afterword.moderation import index, queue, search
from afterword.moderation.index import Wanted
from afterword.operate import migrate
from afterword.sites.models import Origin, Site
from afterword.spam import networks
from afterword.spam.traces import Trace
from afterword.threads.models import Comment, Page, State
from tests.bench import fill
from tests.postgresql import cluster

WAITING, SPAM = 20_000, 40_000
ALIKE = 10  # comments of a cluster
ADDRESS = "9.9.9.9"
TIMES = 15
ASKED = {"Accept-Encoding": "gzip, br", "Sec-Fetch-Site": "same-origin"}
BATCH = 5000
REASONS = (
    ["It is the author's first comment here."],
    ["It has 3 links; 2 are allowed."],
    ["It has “table” from your list of words.", "Akismet takes it for spam."],
)
# What is asked, in which state, and whether the oldest come first.
SEARCHES = (
    ("the", State.VISIBLE, False),
    ("the", State.VISIBLE, True),
    ("the", State.PENDING, True),
    ("the is of", State.REMOVED, False),
    ("iterator generator", State.VISIBLE, False),
    ('"the same"', State.VISIBLE, True),
    ('"the same" -object', State.SPAM, False),
    ("gener*", State.VISIBLE, False),
    ("with*", State.PENDING, True),
    ("nobodysaidthis", State.VISIBLE, False),
    ("author:claan", State.VISIBLE, False),
    ("the author:claan", State.PENDING, True),
    ("email:ada@b.example", State.VISIBLE, False),
    ("link:example.org", State.VISIBLE, True),
    ("page:posts/4711 the", State.VISIBLE, False),
    ("page:post the", State.VISIBLE, True),
    ("the after:2020-06-01 before:2020-07-01", State.VISIBLE, False),
    (f"ip:{ADDRESS}", State.PENDING, False),
    (f"the ip:{ADDRESS}", State.PENDING, False),
    ("reason:akismet the", State.PENDING, False),
)
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%USING gin%'"
PAGES = (
    "/admin/",
    "/admin/?sort=oldest",
    "/admin/?site=1",
    "/admin/?state=visible",
    "/admin/?state=visible&links=1&sort=oldest",
    "/admin/?state=visible&page=10001&q=the",
    "/admin/?reason=Akismet+takes+it+for+spam.",
    "/admin/?q=the&sort=oldest",
    "/admin/?state=visible&q=%22the+same%22",
    "/admin/?state=visible&q=iterator+-object",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgresql", action="store_true")
    is_postgresql = parser.parse_args().postgresql
    with tempfile.TemporaryDirectory() as folder, _settings(Path(folder), is_postgresql) as told:
        app = create_app(told)
        with app.app_context():
            _let_some_wait()
            if is_postgresql:
                _settle()
            total = db.session.scalar(select(func.count()).select_from(Comment))
            print(f"{total:,} comments, {queue.totals()[State.PENDING]:,} of them wait")
            for asked, state, is_oldest_first in SEARCHES:
                _search(asked, state, is_newest_first=not is_oldest_first)
            client = _logged_in(app)
            for path in PAGES:
                answer = client.get(path, headers=ASKED)
                assert answer.status_code == 200, answer.text
                size = f"{len(answer.data) / 1000:5.1f} kB"
                _print(f"{size} {path}", partial(client.get, path, headers=ASKED))
            db.session.remove()
            db.engine.dispose()
        close(app)


def _search(asked: str, state: State, *, is_newest_first: bool) -> None:
    wanted = Wanted(state=state, query=search.read(asked))
    many = index.count(wanted, most=queue.MOST_FOUND + 1)
    name = f"{many:5} {state.value:8} {'newest' if is_newest_first else 'oldest'}  {asked}"
    _print(name, lambda: queue.search(wanted, is_newest_first=is_newest_first))


def _print(name: str, do: Callable[[], object]) -> None:
    took = []
    for _ in range(TIMES):
        db.session.expunge_all()
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    print(f"{name:62} median {statistics.median(took):6.1f} ms   worst {max(took):6.1f} ms")


@contextmanager
def _settings(folder: Path, is_postgresql: bool) -> Iterator[Settings]:
    made = fill.database("large")
    told = {"AFTERWORD_DATA": str(folder / "data"), "AFTERWORD_RATE_LIMITS": "off"}
    if not is_postgresql:
        shutil.copytree(made, folder / "data")
        yield config.read(told)
        return
    with cluster() as server:
        address = f"{server}/postgres".replace("postgresql:", "postgresql+psycopg:", 1)
        settings = config.read({**told, "AFTERWORD_DATABASE_URL": address})
        migrate.upgrade(settings)
        _copy(f"sqlite:///{made / 'afterword.db'}", address)
        yield settings


def _copy(source: str, target: str) -> None:
    """The rows of one database in another."""
    print("Copying them into PostgreSQL ...", flush=True)
    come, go = create_engine(source), create_engine(target)
    with come.connect() as reading, go.begin() as writing:
        # Made at once afterwards, as the migration does: by and by it takes ten times as long.
        indexes = writing.execute(text(INDEXES)).all()
        for name, _ in indexes:
            writing.execute(text(f"DROP INDEX {name}"))
        for model in (Site, Origin, Page, Comment):
            rows = reading.execute(select(model.__table__)).mappings()
            while batch := rows.fetchmany(BATCH):
                writing.execute(insert(model.__table__), [dict(row) for row in batch])
        for _, made_by in indexes:
            writing.execute(text(made_by))
    come.dispose()
    go.dispose()


def _settle() -> None:
    """What a server does by itself in quiet minutes."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _let_some_wait() -> None:
    """The newest wait, as if they had come this hour; those before them are spam."""
    chance = random.Random(1)
    rows = select(Comment.id).order_by(Comment.created.desc(), Comment.id.desc())
    newest = list(db.session.scalars(rows.where(Comment.state == State.VISIBLE).limit(60_000)))
    waiting, spam = newest[:WAITING], newest[WAITING : WAITING + SPAM]
    network, now = networks.pseudonyms(ADDRESS)[0], clock.now()
    for start in range(0, WAITING, BATCH):
        with transaction() as session:
            for one in waiting[start : start + BATCH]:
                changed = {"state": State.PENDING, "reasons": chance.choice(REASONS)}
                session.execute(
                    update(Comment).where(Comment.id == one).values(**changed, is_shown=False)
                )
            session.execute(
                insert(Trace),
                [
                    {
                        "comment_id": one,
                        "site_id": 1,
                        "network": network if number % 50 == 0 else None,
                        "sketch": b"",
                        "created": now,
                        "cluster": f"c{number // ALIKE}" if number % 2 else one,
                    }
                    for number, one in enumerate(waiting[start : start + BATCH], start)
                ],
            )
    for start in range(0, SPAM, BATCH):
        with transaction() as session:
            part = spam[start : start + BATCH]
            session.execute(
                update(Comment).where(Comment.id.in_(part)).values(state=State.SPAM),
                execution_options={"synchronize_session": False},
            )


def _logged_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = sessions.start(moderators.add("a@blog.example", password="a boat that was a table"))
    client.set_cookie("afterword", token)
    return client


if __name__ == "__main__":
    main()
