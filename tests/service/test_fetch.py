"""Nobody leads the service into its own network, keeps it waiting or fills its memory."""

from __future__ import annotations

import contextlib
import gzip
import io
import logging
import socket
import ssl
import threading
import time
import tracemalloc

import pytest

from afterword.core import addresses, fetch, log
from afterword.core.fetch import Limits, Unreachable
from tests.far import OUTSIDE, answer

FAR = "https://far.example/ask"
PATIENT = Limits(seconds=10, most=1000)
QUICK = Limits(seconds=0.6, most=1000)


def ask(url=FAR, body=b"{}", *, limits=PATIENT, **headers):
    return fetch.post(url, body, headers=headers, limits=limits)


def refused(url=FAR, *, limits=PATIENT):
    with pytest.raises(Unreachable) as caught:
        ask(url, limits=limits)
    return str(caught.value)


@pytest.mark.parametrize(("url", "port"), [(FAR, 443), ("http://far.example/ask?a=b", 80)])
def test_an_address_of_the_internet_is_asked_and_answers(internet, url, port):
    far = internet.serve("far.example", answer(b"yes"), port=port)
    came = ask(url, b"question", **{"X-Told": "1"})
    assert (came.status, came.body) == (200, b"yes")
    head, _, body = far.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST " + url.partition("example")[2].encode() + b" HTTP/1.1"
    assert {b"Host: far.example", b"X-Told: 1", b"Connection: close"} <= set(lines)
    assert body == b"question"
    assert far.names == (["far.example"] if port == 443 else [])


INSIDE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
    *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "224.0.1.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "0.1.2.3"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
    *("ff0e::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b::a9fe:a9fe"),
    *("2002:101:101::1", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:7f00:1::1"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:4136:e378:8000:63bf:f5ff:fffe"),
    *("2001:db8::1", "100::1", "4000::1", "5f00::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_but_the_internets_is_asked(internet, address):
    far = internet.serve("far.example", answer(), address=address)
    assert refused() == "far.example leads to an address that is not on the Internet"
    assert (internet.dialled, far.requests) == ([], [])


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "192.88.99.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"],
)  # fmt: skip
def test_what_is_on_the_internet_is_known_as_such(address):
    assert addresses.leads_outside(addresses.parse(address))


def test_one_address_inside_among_others_outside_is_enough_to_refuse(internet):
    internet.serve("far.example", answer())
    internet.lead("far.example", [OUTSIDE, "10.0.0.1"])
    assert "not on the Internet" in refused()
    internet.lead("far.example", ["10.0.0.1", OUTSIDE])
    assert "not on the Internet" in refused()
    assert internet.dialled == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:7f00:1]"],
)
def test_numbers_are_looked_at_however_they_are_spelled(internet, host):
    assert "not on the Internet" in refused(f"http://{host}/")
    assert internet.dialled == []


def test_the_name_is_asked_for_once_and_the_address_that_was_looked_at_is_dialled(internet):
    """DNS rebinding: the second answer would lead inside."""
    internet.serve("far.example", answer(b"outside"))
    inside = internet.serve("inside.example", answer(b"secret"), address="127.0.0.1")
    internet.lead("far.example", [OUTSIDE], ["127.0.0.1"])
    assert ask().body == b"outside"
    assert internet.resolved == ["far.example"]
    assert internet.dialled == [(OUTSIDE, 443)]
    assert "not on the Internet" in refused(), "and the next call looks anew"
    assert inside.requests == []


def test_the_dialling_itself_resolves_nothing(monkeypatch):
    """The one part that the tests above replace: it takes a number to the very same socket."""

    def fail(*_, **__):
        raise AssertionError("resolved again")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setattr(socket, "getaddrinfo", fail)
        port = listening.getsockname()[1]
        with fetch._dial(addresses.parse("127.0.0.1"), port, 1) as dialled:
            assert dialled.getpeername() == ("127.0.0.1", port)


def test_an_address_that_does_not_answer_leaves_time_for_the_next(internet):
    internet.serve("far.example", answer(b"yes"))
    internet.lead("far.example", ["1.0.0.1", OUTSIDE])
    assert ask().body == b"yes"
    assert internet.dialled == [("1.0.0.1", 443), (OUTSIDE, 443)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(internet, status):
    far = internet.serve("far.example", answer(status=status, location="http://127.0.0.1/"))
    assert ask().status == status
    assert (len(far.requests), internet.resolved) == (1, ["far.example"])


def follow(url=FAR, *, limits=PATIENT):
    return fetch.follow(url, headers={}, limits=limits)


def not_followed(url=FAR, *, limits=PATIENT):
    with pytest.raises(Unreachable) as caught:
        follow(url, limits=limits)
    return str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_who_follows_comes_to_where_an_address_leads_on_to(internet, status):
    internet.serve("far.example", answer(status=status, location="//new.example/b?c"))
    there = internet.serve("new.example", answer(b"here"), address="1.0.0.1")
    url, came = follow()
    assert (url, came.body, came.status) == ("https://new.example/b?c", b"here", 200)
    assert there.requests[0].startswith(b"GET /b?c ")


@pytest.mark.parametrize(
    "inside",
    ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/", "http://10.0.0.9/",
     "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://inside.example/",
     "https://far.example:22/", "file:///etc/passwd", "gopher://far.example/", "https://[1/"],
)  # fmt: skip
def test_no_address_leads_on_to_our_own_network(internet, inside):
    within = internet.serve("inside.example", answer(b"secret"), address="127.0.0.1", port=80)
    internet.serve("far.example", answer(status=302, location=inside))
    not_followed()
    assert within.requests == []
    assert all(address == OUTSIDE for address, _ in internet.dialled)


