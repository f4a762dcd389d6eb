"""What the addresses mean that a built page has in its tags."""

from __future__ import annotations

from urllib.parse import urljoin

from afterword.core import urls
from afterword.core.errors import BadUrl


def resolved(written: str | None, at: str) -> urls.Parts | None:
    """An address as a browser reads it on the page at ``at``; None for what is none."""
    if not written:
        return None
    try:
        return urls.split(urljoin(at, written.strip().replace(" ", "%20")))
    except (BadUrl, ValueError):
        return None
