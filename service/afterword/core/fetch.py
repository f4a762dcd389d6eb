"""The only HTTP client for addresses that come from outside: none leads it into our own network.

A name is resolved once, every answer has to be an address of the Internet, and the connection goes
to that very address (what is resolved twice can be answered twice: DNS rebinding). No redirect is
followed but by ``follow``, which looks at each as at the first address; no proxy of the environment
is asked, and time and bytes are counted to a hard end.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final, TypeVar
from urllib.parse import urljoin

import certifi
import httpcore

from afterword.core import addresses, urls
from afterword.core.addresses import Address
from afterword.core.errors import BadUrl

_NAME: Final = f"Afterword/{version('afterword')}"
PORTS: Final = frozenset({80, 443})
_USUAL: Final = {"http": 80, "https": 443}
_ONWARD: Final = frozenset({301, 302, 303, 307, 308})
_HEADS: Final = 128 * 1024  # beside the body: h11 itself stops at 100 KiB of unfinished headers
_CHUNK: Final = 16 * 1024
MOST_REDIRECTS: Final = 5
# Resolvers wait as long as the system says, which nobody can cut short: so many at once, no more.
_LOOKS = threading.BoundedSemaphore(8)
_FAULTS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,  # sockets and TLS
    zlib.error,
)

T = TypeVar("T")

# It tells every header at debug, and with it the signatures and keys that they carry.
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Unreachable(Exception):
    """No answer that may be used. The text says why and names the host, nothing secret."""


@dataclass(frozen=True)
class Limits:
    """How long one call may take in all, how much may come back, and where else it may go.

    Where ``most`` is 0 the status is what counts: a body is left unread, whatever it is.
    ``inside`` are hosts, with their port unless it is 80 or 443, that the owner of the service has
    named: only they may be on another network than the Internet, or at another port.
    """

    seconds: float = 5.0
    most: int = 1024 * 1024
    inside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """What came back. Nothing of it is for a visitor's eyes."""

    status: int
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # names in lower case

    @property
    def etag(self) -> str | None:
        """The version that this is."""
        return next(iter(self.said("etag")), None)

    @property
    def kind(self) -> str:
        """The media type, without what follows it; empty where none is said."""
        said = next(iter(self.said("content-type")), "")
        return said.partition(";")[0].strip().lower()

    def said(self, name: str) -> list[str]:
        """What the headers of this name say, none of them empty."""
        return [value for known, value in self.headers if known == name and value]


def post(url: str, body: bytes, *, headers: Mapping[str, str], limits: Limits) -> Answer:
    """Send a body to an address. A redirect is an answer like another. Raises Unreachable."""
    return _ask("POST", url, body, headers=headers, limits=limits)


def get(url: str, *, headers: Mapping[str, str], limits: Limits) -> Answer:
    """What is at an address. A redirect is an answer like another. Raises Unreachable."""
    return _ask("GET", url, None, headers=headers, limits=limits)


def follow(url: str, *, headers: Mapping[str, str], limits: Limits) -> tuple[str, Answer]:
    """What is at an address, or at the one that it leads on to; and that address.

    Each is looked at as the first one, and all together have the time of one. Raises Unreachable.
    """
    deadline = time.monotonic() + limits.seconds
    for _ in range(MOST_REDIRECTS + 1):
        left = replace(limits, seconds=max(0.0, deadline - time.monotonic()))
        answer = _ask("GET", url, None, headers=headers, limits=left)
        onward = answer.said("location") if answer.status in _ONWARD else []
        if not onward:
            return url, answer
        try:
            url = urljoin(url, onward[0])
        except ValueError:
            raise Unreachable("it leads on to an address that is not usable") from None
    raise Unreachable("it leads on and on to other addresses")


def _ask(
    method: str, url: str, body: bytes | None, *, headers: Mapping[str, str], limits: Limits
) -> Answer:
    deadline = time.monotonic() + limits.seconds
    try:
        parts = urls.split(url)
    except BadUrl as refusal:
        raise Unreachable(f"the address is not usable ({refusal})") from None
    with _told(parts.place, limits):
        found = _resolved(parts, limits, deadline)
        door = _Door(found, deadline, most=limits.most + _HEADS)
        target = httpcore.URL(
            scheme=parts.scheme,
            host=parts.host.strip("[]"),
            port=_port(parts),
            target=parts.path + (f"?{parts.query}" if parts.query else ""),
        )
        sent = {
            "Host": parts.origin.partition("//")[2],
            "User-Agent": _NAME,
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **headers,
        }
        with (
            httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=door) as pool,
            pool.stream(method, target, headers=list(sent.items()), content=body) as response,
        ):
            said = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1").strip())
                for name, value in response.headers
            )
            came = _read(response, limits.most) if limits.most else b""
            return Answer(response.status, came, said)


@contextmanager
def _told(host: str, limits: Limits) -> Iterator[None]:
    """Every fault on the way as one kind, in words that name the host alone."""
    try:
        yield
    except TimeoutError:
        raise Unreachable(f"{host} gave no whole answer within {limits.seconds:g} s") from None
    except Unreachable as fault:
        raise Unreachable(f"{host} {fault}") from None
    except _FAULTS as fault:
        raise Unreachable(f"{host} cannot be spoken with: {_kind_of(fault)}") from None


