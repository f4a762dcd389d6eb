"""Requests have names, and a line each where the owner wants it; nothing private is in either."""

from __future__ import annotations

import io
import json
import logging
import smtplib

import pytest

from afterword.app import close, create_app, create_front
from afterword.core import config, log
from afterword.core.db import db
from tests import running
from tests.conftest import PAGE
from tests.web.test_front import THREAD, ask

COUNTING = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000) "
    "SELECT count(*), :text FROM n"
)
PRIVATE = ("Good morning", "Ada", "ada@example.org", "first-post", "127.0.0.1", "198.51.100.7")


@pytest.fixture
def lines(monkeypatch):
    """What the log says, line by line."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log.start("INFO")
    written = io.StringIO()
    root.handlers[0].setStream(written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


class TestWithALineForEach:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_LOG_REQUESTS": "on"}

    def test_every_request_has_one_without_anything_private(self, app, client, post, lines):
        sent = post("Good morning.", author={"name": "Ada", "email": "ada@example.org"})
        front = create_front(app)
        for _ in range(2):
            ask(front, "/api/v1/thread", THREAD, x_forwarded_for="198.51.100.7")
        client.get("/thread", query_string={"url": PAGE})
        client.get("/ada@example.org?first-post")
        found = lines()
        assert [(one["method"], one["route"], one["status"]) for one in found] == [
            ("POST", "/api/v1/comments", 201),
            ("GET", "/api/v1/thread", 200),
            ("GET", "/api/v1/thread", 200),
            ("GET", "/thread", 200),
            ("GET", "other", 404),
        ]
        assert all(one["milliseconds"] >= 0 for one in found)
        assert found[0]["request"] == sent.headers["X-Request-ID"]
        assert len({one["request"] for one in found}) == len(found)
        assert not [word for word in PRIVATE if word in json.dumps(found)]

    @pytest.mark.parametrize(
        ("proxies", "is_believed"), [("127.0.0.1", True), ("192.0.2.1", False), ("", False)]
    )
    def test_it_has_the_name_that_a_trusted_proxy_gave_whoever_answered(
        self, told, settings, post, lines, proxies, is_believed
    ):
        post()
        given = {**running.environment(settings.data), **told}
        app = create_app(config.read({**given, "AFTERWORD_TRUSTED_PROXIES": proxies}))
        try:
            front, names = create_front(app), [f"given-by-a-proxy-{number}" for number in range(3)]
            for name in names:
                assert ask(front, "/api/v1/thread", THREAD, x_request_id=name)[0] == 200
        finally:
            close(app)
        logged = [one["request"] for one in lines() if one["route"] == "/api/v1/thread"]
        assert (logged == names) is is_believed
        assert len(set(logged)) == 3


def test_without_the_setting_no_request_has_one(client, post, lines):
    post()
    client.get("/healthz")
    assert lines() == []


def test_a_failure_is_found_in_the_log_by_the_id_that_its_reader_was_given(
    app, client, lines, monkeypatch
):
    monkeypatch.setattr("afterword.web.api.threads.required_url", lambda: 1 / 0)
    answer = client.get("/api/v1/thread", query_string={"url": PAGE})
    assert answer.status_code == 500
    (said,) = lines()
    assert said["request"] == answer.headers["X-Request-ID"]
    assert "ZeroDivisionError" in said["trace"]


@pytest.mark.parametrize(
    "fault",
    [
        lambda: int(PRIVATE[0]),
        lambda: {}[PRIVATE[2]],
        lambda: db.session.execute(
            db.text("SELECT :text, no_such_function()"), {"text": PRIVATE[1]}
        ),
        lambda: _raise(smtplib.SMTPRecipientsRefused({PRIVATE[2]: (550, b"unknown")})),
    ],
)
def test_what_an_exception_quotes_is_not_logged(client, lines, monkeypatch, fault):
    monkeypatch.setattr("afterword.web.api.threads.required_url", fault)
    assert client.get("/api/v1/thread", query_string={"url": PAGE}).status_code >= 500
    (said,) = lines()
    assert "required_url()" in said["trace"]  # where it was, and of which kind
    assert not [word for word in PRIVATE if word in json.dumps(said)]


def test_what_an_exception_says_of_the_machine_is_logged(client, lines, monkeypatch):
    full = OSError(28, "No space left on device", "/home/ada@example.org")
    monkeypatch.setattr("afterword.web.api.threads.required_url", lambda: _raise(full))
    assert client.get("/api/v1/thread", query_string={"url": PAGE}).status_code == 500
    assert lines()[0]["trace"].endswith("\nOSError: No space left on device")


def _raise(error):
    raise error


class TestWithNarrowLimits:
    @pytest.fixture
    def told(self):
        return {
            "AFTERWORD_FORM_CHECKS": "off",
            "AFTERWORD_POST_LIMIT": "2 per minute",
            "AFTERWORD_TRUSTED_PROXIES": "127.0.0.1",
        }

    @pytest.mark.parametrize("level", ["INFO", "DEBUG"])
    def test_no_line_has_the_address_of_whoever_is_over_one(self, post, lines, level):
        logging.getLogger().setLevel(level)
        theirs = {"X-Forwarded-For": "203.0.113.77"}
        sent = [post(f"Number {number}.", headers=theirs).status_code for number in range(4)]
        assert sent == [201, 201, 429, 429]
        assert "203.0.113" not in json.dumps(lines())


def test_two_requests_have_two_names(client):
    names = {client.get("/healthz").headers["X-Request-ID"] for _ in range(3)}
    assert len(names) == 3


def test_a_reader_cannot_name_a_request(client):
    said = client.get("/healthz", headers={"X-Request-ID": "of-my-own-making"})
    assert said.headers["X-Request-ID"] != "of-my-own-making"


class TestBehindATrustedProxy:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_TRUSTED_PROXIES": "127.0.0.1"}

    def test_it_names_them(self, client):
        said = client.get("/healthz", headers={"X-Request-ID": "8f14e45fceea167a5a36dedd4bea2543"})
        assert said.headers["X-Request-ID"] == "8f14e45fceea167a5a36dedd4bea2543"

    @pytest.mark.parametrize("name", ["short", "x" * 65, "white space", '"quotes"'])
    def test_a_name_that_is_none_is_not_taken(self, client, name):
        answer = client.get("/healthz", headers={"X-Request-ID": name})
        assert answer.headers["X-Request-ID"] != name


def test_what_caches_keep_carries_nobodys_name(client, post):
    post()
    answer = client.get("/api/v1/thread", query_string={"url": PAGE})
    assert "X-Request-ID" not in answer.headers


class TestWithQueriesThatAreSlow:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_SLOW_QUERY_MILLISECONDS": "50"}

    def test_they_are_logged_without_their_values(self, app, lines):
        with app.app_context():
            db.session.execute(db.text("SELECT 1"))
            db.session.execute(db.text(COUNTING), {"text": "Ada"})
        (said,) = lines()
        assert said["from"] == "afterword.database"
        assert "WITH RECURSIVE" in said["query"]
        assert "Ada" not in json.dumps(said)
