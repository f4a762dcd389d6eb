"""A Redis of our own for tests: on a free port, keeping nothing on the disk."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import running

SOCKET = "redis.sock"
PATIENCE = "socket_timeout=10&socket_connect_timeout=10"
INSTALL = Path(__file__).parent / "install-redis.sh"


@dataclass
class Server:
    """A running Redis, which a test may stop and start again."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    program: str

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def patient_url(self) -> str:
        """The same one, which is waited for longer than the service waits by itself: for what must
        be exact as long as Redis answers, on a machine that may pause."""
        return f"{self.url}?{PATIENCE}"

    @property
    def socket_url(self) -> str:
        """The same by its socket."""
        return f"unix://{self.folder / SOCKET}?db=0&{PATIENCE}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = _start(self.program, self.port, self.folder)


@contextmanager
def server() -> Iterator[Server]:
    """Run a Redis until the block ends."""
    found = subprocess.run(["bash", str(INSTALL)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    port, program = running.free_port(), found.stdout.strip()
    with tempfile.TemporaryDirectory(prefix="afterword-redis-") as name:
        folder = Path(name)
        started = Server(port, folder, _start(program, port, folder), program)
        try:
            yield started
        finally:
            started.stop()


def _start(program: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    words += ["--unixsocket", folder / SOCKET]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running.wait_until_open(port)
    return process
