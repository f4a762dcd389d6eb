"""The proxies of ``deploy/``, run for real from the very files that owners copy.

Only what differs on each machine is put in: name and port, certificate, the service; and the folder
of what is kept, so that no test reads what another one left.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests import running

HERE = Path(__file__).parent
DEPLOY = HERE.parent / "deploy"
NAME = "comments.example.org"
# As root, nginx would give its workers to a user who may not write in a test's folder.
USER = "user root;" if os.geteuid() == 0 else ""
# What stands around the file in nginx.conf, as it does on Debian, with folders of our own.
AROUND = """
{user} daemon off; pid {folder}/pid; error_log {folder}/error.log warn; worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/afterword.conf;
}}
"""


CACHE = "/var/cache/afterword-nginx"


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it is, and what trusts its certificate."""

    port: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


@contextmanager
def nginx(folder: Path, services: Sequence[int]) -> Iterator[Proxy]:
    """Run ``deploy/nginx`` in front of services at these ports until the block ends."""
    trust, certificate, key = _certificate(folder)
    port = running.free_port()
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=1s;" for one in services)
    changes = {
        CACHE: f"{folder}/cache",
        "server 127.0.0.1:8000 max_fails=1 fail_timeout=1s;": servers,
        **_of_this_machine(port, certificate, key),
        NAME: "localhost",
    }
    with _running(_nginx(folder, changes), port, folder=folder):
        yield Proxy(port, trust)


def nginx_tries(folder: Path) -> subprocess.CompletedProcess[str]:
    """``nginx -t`` of ``deploy/nginx``, as it is but for certificates and ports."""
    _, certificate, key = _certificate(folder)
    words = _nginx(folder, _of_this_machine(running.free_port(), certificate, key))
    return subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)


def _nginx(folder: Path, changes: dict[str, str]) -> list[str]:
    text = (DEPLOY / "nginx" / "afterword.conf").read_text(encoding="utf-8")
    (folder / "afterword.conf").write_text(_changed(text, changes), encoding="utf-8")
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(user=USER, folder=folder), encoding="utf-8")
    return [_program("install-nginx.sh"), "-c", str(config), "-e", "stderr"]


def _of_this_machine(port: int, certificate: Path, key: Path) -> dict[str, str]:
    plain = running.free_port()
    return {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen [::]:80;": f"listen [::1]:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen [::]:443 ssl http2;": f"listen [::1]:{port} ssl http2;",
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(certificate),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(key),
    }


@contextmanager
def caddy(folder: Path, services: Sequence[int]) -> Iterator[Proxy]:
    """Run ``deploy/caddy`` in front of services at these ports until the block ends."""
    trust, certificate, key = _certificate(folder)
    port = running.free_port()
    text = _changed(
        (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8"),
        {
            # No port 80, no other program's administration, no authority on the Internet.
            "{\n\tservers": "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers",
            f"\n{NAME} {{": f"\nhttps://localhost:{port} {{\n\ttls {certificate} {key}",
            "127.0.0.1:8000": " ".join(f"127.0.0.1:{one}" for one in services),
        },
    )
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    words = [_program("install-caddy.sh"), "run", "--config", str(folder / "Caddyfile")]
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running([*words, "--adapter", "caddyfile"], port, folder=folder, **homes):
        yield Proxy(port, trust)


def caddy_reads(file: Path) -> dict[str, Any]:
    """A file as Caddy itself understands it."""
    words = [_program("install-caddy.sh"), "adapt", "--adapter", "caddyfile", "--config", str(file)]
    told = {**os.environ, "AFTERWORD_HOST": NAME}
    done = subprocess.run(words, env=told, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _changed(text: str, changes: dict[str, str]) -> str:
    """The file with these words in place of those, each of which has to be there."""
    for found, put in changes.items():
        assert found in text, found
        text = re.sub(re.escape(found), lambda _, put=put: put, text)
    return text


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path, Path]:
    """An authority that lives as long as a test, what trusts it, and a certificate of localhost."""
    folder.mkdir(exist_ok=True)
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(b"".join(part.bytes() for part in made.cert_chain_pems))
    made.private_key_pem.write_to_path(str(key))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust, certificate, key


def _program(script: str) -> str:
    found = subprocess.run(
        ["bash", str(HERE / script)], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@contextmanager
def _running(words: list[str], port: int, *, folder: Path, **environment: str) -> Iterator[None]:
    said = folder / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            words, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            running.wait_until_open(port)
            yield
        except AssertionError as error:
            error.add_note(said.read_text(encoding="utf-8")[-2000:])
            raise
        finally:
            process.terminate()
            process.wait()
