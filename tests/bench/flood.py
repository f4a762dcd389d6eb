"""A flood: 2,000 spam posts from 50 addresses, replayed while readers read.

Run it with ``python -m tests.bench.flood``, with ``--unlimited`` as if no post were over any limit,
or with a table of other comments (columns ``text``, and ``is_spam`` that is 1 for spam). A third
comes without a form, a third with the form of one post that was recorded, a third from programs
that open forms and wait as long as these ask for. The site publishes at once, with everything else
as it is out of the box. What it says: what became of the posts, how many the readers saw, how much
longer they waited, and how many rows the queue has for them.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import itertools
import json
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import quote, urlsplit

from afterword.app import close, create_app
from afterword.core import config
from afterword.moderation import queue
from afterword.threads.models import State
from tests import running
from tests.running import Service

COMMENTS = Path(__file__).parent.parent / "service" / "comments.csv"
BLOG = "https://blog.example"
PAGE = f"{BLOG}/flooded"
POSTS, ADDRESSES = 2000, 50  # each address sends one a second
RECORDED, PATIENT = "with a recorded form", "with forms of its own, patient"
KINDS = ("without a form", RECORDED, PATIENT)
READS_A_SECOND = 100
QUIET_SECONDS = 10
PATIENCE = 3.2  # seconds that a form has to be open for

Wire = http.client.HTTPConnection


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.flood", description=__doc__)
    words.add_argument("table", nargs="?", type=Path, default=COMMENTS)
    words.add_argument("--unlimited", action="store_true")
    asked = words.parse_args()
    texts = _spam(asked.table)
    told = {"trusted_proxies": "127.0.0.0/8"} | ({"rate_limits": "off"} if asked.unlimited else {})
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        running.command(data, "init", "--site-origin", BLOG)
        with running.serving(data, **told) as service:
            _let_people_talk(service)
            with _reading(service) as quiet:
                time.sleep(QUIET_SECONDS)
            began = time.monotonic()
            with _reading(service) as flooded:
                answered = _flood(service, texts)
            took = time.monotonic() - began
            shown = _thread(service)["page"]["count"]
        _print(answered, took=took, shown=shown - 1)
        print(f"reads: p99 {_p99(quiet):.1f} ms quiet, {_p99(flooded):.1f} ms flooded", end="")
        print(f" ({_p99(flooded) / _p99(quiet):.1f}x), of {len(quiet)} and {len(flooded)}")
        rows, waiting = _queue(data)
        print(f"queue: {waiting} wait, shown as {rows}")


def _spam(table: Path) -> list[str]:
    with table.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found = [row["text"] for row in rows if row["is_spam"] == "1"]
    if not found:
        sys.exit(f"{table} has no spam: it needs the columns text and is_spam.")
    return found


def _let_people_talk(service: Service) -> None:
    """One comment, so that there is something to read."""
    connection = Wire(str(urlsplit(service.url).netloc), timeout=30)
    form = _form(connection, "9.9.9.9")
    time.sleep(PATIENCE)
    assert _post(connection, "9.9.9.9", "A word about the post itself.", form) == 201
    connection.close()


@contextmanager
def _reading(service: Service) -> Iterator[list[float]]:
    """Read the page at a steady pace while the block runs; gives how long each took, in ms.

    In a process of its own: threads that post would make it late.
    """
    took: list[float] = []
    here, there = multiprocessing.Pipe()
    reader = multiprocessing.Process(target=_read, args=[service.url, there])
    reader.start()
    try:
        yield took
    finally:
        here.send("stop")
        took += here.recv()
        reader.join()


def _read(service: str, told: Connection) -> None:
    took: list[float] = []
    connection = Wire(str(urlsplit(service).netloc), timeout=30)
    began = time.monotonic()
    for number in itertools.count():
        due = began + number / READS_A_SECOND
        if told.poll(max(0.0, due - time.monotonic())):
            break
        connection.request("GET", f"/api/v1/thread?url={quote(PAGE, safe='')}")
        connection.getresponse().read()
        # From when it was due: a reader who had to queue waited too.
        took.append((time.monotonic() - due) * 1000)
    connection.close()
    told.send(took)


def _flood(service: Service, texts: list[str]) -> Counter[str]:
    """Every post once, each address's at its pace; what they were answered, by kind."""
    place = str(urlsplit(service.url).netloc)
    recording = Wire(place, timeout=30)
    recorded = _form(recording, "8.8.0.1")
    recording.close()
    time.sleep(PATIENCE)
    answered, lock = Counter[str](), threading.Lock()
    began = time.monotonic()

    def send(sender: int) -> None:
        connection, address = Wire(place, timeout=30), f"8.8.{sender}.1"
        opened: list[str] = []
        for turn in range(POSTS // ADDRESSES):
            number = turn * ADDRESSES + sender
            kind = KINDS[number % len(KINDS)]
            opened.append(_form(connection, address))
            patient = opened[max(0, turn - round(PATIENCE))]
            forms = {RECORDED: recorded, PATIENT: patient}
            due = began + PATIENCE + turn + sender / ADDRESSES
            time.sleep(max(0.0, due - time.monotonic()))
            status = _post(connection, address, texts[number % len(texts)], forms.get(kind))
            with lock:
                answered[f"{kind}: {status}"] += 1
        connection.close()

    senders = [threading.Thread(target=send, args=[sender]) for sender in range(ADDRESSES)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return answered


def _form(connection: Wire, address: str) -> str:
    connection.request(
        "GET",
        f"/api/v1/form?url={quote(PAGE, safe='')}",
        headers={"X-Forwarded-For": address},
    )
    return str(json.loads(connection.getresponse().read())["form"])


def _post(connection: Wire, address: str, text: str, form: str | None) -> int:
    body = {"url": PAGE, "text": text, "author": {"name": "Max"}, "form": form}
    told = {"Content-Type": "application/json", "Origin": BLOG, "X-Forwarded-For": address}
    connection.request("POST", "/api/v1/comments", json.dumps(body), told)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _thread(service: Service) -> dict[str, dict[str, int]]:
    connection = Wire(str(urlsplit(service.url).netloc), timeout=30)
    connection.request("GET", f"/api/v1/thread?url={quote(PAGE, safe='')}")
    found: dict[str, dict[str, int]] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def _queue(data: Path) -> tuple[int, int]:
    """Rows of the queue, and comments that wait."""
    app = create_app(config.read({"AFTERWORD_DATA": str(data)}))
    with app.app_context():
        rows = len(queue.read(State.PENDING, limit=POSTS).comments)
        waiting = queue.totals()[State.PENDING]
    close(app)
    return rows, waiting


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98]


def _print(answered: Counter[str], *, took: float, shown: int) -> None:
    print(f"{POSTS} posts from {ADDRESSES} addresses in {took:.0f} s; visible: {shown}")
    for kind, many in sorted(answered.items()):
        print(f"  {kind:30} {many:5}")


if __name__ == "__main__":
    main()
