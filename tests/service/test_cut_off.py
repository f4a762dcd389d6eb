"""While there is no database, readers get what was ready for as long as a shared cache keeps it."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.exc import TimeoutError as NoConnection

from afterword.app import close, create_app
from afterword.core import config
from afterword.operate import migrate
from afterword.sites import changes, directory
from tests import make
from tests.conftest import BLOG, PAGE
from tests.postgresql import Server

pytestmark = pytest.mark.fault("R6")


@pytest.fixture(scope="module")
def server():
    with Server.running() as server:
        yield server


@pytest.fixture
def app(server, tmp_path):
    """An application over a PostgreSQL of its own, with one page, which somebody has read."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_FORM_CHECKS": "off"}
    told |= {"AFTERWORD_DATABASE_URL": server.new_database(), "AFTERWORD_RATE_LIMITS": "off"}
    settings = config.read({**told, "AFTERWORD_METRICS_TOKEN": "x" * 16})
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add(BLOG)
        make.comment(make.page(directory.of_url(BLOG), PAGE))
    yield app
    close(app)


@pytest.fixture
def read(app):
    def get(url=PAGE):
        began = time.monotonic()
        answer = app.test_client().get("/api/v1/thread", query_string={"url": url})
        return answer, time.monotonic() - began

    answer, _ = get()
    assert answer.get_json()["page"]["count"] == 1
    return get


def post(app):
    body = {"url": PAGE, "text": "Good morning.", "author": {"name": "Ada"}}
    return app.test_client().post("/api/v1/comments", json=body, headers={"Origin": BLOG})


def _wait_until(is_so):
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_server_that_is_stopped_leaves_readers_what_was_ready_and_comes_back_by_itself(
    app, server, read
):
    before = read()[0]
    server.stop()
    try:
        answer, _ = read()  # before anybody noticed
        assert (answer.status_code, answer.data) == (200, before.data)
        _wait_until(app.extensions["afterword.changes"].is_cut_off)
        for _ in range(20):
            answer, took = read()
            assert (answer.status_code, answer.data, took < 0.25) == (200, before.data, True)
        refused = [read(f"{BLOG}/not-ready")[0], post(app)]
        assert [one.status_code for one in refused] == [503, 503]
        assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
        assert app.test_client().get("/healthz").status_code == 200
        assert app.test_client().get("/readyz").status_code == 503
    finally:
        server.start()
    _wait_until(lambda: read(f"{BLOG}/not-ready")[0].status_code == 200)
    assert post(app).status_code == 201
    assert read()[0].get_json()["page"]["count"] == 2


def test_a_server_that_hangs_keeps_no_reader_of_a_ready_thread_waiting(app, server, read):
    before = read()[0]
    server.freeze()
    try:
        _wait_until(app.extensions["afterword.changes"].is_cut_off)
        for _ in range(20):
            answer, took = read()
            assert (answer.status_code, answer.data, took < 0.25) == (200, before.data, True)
        answer, took = read(f"{BLOG}/not-ready")
        assert (answer.status_code, took < 0.25) == (503, True)
    finally:
        server.thaw()
    _wait_until(lambda: not app.extensions["afterword.changes"].is_cut_off())
    assert post(app).status_code == 201


class TestWhatIsTooOld:
    def test_is_not_sent(self, app, server, read, monkeypatch):
        monkeypatch.setattr(app.extensions["afterword.threads"], "_most_stale", 0)
        server.stop()
        try:
            answer, _ = read()
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        finally:
            server.start()
        _wait_until(lambda: read()[0].status_code == 200)


def test_when_no_connection_is_free_the_reader_is_asked_to_come_back(app, read, monkeypatch):
    def fail(*_words):
        raise NoConnection

    monkeypatch.setattr("afterword.threads.pages.version", fail)
    answer, _ = read(f"{BLOG}/not-ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
