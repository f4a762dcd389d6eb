"""While there is no database, readers get what was ready for as long as a shared cache keeps it."""

from __future__ import annotations

import json
import re
import statistics
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.changes import PostgresqlChanges
from afterword.core.db import db
from afterword.operate import migrate
from afterword.sites import changes, directory
from tests import make, running
from tests.conftest import BLOG, PAGE
from tests.moving import Address
from tests.postgresql import Server

pytestmark = [pytest.mark.slow, pytest.mark.fault("R6")]

TOKEN = "a-token-of-some-length"
THREAD = f"/api/v1/thread?url={PAGE}"
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.fixture(scope="module")
def server():
    with Server.running() as server:
        yield server


@pytest.fixture
def address(server):
    """Of a new database."""
    return server.new_database()


@pytest.fixture
def app(address, tmp_path):
    """An application over a PostgreSQL of its own, with one page, which somebody has read."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_FORM_CHECKS": "off"}
    told |= {"AFTERWORD_DATABASE_URL": address, "AFTERWORD_RATE_LIMITS": "off"}
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


def assert_ready(read, before):
    """What is ready comes at once: in the median, for a machine may pause."""
    answers, took = zip(*(read() for _ in range(20)), strict=True)
    assert {(one.status_code, one.data) for one in answers} == {(200, before.data)}
    assert statistics.median(took) < 0.25


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
        assert_ready(read, before)
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
        assert_ready(read, before)
        refused = [read(f"{BLOG}/not-ready") for _ in range(3)]
        assert [answer.status_code for answer, _ in refused] == [503] * 3
        assert min(took for _, took in refused) < 0.25
    finally:
        server.thaw()
    _wait_until(lambda: not app.extensions["afterword.changes"].is_cut_off())
    assert post(app).status_code == 201


def test_a_query_that_takes_long_is_waited_for_while_the_server_answers(app, read, monkeypatch):
    monkeypatch.setattr(PostgresqlChanges, "HUNG_SECONDS", 0.5)
    with app.app_context():
        assert db.session.scalar(text("SELECT 1 FROM pg_sleep(1.5)")) == 1


def test_a_command_does_not_wait_for_a_server_that_hangs(server, tmp_path):
    there = server.new_database()
    server.freeze()
    try:
        began = time.monotonic()
        done = running.command(tmp_path / "data", "sites", "list", database_url=there)
    finally:
        server.thaw()
    assert (done.returncode, time.monotonic() - began < 20) == (1, True)
    assert done.stderr.startswith("Error: The database cannot be used: ")


class TestAServerThatHangsAndIsReplacedAtItsAddress:
    @pytest.fixture
    def moving(self, server):
        with Address.of(server.port) as moving:
            yield moving

    @pytest.fixture
    def address(self, server, address, moving):
        return address.replace(f":{server.port}/", f":{moving.port}/")

    def test_is_asked_within_seconds_and_nobody_waits_for_the_one_before(
        self, app, read, moving, figure
    ):
        with ThreadPoolExecutor(4) as others:  # so that several connections are ready
            list(others.map(lambda number: read(f"{BLOG}/{number}"), range(4)))

        def sleep():
            began = time.monotonic()
            with app.app_context(), pytest.raises(OperationalError):
                db.session.scalar(text("SELECT 1 FROM pg_sleep(60)"))
            return time.monotonic() - began

        with ThreadPoolExecutor(1) as sleeper:
            waiting = sleeper.submit(sleep)
            with app.app_context():
                _wait_until(lambda: db.session.scalar(text(SLEEPING)) == 1)
            moving.move()
            moved = time.monotonic()
            _wait_until(lambda: post(app).status_code == 201)
            back = time.monotonic() - moved
            waited = waiting.result(timeout=10)
        assert back < 6
        assert waited < 6
        for _ in range(8):
            began = time.monotonic()
            assert post(app).status_code == 201
            assert time.monotonic() - began < 1
        figure(
            f"PostgreSQL hangs and another stands at its address: posts again after {back:.1f} s, "
            f"a query that waited was given up after {waited:.1f} s"
        )


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


@pytest.fixture
def service(server, tmp_path):
    """A service that really runs over it, with one comment, which somebody has read."""
    told = {"database_url": server.new_database(), "form_checks": "off", "rate_limits": "off"}
    data = tmp_path / "data"
    assert running.command(data, "sites", "add", BLOG, **told).returncode == 0
    with running.serving(data, metrics_token=TOKEN, **told) as service:
        assert _send(service)[0] == 201
        for path in (THREAD, "/embed.js", "/metrics"):
            assert _ask(service, path)[0] == 200
        yield service


def _ask(service, path, body=None):
    """(status, body, seconds) of an answer; 0 where none came."""
    told = {"Authorization": f"Bearer {TOKEN}"} if path == "/metrics" else {}
    told |= {"Origin": BLOG, "Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(service.url + path, body, told)
    began = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, said = answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        status, said = refused.code, ""
        refused.close()
    except OSError as fault:
        status, said = 0, str(fault)
    return status, said, time.monotonic() - began


def _send(service):
    body = {"url": PAGE, "text": "Good morning.", "author": {"name": "Ada"}}
    return _ask(service, "/api/v1/comments", json.dumps(body).encode())


def _is_up(said):
    return re.search("^afterword_database_up ([01])", said, re.MULTILINE)[1] == "1"


def test_who_watches_a_server_that_hangs_is_answered_and_takes_no_reader_a_thread(service, server):
    server.freeze()
    try:
        with ThreadPoolExecutor(24) as watchers:
            asked = ["/metrics", "/readyz"] * 12
            found = watchers.map(lambda path: _ask(service, path), asked)
            for _ in range(10):  # before it is known
                status, _, took = _ask(service, "/healthz")
                assert (status, took < 1) == (200, True)
                time.sleep(0.05)
            assert {status for status, *_ in found} == {200, 503}
        status, said, took = _ask(service, "/metrics")
        assert (status, _is_up(said), took < 1) == (200, False, True)
        assert "afterword_build_info" in said
        assert "afterword_disk_free_bytes" in said
        for path, expected in (("/readyz", 503), ("/healthz", 200), ("/embed.js", 200)):
            status, _, took = _ask(service, path)
            assert (path, status, took < 1) == (path, expected, True)
        status, said, took = _ask(service, THREAD)
        assert (status, took < 1, json.loads(said)["page"]["count"]) == (200, True, 1)
    finally:
        server.thaw()
    _wait_until(lambda: _ask(service, "/readyz")[0] == 200)
    _wait_until(lambda: _is_up(_ask(service, "/metrics")[1]))
    assert _send(service)[0] == 201


def test_who_reads_in_the_moment_that_a_server_begins_to_hang_is_answered(service, server):
    server.freeze()
    try:
        with ThreadPoolExecutor(24) as readers:
            found = list(readers.map(lambda _: _ask(service, THREAD), range(24)))
        assert {status for status, *_ in found} == {200}
        assert _ask(service, THREAD)[2] < 1
    finally:
        server.thaw()
    _wait_until(lambda: _send(service)[0] == 201)
