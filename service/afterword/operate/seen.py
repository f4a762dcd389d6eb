"""How a request of ours looks when it has come through the proxy: asked by the doctor, told by us.

The question carries a signed word, so that nobody else is told by whom he is seen.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from afterword.core import clock, fetch, signing
from afterword.core.config import Settings
from afterword.core.fetch import Limits, Unreachable

PATH: Final = "/healthz"
HEADER: Final = "Afterword-Look"
_PURPOSE: Final = "doctor"
_LIFE: Final = 60  # seconds


def ask(settings: Settings) -> Mapping[str, Any] | None:
    """What the service behind its public address says; None when something else answers there.

    Raises Unreachable.
    """
    word = _word(settings, int(clock.now().timestamp()), secrets.token_hex(8))
    inside = frozenset({urlsplit(settings.public_url).netloc})
    limits = Limits(seconds=5.0, most=4096, inside=inside)
    answer = fetch.get(settings.public_url + PATH, headers={HEADER: word}, limits=limits)
    try:
        said = json.loads(answer.body)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "client" in said else None


def is_asked(settings: Settings, word: str) -> bool:
    """Whether a request was sent by ``ask`` a moment ago, by somebody who has our keys."""
    moment, _, rest = word.partition(".")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return False
    salt = rest.partition(".")[0]
    is_ours = hmac.compare_digest(word.encode(), _word(settings, int(moment), salt).encode())
    return is_ours and abs(clock.now().timestamp() - int(moment)) < _LIFE


def _word(settings: Settings, moment: int, salt: str) -> str:
    key = signing.ring(settings)[0]
    message = f"{_PURPOSE} {moment} {salt}".encode()
    return f"{moment}.{salt}.{hmac.new(key.encode(), message, 'sha256').hexdigest()}"


__all__ = ["HEADER", "PATH", "Unreachable", "ask", "is_asked"]
