"""Asking: by wrk for rates, over one connection for the time of a single answer."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 32
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Target:
    """What is asked, and with which headers. With ``pages`` the ``%d`` in it is drawn each time."""

    name: str
    url: str
    headers: tuple[str, ...] = ()
    pages: int = 0


@dataclass
class Taken:
    """What wrk found, round by round."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)  # ms
    p99: list[float] = field(default_factory=list)  # ms

    def to(self, other: Taken) -> float:
        """The rate beside another's, pair by pair: a shared machine's speed drifts."""
        pairs = zip(self.rates, other.rates, strict=True)
        return statistics.median(one / two for one, two in pairs)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return statistics.median(self.rates)


def need_programs() -> None:
    """Leave with a sentence where one is missing."""
    for program, package in (("wrk", "wrk"), ("nginx", "nginx-light")):
        if find(program) is None:
            sys.exit(f"The benchmark needs {program} (Debian: apt-get install {package}).")


def find(program: str) -> str | None:
    """Where a program is; some systems keep nginx out of ordinary users' way."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def in_turn(targets: Sequence[Target], *, rounds: int, seconds: int) -> dict[str, Taken]:
    """Drive each target in turn, round by round, every other round backwards; a short one first."""
    taken = {target.name: Taken() for target in targets}
    for target in targets:
        drive(target, seconds=1)
    for number in range(rounds):
        for target in targets[:: -1 if number % 2 else 1]:
            drive(target, seconds=seconds, into=taken[target.name])
    return taken


def drive(target: Target, *, seconds: int, into: Taken | None = None) -> Taken:
    """Requests over 32 connections for some seconds."""
    taken = into or Taken()
    headers = [word for header in target.headers for word in ("-H", header)]
    with _script(target) as script:
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *headers]
        said = subprocess.run(
            [*words, *script, target.url.replace("%d", "1")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    if "Non-2xx" in said:
        sys.exit(f"{target.name} was refused:\n{said}")
    taken.rates.append(float(_find(r"Requests/sec:\s+([\d.]+)()", said)[0]))
    for percent, times in (("50", taken.p50), ("99", taken.p99)):
        number, unit = _find(rf"{percent}%\s+([\d.]+)(us|ms|s)", said)
        times.append(float(number) * _UNITS[unit])
    return taken


def milliseconds(urls: Iterable[str]) -> list[float]:
    """How long each answer took, one after the other over one connection."""
    found, connection = [], None
    for url in urls:
        parts = urlsplit(url)
        connection = connection or http.client.HTTPConnection(str(parts.netloc), timeout=30)
        started = time.perf_counter()
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept-Encoding": "br"})
        answer = connection.getresponse()
        answer.read()
        found.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            sys.exit(f"{url} was answered {answer.status}")
    if connection:
        connection.close()
    return found


def get(url: str, coding: str = "br", *, held: str = "") -> tuple[int, bytes, str]:
    """Status, body as it came, and its ETag."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.netloc), timeout=30)
    headers = {"Accept-Encoding": coding, "If-None-Match": held}
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, answer.headers.get("ETag", "")


@contextmanager
def posting(service: str, page: str, *, each_second: int) -> Iterator[list[int]]:
    """Comments at a steady pace while the block runs; gives the statuses of their answers."""
    statuses: list[int] = []
    stop = threading.Event()
    parts = urlsplit(page)

    def post() -> None:
        connection = http.client.HTTPConnection(str(urlsplit(service).netloc), timeout=30)
        told = {"Content-Type": "application/json", "Origin": f"{parts.scheme}://{parts.netloc}"}
        began, number = time.monotonic(), 0
        while not stop.wait(max(0.0, began + number / each_second - time.monotonic())):
            number += 1
            sent = {"url": page, "text": f"Comment {number}.", "author": {"name": "Ada"}}
            connection.request("POST", "/api/v1/comments", json.dumps(sent), told)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    poster = threading.Thread(target=post)
    poster.start()
    try:
        yield statuses
    finally:
        stop.set()
        poster.join()


@contextmanager
def _script(target: Target) -> Iterator[list[str]]:
    if not target.pages:
        yield []
        return
    path = target.url.partition("//")[2].partition("/")[2]
    before, _, behind = path.partition("%d")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(
            f"math.randomseed({time.time_ns() % 10**9})\n"
            f'request = function() return wrk.format("GET", "/{before}" .. '
            f'math.random(1, {target.pages}) .. "{behind}") end\n'
        )
        file.flush()
        yield ["-s", str(Path(file.name))]


def _find(pattern: str, said: str) -> tuple[str, str]:
    found = re.search(pattern, said)
    if found is None:
        sys.exit(f"wrk said something else:\n{said}")
    return found[1], found[2]
