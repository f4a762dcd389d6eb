"""What a shared cache leaves to the service: a thousand pages that are all read, behind nginx.

Run it with ``python -m tests.bench.cached [SECONDS]``. nginx runs from ``deploy/nginx`` as it is
shipped, wrk asks it for one of the pages at random, over TLS. What reaches the service is counted
there. Beside it stands what docs/scale.md works out from the rate.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import quote

from afterword.app import close, create_app
from afterword.core import config
from afterword.sites import changes
from tests import make, proxies, running
from tests.bench import drive
from tests.bench.drive import Target
from tests.running import Service

BLOG = "https://blog.example"
PAGES = 1000
KEPT = 10  # seconds: s-maxage, unless an owner says otherwise
TOKEN = "a-token-of-the-benchmark"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.cached", description=__doc__)
    words.add_argument("seconds", nargs="?", type=int, default=30)
    seconds = words.parse_args().seconds
    drive.need_programs()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), seconds)


def _measure(folder: Path, seconds: int) -> None:
    data, port = folder / "data", running.free_port()
    _fill(data)
    with (
        running.serving(data, port=port, metrics_token=TOKEN) as service,
        proxies.nginx(folder / "proxy", [port]) as proxy,
    ):
        page = quote(f"{BLOG}/", safe="")
        url = f"{proxy.url}/api/v1/thread?url={page}%d"
        target = Target("threads", url, ("Accept-Encoding: br",), pages=PAGES)
        drive.drive(target, seconds=2 * KEPT)
        before = _reached(service)
        rate = drive.drive(target, seconds=seconds).rate
        reached = (_reached(service) - before) / seconds
    each = rate / PAGES
    worked_out = f"{PAGES / (KEPT + 1 / each):.0f} and {KEPT * each / (1 + KEPT * each):.2%}"
    print(
        f"{PAGES} pages, {rate:,.0f} reads a second: {reached:.0f} a second reach the service, "
        f"{1 - reached / rate:.2%} are answered by nginx; worked out: {worked_out}"
    )


def _fill(data: Path) -> None:
    running.installed(data, BLOG)
    app = create_app(config.read(running.environment(data)))
    with app.app_context():
        site = changes.add(BLOG)
        for number in range(1, PAGES + 1):
            make.comment(make.page(site, f"{BLOG}/{number}"))
    close(app)


def _reached(service: Service) -> float:
    """How many requests for threads the service had."""
    told = {"Authorization": f"Bearer {TOKEN}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{service.url}/metrics", None, told)
    ) as got:
        text = got.read().decode()
    counted = r'^afterword_requests_total\{.*route="/api/v1/thread".*\} (\S+)$'
    return sum(float(number) for number in re.findall(counted, text, re.MULTILINE))


if __name__ == "__main__":
    main()
