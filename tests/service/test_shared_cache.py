"""Ready threads in Redis: a new process starts with them, and does without where Redis is gone."""

from __future__ import annotations

import socket
import time

import pytest

from afterword.app import create_app
from afterword.core import cache, config
from afterword.core.db import db
from afterword.operate import migrate
from afterword.operate.backup import backup, restore
from afterword.sites import changes
from afterword.threads import read
from afterword.threads.cache import ReadyThreads
from tests import redis
from tests.conftest import BLOG, PAGE


@pytest.fixture(scope="module")
def server():
    with redis.server() as server:
        yield server


@pytest.fixture
def told(tmp_path, server):
    return {
        "AFTERWORD_DATA": str(tmp_path / "data"),
        "AFTERWORD_REDIS_URL": server.url,
        "AFTERWORD_RATE_LIMITS": "off",
        "AFTERWORD_FORM_CHECKS": "off",
    }


@pytest.fixture
def start(told):
    """A new process over the same database: an application with nothing in its memory."""
    apps = []

    def new(**changed):
        settings = config.read({**told, **changed})
        migrate.upgrade(settings)
        apps.append(create_app(settings))
        return apps[-1]

    yield new
    for app in apps:
        stop(app)


def stop(app):
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["afterword.changes"].close()


@pytest.fixture
def renders(monkeypatch):
    made = []
    thread = read.thread

    def counted(*asked, **more):
        made.append(asked)
        return thread(*asked, **more)

    monkeypatch.setattr(read, "thread", counted)
    return made


def get(app, coding="br"):
    headers = {"Accept-Encoding": coding}
    asked = {"url": PAGE}
    answer = app.test_client().get("/api/v1/thread", query_string=asked, headers=headers)
    assert answer.status_code == 200
    return answer.data, answer.headers["ETag"]


def post(app, text="Hello."):
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}}
    sent = app.test_client().post("/api/v1/comments", json=body, headers={"Origin": BLOG})
    assert sent.status_code == 201


@pytest.fixture
def first(start):
    app = start()
    with app.app_context():
        changes.add(BLOG)
    post(app)
    return app


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_a_new_process_sends_what_an_earlier_one_rendered(first, start, renders, coding):
    sent = get(first, coding)
    assert len(renders) == 1
    assert get(start(), coding) == sent
    assert len(renders) == 1


def test_a_thread_that_changed_is_rendered_anew_by_one_of_them(first, start, renders):
    second = start()
    get(first), get(second)
    post(second, "Another.")
    assert get(second) == get(first)
    assert len(renders) == 2
    assert b"Another." in get(first, "identity")[0]


def test_another_installation_on_the_same_redis_shares_nothing(first, start, renders, tmp_path):
    get(first)
    other = start(AFTERWORD_DATA=str(tmp_path / "other"))
    with other.app_context():
        changes.add(BLOG)
    assert b"Hello." not in get(other, "identity")[0]


def test_a_restored_database_is_not_answered_with_what_was_there_before(first, start, told):
    settings = config.read(told)
    backup(settings, settings.data / "copy.db")
    post(first, "Lost with the restore.")
    get(first)
    stop(first)
    restore(settings, settings.data / "copy.db")
    second = start()
    post(second, "Said after it.")  # the page comes to the same version again
    assert b"Said after it." in get(second, "identity")[0]


def test_without_redis_threads_are_read_as_before(first, server, start, renders, monkeypatch):
    monkeypatch.setattr(cache.SharedCache, "REST_SECONDS", 0)
    get(first)
    server.stop()
    try:
        sent = get(start())
    finally:
        server.start()
    assert sent == get(first)
    assert len(renders) == 2


def test_a_redis_that_hangs_costs_a_moment_once(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = cache.SharedCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", owner="me")
        started = time.monotonic()
        for number in range(50):
            assert hung.get(number) is None
            hung.put(number, b"x")
        assert time.monotonic() - started < 1
        hung.close()


def test_what_is_no_thread_in_redis_is_rendered_anew(server):
    shared = cache.SharedCache(server.url, owner="me")
    shared.put(("page", (1,)), b"\x00 not brotli")
    threads = ReadyThreads(10**6, shared=shared)
    found = threads.get_or_render(
        "page", version=lambda: (1,), render=lambda: b"fresh", encoding="identity"
    )
    assert found.body == b"fresh"
    shared.close()