def test_who_follows_is_not_led_inside_by_a_name_that_changes_on_the_way(internet):
    """The first answer of the name lets the redirect out, the second would let it in."""
    internet.serve("far.example", answer(status=302, location="/again"))
    within = internet.serve("inside.example", answer(b"secret"), address="127.0.0.1")
    internet.lead("far.example", [OUTSIDE], ["127.0.0.1"])
    assert "not on the Internet" in not_followed()
    assert within.requests == []


def test_a_circle_is_left_after_five_turns(internet):
    far = internet.serve("far.example", answer(status=302, location=FAR))
    assert "leads on and on" in not_followed()
    assert len(far.requests) == 6


def test_the_turns_have_the_time_of_one_together(internet):
    def slowly(connection):
        threading.Event().wait(0.25)
        answer(status=302, location=FAR)(connection)

    internet.serve("far.example", slowly)
    begun = time.monotonic()
    assert "no whole answer" in not_followed(limits=QUICK)
    assert time.monotonic() - begun < 1.2


@pytest.mark.parametrize(
    "url",
    ["ftp://far.example/", "file:///etc/passwd", "gopher://far.example/", "//far.example/", "",
     "https://", "https://a:b@far.example/", "https://far.example\\@127.0.0.1/", "javascript:1",
     "https://far.example/\r\nHost: x", "https://far.example:0/", "https://far.example:99999/"],
)  # fmt: skip
def test_no_other_scheme_and_nothing_that_is_read_in_two_ways(internet, url):
    assert refused(url).startswith("the address is not usable")
    assert internet.resolved == []


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_the_ports_of_the_web_are_dialled(internet, port):
    internet.lead("far.example", [OUTSIDE])
    assert "which is not opened for it" in refused(f"http://far.example:{port}/")
    assert (internet.resolved, internet.dialled) == ([], [])


def test_what_the_owner_names_may_be_inside_and_at_its_own_port_but_at_no_other(internet):
    far = internet.serve("checker", answer(b"yes"), address="10.0.0.9", port=9000)
    named = Limits(seconds=10, inside=frozenset({"checker:9000"}))
    assert ask("http://checker:9000/", limits=named).body == b"yes"
    assert b"\r\nHost: checker:9000\r\n" in far.requests[0]
    assert "not opened" in refused("http://checker:9001/", limits=named)
    assert "not on the Internet" in refused("http://checker/", limits=named)
    internet.lead("other", ["10.0.0.9"])
    assert "not opened" in refused("http://other:9000/", limits=named)


def slowly(*pieces, pause=0.05):
    def respond(connection):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return respond


HEAD = b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n"


@pytest.mark.parametrize(
    "respond",
    [
        slowly(*[bytes([byte]) for byte in HEAD]),
        slowly(HEAD, *[b"x"] * 900),
        slowly(*[b"HTTP/1.1 100 X\r\n\r\n"] * 900),
        lambda _connection: time.sleep(2),
    ],
    ids=["head by bytes", "body by bytes", "interim answers without end", "silence"],
)
def test_a_trickle_ends_when_the_time_is_up(internet, respond):
    internet.serve("far.example", respond)
    started = time.monotonic()
    assert refused(limits=QUICK) == "far.example gave no whole answer within 0.6 s"
    assert 0.5 < time.monotonic() - started < 1.2


def test_a_server_that_never_shakes_hands_ends_when_the_time_is_up(internet):
    internet.serve("far.example", answer(), port=80)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        internet._stands[OUTSIDE, 443] = internet._stands[OUTSIDE, 80]
        internet._stands[OUTSIDE, 443].port = silent.getsockname()[1]
        assert "within 0.6 s" in refused(limits=QUICK)


