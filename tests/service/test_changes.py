"""Whether anything was committed: told by SQLite's own number, by PostgreSQL's snapshot."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from sqlalchemy import create_engine, make_url

from afterword.core import changes, config, db
from afterword.operate import migrate
from tests import running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request, tmp_path):
    told = {"AFTERWORD_DATA": str(tmp_path / "data")}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    return told


@pytest.fixture
def watched(told):
    settings = config.read(told)
    migrate.upgrade(settings)
    watched = changes.watch(settings)
    yield watched
    watched.close()


def settle(watched):
    """What is seen once a look was had and the database rests."""
    until, before = time.monotonic() + 10, None
    while time.monotonic() < until:
        seen = watched.seen()
        if seen is not None and seen == before:
            return seen
        before = seen
        time.sleep(3 * changes.LOOK_SECONDS)
    raise AssertionError("the database does not rest")


def differs(watched, before, *, seconds=1.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if watched.seen() not in {before, None}:
            return True
        time.sleep(changes.LOOK_SECONDS)
    return False


def test_while_nobody_writes_the_same_is_seen(watched):
    before = settle(watched)
    assert not differs(watched, before, seconds=0.2)


def test_a_commit_of_another_process_is_seen_within_a_second(watched, told, tmp_path):
    before = settle(watched)
    words = [sys.executable, "-m", "afterword", "sites", "add", BLOG]
    environment = {**running.environment(tmp_path), "AFTERWORD_DATABASE_URL": "", **told}
    subprocess.run(words, env=environment, check=True, capture_output=True)
    assert differs(watched, before)


def test_a_commit_of_this_process_is_seen_at_once(watched):
    before = settle(watched)
    changes.count()
    assert watched.seen() != before


def test_a_look_that_was_long_ago_tells_nothing(postgresql, monkeypatch):
    watched = changes.PostgresqlChanges(postgresql)
    try:
        settle(watched)
        monkeypatch.setattr(watched, "TRUSTED_SECONDS", 0)
        assert watched.seen() is None
    finally:
        watched.close()


@pytest.mark.parametrize(("said", "seconds"), [({}, "2"), ({"connect_timeout": "7"}, "7")])
def test_how_long_a_connection_may_take_is_the_owners_word_where_there_is_one(
    postgresql, said, seconds
):
    address = make_url(postgresql).set(query=said).render_as_string()
    settings = config.read({"AFTERWORD_DATABASE_URL": address})
    engine = create_engine(address, **db.engine_options(settings, address))
    with engine.connect() as connection:
        chosen = connection.connection.dbapi_connection.info.get_parameters()
    engine.dispose()
    assert chosen["connect_timeout"] == seconds
    assert chosen["keepalives_idle"] == "3"


def test_a_server_that_hung_up_is_looked_at_again(postgresql, monkeypatch):
    import psycopg

    mine = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    monkeypatch.setattr(changes.PostgresqlChanges, "RETRY_SECONDS", 0.01)
    watched = changes.PostgresqlChanges(postgresql)
    address = postgresql.replace("+psycopg", "")
    try:
        settle(watched)
        with psycopg.connect(address, autocommit=True) as other:
            (before,) = other.execute(f"SELECT pid {mine}").fetchone()
            other.execute(f"SELECT pg_terminate_backend(pid) {mine}")
            until = time.monotonic() + 10
            while other.execute(f"SELECT pid {mine}").fetchall() in ([], [(before,)]):
                assert time.monotonic() < until
                watched.seen()
        settle(watched)
    finally:
        watched.close()
