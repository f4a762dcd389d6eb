"""Log lines as JSON, one an event: no comment's text, no token, no address of a reader."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from flask import has_request_context, request

from afterword.core import addresses, clock, config, ids
from afterword.core.config import Network

_REQUEST = "afterword.request"
_SHAPE = re.compile(r"[0-9A-Za-z._-]{8,64}\Z")


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": clock.text(clock.now()),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = request_id()
        line.update(getattr(record, "more", {}))
        if record.exc_info and record.exc_info[1]:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def words(error: BaseException) -> str:
    """What an exception says, where it speaks of the machine: others may quote what was sent."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, sqlite3.Error):
        return str(error)
    state = getattr(error, "sqlstate", None)
    return f"SQLSTATE {state}" if state else ""


def name(error: BaseException) -> str:
    """The kind of an exception as it is imported."""
    kind = type(error)
    is_built_in = kind.__module__ == "builtins"
    return kind.__qualname__ if is_built_in else f"{kind.__module__}.{kind.__qualname__}"


def chain(error: BaseException) -> list[BaseException]:
    """An exception and those that it came from, the first that happened first."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return found[::-1]


def request_id() -> str:
    """The name of the request that is answered: a trusted proxy's, where it sends X-Request-ID."""
    known: str | None = request.environ.get(_REQUEST)
    if known is None:
        said, peer = request.headers.get("X-Request-ID", ""), request.remote_addr or ""
        known = named(said, peer=peer, trusted=config.current().trusted_proxies)
        request.environ[_REQUEST] = known
    return known


def named(said: str, *, peer: str, trusted: Sequence[Network]) -> str:
    """A request's name: what its peer said, where that is one's and the peer is trusted."""
    is_believed = _SHAPE.match(said) and addresses.is_within(peer, trusted)
    return said if is_believed else ids.new()


def _trace(error: BaseException) -> str:
    return "\n".join(
        "".join(traceback.format_tb(one.__traceback__))
        + ": ".join(part for part in (name(one), words(one)) if part)
        for one in chain(error)
    )


def start(level: str) -> None:
    """Send every log record to standard error as one JSON line (json escapes CR, LF and ESC)."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    # It tells at each look which database it sees; what it changes is told where that is done.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It names the address of everyone who is over a limit.
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)
