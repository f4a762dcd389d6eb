"""R14: texts that are slow to parse, through the whole write path of a service that really runs."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from afterword.markup.render import MAX_LENGTH
from tests import running
from tests.conftest import BLOG, PAGE
from tests.service.hostile import slow_shapes

LONGEST = 0.5  # seconds of a processor, for one post from its first byte to its answer
READS = 100  # with nothing else to do, to compare with
PAUSE = 0.02  # seconds between two reads: a machine that has slept in them is slower to answer
TICKS = os.sysconf("SC_CLK_TCK")

pytestmark = [pytest.mark.slow, pytest.mark.fault("R14")]


@pytest.fixture
def service(tmp_path):
    """With all checks, words to look for, and room for the longest text."""
    data = tmp_path / "data"
    running.installed(data, BLOG)
    words = "hold_words=casino*\nbuy * now\nb*t\n*.example"
    done = running.command(data, "sites", "set", "blog.example", f"max_length={MAX_LENGTH}", words)
    assert done.returncode == 0, done.stderr
    with running.serving(data, rate_limits="off") as service:
        yield service


def processor_seconds(service) -> float:
    """What the worker has used so far."""
    master = service.process.pid
    worker = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()[0]
    fields = Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def call(service, method, path, body=None):
    connection = http.client.HTTPConnection(str(urlsplit(service.url).netloc), timeout=30)
    told = {"Content-Type": "application/json", "Origin": BLOG}
    connection.request(
        method, path, json.dumps(body, ensure_ascii=False).encode() if body else None, told
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_no_text_takes_long_and_readers_are_answered_meanwhile(service, figure):
    statuses: set[int] = set()
    done = threading.Event()

    def read() -> float:
        began = time.monotonic()
        statuses.add(call(service, "GET", f"/api/v1/thread?url={quote(PAGE, safe='')}"))
        return time.monotonic() - began

    meanwhile: list[float] = []

    def reader() -> None:
        while not done.wait(PAUSE):
            meanwhile.append(read())

    thread = threading.Thread(target=reader)
    thread.start()

    def spent(name: str) -> float:
        text = shapes[name][:MAX_LENGTH]
        before, began = processor_seconds(service), time.monotonic()
        body = {"url": PAGE, "text": text, "author": {"name": text[:60]}}
        assert call(service, "POST", "/api/v1/comments", body) in {201, 202, 400, 403}, name
        assert call(service, "POST", "/api/v1/preview", {"text": text}) in {200, 400}, name
        # Readers have their part in what the processor did.
        return min(processor_seconds(service) - before, time.monotonic() - began) / 2

    shapes = slow_shapes(MAX_LENGTH)
    took: dict[str, float] = {}
    try:
        for name in shapes:
            took[name] = spent(name)
            if took[name] > LONGEST / 2:  # once more: the processor may have done something else
                took[name] = min(took[name], spent(name))
    finally:
        done.set()
        thread.join()
    alone: list[float] = []
    never = threading.Event()
    while len(alone) < READS and not never.wait(PAUSE):
        alone.append(read())
    slowest = max(took, key=lambda name: took[name])
    assert statuses == {200}
    assert took[slowest] < LONGEST
    assert service.process.poll() is None
    figure(
        f"{len(took)} texts, the slowest {took[slowest]:.2f} s of a processor; reads then took "
        f"{_p95(meanwhile) * 1000:.0f} ms (p95; {_p95(alone) * 1000:.0f} without them)"
    )


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]
