"""Slow, rude and many clients: the service goes on answering the others."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import urllib.request
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests import running
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow
THREAD = f"/api/v1/thread?url={quote(PAGE, safe='')}"
MANY = 1000
AT_ONCE = 2.0  # seconds: far more than an answer takes, far less than a stuck thread


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data = tmp_path_factory.mktemp("front") / "data"
    running.installed(data, BLOG)
    with running.serving(data, form_checks="off", rate_limits="off") as service:
        yield service


def connect(service) -> socket.socket:
    parts = urlsplit(service.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def head(length: int) -> bytes:
    return (
        f"POST /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nOrigin: {BLOG}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def post(service, text: str) -> int:
    body = json.dumps({"url": PAGE, "text": text, "author": {"name": "Ada"}}).encode()
    told = {"Content-Type": "application/json", "Origin": BLOG}
    request = urllib.request.Request(f"{service.url}/api/v1/comments", data=body, headers=told)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


def read(service) -> None:
    """A reader is answered, and soon: one of three, for a machine may pause."""
    took = []
    while not took or (took[-1] >= AT_ONCE and len(took) < 3):
        started = time.monotonic()
        with urllib.request.urlopen(service.url + THREAD, timeout=20) as answer:
            assert answer.status == 200
        took.append(time.monotonic() - started)
    assert took[-1] < AT_ONCE


def test_a_thousand_open_connections_leave_readers_answered(service):
    post(service, "One.")
    with contextlib.ExitStack() as open_ones:
        for _ in range(MANY):
            open_ones.enter_context(connect(service))
        read(service)
        assert post(service, "Another.") == 201


def test_clients_that_send_a_head_slowly_leave_readers_answered(service):
    with contextlib.ExitStack() as slow:
        for _ in range(64):
            slow.enter_context(connect(service)).sendall(b"GET /api/v1/thread?url=x HTTP/1.1\r\nHo")
        read(service)
        assert post(service, "Between them.") == 201


def test_clients_that_ask_and_never_read_leave_readers_answered(service):
    line = f"GET {THREAD} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with contextlib.ExitStack() as deaf:
        for _ in range(64):
            deaf.enter_context(connect(service)).sendall(line * 20)
        read(service)
        assert post(service, "Above them.") == 201


def test_clients_that_leave_in_the_middle_of_a_body_take_no_thread_along(service):
    for _ in range(40):  # five times as many as there are threads
        with connect(service) as rude:
            rude.sendall(head(1000) + b'{"url": "')
    read(service)
    assert post(service, "After them.") == 201


def test_clients_that_hold_a_half_sent_body_take_no_thread(service):
    with contextlib.ExitStack() as slow:
        for _ in range(32):  # four times as many as there are threads
            slow.enter_context(connect(service)).sendall(head(1000) + b'{"url": "')
        read(service)
        assert post(service, "Beside them.") == 201


def test_a_body_beyond_64_kb_is_refused_and_the_next_one_taken(service):
    body = b'{"text": "' + b"x" * (70 * 1024) + b'"}'
    with connect(service) as sender:
        with contextlib.suppress(ConnectionError):
            sender.sendall(head(len(body)) + body)
        assert sender.recv(64).split(b" ")[1] == b"413"
    assert post(service, "A short one.") == 201


def test_a_form_may_be_longer_for_the_letters_that_it_spells_out(service):
    body = urlencode({"url": PAGE, "text": "好" * 8000, "name": "Ada"}).encode()
    said = head(len(body)).replace(b"/api/v1/comments", b"/thread")
    said = said.replace(b"application/json", b"application/x-www-form-urlencoded")
    said = said.replace(BLOG.encode(), service.url.encode())
    with connect(service) as sender:
        sender.sendall(said + body)
        assert sender.recv(64).split(b" ")[1] == b"400", "its 5,000 letters at most are told"


def test_a_body_in_chunks_is_read_to_its_end_and_bounded_as_well(service):
    for text, status in (("In two parts.", b"201"), ("x" * 70_000, b"413")):
        body = json.dumps({"url": PAGE, "text": text, "author": {"name": "Ada"}}).encode()
        with connect(service) as sender:
            sender.sendall(head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
            with contextlib.suppress(ConnectionError):
                for part in (body[:20], body[20:], b""):
                    sender.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            assert sender.recv(64).split(b" ")[1] == status


def test_a_command_in_another_process_is_seen_while_a_reader_asks_on(service):
    post(service, "To be removed by hand.")
    with urllib.request.urlopen(service.url + THREAD) as answer:
        comments = json.load(answer)["comments"]
    known = next(row["id"] for row in comments if "by hand" in row["html"])
    running.command(service.data, "comments", "remove", known)
    until = time.monotonic() + 1.0
    while b"by hand" in urllib.request.urlopen(service.url + THREAD).read():
        assert time.monotonic() < until
