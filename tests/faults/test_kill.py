"""R1: a comment that was answered is there after kill -9, and nothing else is."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest

from tests import databases, running

WRITERS = 8
BLOG = "https://blog.example"

pytestmark = pytest.mark.slow


class _Writer(threading.Thread):
    """Posts until the service is gone; notes what was sent and what was answered."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(name=name)
        self._port = port
        self.sent: dict[str, str] = {}
        self.answered: dict[str, str] = {}
        self.refused: list[str] = []  # what was said instead of taking a post
        self.ended: BaseException | None = None  # by what

    def run(self) -> None:
        number = 0
        while True:
            number += 1
            key = f"{self.name}-{number:06}-padding"
            try:
                self._post(key)
            except (OSError, http.client.HTTPException) as fault:
                self.ended = fault
                return

    def _post(self, key: str) -> None:
        body = {"url": f"{BLOG}/{self.name[-1]}", "text": key, "author": {"name": "Ada"}}
        headers = {"Origin": BLOG, "Idempotency-Key": key, "Content-Type": "application/json"}
        self.sent[key] = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", "/api/v1/comments", self.sent[key], headers)
            answer = connection.getresponse()
            said = answer.read().decode()
            if answer.status == 201:
                self.answered[key] = json.loads(said)["comment"]["id"]
            else:
                self.refused.append(said)
        finally:
            connection.close()


def _none_was_refused(writers: list[_Writer], data: Path) -> None:
    refused = [said for writer in writers for said in writer.refused]
    assert not refused, (refused[:3], (data.parent / "service.log").read_text()[-4000:])


def _stored(data: Path) -> dict[str, str]:
    assert databases.is_whole(data)
    rows = databases.rows(data, "SELECT text, id FROM comments")
    counts = databases.rows(
        data,
        "SELECT pages.count, (SELECT count(*) FROM comments WHERE page_id = pages.id) FROM pages",
    )
    assert all(count == real for count, real in counts), counts
    assert len(rows) == len(dict(rows)), "a comment is stored twice"
    return dict(rows)


@pytest.mark.sqlite("tests/cluster kills those over PostgreSQL")
@pytest.mark.fault("R1")
def test_what_was_answered_survives_kill_9(tmp_path, figure, request):
    rounds = request.config.getoption("--kills")
    data, port = tmp_path / "data", running.free_port()
    off = {"form_checks": "off", "rate_limits": "off"}
    running.installed(data, BLOG)
    answered: dict[str, str] = {}
    sent: dict[str, str] = {}
    starts: list[float] = []
    chance = random.Random(9)
    for round_ in range(rounds):
        started = time.monotonic()
        with running.serving(data, port=port, **off) as service:
            starts.append(time.monotonic() - started)
            writers = [_Writer(port, f"{round_}-{n}") for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            if round_ % 2:  # every other one in the first moments, maybe before any answer
                running.wait_until(lambda now=writers: any(one.answered for one in now))
            threading.Event().wait(chance.uniform(0.005, 0.5))
            service.kill()
            # The parent is waited for; a worker of it may be dying still, with the port.
            running.wait_until(lambda: not _takes_connections(port))
            for writer in writers:
                writer.join(timeout=20)
                answered |= writer.answered
                sent |= writer.sent
        _none_was_refused(writers, data)
        stored = _stored(data)
        lost = {key for key, comment in answered.items() if stored.get(key) != comment}
        assert not lost, f"answered and lost in round {round_}: {sorted(lost)[:5]}"
        assert stored.keys() <= sent.keys()
    assert len(answered) >= rounds // 2
    figure(
        f"{rounds} kills, {len(answered)} answered, 0 lost, restart "
        f"{statistics.median(starts):.2f} s, at most {max(starts):.2f} s"
    )


@pytest.mark.fault("R17")
def test_sigterm_lets_what_is_in_flight_finish(tmp_path, figure):
    data = tmp_path / "data"
    off = {"form_checks": "off", "rate_limits": "off"}
    running.installed(data, BLOG)
    port = running.free_port()
    with running.serving(data, port=port, **off) as service:
        writers = [_Writer(port, f"term-{n}") for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        while not all(writer.answered for writer in writers):
            threading.Event().wait(0.01)
        told = time.monotonic()
        assert service.stop() == 0
        took = time.monotonic() - told
        for writer in writers:
            writer.join(timeout=20)
    assert took < 10
    answered = {key: comment for one in writers for key, comment in one.answered.items()}
    _none_was_refused(writers, data)
    assert answered == _stored(data)
    # The kernel takes connections that the service has not seen yet: closing the port ends them.
    unseen = sum(not isinstance(writer.ended, ConnectionRefusedError) for writer in writers)
    figure(
        f"{WRITERS} clients post without a pause: gone {took:.2f} s after SIGTERM, "
        f"{len(answered)} answered and stored, nothing stored without an answer, {unseen} "
        f"connections ended that had not been taken yet"
    )


class _HalfSent:
    """A post of which the service has the head and awaits the body, and half of the body is sent.

    It has said so itself (RFC 9110, 10.1.1): from then on the request is in flight.
    """

    def __init__(self, port: int, key: str) -> None:
        self.key = key
        body = {"url": f"{BLOG}/half", "text": key, "author": {"name": "Ada"}}
        whole = json.dumps(body).encode()
        self._rest = whole[len(whole) // 2 :]
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._connection.putrequest("POST", "/api/v1/comments")
        told = {"Origin": BLOG, "Content-Type": "application/json", "Content-Length": len(whole)}
        for name, value in {**told, "Expect": "100-continue", "Connection": "close"}.items():
            self._connection.putheader(name, str(value))
        self._connection.endheaders()
        self._socket = self._connection.sock
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += self._socket.recv(1)
        assert said.startswith(b"HTTP/1.1 100 "), said
        self._socket.sendall(whole[: len(whole) // 2])

    def finish(self) -> tuple[int, str]:
        """Send the rest; the status of the answer, and the comment's id."""
        self._socket.sendall(self._rest)
        with contextlib.closing(self._connection):
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())["comment"]["id"]


@pytest.mark.fault("R17")
def test_posts_that_are_half_sent_at_sigterm_are_taken(tmp_path, figure):
    data, port = tmp_path / "data", running.free_port()
    off = {"form_checks": "off", "rate_limits": "off"}
    running.installed(data, BLOG)
    with running.serving(data, port=port, **off) as service:
        posts = [_HalfSent(port, f"half-{number}") for number in range(WRITERS)]
        told = time.monotonic()
        service.process.terminate()
        running.wait_until(lambda: not _takes_connections(port))
        answers = {post.key: post.finish() for post in posts}
        assert service.process.wait(timeout=30) == 0
        took = time.monotonic() - told
    assert took < 10
    assert {status for status, _ in answers.values()} == {201}
    assert {key: comment for key, (_, comment) in answers.items()} == _stored(data)
    figure(f"{WRITERS} posts half sent at SIGTERM: all taken, gone {took:.2f} s after it")


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return False
    except OSError:  # by one that is dying, which has the port still
        return True
    return True
