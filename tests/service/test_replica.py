"""A replica that follows by streaming answers reads, and never one that is older than it should."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.request
from collections import Counter

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event

from afterword.app import close, create_app
from afterword.core import config, replica
from afterword.core.config import WrongSetting
from afterword.core.db import db
from afterword.operate import doctor, migrate
from afterword.operate.finding import Grade
from tests import running
from tests.conftest import BLOG, PAGE
from tests.postgresql import Server

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def servers():
    """A server and one that follows it."""
    with Server.running() as server, server.replica() as follower:
        yield server, follower


@pytest.fixture
def addresses(servers):
    """A new database, here and there."""
    server, follower = servers
    address = server.new_database()
    there = address.replace(f":{server.port}/", f":{follower.port}/")
    running.wait_until(lambda: _is_there(there))
    return address, there


@pytest.fixture
def told(addresses):
    database, there = addresses
    return {"database_url": database, "database_replica_url": there}


@pytest.fixture
def app(tmp_path, told):
    named = {f"AFTERWORD_{name.upper()}": value for name, value in told.items()}
    named |= {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}
    named["AFTERWORD_METRICS_TOKEN"] = TOKEN
    settings = config.read({"AFTERWORD_DATA": str(tmp_path / "data"), **named})
    migrate.upgrade(settings)
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def asked(app):
    """How many queries of comments went to which of both."""
    counted = Counter()

    def listen(name, engine):
        def note(_connection, _cursor, text, *_):
            counted[name] += "FROM comments" in text

        event.listen(engine, "before_cursor_execute", note)

    with app.app_context():
        listen("database", db.engine)
        listen("replica", db.engines["replica"])
    return counted


def _is_there(address):
    try:
        with psycopg.connect(address.replace("+psycopg", "")):
            return True
    except psycopg.OperationalError:
        return False


def _run(address, statement):
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchone() if done.description else None


def _follow(addresses):
    """Wait until the replica has all that was written."""
    here = _run(addresses[0], "SELECT pg_current_wal_lsn()::text")[0]
    reached = f"SELECT pg_last_wal_replay_lsn() >= '{here}'::pg_lsn"
    running.wait_until(lambda: _run(addresses[1], reached)[0])


def _ends(client):
    """How the reads ended that the replica was to answer."""
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    found = re.findall(r'^afterword_replica_reads_total\{end="(\w+)"\} (\S+)$', text, re.M)
    return {end: float(number) for end, number in found}


def texts(thread):
    return [comment["html"] for comment in thread()["comments"]]


def test_a_replica_that_is_as_far_renders_the_thread(addresses, post, thread, asked):
    post("One.")
    _follow(addresses)
    asked.clear()
    assert texts(thread) == ["<p>One.</p>\n"]
    assert asked["replica"] > 0
    assert asked["database"] == 0


def test_a_replica_is_not_asked_for_what_the_service_carries_itself(app):
    client = app.test_client()
    assert client.get("/embed.js").status_code == 200
    assert client.get("/messages/de.json").status_code == 200
    assert _ends(client) == {}


def test_what_was_written_is_read_while_the_replica_is_behind(
    addresses, client, post, thread, asked
):
    post("One.")
    _follow(addresses)
    _run(addresses[1], "SELECT pg_wal_replay_pause()")
    try:
        post("Two.")
        asked.clear()
        assert texts(thread) == ["<p>One.</p>\n", "<p>Two.</p>\n"]
        assert asked["replica"] == 0
        assert asked["database"] > 0
    finally:
        _run(addresses[1], "SELECT pg_wal_replay_resume()")
    post("Three.")
    _follow(addresses)
    asked.clear()
    assert len(texts(thread)) == 3
    assert asked["replica"] > 0
    assert _ends(client) == {"behind": 1, "answered": 1}


def test_a_page_that_nobody_commented_on_is_empty_here_and_there(addresses, site, thread, asked):
    _follow(addresses)
    assert texts(thread) == []


def test_without_its_replica_the_database_answers_alone(
    servers, addresses, post, thread, asked, monkeypatch
):
    monkeypatch.setattr(replica, "REST_SECONDS", 0.5)
    post("One.")
    _follow(addresses)
    servers[1].stop()
    try:
        assert len(texts(thread)) == 1
        assert asked["database"] > 0
        post("Two.")
        assert len(texts(thread)) == 2  # and is not asked again for a while
    finally:
        servers[1].start()

    def is_asked_again():
        post("And again.")
        _follow(addresses)
        asked.clear()
        texts(thread)
        return asked["replica"]

    running.wait_until(is_asked_again)


def test_a_replica_that_hangs_keeps_readers_for_a_moment(
    servers, addresses, client, post, thread, asked, monkeypatch
):
    post("One.")
    _follow(addresses)
    texts(thread)
    assert asked["replica"] > 0
    post("Two.")
    servers[1].freeze()
    try:
        began = time.monotonic()
        assert len(texts(thread)) == 2
        assert time.monotonic() - began < 3
        post("Three.")
        began = time.monotonic()
        assert len(texts(thread)) == 3
        assert time.monotonic() - began < 1  # it is left alone
        assert _ends(client)["away"] == 1
    finally:
        servers[1].thaw()


def test_another_service_shows_what_was_written_at_the_first(tmp_path, addresses, told):
    """Two as on two hosts; the replica stands still all the while."""
    settings = {"form_checks": "off", "rate_limits": "off", **told}
    data = tmp_path / "one" / "data"
    assert running.command(data, "sites", "add", BLOG, **settings).returncode == 0
    _follow(addresses)
    _run(addresses[1], "SELECT pg_wal_replay_pause()")
    try:
        with (
            running.serving(data, **settings) as one,
            running.serving(tmp_path / "two" / "data", **settings) as other,
        ):
            for number in range(5):
                _post(one, f"Number {number}.")
                running.wait_until(lambda n=number: f"Number {n}." in _thread(other))
    finally:
        _run(addresses[1], "SELECT pg_wal_replay_resume()")


def _post(service, text):
    body = f'{{"url": "{PAGE}", "text": "{text}", "author": {{"name": "Ada"}}}}'
    headers = {"Origin": BLOG, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{service.url}/api/v1/comments", body.encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 201


def _thread(service):
    with urllib.request.urlopen(f"{service.url}/api/v1/thread?url={PAGE}") as answer:
        return answer.read().decode()


@pytest.fixture
def found(tmp_path, told):
    """What the doctor finds of the replica, with settings changed by keywords."""

    def examine(**changed):
        named = running.environment(tmp_path / "data", **{**told, **changed})
        return {one.about: one for one in doctor.examine(config.read(named))}.get("replica")

    return examine


def test_the_doctor_says_how_far_behind_it_is(addresses, found):
    _follow(addresses)
    assert (found().grade, found().sentence) == (Grade.FINE, "It has all that was written.")
    assert "takes writes" in found(database_replica_url=addresses[0]).sentence
    away = f"postgresql+psycopg://u:hidden@127.0.0.1:{running.free_port()}/d"
    assert found(database_replica_url=away).sentence.startswith(
        "The database answers alone. It cannot be used: connection failed"
    )
    assert "cannot be told" in found(database_url=away).sentence
    assert found(database_replica_url="") is None
    assert "is for PostgreSQL" in found(database_url="").sentence
    _run(addresses[1], "SELECT pg_wal_replay_pause()")
    try:
        _run(addresses[0], "SELECT pg_logical_emit_message(true, 'x', 'y')")
        running.wait_until(lambda: " s behind" in found().sentence)
    finally:
        _run(addresses[1], "SELECT pg_wal_replay_resume()")


def test_the_doctor_calls_no_replica_complete_that_received_less_than_was_written(addresses, found):
    _follow(addresses)
    sender = _run(addresses[0], "SELECT pid FROM pg_stat_replication")[0]
    os.kill(sender, signal.SIGSTOP)
    try:
        _run(addresses[0], "SELECT pg_logical_emit_message(true, 'x', 'y')")
        assert " s behind" in found().sentence
    finally:
        os.kill(sender, signal.SIGCONT)


def test_the_doctor_points_at_a_replica_that_receives_nothing(addresses, found):
    _follow(addresses)
    there = _run(addresses[1], "SELECT current_setting('primary_conninfo')")[0]
    _receive_from(addresses[1], "")
    try:
        running.wait_until(lambda: "receives nothing" in found().sentence)
        assert found().grade is Grade.LOOK
    finally:
        _receive_from(addresses[1], there)
    running.wait_until(lambda: found().grade is Grade.FINE)


def _receive_from(address, there):
    _run(address, sql.SQL("ALTER SYSTEM SET primary_conninfo = {}").format(there))
    _run(address, "SELECT pg_reload_conf()")


def test_sqlite_has_no_replica(tmp_path):
    there = {"AFTERWORD_DATABASE_REPLICA_URL": "postgresql+psycopg://postgres@127.0.0.1/there"}
    with pytest.raises(WrongSetting, match="is for PostgreSQL"):
        create_app(config.read({"AFTERWORD_DATA": str(tmp_path), **there}))
