"""What a second process adds: reads of one thread, two processes beside one.

Run it with ``python -m tests.bench.processes [ROUNDS]`` on a machine that does nothing else. Both
services are over one PostgreSQL and one Redis, as several machines would be; wrk, which asks them,
takes a part of the same cores. The goal of the issue is 1.8 times on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from afterword.app import opened
from afterword.core import config
from afterword.sites import changes
from tests import make, redis, running
from tests.bench import drive
from tests.bench.drive import Target
from tests.postgresql import Server

BLOG = "https://blog.example"
PAGE = f"{BLOG}/read-by-many"
COMMENTS = 100
SECONDS = 4


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.processes", description=__doc__)
    words.add_argument("rounds", nargs="?", type=int, default=5)
    rounds = words.parse_args().rounds
    drive.need_programs()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(Server.running())
        shared = stack.enter_context(redis.server())
        told = {"database_url": server.new_database(), "redis_url": shared.url}
        _fill(folder / "data", told)
        targets = []
        for workers in (1, 2):
            data = folder / str(workers) / "data"
            service = stack.enter_context(running.serving(data, workers=workers, **told))
            url = f"{service.url}/api/v1/thread?url={quote(PAGE, safe='')}"
            targets.append(Target(str(workers), url, ("Accept-Encoding: br",)))
        taken = drive.in_turn(targets, rounds=rounds, seconds=SECONDS)
    one, two = taken["1"], taken["2"]
    print(
        f"one process {one.rate:,.0f} reads a second (p99 {one.p99[-1]:.1f} ms), two "
        f"{two.rate:,.0f} (p99 {two.p99[-1]:.1f} ms): {two.to(one):.2f} times"
    )


def _fill(data: Path, told: dict[str, str]) -> None:
    with opened(config.read(running.environment(data, **told))):
        make.comments(make.page(changes.add(BLOG), PAGE), COMMENTS)


if __name__ == "__main__":
    main()