def _kind_of(fault: BaseException) -> str:
    # Never the text of a fault: some repeat what was sent, or what a stranger's server wrote.
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "its certificate does not stand the test"
    return type(fault).__name__


def _port(parts: urls.Parts) -> int:
    return parts.port or _USUAL[parts.scheme]


def _resolved(parts: urls.Parts, limits: Limits, deadline: float) -> list[Address]:
    """The addresses that the name has now, all of them allowed. Raises Unreachable."""
    port, is_named = _port(parts), parts.place in limits.inside
    if port not in PORTS and not is_named:
        raise Unreachable(f"is at port {port}, which is not opened for it")
    host = parts.host.strip("[]")
    try:
        rows = _in_time(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), deadline)
    except (socket.gaierror, UnicodeError):
        raise Unreachable("is not known by this name") from None
    found = [known for row in rows if (known := addresses.parse(str(row[4][0])))]
    if not found or (not is_named and not all(map(addresses.leads_outside, found))):
        raise Unreachable("leads to an address that is not on the Internet")
    return list(dict.fromkeys(found))


def _in_time(look: Callable[[], T], deadline: float) -> T:
    """Do what cannot be stopped in a thread that is left behind when time is up."""
    came: list[T | BaseException] = []

    def run() -> None:
        try:
            came.append(look())
        except BaseException as fault:  # raised again where it is awaited
            came.append(fault)
        finally:
            _LOOKS.release()

    if not _LOOKS.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise TimeoutError
    thread = threading.Thread(target=run, name="afterword-resolve", daemon=True)
    try:
        thread.start()
    except BaseException:
        _LOOKS.release()
        raise
    thread.join(max(0.0, deadline - time.monotonic()))
    if not came:
        raise TimeoutError
    if isinstance(came[0], BaseException):
        raise came[0]
    return came[0]


def _read(response: httpcore.Response, most: int) -> bytes:
    """The body, taken apart no further than it may be long. Raises Unreachable."""
    said = {name.lower(): value.strip().lower() for name, value in response.headers}
    coding = said.get(b"content-encoding", b"")
    if coding not in {b"", b"identity", b"gzip"}:
        raise Unreachable("answered in an encoding that was not asked for")
    body = bytearray()
    for piece in _pieces(response.iter_stream(), is_packed=coding == b"gzip", most=most):
        body += piece
        if len(body) > most:
            raise Unreachable(f"answered with more than {most:,} bytes")
    return bytes(body)


def _pieces(came: Iterable[bytes], *, is_packed: bool, most: int) -> Iterator[bytes]:
    if not is_packed:
        yield from came
        return
    unpacked = zlib.decompressobj(wbits=31)
    for piece in came:
        # One byte more than is allowed is enough to know: the rest of a bomb is never unpacked.
        yield unpacked.decompress(piece, most + 1)
    if not unpacked.eof:
        raise Unreachable("ended before its answer did")


class _Door(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, whatever the name may lead to by now."""

    def __init__(self, found: list[Address], deadline: float, *, most: int) -> None:
        self._found, self._deadline, self._most = found, deadline, most

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - resolved already
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is ours
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Any = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """A connection to the first of the addresses that takes one."""
        fault: OSError = OSError("no address")
        for tried, address in enumerate(self._found):
            # A dead address must not use up the time of those behind it.
            share = _left(self._deadline) / (len(self._found) - tried)
            try:
                return _Stream(_dial(address, port, share), self._deadline, most=self._most)
            except OSError as error:
                fault = error
        raise fault


def _dial(address: Address, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    dialled = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialled.settimeout(seconds)
        dialled.connect((str(address), port))
    except BaseException:
        dialled.close()
        raise
    return dialled


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the same moment, however slowly bytes come."""

    def __init__(self, dialled: socket.socket, deadline: float, *, most: int) -> None:
        self._socket, self._deadline, self._most = dialled, deadline, most

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        self._socket.settimeout(_left(self._deadline))
        came = self._socket.recv(min(max_bytes, _CHUNK))
        self._most -= len(came)
        if self._most < 0:
            raise Unreachable("sends more than it may")
        return came

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(buffer)  # its timeout is for the whole, not for each part

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        self._socket.settimeout(_left(self._deadline))
        try:
            self._socket = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except BaseException:
            self._socket.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - nobody is told anything
        return None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Settled(ssl.SSLContext):
    """One that all threads connect by, so that nothing may change it while another connects
    (https://docs.python.org/3/library/ssl.html#ssl.SSLContext)."""

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """What httpcore says at each connection is said already."""


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Whom we believe: the system's authorities and those of the certifi package."""
    context = _Settled(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = ssl.create_default_context().verify_flags  # more from Python 3.13 on
    context.load_default_certs()  # heeds SSL_CERT_FILE, for an authority of one's own
    context.load_verify_locations(certifi.where())
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    return context
