"""How fast a thread is read, beside a Flask "hello" under gunicorn's gevent worker.

Run it with ``make bench``; it takes about a minute. Figures are ratios of rates measured in turn,
because a shared machine's speed drifts: quote those, not requests a second.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests import running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, SECONDS, CONNECTIONS = 5, 4, 32
BLOG = "https://blog.example"
COMMENTS = 100
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Target:
    """What is asked, and with which headers."""

    name: str
    url: str
    headers: tuple[str, ...] = ()


def main() -> None:
    """Measure, print a table, write it as JSON."""
    if shutil.which("wrk") is None:
        sys.exit("The benchmark needs wrk (Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        fill(data)
        started = time.monotonic()
        with running.serving(data) as service, _hello() as hello_url:
            ready_after = time.monotonic() - started
            thread = f"{service.url}/api/v1/thread?url={quote(BLOG + '/hundred', safe='')}"
            rates = _rates(_targets(thread, hello_url))
            figures = {
                "start_seconds": round(ready_after, 2),
                "memory_mib": _memory(service.process.pid),
                "thread_bytes_brotli": len(_get(thread, "br")),
                "hello_per_second": round(statistics.median(rates["hello"])),
                **{
                    f"{name}_to_hello": _ratio(rates[name], rates["hello"])
                    for name in rates
                    if name != "hello"
                },
            }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "reads.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for name, figure in figures.items():
        print(f"{name:28} {figure}")


def fill(data: Path) -> None:
    """A thread of a hundred comments, a third of them replies, as an import would make it."""
    running.command(data, "init", "--site-origin", BLOG)
    words = "It rained all of Saturday and the kitchen table became a boat with a sail. " * 4
    rows = []
    for number in range(COMMENTS):
        row = {"type": "comment", "id": f"c{number}", "page_url": f"{BLOG}/hundred"}
        row |= {"author": {"name": f"Reader {number}"}, "text": f"{words[number % 70 :]} {number}"}
        row |= {"created": f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"}
        if number % 3 == 2:
            row["parent"] = f"c{number - 1}"
        rows.append(json.dumps(row))
    file = data.parent / "hundred.jsonl"
    file.write_text("\n".join(rows), encoding="utf-8")
    done = running.command(data, "import", "native", str(file), "--site", BLOG)
    if done.returncode:
        sys.exit(done.stderr)


def _targets(thread: str, hello_url: str) -> list[Target]:
    brotli = ("Accept-Encoding: br",)
    with urllib.request.urlopen(_request(thread, "br")) as answer:
        etag = answer.headers["ETag"]
    unknown = thread.replace("hundred", "nobody")
    return [
        Target("hello", hello_url, brotli),  # the same request headers: parsing them costs too
        Target("thread", thread, brotli),
        Target("not_modified", thread, (*brotli, f"If-None-Match: {etag}")),
        Target("unknown_page", unknown, brotli),
    ]


def _rates(targets: list[Target]) -> dict[str, list[float]]:
    """Requests a second of each target, measured in turn, round by round."""
    rates: dict[str, list[float]] = {target.name: [] for target in targets}
    for round_ in range(ROUNDS + 1):
        for target in targets:
            rate = _wrk(target, SECONDS if round_ else 1)
            if round_:  # the first round warms up
                rates[target.name].append(rate)
    return rates


def _ratio(ours: list[float], theirs: list[float]) -> float:
    pairs = zip(ours, theirs, strict=True)
    return round(statistics.median(one / other for one, other in pairs), 2)


def _wrk(target: Target, seconds: int) -> float:
    headers = [word for header in target.headers for word in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, target.url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said and target.name != "not_modified":
        sys.exit(f"{target.name} was refused:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return float(found[1]) if found else 0.0


def _request(url: str, coding: str) -> urllib.request.Request:
    return urllib.request.Request(url, headers={"Accept-Encoding": coding})


def _get(url: str, coding: str) -> bytes:
    with urllib.request.urlopen(_request(url, coding)) as answer:
        body: bytes = answer.read()
        return body


def _memory(master: int) -> dict[str, int]:
    """Proportional set size of each of our processes, in MiB."""
    found = {}
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    for name, pid in (("master", str(master)), *(("worker", child) for child in children)):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        pss = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        found[name] = int(pss[1]) // 1024 if pss else 0
    return found


@contextmanager
def _hello() -> Iterator[str]:
    port = running.free_port()
    words = ["-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}", "tests.bench.hello:app"]
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL)
    try:
        running.wait_until_open(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
