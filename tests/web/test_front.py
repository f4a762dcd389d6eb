"""The ASGI front sends what Flask sends: the same status, headers, bytes, and never older ones."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from afterword.app import close, create_app, create_front
from afterword.core import config
from afterword.core.db import db
from afterword.moderation import actions
from afterword.operate import migrate
from afterword.sites import changes, directory
from tests import make
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

THREAD = f"url={quote(PAGE, safe='')}"
CODINGS = ("br, gzip", "gzip", "gzip;q=0, br;q=0", "")


@pytest.fixture
def front(app):
    return create_front(app)


def ask(front, path, query="", *, method="GET", received=({"type": "http.request"},), **headers):
    """One request through ASGI: (status, headers with lower-case names, body)."""
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("localhost", 8000)}
    scope |= {"headers": [(b"host", b"localhost:8000"), *told], "client": ("127.0.0.1", 5)}
    sent = []
    messages = iter(received)

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    async def run():
        await front(scope, receive, send)

    with ThreadPoolExecutor(1) as elsewhere:  # in this thread a browser's tests may have a loop
        elsewhere.submit(lambda: asyncio.run(run())).result()
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    head.pop("x-request-id", None)  # each request has one of its own
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])


def flask(client, path, query="", *, method="GET", **headers):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.open(path, method=method, query_string=query, headers=told)
    head = {name.lower(): value for name, value in answer.headers.items()}
    head.pop("x-request-id", None)
    return answer.status_code, head, answer.data


@pytest.fixture
def flask_calls(front, monkeypatch):
    """How often the front had to ask Flask."""
    calls = []
    inner = front._flask

    async def counted(*words):
        calls.append(words[0]["path"])
        await inner(*words)

    monkeypatch.setattr(front, "_flask", counted)
    return calls


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept_encoding", CODINGS)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/thread", THREAD),
        ("/api/v1/thread", THREAD + "&sort=newest&limit=2"),
        ("/api/v1/thread", f"url={quote(BLOG + '/nobody', safe='')}"),
        ("/api/v1/thread", "url=nonsense"),
        ("/api/v1/thread", ""),
        ("/api/v1/counts", f"{THREAD}&{THREAD}-2&url=nonsense"),
        ("/api/v1/latest", "site=blog.example&limit=2"),
        ("/api/v1/latest", "site=nobody"),
        ("/embed.js", ""),
        ("/healthz", ""),
        ("/nothing", ""),
    ],
)
def test_every_answer_is_flasks_own(front, client, post, path, query, method, accept_encoding):
    post("One.")
    for held in ("", '"another"', "*"):
        told = {"method": method, "accept_encoding": accept_encoding, "if_none_match": held}
        expected = flask(client, path, query, **told)
        for _ in range(3):  # by Flask, and out of hand
            assert ask(front, path, query, **told) == expected
        etag = expected[1].get("etag")
        if etag:
            told["if_none_match"] = f'"other", {etag}'
            expected = flask(client, path, query, **told)
            assert expected[0] == 304
            assert [ask(front, path, query, **told) for _ in range(3)] == [expected] * 3


@pytest.mark.sqlite("PostgreSQL is looked at beside, and what is asked meanwhile is gathered anew")
def test_what_is_ready_does_not_trouble_flask(front, flask_calls, post):
    post("One.")
    first = ask(front, "/api/v1/thread", THREAD, accept_encoding="br")
    again = [ask(front, "/api/v1/thread", THREAD, accept_encoding="br") for _ in range(5)]
    assert again == [first] * 5
    assert len(flask_calls) == 1


def test_what_memory_does_not_hold_comes_from_the_file_without_troubling_flask(
    front, app, client, flask_calls, post
):
    lines = [f"url={quote(f'{PAGE}-{number}', safe='')}" for number in range(4)]
    for number in range(4):
        post(f"On page {number}.", url=f"{PAGE}-{number}")
    app.extensions["afterword.threads"]._threads._most = 5000  # two of them
    for _ in range(3):
        for line in lines:
            told = {"accept_encoding": "br"}
            answer = ask(front, "/api/v1/thread", line, **told)
            assert answer == flask(client, "/api/v1/thread", line, **told)
    assert len(flask_calls) == 4
    post("Another.", url=f"{PAGE}-0")
    head = ask(front, "/api/v1/thread", lines[0], accept_encoding="gzip")[1]
    assert head["etag"] != answer[1]["etag"]
    assert b"Another." in ask(front, "/api/v1/thread", lines[0])[2]


@pytest.mark.sqlite("PostgreSQL is looked at beside, and what is asked meanwhile is gathered anew")
def test_what_many_ask_at_once_flask_is_asked_once(front, flask_calls, post):
    post("One.")
    scope = {"type": "http", "method": "GET", "path": "/api/v1/thread", "http_version": "1.1"}
    scope |= {"query_string": THREAD.encode(), "headers": [(b"host", b"localhost:8000")]}
    scope |= {"scheme": "http", "server": ("localhost", 8000), "client": ("127.0.0.1", 5)}
    bodies = []

    async def one():
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            return {"type": "http.request"}

        await front(dict(scope), receive, send)
        bodies.append(b"".join(message.get("body", b"") for message in sent))

    async def all_at_once():
        await asyncio.gather(*(one() for _ in range(50)))

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(lambda: asyncio.run(all_at_once())).result()
    assert len(bodies) == 50
    assert len(set(bodies)) == 1
    assert len(flask_calls) == 1


def test_a_write_is_seen_by_the_very_next_read(front, app, post):
    for number in range(5):
        post(f"Comment {number}.")
        body = ask(front, "/api/v1/thread", THREAD)[2].decode()
        assert f"Comment {number}." in body
        counts = json.loads(ask(front, "/api/v1/counts", THREAD)[2])["counts"]
        assert counts == {PAGE: number + 1}
        latest = ask(front, "/api/v1/latest", "site=blog.example&limit=1")[2].decode()
        assert f"Comment {number}." in latest
    comment = post("To be removed.").get_json()["comment"]["id"]
    assert "To be removed." in ask(front, "/api/v1/thread", THREAD)[2].decode()
    with app.app_context():
        actions.remove([comment], by="test")
        db.session.remove()
    assert "To be removed." not in ask(front, "/api/v1/thread", THREAD)[2].decode()


def test_a_change_of_the_site_is_seen_at_once(front, app, post):
    post("One.")
    ask(front, "/api/v1/thread", THREAD)
    with app.app_context():
        changes.choose(directory.of_url(BLOG).id, {"name": "Another name"})
        db.session.remove()
    assert "Another name" in ask(front, "/api/v1/thread", THREAD)[2].decode()


def test_long_questions_are_not_remembered(front, app, flask_calls, post):
    post("One.")
    for _ in range(3):
        assert ask(front, "/api/v1/thread", THREAD + "&x=" + "y" * 600)[0] == 200
    assert len(flask_calls) == 3


def test_invented_questions_push_out_older_ones_and_take_no_more_room(app, site):
    hot = app.extensions["afterword.hot"]
    threads = app.extensions["afterword.threads"]
    for number in range(hot.MOST_LINES + 10):
        hot.learn(("/api/v1/thread", str(number).encode()), threads, number, 0)
    assert len(hot._lines) == hot.MOST_LINES


def test_a_write_goes_to_flask(front, flask_calls, site):
    assert ask(front, "/api/v1/thread", THREAD, method="POST")[0] == 405
    assert len(flask_calls) == 1


def test_a_body_whose_sender_fell_silent_is_a_bad_request(front, site):
    begun = {"type": "http.request", "body": b'{"url": "', "more_body": True}
    status, head, body = ask(
        front,
        "/api/v1/comments",
        method="POST",
        received=(begun, {"type": "http.disconnect"}),
        content_type="application/json",
        content_length="500",
        origin=BLOG,
    )
    assert (status, json.loads(body)["code"]) == (400, "bad_request")
    assert head["access-control-allow-origin"]


@pytest.mark.sqlite("its fault")
def test_while_sqlite_cannot_tell_what_was_committed_flask_answers(
    front, app, flask_calls, post, monkeypatch
):
    class Locked:
        def execute(self, _statement):
            raise sqlite3.OperationalError("database is locked")

    post("One.")
    expected = [ask(front, "/api/v1/thread", THREAD) for _ in range(3)][-1]
    assert len(flask_calls) == 1
    monkeypatch.setattr("afterword.core.changes.LOOK_SECONDS", -1)
    with monkeypatch.context() as locked:
        locked.setattr(app.extensions["afterword.changes"], "_connection", Locked())
        assert [ask(front, "/api/v1/thread", THREAD) for _ in range(3)] == [expected] * 3
    assert len(flask_calls) == 4


def test_on_postgresql_ready_threads_are_sent_until_another_process_writes(postgresql, tmp_path):
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add(BLOG)
        made = make.comment(make.page(directory.of_url(BLOG), PAGE))
    front = create_front(app)
    asked = []
    inner = front._flask

    async def counted(*words):
        asked.append(words)
        await inner(*words)

    front._flask = counted
    try:
        until = time.monotonic() + 10
        before = -1
        while len(asked) != before:  # the first look may be under way
            assert time.monotonic() < until
            before = len(asked)
            status, _, body = ask(front, "/api/v1/thread", THREAD)
        assert (status, b"Hello." in body) == (200, True)
        words = [sys.executable, "-m", "afterword", "comments", "remove", made.id]
        subprocess.run(words, env={**os.environ, **told}, check=True, capture_output=True)
        until = time.monotonic() + 1
        while b"Hello." in ask(front, "/api/v1/thread", THREAD)[2]:
            assert time.monotonic() < until
    finally:
        close(app)
