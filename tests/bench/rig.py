"""What is measured and what it is measured beside, each as one process on a port of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import running
from tests.bench import drive

NGINX = """
{user}daemon off; pid {folder}/pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  open_file_cache max=10;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      root {folder}; default_type application/json; add_header Content-Encoding br;
      add_header Cache-Control "public, max-age=0, s-maxage=10";
    }}
  }}
}}
"""


@contextmanager
def hello() -> Iterator[str]:
    """A Flask route that returns "hello", under gunicorn's gevent worker."""
    with _gunicorn("tests.bench.hello:app") as url:
        yield url


@contextmanager
def plain(data: Path) -> Iterator[str]:
    """The service without its front, under the same worker."""
    with _gunicorn("tests.bench.plain:app", running.environment(data)) as url:
        yield url.rstrip("/")


@contextmanager
def nginx(folder: Path, body: bytes) -> Iterator[str]:
    """An nginx that sends these bytes, packed already, as a file."""
    # As root, nginx would give its worker to a user who may not read the folder.
    port, user = running.free_port(), "user root;\n" if os.geteuid() == 0 else ""
    folder.mkdir()
    (folder / "thread").write_bytes(body)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(user=user, folder=folder, port=port), encoding="utf-8")
    process = subprocess.Popen([str(drive.find("nginx")), "-c", str(config), "-e", "stderr"])
    try:
        running.wait_until_open(port)
        yield f"http://127.0.0.1:{port}/thread"
    finally:
        process.terminate()
        process.wait()


def memory(master: int) -> dict[str, int]:
    """Proportional set size of each process of a service, in MiB."""
    found = {}
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    for name, pid in (("master", str(master)), *(("worker", child) for child in children)):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        pss = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        found[name] = int(pss[1]) // 1024 if pss else 0
    return found


@contextmanager
def _gunicorn(app: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    port = running.free_port()
    words = ["-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}", app]
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL, env=environment)
    try:
        running.wait_until_open(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()
