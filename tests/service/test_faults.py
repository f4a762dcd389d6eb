"""Faults that are told to a Sentry: which, where, and nothing of who met them."""

from __future__ import annotations

import json
import logging
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import brotli
import psycopg
import pytest

from afterword.core import config, faults
from afterword.core.config import WrongSetting
from tests import running
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

PRIVATE = (
    "Good morning",
    "ada@example.org",
    "198.51.100.7",
    "127.0.0.1",
    "a-token-that-nobody-knows",
    "first-post",
    "a-key-of-the-request",
)


@pytest.fixture
def sentry():
    """A server that takes what Sentry's client sends: (path, [the lines of an envelope])."""
    taken = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            lines = brotli.decompress(body).splitlines()
            taken.append((self.path, [json.loads(line) for line in lines]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    server.taken = taken
    server.dsn = f"http://key@127.0.0.1:{server.server_port}/7"
    yield server
    server.shutdown()
    server.server_close()


def post(service):
    """A comment with all that must not be told; the id of the request that failed."""
    body = {
        "url": f"{BLOG}/first-post",
        "text": "Good morning",
        "author": {"name": "Ada", "email": "ada@example.org"},
        "key": "a-key-of-the-request",
    }
    request = urllib.request.Request(
        f"{service.url}/api/v1/comments?secret=a-token-that-nobody-knows",
        json.dumps(body).encode(),
        {
            "Origin": BLOG,
            "Content-Type": "application/json",
            "Authorization": "Bearer a-token-that-nobody-knows",
            "Cookie": "afterword=a-token-that-nobody-knows",
            "X-Forwarded-For": "198.51.100.7",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(request)
    with failed.value as answer:
        assert answer.code == 503
        return answer.headers["X-Request-ID"]


def broken(service, database):
    """Let every comment fail, in a way that quotes it."""
    with psycopg.connect(database.replace("+psycopg", "")) as rows:
        rows.execute("ALTER TABLE comments ADD CONSTRAINT none CHECK (text <> 'Good morning')")


def test_a_fault_is_told_once_and_without_anything_private(tmp_path, sentry, postgresql):
    data = tmp_path / "data"
    told = {"form_checks": "off", "rate_limits": "off", "database_url": postgresql}
    assert running.command(data, "sites", "add", BLOG, **told).returncode == 0
    with running.serving(data, sentry_dsn=sentry.dsn, **told) as service:
        broken(service, postgresql)
        name = post(service)
        assert post(service) != name  # the same fault: known already
        running.wait_until(lambda: sentry.taken)
        assert service.stop() == 0
    ((path, (_, kind, event)),) = sentry.taken
    assert path == "/api/7/envelope/"
    assert kind["type"] == "event"
    assert event["tags"] == {"request": name, "method": "POST", "route": "/api/v1/comments"}
    first, *_, last = event["exception"]["values"]
    assert (first["type"], first["value"]) == ("psycopg.errors.CheckViolation", "SQLSTATE 23514")
    assert last["type"] == "sqlalchemy.exc.IntegrityError"
    assert "afterword.posting.submit" in {f["module"] for f in last["stacktrace"]["frames"]}
    assert set(event) <= faults.SENT
    assert not [word for word in PRIVATE if word in json.dumps(sentry.taken)]
    # Nor is it in the log, which has the same fault.
    log = (tmp_path / "service.log").read_text(encoding="utf-8")
    assert "CheckViolation" in log
    assert not [word for word in PRIVATE[:3] + PRIVATE[4:] if word in log]


def test_of_what_others_log_only_their_name_is_told(sentry, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for own in ("sentry_sdk.errors", "urllib3"):
        monkeypatch.setattr(logging.getLogger(own), "propagate", True)
    faults.start(config.read({"AFTERWORD_SENTRY_DSN": sentry.dsn}))
    log = logging.getLogger("asyncio")
    log.error("Task exception was never retrieved: ValueError('Good morning')")
    log.error("Task exception was never retrieved: ValueError('ada@example.org')")
    running.wait_until(lambda: sentry.taken)
    ((_, (_, _, event)),) = sentry.taken
    assert (event["logger"], event["message"]) == ("asyncio", "An error of asyncio")
    assert not [word for word in PRIVATE if word in json.dumps(sentry.taken)]


def log_of(client, monkeypatch):
    log = logging.getLogger("afterword.test")
    monkeypatch.setattr(log, "handlers", [faults._Told(client)])
    monkeypatch.setattr(log, "propagate", False)
    return log


def test_a_fault_in_code_without_a_module_is_told(monkeypatch):
    told = []
    client = SimpleNamespace(capture_event=told.append)
    log = log_of(client, monkeypatch)
    try:
        exec("1 / 0", {"__name__": None})
    except ZeroDivisionError:
        log.exception("It failed.")
    (event,) = told
    (error,) = event["exception"]["values"]
    assert error["stacktrace"]["frames"][-1]["module"] == ""


def test_whoever_logs_goes_on_when_the_telling_fails(monkeypatch, capsys):
    def fail(_event):
        raise RuntimeError

    log_of(SimpleNamespace(capture_event=fail), monkeypatch).error("It failed.")
    assert "RuntimeError" in capsys.readouterr().err, "logging says so, as of any handler"


def test_a_sentry_that_does_not_answer_keeps_nobody_waiting(tmp_path, postgresql):
    data = tmp_path / "data"
    told = {"form_checks": "off", "rate_limits": "off", "database_url": postgresql}
    assert running.command(data, "sites", "add", BLOG, **told).returncode == 0
    nobody = f"http://key@127.0.0.1:{running.free_port()}/7"
    with running.serving(data, sentry_dsn=nobody, **told) as service:
        broken(service, postgresql)
        post(service)
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=5) as answer:
            assert answer.status == 200
        assert service.stop() == 0


def test_without_the_setting_its_client_is_not_imported(tmp_path):
    data = tmp_path / "data"
    running.installed(data, BLOG)
    said = running.command(data, "doctor")
    assert "sentry" not in said.stdout + said.stderr
    faults.start(config.read({}))


def test_without_the_extra_the_start_says_what_to_install(monkeypatch, sentry):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(WrongSetting, match=r"afterword\[sentry\]"):
        faults.start(config.read({"AFTERWORD_SENTRY_DSN": sentry.dsn}))


@pytest.mark.parametrize("said", ["sentry.example", "https://sentry.example/1", "https://k@s/"])
def test_an_address_that_is_none_stops_the_start(said):
    with pytest.raises(WrongSetting, match="AFTERWORD_SENTRY_DSN must be an address"):
        config.read({"AFTERWORD_SENTRY_DSN": said})
