"""R3, R4, R5: storage fails, fills up, is held: nothing acknowledged is lost, nothing halved."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from afterword.core.db import db
from afterword.moderation import actions
from afterword.threads.models import Comment, Page, Receipt
from tests import running
from tests.conftest import BLOG, PAGE

KEY = "0123456789abcdef"


@contextmanager
def failing(engine, at):
    """Let the ``at``-th statement fail as a broken disk does; gives how many there were."""
    seen = []

    def fail(_connection, _cursor, statement, *_more):
        seen.append(statement)
        if len(seen) == at:
            broken = sqlite3.OperationalError("disk I/O error")
            raise OperationalError(statement, {}, broken)

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def stored(app):
    """(comments, receipts, what pages count): what has to agree."""
    with app.app_context():
        found = (
            db.session.query(Comment).count(),
            db.session.query(Receipt).count(),
            sum(page.count for page in db.session.query(Page)),
        )
        if db.engine.dialect.name == "sqlite":
            asked = db.session.connection().exec_driver_sql
            assert asked("PRAGMA integrity_check").scalar() == "ok"
            assert not asked("PRAGMA foreign_key_check").all()
        db.session.remove()
        return found


@pytest.mark.fault("R4")
def test_a_post_that_fails_at_any_statement_is_stored_wholly_or_not_at_all(app, post):
    with app.app_context():
        engine = db.engine
    with failing(engine, 0) as statements:
        assert post("First.", headers={"Idempotency-Key": "first-" + KEY}).status_code == 201
    refused, number, done = 0, 0, 1
    while number <= len(statements) + 5:
        number += 1
        key = {"Idempotency-Key": f"{number:04}-{KEY}"}
        before = stored(app)
        with failing(engine, number) as seen:
            answer = post(f"Comment {number}.", headers=key)
        if answer.status_code == 201:
            done += 1
        else:
            assert (answer.status_code, answer.json["code"]) == (503, "not_ready"), seen[-1]
            assert int(answer.headers["Retry-After"]) > 0
            assert stored(app) == before, seen[-1]
            refused += 1
            assert post(f"Comment {number}.", headers=key).status_code == 201
            done += 1
        assert stored(app) == (done, done, done)
    assert refused > 10


@pytest.mark.fault("R4")
@pytest.mark.parametrize("verb", ["remove", "spam", "approve", "restore"])
def test_a_decision_that_fails_at_any_statement_is_made_wholly_or_not_at_all(app, post, verb):
    made = post().json["comment"]["id"]
    act = getattr(actions, verb)
    with app.app_context():
        engine = db.engine
        if verb in {"approve", "restore"}:
            actions.spam([made], by="test")
        before = db.session.get(Comment, made).state
    number, moved = 0, False
    while not moved:
        number += 1
        with (
            app.app_context(),
            failing(engine, number),
            contextlib.suppress(OperationalError),
        ):
            act([made], by="test")
            moved = True
        with app.app_context():
            comment = db.session.get(Comment, made)
            is_visible = comment.state.value == "visible"
            assert moved or comment.state is before
            assert comment.page.count == int(is_visible) == int(comment.is_shown)
    assert number > 5


@pytest.fixture
def service(tmp_path):
    data = tmp_path / "data"
    running.command(data, "init", "--site-origin", BLOG)
    with running.serving(data, form_checks="off", rate_limits="off") as service:
        yield service


def send(service, text, key=None):
    connection = http.client.HTTPConnection(str(urlsplit(service.url).netloc), timeout=30)
    body = json.dumps({"url": PAGE, "text": text, "author": {"name": "Ada"}})
    told = {"Content-Type": "application/json", "Origin": BLOG}
    connection.request(
        "POST", "/api/v1/comments", body, told | ({"Idempotency-Key": key} if key else {})
    )
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said, answer.headers


def read(service):
    connection = http.client.HTTPConnection(str(urlsplit(service.url).netloc), timeout=30)
    connection.request("GET", f"/api/v1/thread?url={quote(PAGE, safe='')}")
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    assert answer.status == 200
    return said["page"]["count"]


@pytest.mark.sqlite("PostgreSQL has many writers")
@pytest.mark.fault("R5")
@pytest.mark.slow
def test_while_another_process_holds_the_database_posts_wait_and_readers_do_not(service):
    assert send(service, "Before.")[0] == 201
    other = sqlite3.connect(service.data / "afterword.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        started = time.monotonic()
        assert read(service) == 1
        assert time.monotonic() - started < 1
        status, said, headers = send(service, "Meanwhile.", KEY)
        assert 4 < time.monotonic() - started < 10
        assert (status, said["code"]) == (503, "not_ready")
        assert int(headers["Retry-After"]) > 0
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert send(service, "Meanwhile.", KEY)[0] == 201
    assert read(service) == 2


def allow_files(service, most):
    """How large a file of the service's processes may grow: as on a disk that is nearly full."""
    master = service.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    for child in children:
        resource.prlimit(int(child), resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@pytest.mark.sqlite("its disk is another machine's")
@pytest.mark.fault("R3")
@pytest.mark.slow
def test_on_a_full_disk_posts_are_refused_readers_answered_and_nothing_is_lost(service):
    acknowledged = 0
    log = service.data / "afterword.db-wal"
    allow_files(service, log.stat().st_size + 1024 * 1024)
    for number in range(200):
        key = f"{number:04}-{KEY}"
        status, said, headers = send(service, f"Comment {number}.", key)
        if status != 201:
            break
        acknowledged += 1
    assert (status, said["code"]) == (503, "not_ready")
    assert int(headers["Retry-After"]) > 0
    assert 0 < acknowledged < 200
    assert read(service) == acknowledged
    allow_files(service, resource.RLIM_INFINITY)
    assert send(service, f"Comment {number}.", key)[0] == 201
    assert read(service) == acknowledged + 1
    with sqlite3.connect(service.data / "afterword.db") as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert other.execute("SELECT count(*) FROM comments").fetchone() == (acknowledged + 1,)
    other.close()
