"""Nodes that know of each other only what database and Redis say agree at once."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest

from tests import running
from tests.cluster.conftest import NODES, TOLD
from tests.conftest import BLOG

pytestmark = pytest.mark.slow


def ask(node, method, path, body=None, *, client="127.0.0.1"):
    place = urlsplit(node.url)
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
    told = {"Origin": BLOG, "X-Forwarded-For": client}
    if body is not None:
        told["Content-Type"] = "application/json"
    connection.request(method, path, json.dumps(body) if body is not None else None, told)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, json.loads(said) if said.startswith(b"{") else said


def post(node, page, text="Good morning.", **more):
    client = more.pop("client", "127.0.0.1")
    body = {"url": f"{BLOG}/{page}", "text": text, "author": {"name": "Ada"}, **more}
    return ask(node, "POST", "/api/v1/comments", body, client=client)


def count(node, page):
    url = quote(f"{BLOG}/{page}", safe="")
    return ask(node, "GET", f"/api/v1/thread?url={url}")[1]["page"]["count"]


def test_what_one_node_took_the_others_show_at_once(cluster):
    for number in range(9):
        assert post(cluster.nodes[number % NODES], "agree")[0] == 201
        began = time.monotonic()
        while {count(node, "agree") for node in cluster.nodes} != {number + 1}:
            assert time.monotonic() - began < 1, "a node shows what was there before"


def test_a_stream_of_one_node_tells_what_another_took(cluster):
    first, second = cluster.nodes[:2]
    assert post(first, "told")[0] == 201
    url = quote(f"{BLOG}/told", safe="")
    with socket.create_connection(("127.0.0.1", urlsplit(first.url).port), timeout=10) as stream:
        words = f"GET /api/v1/stream?url={url} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        stream.sendall(words.encode())
        said = stream.recv(65536)
        began = time.monotonic()
        assert post(second, "told", "From another node.")[0] == 201
        while b"From another node." not in said:
            said += stream.recv(65536)
        assert time.monotonic() - began < 3


def test_a_site_that_is_changed_by_a_command_is_changed_on_all_nodes_within_a_second(cluster):
    words = ("sites", "set", "blog.example", "name=Another name")
    said = running.command(cluster.folder / "node-2" / "data", *words, **cluster.told)
    assert said.returncode == 0, said.stderr
    began = time.monotonic()
    url = quote(f"{BLOG}/agree", safe="")
    while any(
        ask(node, "GET", f"/api/v1/thread?url={url}")[1]["site"]["name"] != "Another name"
        for node in cluster.nodes
    ):
        assert time.monotonic() - began < 2


def test_a_limit_holds_over_all_nodes_together(cluster):
    """Previews: 30 a minute for one client."""
    statuses = Counter(
        ask(
            cluster.nodes[number % NODES],
            "POST",
            "/api/v1/preview",
            {"text": "Hello.", "url": f"{BLOG}/agree"},
            client="198.51.100.77",
        )[0]
        for number in range(45)
    )
    assert statuses == {200: 30, 429: 15}


def test_every_job_is_done_by_one_node_and_once(cluster):
    letters = cluster.mail.letters
    letters.clear()
    addresses = [f"reader-{number}@example.org" for number in range(12)]
    with ThreadPoolExecutor(6) as together:
        statuses = list(
            together.map(
                lambda one: post(
                    cluster.nodes[one % NODES],
                    "jobs",
                    f"Number {one}.",
                    author={"name": "Ada", "email": addresses[one]},
                    notify="replies",
                    client=f"198.51.100.{one + 1}",
                )[0],
                range(len(addresses)),
            )
        )
    assert statuses == [201] * len(addresses)
    cluster.mail.wait_for(len(addresses))
    # A second mail to anybody would have been on its way with the first: all jobs are done by now.
    until = time.monotonic() + 20
    while _jobs(cluster):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert Counter(letter["To"] for letter in letters) == dict.fromkeys(addresses, 1)


def _jobs(cluster):
    import psycopg

    with psycopg.connect(cluster.database.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT count(*) FROM jobs").fetchone()[0]


def test_the_proxy_asks_every_node(cluster):
    before = [_answered(node) for node in cluster.nodes]
    for _ in range(10 * NODES):
        with urllib.request.urlopen(f"{cluster.proxy.url}/healthz", context=cluster.proxy.trust):
            pass
    came = [_answered(node) - was for node, was in zip(cluster.nodes, before, strict=True)]
    assert sum(came) == 10 * NODES
    assert min(came) > 0, came


def _answered(node):
    """How many requests for /healthz this node has counted."""
    told = {"Authorization": f"Bearer {TOLD['metrics_token']}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{node.url}/metrics", headers=told)
    ) as said:
        text = said.read().decode()
    counted = r'^afterword_requests_total\{.*route="/healthz".*\} ([0-9.]+)$'
    return sum(float(number) for number in re.findall(counted, text, re.MULTILINE))
