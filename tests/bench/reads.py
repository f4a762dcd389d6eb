"""How fast threads are read: beside a Flask "hello", beside nginx, and however many there are.

Figures are ratios of rates measured in turn, because a shared machine's speed drifts: quote those,
not requests a second. Cold is the first answer to a question that nobody asked before.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from afterword.threads.slices import Cursor
from tests import running
from tests.bench import drive, fill, rig
from tests.bench.drive import Target
from tests.bench.figures import REMARK42_MANY_PAGES, REMARK42_ONE_PAGE

BROTLI = ("Accept-Encoding: br",)
OFF = {"rate_limits": "off", "form_checks": "off"}
COLD = 30  # different questions of each kind
PAGES = fill.SIZES["large"][0]

Figures = dict[str, float]


def measure(*, rounds: int, seconds: int) -> Figures:
    """Every figure of ``figures.GOALS``, and absolute ones beside them."""
    drive.need_programs()
    middle, large = fill.database("middle"), fill.database("large")
    found: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in (_warm, _cold, _many_pages, _under_posts):
            began = time.monotonic()
            found |= part(Path(folder), middle, large, rounds, seconds)
            print(
                f"{part.__name__[1:].replace('_', ' ')}: {time.monotonic() - began:.0f} s",
                flush=True,
            )
    return found


def _warm(folder: Path, middle: Path, large: Path, rounds: int, seconds: int) -> Figures:
    """Rates of what is asked again and again."""
    with (
        running.serving(large, **OFF) as ours,
        running.serving(middle, **OFF) as smaller,
        running.serving(fill.database("small"), **OFF) as smallest,
        rig.plain(middle) as plain,
        rig.hello() as hello,
    ):
        thread = _thread(ours.url, 1)
        _, body, etag = drive.get(thread)
        if drive.get(thread, held=etag)[0] != 304:
            raise SystemExit("a thread that is held was sent again")
        with rig.nginx(folder / "nginx", body) as nginx:
            targets = [
                Target("hello", hello, BROTLI),  # the same headers: to parse them costs too
                Target("thread", thread, BROTLI),
                Target("nginx", nginx, BROTLI),
                Target("not_modified", thread, (*BROTLI, f"If-None-Match: {etag}")),
                Target("unknown", _thread(ours.url, "nobody"), BROTLI),
                Target("long", _thread(ours.url, "ten-thousand"), BROTLI),
                Target("middle", _thread(smaller.url, 1), BROTLI),
                Target("small", _thread(smallest.url, 1), BROTLI),
                Target("plain", _thread(plain, 1), BROTLI),
            ]
            taken = drive.in_turn(targets, rounds=rounds, seconds=seconds)
    hello_taken, thread_taken = taken["hello"], taken["thread"]
    return {
        "thread_to_hello": thread_taken.to(hello_taken),
        "not_modified_to_hello": taken["not_modified"].to(hello_taken),
        "unknown_to_hello": taken["unknown"].to(hello_taken),
        "plain_to_hello": taken["plain"].to(hello_taken),
        "thread_to_nginx": thread_taken.to(taken["nginx"]),
        "thread_to_remark42": thread_taken.rate / REMARK42_ONE_PAGE,
        "long_to_thread": taken["long"].to(thread_taken),
        "large_to_middle": thread_taken.to(taken["middle"]),
        "large_to_small": thread_taken.to(taken["small"]),
        "first_page_bytes": len(body),
        "hello_per_second": hello_taken.rate,
        "thread_per_second": thread_taken.rate,
        "nginx_per_second": taken["nginx"].rate,
        "thread_p50_ms": statistics.median(thread_taken.p50),
        "thread_p99_ms": statistics.median(thread_taken.p99),
    }


def _cold(_folder: Path, middle: Path, large: Path, _rounds: int, _seconds: int) -> Figures:
    """Times of first answers, the kinds in turn."""
    roots = fill.roots(large, "ten-thousand")
    deep = roots[len(roots) * 99 // 100 - COLD]
    targets = fill.replies(large, "hundred-thousand")[-20_000 :: 20_000 // COLD - 1][:COLD]
    cursor = quote(str(Cursor(deep.created, deep.id)))
    began = time.monotonic()
    with running.serving(large, **OFF) as ours, running.serving(middle, **OFF) as smaller:
        start = time.monotonic() - began
        drive.milliseconds(_thread(url, 99) for url in (ours.url, smaller.url))

        def limited(page: str | int, more: str = "") -> list[str]:
            return [_thread(ours.url, page, f"&limit={50 - n}{more}") for n in range(COLD)]

        kinds = {
            "thread": limited(1),
            "long": limited("ten-thousand"),
            "deep": limited("ten-thousand", f"&after={cursor}"),
            "large": [_thread(ours.url, page) for page in range(100, 100 + COLD)],
            "middle": [_thread(smaller.url, page) for page in range(2, 2 + COLD)],
            "around": [
                _thread(ours.url, "hundred-thousand", f"&around={one.id}") for one in targets
            ],
        }
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        for questions in zip(*kinds.values(), strict=True):
            for kind, question in zip(kinds, questions, strict=True):
                took[kind] += drive.milliseconds([question])
    median = {kind: statistics.median(times) for kind, times in took.items()}
    return {
        "long_to_thread_cold": median["long"] / median["thread"],
        "deep_to_first_cold": median["deep"] / median["long"],
        "large_to_middle_cold": median["large"] / median["middle"],
        "cold_ms": median["large"],
        "cold_p95_ms": sorted(took["large"])[COLD * 95 // 100],
        "around_ms": median["around"],
        "around_p95_ms": sorted(took["around"])[COLD * 95 // 100],
        "start_seconds": start / 2,
    }


def _many_pages(_folder: Path, _middle: Path, large: Path, rounds: int, seconds: int) -> Figures:
    """Ten thousand pages, of which the memory holds a fourth: at first, and once all were read."""
    with running.serving(large, **OFF) as ours, rig.hello() as hello:
        pages = Target("pages", _thread(ours.url, "%d"), BROTLI, pages=PAGES)
        fresh = drive.drive(pages, seconds=seconds)
        drive.milliseconds(_thread(ours.url, page) for page in range(1, PAGES + 1))
        targets = [Target("hello", hello, BROTLI), pages]
        taken = drive.in_turn(targets, rounds=rounds, seconds=seconds)
        for page, coding in itertools.product(range(1, 1500), ("gzip", "identity")):
            drive.get(_thread(ours.url, page), coding)
        memory = rig.memory(ours.process.pid)
    return {
        "pages_to_hello": taken["pages"].to(taken["hello"]),
        "pages_to_remark42": taken["pages"].rate / REMARK42_MANY_PAGES,
        "pages_per_second": taken["pages"].rate,
        "pages_never_read_per_second": fresh.rate,
        "worker_mib": memory["worker"],
        "master_mib": memory["master"],
    }


def _under_posts(folder: Path, middle: Path, _large: Path, rounds: int, seconds: int) -> Figures:
    """Reads of a page at full rate, while nobody writes and while ten comments a second come."""
    data = folder / "written"
    shutil.copytree(middle, data)
    quiet, busy, statuses = drive.Taken(), drive.Taken(), []
    with running.serving(data, **OFF) as ours:
        target = Target("hottest", _thread(ours.url, 1), BROTLI)
        drive.drive(target, seconds=1)
        for _ in range(rounds):
            drive.drive(target, seconds=seconds, into=quiet)
            with drive.posting(ours.url, fill.url(1), each_second=10) as answered:
                drive.drive(target, seconds=seconds, into=busy)
            statuses += answered
    if set(statuses) != {201}:
        raise SystemExit(f"posts were answered {set(statuses)}")
    pairs = zip(busy.p99, quiet.p99, strict=True)
    return {
        "p99_under_posts": statistics.median(one / two for one, two in pairs),
        "p99_under_posts_ms": statistics.median(busy.p99),
        "rate_under_posts": busy.to(quiet),
        "posts_accepted_per_second": len(statuses) / (rounds * (seconds + 0.1)),
    }


def _thread(service: str, page: str | int, more: str = "") -> str:
    address = quote(fill.url("PAGE"), safe="").replace("PAGE", str(page))
    return f"{service}/api/v1/thread?url={address}{more}"
