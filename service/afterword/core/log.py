"""Log lines as JSON, one an event: no comment's text, no token, no address of a reader."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from afterword.core import clock


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": clock.text(clock.now()),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start(level: str) -> None:
    """Send every log record to standard error as one JSON line (json escapes CR, LF and ESC)."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    # It tells at each look which database it sees; what it changes is told where that is done.
    logging.getLogger("alembic").setLevel(logging.WARNING)
