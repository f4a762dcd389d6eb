"""A Redis of our own for tests: on a free port, keeping nothing on the disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import running

INSTALL = Path(__file__).parent / "install-redis.sh"


@dataclass
class Server:
    """A running Redis, which a test may stop and start again."""

    port: int
    process: subprocess.Popen[bytes]
    program: str

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = _start(self.program, self.port)


@contextmanager
def server() -> Iterator[Server]:
    """Run a Redis until the block ends."""
    found = subprocess.run(["bash", str(INSTALL)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    port, program = running.free_port(), found.stdout.strip()
    started = Server(port, _start(program, port), program)
    try:
        yield started
    finally:
        started.stop()


def _start(program: str, port: int) -> subprocess.Popen[bytes]:
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running.wait_until_open(port)
    return process
