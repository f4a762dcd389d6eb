"""The configurations in ``deploy/``, each tried with the proxy that it is for."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from urllib.parse import quote

import pytest
import yaml

from tests import proxies, running
from tests.conftest import BLOG, PAGE

THREAD = f"/api/v1/thread?url={quote(PAGE, safe='')}"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(request, tmp_path_factory):
    """A proxy in front of a service that believes it, as the comments in its file say."""
    folder = tmp_path_factory.mktemp(request.param)
    running.installed(folder / "data", BLOG)
    port = running.free_port()
    with getattr(proxies, request.param)(folder / "proxy", [port]) as proxy:
        told = {"public_url": proxy.url, "trusted_proxies": "127.0.0.1", "form_checks": "off"}
        told |= {"post_limit": "3 per minute", "log_requests": "on"}
        with running.serving(folder / "data", port=port, **told):
            yield proxy


@pytest.fixture
def ask(proxied):
    def send(method, path, body=None, *, source="127.0.0.1", **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPSConnection(
            "localhost",
            proxied.port,
            context=proxied.trust,
            timeout=20,
            source_address=(source, 0),
        )
        with contextlib.closing(connection):
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    return send


@pytest.fixture
def post(ask):
    def send(text="Good morning.", **headers):
        body = json.dumps({"url": PAGE, "text": text, "author": {"name": "Ada"}})
        told = {"Content-Type": "application/json", "Origin": BLOG, **headers}
        return ask("POST", "/api/v1/comments", body, **told)

    return send


def test_who_comes_by_ipv6_is_answered_too(proxied):
    with (
        socket.create_connection(("::1", proxied.port), timeout=20) as plain,
        proxied.trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_readers_are_counted_one_by_one_and_none_can_write_himself_another_address(post):
    client = "127.0.0.2"
    statuses = [
        post(f"Number {n}.", source=client, X_Forwarded_For=f"198.51.100.{n}")[0] for n in range(5)
    ]
    assert statuses == [201] * 3 + [429] * 2
    assert post("From somewhere else.", source="127.0.0.3")[0] == 201


def test_pages_know_that_they_are_read_by_https(ask):
    status, headers, _ = ask("GET", f"/thread?url={quote(PAGE, safe='')}")
    assert status == 200
    assert "Strict-Transport-Security" in headers


def test_threads_come_packed_and_are_not_sent_to_who_holds_them(ask):
    status, headers, body = ask("GET", THREAD, Accept_Encoding="br")
    assert (status, headers["Content-Encoding"]) == (200, "br")
    assert headers["Cache-Control"].startswith("public")
    again = ask("GET", THREAD, Accept_Encoding="br", If_None_Match=headers["ETag"])
    assert (again[0], again[2]) == (304, b"")
    assert len(body) > 50


def test_a_body_that_is_too_long_is_refused(post):
    assert post("x" * 70_000)[0] == 413


def test_each_request_has_a_name_that_the_proxy_chose(ask):
    names = {ask("GET", "/healthz")[1]["X-Request-ID"] for _ in range(3)}
    assert len(names) == 3
    assert {len(name) for name in names} & {32, 36}  # nginx's, Caddy's; ours have 13


def test_news_arrive_when_they_happen(proxied, post):
    with (
        socket.create_connection(("localhost", proxied.port), timeout=10) as plain,
        proxied.trust.wrap_socket(plain, server_hostname="localhost") as stream,
    ):
        words = f"GET /api/v1/stream?url={quote(PAGE, safe='')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        stream.sendall(words.encode())
        said = stream.recv(65536)
        assert said.startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert post("News.", source="127.0.0.4")[0] == 201
        while b"event: comment" not in said:
            said += stream.recv(65536)
        assert time.monotonic() - began < 3


def test_who_speaks_no_tls_gets_nothing_of_ours(proxied):
    connection = http.client.HTTPConnection("localhost", proxied.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", THREAD)
        assert connection.getresponse().status == 400


@pytest.mark.parametrize("proxied", ["nginx"], indirect=True)
def test_nginx_keeps_what_is_the_same_for_all_and_nothing_else(ask):
    ask("GET", f"{THREAD}&limit=7")
    assert ask("GET", f"{THREAD}&limit=7")[1]["X-Cache"] == "HIT"
    for path in (f"/api/v1/me/comments?url={quote(PAGE, safe='')}", "/admin/setup", "/healthz"):
        assert "X-Cache" not in ask("GET", path)[1]


def test_traefiks_files_name_each_other_rightly():
    """Debian does not have it, so it is not run here: each name that is used is defined, and each
    that is defined is used."""
    fixed, of_ours = (_of_traefik(name) for name in ("traefik.yml", "afterword.yml"))
    routers, entries = of_ours["http"]["routers"].values(), fixed["entryPoints"]
    assert fixed["providers"]["file"]["filename"] == "/etc/traefik/afterword.yml"
    assert {one["service"] for one in routers} == of_ours["http"]["services"].keys()
    asked = {name for one in routers for name in one["middlewares"]}
    assert asked == of_ours["http"]["middlewares"].keys()
    resolvers = fixed["certificatesResolvers"]
    assert {one["tls"]["certResolver"] for one in routers} == resolvers.keys()
    led = {entry["http"]["redirections"]["entryPoint"]["to"] for entry in _with(entries, "http")}
    challenged = {one["acme"]["httpChallenge"]["entryPoint"] for one in resolvers.values()}
    assert {name for one in routers for name in one["entryPoints"]} | led | challenged == set(
        entries
    )
    assert "buffering" not in str(of_ours)


def test_traefik_asks_addresses_that_are_there(app):
    (service,) = _of_traefik("afterword.yml")["http"]["services"].values()
    asked = service["loadBalancer"]["healthCheck"]["path"]
    assert asked in {rule.rule for rule in app.url_map.iter_rules()}
    assert asked != "/readyz", "without a database there would be no server to send what is ready"
    assert service["loadBalancer"]["passHostHeader"] is True


def _of_traefik(name):
    return yaml.safe_load((proxies.DEPLOY / "traefik" / name).read_text(encoding="utf-8"))


def _with(entries, part):
    return [entry for entry in entries.values() if part in entry]
