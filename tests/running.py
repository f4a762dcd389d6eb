"""A service that really runs: ``afterword serve`` in a process of its own, as an owner runs it."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests import databases, hatchery
from tests.hatchery import Hatched

START_SECONDS = 30
_MODELS = tempfile.TemporaryDirectory(prefix="afterword-models-")


Process = subprocess.Popen[str] | Hatched
# Under pytest, commands and services begin where their imports end (``hatchery``); measured is what
# an owner starts.
hatches = False


@dataclass
class Service:
    """A running service: where it is, and the process group it can be killed by."""

    url: str
    data: Path
    process: Process

    def kill(self) -> None:
        """As the kernel or a power cut does it: at once, without a word, all processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As an owner does it (SIGTERM); answers the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)


def free_port() -> int:
    """A port that nobody listens on, now and after the service was killed and starts again.

    None of those that the system gives to connections: one of another test could be given it
    meanwhile, or a client that waits for the service could reach itself.
    """
    while True:
        port = random.randrange(10_240, 32_768)
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


def environment(data: Path, **settings: str) -> dict[str, str]:
    """This environment, without settings of its own and with these (``form_checks="off"``)."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")}
    kept = {} if "database_url" in settings else databases.settings(data)
    told = {f"AFTERWORD_{name.upper()}": value for name, value in settings.items()}
    return {**base, "AFTERWORD_DATA": str(data), **kept, **told}


def command(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one ``afterword`` command to its end."""
    if hatches:
        return hatchery.run(words, env=environment(data, **settings))
    return subprocess.run(
        [sys.executable, "-m", "afterword", *words],
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        check=False,
    )


def installed(data: Path, origin: str, *, name: str = "") -> None:
    """Lay out a data folder for a site, as ``init`` does it: for the first of its kind by that
    command, for all others by a copy."""
    model = _model(origin, name)
    shutil.copytree(model, data)
    databases.copy(model, data)


@cache
def _model(origin: str, name: str) -> Path:
    data = Path(_MODELS.name) / uuid.uuid4().hex
    made = command(data, "init", "--site-origin", origin, *(["--site-name", name] if name else []))
    assert made.returncode == 0, made.stderr
    return data


@contextmanager
def serving(
    data: Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    verb: str = "serve",
    python: str = sys.executable,
    workers: int = 1,
    **settings: str,
) -> Iterator[Service]:
    """Run the service until the block ends; its output goes to ``service.log`` beside the data.

    ``python`` is the interpreter that has it installed.
    """
    port = port or free_port()
    data.parent.mkdir(parents=True, exist_ok=True)
    process = _begun(
        [verb, "--host", host, "--port", str(port)],
        workers,
        python,
        environment(data, **settings),
        data.parent / "service.log",
    )
    # By name for IPv4: pages in a browser are at localhost, which counts as secure.
    place = f"[{host}]" if ":" in host else "localhost"
    service = Service(f"http://{place}:{port}", data, process)
    try:
        wait_until_ready(service, host, port)
        yield service
    finally:
        if process.poll() is None:
            service.kill()


def _begun(words: list[str], workers: int, python: str, env: dict[str, str], log: Path) -> Process:
    # Several workers agree on where to count before anything is imported.
    if hatches and workers == 1 and python == sys.executable:
        return hatchery.begin(words, env=env, out=log, err=log)
    more = ["--workers", str(workers)] if workers > 1 else []
    with log.open("a", encoding="utf-8") as said:
        return subprocess.Popen(
            [python, "-m", "afterword", *words, *more],
            env=env,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def wait_until_ready(service: Service, host: str, port: int) -> None:
    """Return when the service answers; fail with its own words when it does not come up."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if service.process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection(host, port, timeout=1)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    log = (service.data.parent / "service.log").read_text(encoding="utf-8")
    raise AssertionError(f"the service did not come up:\n{log[-3000:]}")


def wait_until(is_so: Callable[[], object]) -> None:
    """Return when a service shows what was done beside it."""
    until = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def wait_until_open(port: int) -> None:
    """Return when something listens on a port of this machine."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on port {port}")
