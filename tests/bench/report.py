"""docs/performance.json, .svg and .md: what ``make bench`` found, for those who read."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import chart, figures

DOCS = Path(__file__).parents[2] / "docs"

PAGE = """\
<!-- Written by `make bench` from what it measured: run it again to change it. -->
# Performance

What a reader waits for is the thread. Afterword renders a page of it once after each change, keeps
the packed bytes, and sends them until the next change: {thread} requests a second on one core
here, {hello_ratio} times what the smallest possible Flask application manages, and any CDN may
keep them as well. A thread of a hundred thousand comments is read at the price of one page of it.

![Requests a second, one process each](performance.svg)

| What | Measured | Wanted | Met |
|---|--:|---|---|
{rows}

{unmet}
## What else was found

| What | Measured |
|---|--:|
{others}

## How it is measured

`make bench` starts the service as an owner would, a Flask "hello" under gunicorn's gevent worker
and an nginx that sends the same bytes as a file, each with one process. It fills databases of
10,000 and of 1,110,000 comments (10,000 pages of 100, a thread of 10,000, a thread of 100,000) with
texts of about 280 characters, and drives them with wrk over 32 connections on the same machine.
Rates are compared round by round, since a shared machine's speed drifts: quote the ratios, not
requests a second. *Warm* is the same question again and again; *cold* is the first answer to a
question that nobody asked before, over one connection, the middle of 30. Remark42's figures were
measured elsewhere, on two cores as well.

This run: {day}, {cores} cores ({processor}), Python {python}, {minutes} minutes.
"""

OTHERS = {
    "thread_per_second": ("Requests a second: a thread of 100 comments", ",.0f"),
    "hello_per_second": ('Requests a second: Flask "hello"', ",.0f"),
    "nginx_per_second": ("Requests a second: nginx, the same bytes", ",.0f"),
    "pages_per_second": ("Requests a second: one of 10,000 pages at random", ",.0f"),
    "pages_never_read_per_second": ("The same, while hardly any was read before", ",.0f"),
    "thread_p50_ms": ("A thread over 32 connections at full rate: p50, ms", ".1f"),
    "thread_p99_ms": ("The same: p99, ms", ".1f"),
    "p99_under_posts_ms": ("The same with 10 posts a second: p99, ms", ".1f"),
    "rate_under_posts": ("Reads with 10 posts a second, beside none", ".2f"),
    "cold_p95_ms": ("A first page that nobody read yet: p95, ms", ".1f"),
    "around_p95_ms": ("A link into 100,000 comments: p95, ms", ".1f"),
    "start_seconds": ("From start to the first answer, 1,110,000 comments stored, s", ".1f"),
    "master_mib": ("Memory of the master process, MiB", ".0f"),
}


def write(found: Mapping[str, float]) -> None:
    """Write the three files anew."""
    measured: dict[str, Any] = {name: round(figure, 4) for name, figure in found.items()}
    measured |= {"day": dt.datetime.now(dt.UTC).date().isoformat(), "cores": os.cpu_count()}
    measured |= {"processor": _processor(), "python": platform.python_version()}
    text = json.dumps(measured, indent=2) + "\n"
    (DOCS / "performance.json").write_text(text, encoding="utf-8")
    for name, content in files(measured).items():
        (DOCS / name).write_text(content, encoding="utf-8")


def files(measured: Mapping[str, Any]) -> dict[str, str]:
    """The page and its chart, from the figures."""
    return {"performance.md": _page(measured), "performance.svg": chart.draw(measured)}


def _page(measured: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {' | '.join(line)} |" for line in figures.table(measured))
    missed = [goal.says for goal in figures.unmet(measured)]
    unmet = f"Not met in this run: {'; '.join(missed)}.\n" if missed else ""
    others = "\n".join(
        f"| {says} | {measured[name]:{form}} |" for name, (says, form) in OTHERS.items()
    )
    return PAGE.format(
        rows=rows,
        unmet=unmet,
        others=others,
        thread=f"{measured['thread_per_second']:,.0f}",
        hello_ratio=f"{measured['thread_to_hello']:.1f}",
        minutes=round(measured["bench_seconds"] / 60),
        **{name: measured[name] for name in ("day", "cores", "processor", "python")},
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", known.read_text()) if known.exists() else None
    return found[1] if found else platform.machine()
