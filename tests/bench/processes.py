"""What a second process adds: reads of one thread, two processes beside one.

Run it with ``python -m tests.bench.processes [ROUNDS]`` on a machine that does nothing else. Both
services are over one PostgreSQL and one Redis, as several machines would be; wrk, which asks them,
takes a part of the same cores: of two it leaves the services less than two. So it is asked twice:
as it is, and with processes that may work half of the time, the second while the first is stopped.
Then they have one core at most, and wrk has the other, and what is left is what the processes cost
each other. Said is also what a read takes of the services' own processor time, and what that comes
to on cores of their own. The goal is 1.8 times.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

from afterword.app import opened
from afterword.core import config
from afterword.sites import changes
from tests import make, redis, running
from tests.bench import drive
from tests.bench.drive import Taken, Target
from tests.postgresql import Server

BLOG = "https://blog.example"
PAGE = f"{BLOG}/read-by-many"
COMMENTS = 100
SECONDS = 4
TURN = 0.01  # seconds


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
        asked: dict[int, tuple[Target, list[int]]] = {}
        for workers in (1, 2):
            data = folder / str(workers) / "data"
            service = stack.enter_context(running.serving(data, workers=workers, **told))
            url = f"{service.url}/api/v1/thread?url={quote(PAGE, safe='')}"
            target = Target(str(workers), url, ("Accept-Encoding: br",))
            asked[workers] = target, _all_of(service.process.pid)
            drive.drive(target, seconds=1)
        print("two processes beside one, as it is:")
        _compare(asked, rounds)
        print("each of them half of the time:")
        _compare(asked, rounds, is_halved=True)


def _compare(
    asked: dict[int, tuple[Target, list[int]]], rounds: int, *, is_halved: bool = False
) -> None:
    """Ask one process and two in turn, and print what they answered."""
    taken = {workers: Taken() for workers in asked}
    costs: dict[int, list[float]] = {workers: [] for workers in asked}
    for number in range(rounds):
        for workers in (1, 2) if number % 2 else (2, 1):
            target, pids = asked[workers]
            before = _processor(pids)
            # The first is the one that starts the others, and answers nothing.
            with _half_the_time(pids[1:]) if is_halved else nullcontext():
                drive.drive(target, seconds=SECONDS, into=taken[workers])
            reads = taken[workers].rates[-1] * SECONDS
            costs[workers].append((_processor(pids) - before) / reads * 1e6)
    one, two = taken[1], taken[2]
    print(
        f"  one process {one.rate:,.0f} reads a second (p99 {one.p99[-1]:.1f} ms), two "
        f"{two.rate:,.0f} (p99 {two.p99[-1]:.1f} ms): {two.to(one):.2f} times"
    )
    alone, both = (statistics.median(costs[workers]) for workers in (1, 2))
    print(
        f"  a read takes {alone:.0f} µs of one process, {both:.0f} µs of two: "
        f"{2 * alone / both:.2f} times on cores of their own"
    )


@contextmanager
def _half_the_time(pids: Sequence[int]) -> Iterator[None]:
    """Stops every second of these while the others work, turn by turn, until the block ends."""
    is_over = threading.Event()

    def take_turns() -> None:
        turn = 0
        while not is_over.wait(TURN):
            turn += 1
            for number, pid in enumerate(pids):
                os.kill(pid, signal.SIGCONT if (number + turn) % 2 else signal.SIGSTOP)

    turns = threading.Thread(target=take_turns)
    turns.start()
    try:
        yield
    finally:
        is_over.set()
        turns.join()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _all_of(pid: int) -> list[int]:
    """A service's processes: the first and its workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in children for one in _all_of(int(child)))]


def _processor(pids: list[int]) -> float:
    """Seconds of the processor that these have taken so far."""
    ticks = 0
    for pid in pids:
        # The name of a program may hold spaces; what follows its bracket is numbered from 3.
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(said[14 - 3]) + int(said[15 - 3])
    return ticks / os.sysconf("SC_CLK_TCK")


def _fill(data: Path, told: dict[str, str]) -> None:
    with opened(config.read(running.environment(data, **told))):
        make.comments(make.page(changes.add(BLOG), PAGE), COMMENTS)


if __name__ == "__main__":
    main()
