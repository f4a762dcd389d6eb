"""R13: clients that send a byte every ten seconds keep nobody else waiting."""

from __future__ import annotations

import contextlib
import http.client
import math
import resource
import select
import socket
import threading
import time
from pathlib import Path

import pytest

from tests import proxies, running
from tests.conftest import BLOG, PAGE

EVERY_SECONDS = 10.0
READS = 300
MOST_P99 = 0.5
MOST_GROWN = 300 * 1024  # kB of the service's processes
HEAD = f"GET /api/v1/thread?url={PAGE} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".encode()
# Proxies are spoken to by TLS: the beginning of a long first record of it (RFC 8446, 5.1).
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32)

pytestmark = pytest.mark.slow


class _SlowClients(threading.Thread):
    """Many connections, each of which sends one more byte of this every ten seconds."""

    def __init__(self, port: int, many: int, *, head: bytes) -> None:
        super().__init__()
        self._port, self._many, self._head = port, many, head
        self._ended = threading.Event()
        self.are_open = threading.Event()
        self.ended_by_the_other_side = 0

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            clients = [
                stack.enter_context(socket.create_connection(("127.0.0.1", self._port), 20))
                for _ in range(self._many)
            ]
            for client in clients:
                client.sendall(self._head[:5])
            self.are_open.set()
            sent, turn = 5, time.monotonic()
            while not self._ended.wait(0.1):
                if time.monotonic() - turn > EVERY_SECONDS:
                    turn, sent = time.monotonic(), sent + 1
                    for client in clients:
                        with contextlib.suppress(OSError):
                            client.sendall(self._head[sent - 1 : sent])
            for client in clients:
                self.ended_by_the_other_side += _is_ended(client)

    def end(self) -> None:
        self._ended.set()
        self.join()


def _is_ended(client: socket.socket) -> bool:
    waiting = select.poll()
    waiting.register(client, select.POLLIN)
    return bool(waiting.poll(0))


@pytest.fixture(scope="module", autouse=True)
def many_files():
    """Each of them is a file of this process and of the one that it talks to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    running.installed(folder / "data", BLOG)
    told = {"rate_limits": "off", "form_checks": "off", "trusted_proxies": "127.0.0.1"}
    with running.serving(folder / "data", **told) as service:
        yield service


@pytest.fixture
def open_way(service, tmp_path):
    """How to come to the service: straight, or by a proxy; (port, a new connection)."""
    port = int(service.url.rpartition(":")[2])

    @contextlib.contextmanager
    def open_(way):
        if way == "straight":
            yield port, lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            return
        with getattr(proxies, way)(tmp_path, [port]) as proxy:
            yield (
                proxy.port,
                lambda: http.client.HTTPSConnection(
                    "localhost", proxy.port, context=proxy.trust, timeout=20
                ),
            )

    return open_


@pytest.mark.fault("R13")
@pytest.mark.parametrize("way", ["straight", "nginx", "caddy"])
def test_readers_are_answered_while_thousands_send_slowly(service, open_way, way, request, figure):
    many = request.config.getoption("--slow-clients")
    with open_way(way) as (port, connect):
        alone = _p99(connect)
        before = _memory(service)
        clients = _SlowClients(port, many, head=HEAD if way == "straight" else HELLO)
        clients.start()
        try:
            assert clients.are_open.wait(60)
            beside = _p99(connect)
            grown = _memory(service) - before
        finally:
            clients.end()
    assert beside < MOST_P99
    assert grown < MOST_GROWN
    assert clients.ended_by_the_other_side < many / 10, "they were not there to be borne"
    figure(
        f"{many:,} slow clients, {way}: a read takes {beside * 1000:.0f} ms (p99; "
        f"{alone * 1000:.0f} without them), memory {grown / 1024:+.0f} MiB"
    )


def _p99(connect):
    """How long one read in a hundred takes at least, each over a connection of its own."""
    took = []
    for _ in range(READS):
        began = time.monotonic()
        with contextlib.closing(connect()) as connection:
            connection.request("GET", f"/api/v1/thread?url={PAGE}")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        took.append(time.monotonic() - began)
    return sorted(took)[math.ceil(READS * 0.99) - 1]


def _memory(service) -> int:
    """Resident kB of the service's processes."""
    master = service.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    sizes = []
    for one in (str(master), *children):
        status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        sizes.append(int(status.partition("VmRSS:")[2].split()[0]))
    return sum(sizes)
