"""Writes of several processes that meet: one is held before its commit, another waits for it.

Each is a thread whose writes queue up in nothing but the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.orm import Session

from afterword.app import close, create_app
from afterword.core import config
from afterword.core import db as database
from afterword.core.db import Model, db
from afterword.operate import migrate

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def application(data: Path, address: str = "") -> Iterator[Flask]:
    """The application over an empty database, without the lock that writers of one process share:
    each thread is as a process of its own. ``address`` is PostgreSQL's; else SQLite."""
    told = {"AFTERWORD_DATA": str(data), "AFTERWORD_FORM_CHECKS": "off"}
    settings = config.read({**told, "AFTERWORD_DATABASE_URL": address})
    migrate.upgrade(settings)
    app = create_app(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_writer", nullcontext())
        yield app
        close(app)


def other(app: Flask, act: Callable[[], Any]) -> Future[Any]:
    """Do this in another process, and answer what comes of it."""
    return _begun(app, act)


@contextmanager
def held(app: Flask, act: Callable[[], Any], *, adds: type[Model] = Model) -> Iterator[Future[Any]]:
    """Do this in another process; it has written all, and commits when the block ends.

    With ``adds``, the commit is meant of what adds a row of this kind: there may be others before.
    """
    wrote, go = threading.Event(), threading.Event()

    def wait() -> None:
        wrote.set()
        assert go.wait(30)

    doing = _begun(app, act, lambda session: _before_commit(session, wait, adds=adds))
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


def _begun(
    app: Flask, act: Callable[[], Any], prepare: Callable[[Session], None] = lambda _: None
) -> Future[Any]:
    def run() -> Any:
        with app.app_context():
            prepare(db.session())
            return act()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)


def _before_commit(session: Session, tell: Callable[[], None], *, adds: type[Model]) -> None:
    """Tell before what a session has written is committed."""
    wrote: list[bool] = []

    @event.listens_for(session, "after_flush")
    def note(_session: Session, _context: object) -> None:
        if adds is Model or any(isinstance(one, adds) for one in session.new):
            wrote.append(True)

    @event.listens_for(session, "before_commit")
    def look(_session: Session) -> None:
        if wrote:
            wrote.clear()
            tell()
