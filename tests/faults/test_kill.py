"""R1: a comment that was answered is there after kill -9, and nothing else is."""

from __future__ import annotations

import http.client
import json
import random
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
            comment = json.loads(answer.read())["comment"]
            assert answer.status == 201
            self.answered[key] = comment["id"]
        finally:
            connection.close()


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
            threading.Event().wait(chance.uniform(0.005, 0.5))
            service.kill()
            for writer in writers:
                writer.join(timeout=20)
                answered |= writer.answered
                sent |= writer.sent
        stored = _stored(data)
        lost = {key for key, comment in answered.items() if stored.get(key) != comment}
        assert not lost, f"answered and lost in round {round_}: {sorted(lost)[:5]}"
        assert stored.keys() <= sent.keys()
    assert len(answered) > rounds
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
    assert answered == _stored(data)
    # The kernel takes connections that the service has not seen yet: closing the port ends them.
    unseen = sum(not isinstance(writer.ended, ConnectionRefusedError) for writer in writers)
    figure(
        f"{WRITERS} clients post without a pause: gone {took:.2f} s after SIGTERM, "
        f"{len(answered)} answered and stored, nothing stored without an answer, {unseen} "
        f"connections ended that had not been taken yet"
    )
