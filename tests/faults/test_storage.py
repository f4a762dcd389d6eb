"""R3, R4, R5: storage fails, fills up, is held: nothing acknowledged is lost, nothing halved."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import sqlite3
import threading
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

pytestmark = pytest.mark.slow

KEY = "0123456789abcdef"
TRIES = 20


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
def test_a_post_that_fails_at_any_statement_is_stored_wholly_or_not_at_all(app, post, figure):
    with app.app_context():
        engine = db.engine
    with failing(engine, 0) as statements:
        assert post("First.", headers={"Idempotency-Key": "first-" + KEY}).status_code == 201
    refused, unharmed, number, done = 0, 0, 0, 1
    while number <= len(statements) + 5:
        number += 1
        key = {"Idempotency-Key": f"{number:04}-{KEY}"}
        before = stored(app)
        with failing(engine, number) as seen:
            answer = post(f"Comment {number}.", headers=key)
        if answer.status_code == 201:
            done += 1
            unharmed += len(seen) >= number
        else:
            assert (answer.status_code, answer.json["code"]) == (503, "not_ready"), seen[-1]
            assert int(answer.headers["Retry-After"]) > 0
            assert stored(app) == before, seen[-1]
            refused += 1
            assert post(f"Comment {number}.", headers=key).status_code == 201
            done += 1
        assert stored(app) == (done, done, done)
    assert refused > 10
    figure(
        f"each of a post's {refused + unharmed} statements failed once, {refused} times 503, "
        f"{unharmed} times stored all the same: {done} comments, {done} receipts, {done} counted"
    )


@pytest.mark.fault("R4")
@pytest.mark.parametrize("verb", ["remove", "spam", "approve", "restore"])
def test_a_decision_that_fails_at_any_statement_is_made_wholly_or_not_at_all(
    app, post, verb, figure
):
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
    figure(f"{verb}: failed at each of {number - 1} statements, nothing half, then made")


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
def test_while_another_process_holds_the_database_posts_wait_and_readers_do_not(service, figure):
    assert send(service, "Before.")[0] == 201
    with held(service):
        started = time.monotonic()
        assert read(service) == 1
        readers = time.monotonic() - started
        assert readers < 1
        started = time.monotonic()
        status, said, headers = send(service, "Meanwhile.", KEY)
        waited = time.monotonic() - started
        assert 4 < waited < 10
        assert (status, said["code"]) == (503, "not_ready")
        assert int(headers["Retry-After"]) > 0
    started = time.monotonic()
    assert send(service, "Meanwhile.", KEY)[0] == 201
    again = time.monotonic() - started
    assert again < 2
    assert read(service) == 2
    figure(
        f"held by another process: a read took {readers * 1000:.0f} ms, a post was refused after "
        f"{waited:.1f} s; let go, it was taken in {again * 1000:.0f} ms"
    )


@pytest.mark.sqlite("PostgreSQL has many writers")
@pytest.mark.fault("R5")
@pytest.mark.slow
def test_a_post_waits_for_another_process_that_holds_the_database_for_a_second(service, figure):
    with held(service) as other:
        letting_go = threading.Timer(1, other.execute, ["ROLLBACK"])
        started = time.monotonic()
        letting_go.start()
        assert send(service, "Meanwhile.")[0] == 201
        waited = time.monotonic() - started
        letting_go.join()
    assert 0.9 < waited < 4
    figure(f"held for 1 s: a post was taken after {waited:.2f} s")


@contextmanager
def held(service):
    """Another process, as far as SQLite can tell, has begun to write and does not end."""
    other = sqlite3.connect(
        service.data / "afterword.db", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


def allow_files(service, most):
    """How large a file of the service's processes may grow: as on a disk that is nearly full."""
    master = service.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    for child in children:
        resource.prlimit(int(child), resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@pytest.mark.sqlite("its disk is another machine's")
@pytest.mark.fault("R3")
@pytest.mark.slow
def test_on_a_full_disk_posts_are_refused_readers_answered_and_nothing_is_lost(service, figure):
    acknowledged = 0
    log = service.data / "afterword.db-wal"
    allow_files(service, log.stat().st_size + 1024 * 1024)
    for number in range(200):
        key = f"{number:04}-{KEY}"
        status, said, headers = send(service, f"Comment {number}.", key)
        if status != 201:
            break
        acknowledged += 1
    assert 0 < acknowledged < 200
    for _ in range(TRIES):
        assert (status, said["code"]) == (503, "not_ready")
        assert int(headers["Retry-After"]) > 0
        assert read(service) == acknowledged
        status, said, headers = send(service, f"Comment {number}.", key)
    allow_files(service, resource.RLIM_INFINITY)
    started = time.monotonic()
    assert send(service, f"Comment {number}.", key)[0] == 201
    again = time.monotonic() - started
    assert again < 2
    assert read(service) == acknowledged + 1
    with sqlite3.connect(service.data / "afterword.db") as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert other.execute("SELECT count(*) FROM comments").fetchone() == (acknowledged + 1,)
    other.close()
    figure(
        f"{acknowledged} posts, then no room: {TRIES + 1} times 503, {TRIES} reads of {TRIES} 200, "
        f"0 lost; with room again a post was taken in {again * 1000:.0f} ms"
    )
