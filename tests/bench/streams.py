"""Open streams: what thousands of them cost, in memory and to those who read.

Run it with ``python -m tests.bench.streams [HOW_MANY]``. The streams are spread over fifty pages
and come from as many clients as the limits ask for. What it says: the worker's memory before and
with them, how long readers of threads wait (p99) before and with them and while comments are
posted, and how long after a post the readers of its page are told.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests import running
from tests.bench import rig
from tests.running import Service

BLOG = "https://blog.example"
PAGES = 50
A_CLIENT = 50  # streams
READS, POSTS = 2000, 40
AT_ONCE = 100  # are opened


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.streams", description=__doc__)
    words.add_argument("many", nargs="?", type=int, default=5000)
    many = words.parse_args().many
    told = {"trusted_proxies": "127.0.0.0/8", "rate_limits": "off", "form_checks": "off"}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        running.command(data, "sites", "add", BLOG)
        with running.serving(data, streams=str(many), **told) as service:
            for number in range(PAGES):
                _post(service, number)
            asyncio.run(_measure(service, many))


async def _measure(service: Service, many: int) -> None:
    master = service.process.pid
    await asyncio.to_thread(_reads, service)  # so that all is warm
    quiet = await asyncio.to_thread(_reads, service)
    print(f"without streams: {rig.memory(master)}, reads p99 {quiet * 1000:.2f} ms")
    told: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(PAGES)]
    streams = []
    for number in range(many):
        streams.append(asyncio.create_task(_follow(service, number, told[number % PAGES])))
        if number >= AT_ONCE:
            await told[(number - AT_ONCE) % PAGES].get()  # it is open
    for number in range(many - AT_ONCE, many):
        await told[number % PAGES].get()
    full = await asyncio.to_thread(_reads, service)
    print(f"with {many}: {rig.memory(master)}, reads p99 {full * 1000:.2f} ms, "
          f"{full / quiet:.2f} times")  # fmt: skip
    waits: list[float] = []
    reading = asyncio.create_task(asyncio.to_thread(_reads, service))
    for number in range(POSTS):
        at = time.perf_counter()
        await asyncio.to_thread(_post, service, number % PAGES)
        readers = many // PAGES
        waits += [await told[number % PAGES].get() - at for _ in range(readers)]
    busy = await reading
    waits.sort()
    print(
        f"{POSTS} posts: told after {statistics.median(waits) * 1000:.0f} ms (median), "
        f"{waits[int(len(waits) * 0.99)] * 1000:.0f} ms (p99); reads p99 {busy * 1000:.2f} ms"
    )
    for stream in streams:
        stream.cancel()
    began = time.perf_counter()
    service.stop()
    print(f"stopped in {time.perf_counter() - began:.1f} s")


async def _follow(service: Service, number: int, told: asyncio.Queue[float]) -> None:
    place = urlsplit(service.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    client = f"10.{number // A_CLIENT // 250}.{number // A_CLIENT % 250}.7"
    writer.write(
        f"GET /api/v1/stream?url={_page(number % PAGES)} HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"X-Forwarded-For: {client}\r\n\r\n".encode()
    )
    status = await reader.readline()
    assert b" 200 " in status, status
    async for line in reader:
        if line.startswith((b"retry", b"event: count")):
            told.put_nowait(time.perf_counter())


def _reads(service: Service) -> float:
    """Seconds that 99 of 100 readers waited no longer than, one after the other."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc)
    waits = []
    for number in range(READS):
        began = time.perf_counter()
        connection.request("GET", f"/api/v1/thread?url={_page(number % PAGES)}")
        connection.getresponse().read()
        waits.append(time.perf_counter() - began)
    return sorted(waits)[int(READS * 0.99)]


def _post(service: Service, number: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc)
    body = {"url": f"{BLOG}/{number}", "text": f"At {time.time()}.", "author": {"name": "Ada"}}
    headers = {"Origin": BLOG, "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/comments", json.dumps(body), headers)
    assert connection.getresponse().status == 201


def _page(number: int) -> str:
    return quote(f"{BLOG}/{number}", safe="")


if __name__ == "__main__":
    main()
