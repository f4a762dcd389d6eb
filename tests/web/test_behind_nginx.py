"""A real nginx with a cache in front: it keeps one copy for all readers, and lets it go in time."""

from __future__ import annotations

import email.message
import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import running

BLOG = "https://blog.example"
INSTALL = Path(__file__).parent.parent / "install-nginx.sh"
# As root, nginx would give its workers to a user who may not write in a test's folder.
USER = "user root;\n" if os.geteuid() == 0 else ""
CONFIG = """
{user}daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=threads:1m use_temp_path=off;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_cache threads; proxy_cache_revalidate on;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[str]:
    """The address of nginx, in front of a service whose threads may be kept for one second."""
    found = subprocess.run(["bash", INSTALL], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    nginx = found.stdout.strip()
    data, port = tmp_path / "data", running.free_port()
    off = {"form_checks": "off", "rate_limits": "off", "shared_cache_seconds": "1"}
    running.installed(data, BLOG)
    with running.serving(data, stale_seconds="0", **off) as service:
        upstream = service.url.rpartition(":")[2]
        config = tmp_path / "nginx.conf"
        config.write_text(CONFIG.format(user=USER, folder=tmp_path, port=port, upstream=upstream))
        process = subprocess.Popen([nginx, "-c", str(config), "-e", "stderr"])
        try:
            running.wait_until_open(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def ask(url: str, *, body: object = None, **headers: str) -> tuple[email.message.Message, dict]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = json.dumps(body).encode() if body else None
    if sent:
        named |= {"Content-Type": "application/json", "Origin": BLOG}
    request = urllib.request.Request(url, data=sent, headers=named)
    with urllib.request.urlopen(request) as answer:
        return answer.headers, json.load(answer)


def post(proxied: str, text: str) -> None:
    body = {"url": f"{BLOG}/a", "text": text, "author": {"name": "Ada"}}
    ask(f"{proxied}/api/v1/comments", body=body)


def test_readers_of_any_origin_share_one_copy_and_writes_pass_through(proxied):
    thread = f"{proxied}/api/v1/thread?url={BLOG}/a"
    post(proxied, "First.")
    first, _ = ask(thread, Origin="https://one.example")
    second, body = ask(thread, Origin="https://two.example")
    assert (first["X-Cache"], second["X-Cache"]) == ("MISS", "HIT")
    assert second["Access-Control-Allow-Origin"] == "*"
    assert body["page"]["count"] == 1
    post(proxied, "Second.")
    seen = {ask(thread)[1]["page"]["count"]}
    while 2 not in seen:  # within the second that the service allows
        seen.add(ask(thread)[1]["page"]["count"])


def test_a_copy_that_still_stands_is_revalidated_without_its_body(proxied):
    thread = f"{proxied}/api/v1/thread?url={BLOG}/a"
    post(proxied, "First.")
    ask(thread)
    states = set()
    while "REVALIDATED" not in states:
        states.add(ask(thread)[0]["X-Cache"])
    assert states <= {"HIT", "REVALIDATED"}


def test_what_is_a_readers_own_is_never_kept(proxied):
    post(proxied, "First.")
    for path in ("form", "me/comments"):
        states = {ask(f"{proxied}/api/v1/{path}?url={BLOG}/a")[0]["X-Cache"] for _ in range(3)}
        assert states == {"MISS"}
