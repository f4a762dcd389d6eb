"""Readers and writers that go on whatever happens, and note what each was answered and when."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote

from tests.conftest import BLOG
from tests.proxies import Proxy

PAGES = 20
PAUSE = 0.04  # of each between two requests: the machine is to have room left


@dataclass(frozen=True)
class Answered:
    """One request: when its answer was there, what kind, with which status (0: none), and whether
    it said when to try again."""

    when: float
    kind: str
    status: int
    seconds: float
    says_when: bool


@dataclass
class Load:
    """Threads that read and post through a proxy, until ``stop``."""

    proxy: Proxy
    readers: int = 3
    writers: int = 2
    answers: list[Answered] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)  # key: id of the comment
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    _threads: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        for number in range(self.readers + self.writers):
            act = self._read if number < self.readers else self._post
            thread = threading.Thread(target=self._go_on, args=(act, number))
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def wait(self, seconds: float) -> None:
        """Let the load go on for a while, and until a second's worth of it was answered."""
        self._ended.wait(seconds)

    def wait_for(self, count: int) -> None:
        """Return when so many were answered well."""
        until = time.monotonic() + 30
        while sum(self.statuses().get(code, 0) for code in (200, 201)) < count:
            assert time.monotonic() < until, self.statuses()
            self._ended.wait(0.02)

    def statuses(self, kind: str | None = None, *, since: float = 0) -> Counter[int]:
        return Counter(
            one.status
            for one in list(self.answers)
            if one.when >= since and kind in {None, one.kind}
        )

    def failures(self) -> float:
        """The share of all requests that was not answered as it should be."""
        found = self.statuses()
        good = sum(found[code] for code in (200, 201))
        return 1 - good / max(1, found.total())

    def longest_gap(self, *, since: float) -> float:
        """The longest time after a moment in which nobody was answered well."""
        good = sorted(one.when for one in self.answers if one.status in {200, 201})
        moments = [since, *(when for when in good if when > since)]
        return max(later - earlier for earlier, later in pairwise(moments))

    def _go_on(self, act, number: int) -> None:
        turn = 0
        while not self._ended.is_set():
            turn += 1
            connection = http.client.HTTPSConnection(
                "localhost", self.proxy.port, context=self.proxy.trust, timeout=15
            )
            with contextlib.closing(connection):
                self._note(act, connection, f"{number}-{turn:06}-of-the-load-{self.name}")
            self._ended.wait(PAUSE)

    def _note(self, act, connection: http.client.HTTPSConnection, key: str) -> None:
        began = time.monotonic()
        kind = act.__name__.strip("_")
        status, says_when = 0, False
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = act(connection, key)
            status, says_when = answer.status, "Retry-After" in answer.headers
        now = time.monotonic()
        self.answers.append(Answered(now, kind, status, now - began, says_when))

    def _read(self, connection: http.client.HTTPSConnection, key: str) -> http.client.HTTPResponse:
        # Not what the proxy keeps: every read is to come to a process.
        page = quote(f"{BLOG}/{hash(key) % PAGES}", safe="")
        connection.request("GET", f"/api/v1/thread?url={page}&around={key[:20]}")
        answer = connection.getresponse()
        answer.read()
        return answer

    def _post(self, connection: http.client.HTTPSConnection, key: str) -> http.client.HTTPResponse:
        body = {"url": f"{BLOG}/{hash(key) % PAGES}", "text": key, "author": {"name": "Ada"}}
        told = {"Content-Type": "application/json", "Origin": BLOG, "Idempotency-Key": key}
        connection.request("POST", "/api/v1/comments", json.dumps(body), told)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status == 201:
            self.accepted[key] = json.loads(said)["comment"]["id"]
        return answer
