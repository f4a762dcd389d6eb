"""R13: clients that send a byte every ten seconds keep nobody else waiting.

Readers are timed until each of them has sent two more: of a head, or of a post's body.
"""

from __future__ import annotations

import contextlib
import http.client
import math
import resource
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import proxies, running
from tests.conftest import BLOG, PAGE

MANY = 2000  # clients, of which the page of figures speaks
EVERY_SECONDS, OF_FEW = 10.0, 1.0
TURNS = 2  # bytes that each client sends while readers are timed; proxies end it after 30 seconds
READS = 300
MOST_P99 = 0.5
MOST_GROWN = 300 * 1024  # kB of the service's processes
HEAD = f"GET /api/v1/thread?url={PAGE} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".encode()
POST = (
    f"POST /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nOrigin: {BLOG}\r\n"
    'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"text": "'
).encode()

pytestmark = pytest.mark.slow


class _SlowClients(threading.Thread):
    """Many connections, each of which sends a byte in so many seconds.

    Every second one has begun a head and goes on with it, the others a body.
    """

    def __init__(self, connect: Callable[[], socket.socket], many: int, *, every: float) -> None:
        super().__init__()
        self._connect, self._many, self._every = connect, many, every
        self._ended = threading.Event()
        self.are_open = threading.Event()
        self.have_sent = threading.Event()  # a byte in each of the turns
        self.ended_by_the_other_side = 0

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            clients = []
            for number in range(self._many):
                clients.append(stack.enter_context(self._connect()))
                clients[-1].sendall(POST if number % 2 else HEAD)
            self.are_open.set()
            for _ in range(TURNS):
                if self._ended.wait(self._every):
                    return
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.sendall(b"x")
            self.have_sent.set()
            self._ended.wait()
            self.ended_by_the_other_side = sum(map(_is_ended, clients))

    def end(self) -> None:
        self._ended.set()
        self.join()


def _is_ended(client: socket.socket) -> bool:
    """Whether there is an answer or an end to be read: nothing else is to come."""
    client.settimeout(0)
    try:
        client.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return True


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
    """How to come to the service: straight, or by a proxy and TLS; what connects a socket."""
    port = int(service.url.rpartition(":")[2])

    @contextlib.contextmanager
    def open_(way):
        if way == "straight":
            yield lambda: socket.create_connection(("127.0.0.1", port), 20)
            return
        with getattr(proxies, way)(tmp_path, [port]) as proxy:
            yield lambda: proxy.trust.wrap_socket(
                socket.create_connection(("127.0.0.1", proxy.port), 20),
                server_hostname="localhost",
            )

    return open_


@pytest.mark.fault("R13")
@pytest.mark.parametrize(
    "way", ["straight", "nginx", pytest.param("caddy", marks=pytest.mark.thorough)]
)
def test_readers_are_answered_while_thousands_send_slowly(service, open_way, way, request, figure):
    many = request.config.getoption("--slow-clients")
    every = EVERY_SECONDS if many >= MANY else OF_FEW
    with open_way(way) as connect:
        alone = _p99([_read(connect) for _ in range(READS)])
        before = _memory(service)
        clients = _SlowClients(connect, many, every=every)
        clients.start()
        try:
            assert clients.are_open.wait(60)
            took = []
            while not (clients.have_sent.is_set() and len(took) >= READS):
                assert clients.is_alive()
                took.append(_read(connect))
            grown = _memory(service) - before
        finally:
            clients.end()
    beside = _p99(took)
    assert beside < MOST_P99
    assert grown < MOST_GROWN
    assert clients.ended_by_the_other_side < many / 10, "they were not there to be borne"
    figure(
        f"{many:,} clients send a byte in {every:.0f} s, half of them of a head, half of a body, "
        f"{way}: a read takes {beside * 1000:.0f} ms (p99 of {len(took):,}; {alone * 1000:.0f} "
        f"without them), memory {grown / 1024:+.0f} MiB"
    )


def _read(connect):
    """How long a read takes over a connection of its own, which is made meanwhile."""
    began = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("localhost")) as connection:
        connection.sock = connect()
        connection.request("GET", f"/api/v1/thread?url={PAGE}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    return time.monotonic() - began


def _p99(took):
    """How long one read in a hundred takes at least."""
    return sorted(took)[math.ceil(len(took) * 0.99) - 1]


def _memory(service) -> int:
    """Resident kB of the service's processes."""
    master = service.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    sizes = []
    for one in (str(master), *children):
        status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        sizes.append(int(status.partition("VmRSS:")[2].split()[0]))
    return sum(sizes)
