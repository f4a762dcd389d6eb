"""The far side of the Internet: servers on loopback behind names and addresses that are not."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from afterword.core import fetch

OUTSIDE = "1.1.1.1"  # an address of the Internet, at which nothing of ours is ever reached
LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
_DIAL = fetch._dial
Respond = Callable[[socket.socket], None]


@dataclass
class Server:
    """A real server; ``respond`` writes what it likes to each connection, byte by byte."""

    respond: Respond
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)  # asked for in TLS (SNI)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        if self.tls:
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                came, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(came,), daemon=True).start()

    def _serve(self, came: socket.socket) -> None:
        with contextlib.suppress(OSError), came:
            spoken = self.tls.wrap_socket(came, server_side=True) if self.tls else came
            with spoken:
                self.requests.append(_request(spoken))
                self.respond(spoken)


class Internet:
    """What names lead to, and which server stands at which address. Nothing else is reached."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority = authority
        self._answers: dict[str, list[list[str]]] = {}
        self._stands: dict[tuple[str, int], Server] = {}
        self.resolved: list[str] = []
        self.dialled: list[tuple[str, int]] = []

    def lead(self, name: str, *answers: list[str]) -> None:
        """Let a name lead to these addresses: to the next list each time, then to the last."""
        self._answers[name] = list(answers)

    def serve(
        self, name: str, respond: Respond, *, address: str = OUTSIDE, port: int = 443
    ) -> Server:
        """Let a server answer at a name, with a certificate for it at port 443."""
        tls = None
        if port == 443:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(name).configure_cert(tls)
        self.lead(name, [address])
        self._stands[address, port] = server = Server(respond, tls)
        return server

    def resolve(self, name: str, port: int, **_: object) -> list[tuple[object, ...]]:
        self.resolved.append(name)
        answers = self._answers.get(name) or self._literal(name)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(0, 0, 0, "", (address, port)) for address in found]

    def dial(self, address: object, port: int, seconds: float) -> socket.socket:
        self.dialled.append((str(address), port))
        stands = self._stands.get((str(address), port))
        if stands is None:
            raise ConnectionRefusedError
        return _DIAL(LOOPBACK, stands.port, seconds)

    def stop(self) -> None:
        for server in self._stands.values():
            server.stop()

    def _literal(self, name: str) -> list[list[str]]:
        try:
            return [[str(socket.inet_ntoa(socket.inet_aton(name)))]]
        except OSError:
            if ":" in name:
                return [[name]]
            raise socket.gaierror(socket.EAI_NONAME, "not known") from None


def answer(body: bytes = b"", *, status: int = 200, **headers: str) -> Respond:
    """A well-formed answer; ``content_type="..."`` and the like become its headers."""

    def respond(connection: socket.socket) -> None:
        said = {"content-length": str(len(body)), **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        connection.sendall(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)

    return respond


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of far servers."""
    return trustme.CA()


@pytest.fixture
def internet(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Internet]:
    """An Internet without anybody."""
    made, kept = Internet(authority), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(kept)
    monkeypatch.setenv("SSL_CERT_FILE", str(kept))
    fetch._trusted.cache_clear()
    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    monkeypatch.setattr(fetch, "_dial", made.dial)
    yield made
    made.stop()
    fetch._trusted.cache_clear()


def _request(connection: socket.socket) -> bytes:
    """A whole request, as long as it says it is."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += connection.recv(65536)
    head, _, body = came.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
