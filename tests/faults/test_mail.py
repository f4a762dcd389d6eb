"""R8: a mail server that is slow, down or cut off costs no post and no mail, and doubles none."""

from __future__ import annotations

import http.client
import json
import random
import socket
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from afterword.notify.channels.email import PATIENCE
from tests import databases, running
from tests.mailbox import mailbox
from tests.running import Service

pytestmark = [pytest.mark.slow, pytest.mark.fault("R8")]

BLOG = "https://blog.example"
OFF = {"form_checks": "off", "rate_limits": "off"}


@pytest.fixture
def data(tmp_path):
    running.installed(tmp_path / "data", BLOG)
    return tmp_path / "data"


def post(service: Service, number: int) -> int:
    author = {"name": "Ada", "email": f"a{number}@reader.example"}
    body = {"url": f"{BLOG}/{number}", "text": f"Comment {number}", "author": author}
    connection = http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=10)
    headers = {"Origin": BLOG, "Content-Type": "application/json"}
    with closing(connection):
        connection.request("POST", "/api/v1/comments", json.dumps(body), headers)
        return connection.getresponse().status


def jobs(data: Path, statement: str) -> list[tuple[object, ...]]:
    return databases.rows(data, statement)


def wait_until(data: Path, statement: str, *, seconds: float = 30) -> None:
    """Return when a question about the jobs is answered by a row."""
    until = time.monotonic() + seconds
    while not jobs(data, statement):
        assert time.monotonic() < until, statement
        time.sleep(0.02)


def test_a_mail_server_that_says_nothing_keeps_no_post_waiting(data):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with running.serving(data, smtp_url=url, **OFF) as service:
            assert post(service, 0) == 201
            worker, _ = silent.accept()  # which waits for our first word from now on
            with worker:
                began = time.monotonic()
                assert {post(service, number) for number in range(1, 20)} == {201}
                assert time.monotonic() - began < PATIENCE, "or they would have waited with it"


def test_a_mail_server_that_was_down_gets_every_mail_when_it_is_back(data):
    port = running.free_port()
    with running.serving(data, smtp_url=f"smtp://127.0.0.1:{port}", **OFF) as service:
        assert post(service, 0) == 201
        wait_until(data, "SELECT 1 FROM jobs WHERE kind = 'confirm' AND fault IS NOT NULL")
        with mailbox(port=port) as box:
            jobs(data, "UPDATE jobs SET due = '2026-01-01 00:00:00.000000'")  # as time passes
            box.wait_for(1)
            wait_until(data, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM jobs)")
    assert box.only()["To"] == "a0@reader.example"


def test_an_address_that_is_refused_for_good_holds_up_no_other(data):
    with mailbox() as box:
        box.refused["a0@reader.example"] = "550 no such user"
        with running.serving(data, smtp_url=box.url, **OFF) as service:
            assert [post(service, number) for number in range(3)] == [201] * 3
            box.wait_for(2)
            wait_until(data, "SELECT 1 FROM jobs WHERE died IS NOT NULL")
    assert {letter["To"] for letter in box.letters} == {"a1@reader.example", "a2@reader.example"}


def test_kill_9_loses_no_mail_and_what_comes_twice_is_told_by_its_id(data, figure):
    chance, posted = random.Random(8), 0
    with mailbox() as box:
        for _ in range(8):
            with running.serving(data, smtp_url=box.url, **OFF) as service:
                for _ in range(4):
                    assert post(service, posted) == 201
                    posted += 1
                time.sleep(chance.uniform(0, 0.6))  # anywhere in what it does now
                service.kill()
            jobs(data, "UPDATE jobs SET due = '2026-01-01 00:00:00.000000'")  # as time passes
        with running.serving(data, smtp_url=box.url, **OFF):
            wait_until(data, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM jobs)")
    by_id = Counter(letter["Message-ID"] for letter in box.letters)
    reached = {letter["To"] for letter in box.letters}
    assert reached == {f"a{number}@reader.example" for number in range(posted)}
    assert len(by_id) == posted, "a mail that is sent again keeps its id"
    again = sum(by_id.values()) - posted
    figure(f"kill -9 in 8 rounds: {posted} mails, 0 lost, {again} sent again with their id")
