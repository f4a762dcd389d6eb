"""R16: mixed load for a while: memory, open files and the write-ahead log stay what they were."""

from __future__ import annotations

import http.client
import json
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import running
from tests.conftest import BLOG

MOST_LOG = 64 * 1024 * 1024
MOST_GROWN = 24 * 1024  # kB after the first third, in which caches fill
PAGES = 40

pytestmark = pytest.mark.slow


@pytest.mark.fault("R16")
def test_a_service_that_goes_on_for_long_grows_by_nothing(tmp_path, request, figure):
    seconds = request.config.getoption("--soak-seconds")
    data = tmp_path / "data"
    off = {"form_checks": "off", "rate_limits": "off"}
    running.installed(data, BLOG)
    with running.serving(data, **off) as service:
        port = int(service.url.rpartition(":")[2])
        ended = threading.Event()
        threads = [threading.Thread(target=_go_on, args=(port, n, ended)) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            ended.wait(seconds / 3)
            before = _state(service)
            ended.wait(seconds * 2 / 3)
            after = _state(service)
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        journal = data / "afterword.db-wal"
        log = journal.stat().st_size if journal.exists() else 0
        answered = sum(thread.answered for thread in threads)
    assert answered > 10 * seconds
    assert log < MOST_LOG
    assert after["files"] <= before["files"] + 8
    assert after["memory"] - before["memory"] < MOST_GROWN
    figure(
        f"{seconds} s, {answered:,} reads and posts: memory {before['memory'] / 1024:.0f} then "
        f"{after['memory'] / 1024:.0f} MiB, {before['files']} then {after['files']} open files, "
        f"log {log / 2**20:.1f} MiB"
    )


def _go_on(port, number, ended):
    """Three reads, a post, a look at what is one's own; over and over."""
    thread = threading.current_thread()
    thread.answered = turn = 0
    while not ended.is_set():
        turn += 1
        page = quote(f"{BLOG}/{turn % PAGES}", safe="")
        asked = [f"/api/v1/thread?url={page}&sort={sort}" for sort in ("oldest", "newest")]
        for path in (*asked, f"/thread?url={page}", f"/api/v1/me/comments?url={page}"):
            thread.answered += _ask(port, "GET", path) == 200
        text = f"Number {turn} of client {number}."
        body = {"url": f"{BLOG}/{turn % PAGES}", "text": text, "author": {"name": "Ada"}}
        thread.answered += _ask(port, "POST", "/api/v1/comments", json.dumps(body)) == 201
        ended.wait(0.02)


def _ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, {"Origin": BLOG, "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _state(service):
    master = service.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    memory = files = 0
    for one in children:
        status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        memory += int(status.partition("VmRSS:")[2].split()[0])
        files += len(list(Path(f"/proc/{one}/fd").iterdir()))
    return {"memory": memory, "files": files, "at": time.monotonic()}