def test_a_resolver_that_hangs_is_left_behind(internet, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: free.wait(20))
    started = time.monotonic()
    try:
        # More than there are places to wait in: those that find none do not wait longer either.
        for _ in range(10):
            assert "within 0.05 s" in refused(limits=Limits(seconds=0.05))
        assert time.monotonic() - started < 2
    finally:
        free.set()
    monkeypatch.setattr(socket, "getaddrinfo", internet.resolve)
    internet.serve("far.example", answer(b"yes"))
    assert ask(limits=Limits(seconds=5)).body == b"yes", "its places are free again"


@pytest.mark.parametrize("length", [True, False])
def test_an_answer_is_read_no_further_than_it_may_be_long(internet, length):
    sent = []

    def respond(connection):
        head = b"content-length: 99000000\r\n" if length else b""
        connection.sendall(b"HTTP/1.1 200 X\r\n" + head + b"\r\n")
        with contextlib.suppress(OSError):
            for _ in range(1000):
                connection.sendall(b"x" * 65536)
                sent.append(65536)

    internet.serve("far.example", respond, port=80)
    assert "answered with more than 1,000 bytes" in refused("http://far.example/")
    assert sum(sent) < 20_000_000


def test_an_answer_of_just_the_length_that_it_may_have_is_whole(internet):
    internet.serve("far.example", answer(b"x" * 1000))
    assert len(ask().body) == 1000


@pytest.mark.parametrize(
    "respond",
    [
        answer(b"x" * 200_000),
        answer(b"\x0b\x02", content_encoding="br"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
    ],
    ids=["long", "packed otherwise", "broken off"],
)
def test_who_wants_the_status_alone_gets_it_whatever_follows(internet, respond):
    internet.serve("far.example", respond)
    came = ask(limits=Limits(seconds=10, most=0))
    assert (came.status, came.body) == (200, b"")


def test_a_packed_answer_is_unpacked(internet):
    packed = gzip.compress(b"yes " * 200)
    internet.serve("far.example", answer(packed, content_encoding="gzip"))
    assert ask().body == b"yes " * 200
    internet.serve("far.example", answer(packed[:-9], content_encoding="gzip"))
    assert "ended before" in refused()
    internet.serve("far.example", answer(b"not packed", content_encoding="gzip"))
    assert "cannot be spoken with" in refused()
    for other in ("deflate", "br", "gzip, gzip"):
        internet.serve("far.example", answer(packed, content_encoding=other))
        assert "not asked for" in refused()


def test_a_bomb_is_not_unpacked(internet):
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as file:
        for _ in range(100):
            file.write(bytes(1024 * 1024))
    internet.serve("far.example", answer(bomb.getvalue(), content_encoding="gzip"), port=80)
    ask_small = Limits(seconds=5, most=64 * 1024)
    tracemalloc.start()
    try:
        assert "more than 65,536 bytes" in refused("http://far.example/", limits=ask_small)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_headers_without_end_are_not_read_to_their_end(internet):
    sent = []

    def respond(connection):
        connection.sendall(b"HTTP/1.1 200 X\r\n")
        with contextlib.suppress(OSError):
            for number in range(20_000):
                connection.sendall(b"x-%d: " % number + b"x" * 1000 + b"\r\n")
                sent.append(1000)

    internet.serve("far.example", respond)
    assert "far.example" in refused(limits=Limits(seconds=5))
    assert sum(sent) < 10_000_000


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc X\r\n\r\n",
        b"HTTP/1.1 200 X\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\nshort",
    ],
)
def test_what_is_no_answer_is_none(internet, said):
    internet.serve("far.example", lambda connection: connection.sendall(said))
    assert refused().startswith("far.example ")


def test_a_certificate_for_another_name_is_refused(internet):
    far = internet.serve("other.example", answer())
    internet.lead("far.example", [OUTSIDE])
    assert refused().endswith("its certificate does not stand the test")
    assert far.requests == []


def test_a_proxy_of_the_environment_is_not_asked(internet, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    internet.serve("far.example", answer(b"yes"))
    assert ask().body == b"yes"


def test_nothing_secret_is_logged_or_said_however_much_is_logged(internet, capfd):
    before = logging.getLogger().handlers[:], logging.getLogger().level
    log.start("DEBUG")
    try:
        internet.serve("far.example", answer(b"answer-text", x_far="header-text"))
        came = ask(FAR + "?key=in-the-address", b"in-the-body", Authorization="in-a-header")
        internet.serve("far.example", lambda connection: connection.sendall(b"answer-text"))
        said = refused(FAR + "?key=in-the-address") + repr(came)
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    said += "".join(capfd.readouterr())
    for secret in ("in-the-address", "in-the-body", "in-a-header", "answer-text", "header-text"):
        assert secret not in said


def test_no_connection_changes_what_all_threads_connect_by():
    context = fetch._trusted()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.verify_flags == ssl.create_default_context().verify_flags
    context.set_alpn_protocols(["h2"])
    sent = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="far.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    hello = sent.read()
    assert b"http/1.1" in hello
    assert b"\x02h2" not in hello
