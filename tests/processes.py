"""Writes of several processes that meet: one is held before its commit, another waits for it.

Each is a thread whose writes queue up in nothing but the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, event, text

from afterword.core.db import db

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def other(app: Flask, act: Callable[[], Any]) -> Future[Any]:
    """Do this in another process, and answer what comes of it."""
    return _begun(app, act, lambda: None)


@contextmanager
def held(app: Flask, act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Do this in another process; it has written all, and commits when the block ends."""
    wrote, go = threading.Event(), threading.Event()

    def wait() -> None:
        wrote.set()
        assert go.wait(30)

    doing = _begun(app, act, wait)
    doing.add_done_callback(lambda _: wrote.set())
    try:
        assert wrote.wait(30)
        assert not doing.done(), doing.exception()
        yield doing
    finally:
        go.set()
    doing.result(30)


def until_waits(app: Flask, *doing: Future[Any]) -> None:
    """Return once each of them waits for what another process has locked."""
    with connected(app) as looking:
        while looking.scalar(_WAITING) < len(doing):
            assert not any(one.done() for one in doing), "it waited for nobody"
            looking.rollback()


@contextmanager
def connected(app: Flask) -> Iterator[Connection]:
    """A connection of its own, whose transaction ends with the block."""
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    with create_engine(address, poolclass=NullPool).connect() as connection:
        yield connection


def _begun(app: Flask, act: Callable[[], Any], at_commit: Callable[[], None]) -> Future[Any]:
    def run() -> Any:
        with app.app_context():
            _before_commit(at_commit)
            return act()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)


def _before_commit(tell: Callable[[], None]) -> None:
    """Tell once, before what this thread's session has written is committed."""
    session, written = db.session(), []
    event.listen(session, "after_flush", lambda *_: written.append(True))

    @event.listens_for(session, "before_commit")
    def look(_session: Any) -> None:
        if written:
            written.clear()
            tell()
