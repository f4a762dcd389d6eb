"""Serve under gunicorn: migrate, say where things are, answer until told to stop."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import logging
import os
import resource
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gasgi import ASGIWorker

from afterword.core import faults, log, metrics
from afterword.core.config import Settings, WrongSetting

GRACE_SECONDS = 8
# How long a thread that renders may keep the event loop from handing out what is ready.
SWITCH_SECONDS = 0.0005

Application = Callable[..., Any]  # ASGI 3: (scope, receive, send)


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's own words through our log, so that there is one format."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002 - the base class names it
        self.error_log = logging.getLogger("gunicorn.error")
        self.access_log = logging.getLogger("gunicorn.access")
        self.error_log.setLevel(logging.WARNING)


class _Worker(ASGIWorker):  # type: ignore[misc]
    """An event loop that hands out what is ready and holds slow clients and streams.

    Behind it are threads in which Flask may wait for SQLite or argon2.
    """

    def handle_exit_signal(self) -> None:
        """A stream never ends by itself: it would be waited for until there is no more patience."""
        self.asgi.end_streams()
        super().handle_exit_signal()


class _Service(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any], make_app: Callable[[], Application]) -> None:
        self._options = options
        self._make_app = make_app
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        app = self._make_app()
        gc.freeze()  # what stays for good need not be looked through again and again
        return app


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to listen, and with how many processes."""

    host: str
    port: int
    workers: int = 1


def refuse_taken(place: Place) -> None:
    """Raises WrongSetting where nobody can listen, or somebody does already.

    Two services at one port would each get half of the readers: the system lets all of one user
    in who want to share it (SO_REUSEPORT, socket(7)), and workers do.
    """
    where = f"{place.host}, port {place.port}"
    kind = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as tried:
        # Connections of a service that has just stopped are in nobody's way.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((place.host, place.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise WrongSetting(
                    f"Something listens at {where}, already: stop it, or say another --port."
                ) from None
            raise WrongSetting(f"Nobody can listen at {where}: {error.strerror}.") from None


def serve(
    settings: Settings,
    place: Place,
    *,
    make_app: Callable[[], Application],
    ready: Callable[[], None],
) -> None:
    """Answer requests at this place until SIGTERM, which lets those in flight finish.

    ``make_app`` is called in each worker, ``ready`` once the port is open. Raises WrongSetting
    when several workers would each keep limits of their own, or an extra is missing.
    """
    if place.workers > 1 and not settings.redis_url:
        raise WrongSetting(
            f"--workers {place.workers} needs AFTERWORD_REDIS_URL: without it each process would "
            "count rate limits by itself. One process with --workers 1 needs nothing."
        )
    os.umask(0o077)
    log.start(settings.log_level)
    faults.start(settings)
    _spare_memory()
    _allow_files()
    sys.setswitchinterval(SWITCH_SECONDS)
    options = {
        "bind": f"[{place.host}]:{place.port}"
        if ":" in place.host
        else f"{place.host}:{place.port}",
        "worker_class": _Worker,
        "workers": place.workers,
        "asgi_lifespan": "on",
        # Keep-alive connections would crowd on one of several workers otherwise.
        "reuse_port": place.workers > 1,
        "graceful_timeout": GRACE_SECONDS,
        "timeout": 60,
        "keepalive": 15,
        "limit_request_line": 8190,
        "limit_request_fields": 64,
        # Proxies are judged by AFTERWORD_TRUSTED_PROXIES alone, request by request.
        "forwarded_allow_ips": "",
        "logger_class": _Log,
        "when_ready": lambda _: ready(),
        "control_socket_disable": True,
    }
    if metrics.FOLDER in os.environ:
        options["child_exit"] = lambda _, worker: metrics.forget_process(worker.pid)
    _Service(options, make_app).run()


def _allow_files() -> None:
    """As many open files as this user may have: each open stream is one, and 1,024 is common."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _spare_memory() -> None:
    """Make a worker a third smaller: two heaps, where glibc would give each thread its own.

    See mallopt(3), M_ARENA_MAX.
    """
    with contextlib.suppress(OSError, AttributeError):  # another system, another library
        ctypes.CDLL(None).mallopt(-8, 2)
