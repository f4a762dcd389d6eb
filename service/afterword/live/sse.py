"""Events as a stream spells them: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import json
import secrets
from typing import Any

MIMETYPE = "text/event-stream"
BEAT = b":\n\n"  # a comment: shows proxies that the stream lives, and us that its reader does
RETRY_SECONDS = range(3, 15)


def retry() -> bytes:
    """How long a browser waits before it asks again when the stream broke off.

    Each another while: after a restart thousands would come back in the same moment.
    """
    return b"retry: %d\n\n" % (secrets.choice(RETRY_SECONDS) * 1000 + secrets.randbelow(1000))


def event(name: str, data: dict[str, Any], *, id: int) -> bytes:
    """One event. A browser that comes back names the last ``id`` that it was given."""
    said = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"id: {id}\nevent: {name}\ndata: {said}\n\n".encode()
