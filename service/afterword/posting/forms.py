"""Form tokens: that a comment was written in our form, and since when. No row, no cookie."""

from __future__ import annotations

from itsdangerous import BadData

from afterword.core import clock, signing

PURPOSE = "form"
UNKNOWN = 60.0


def token(site_id: int, page_key: str) -> str:
    """A token for a form that is opened now on this page."""
    opened = int(clock.now().timestamp() * 1000)
    return str(signing.tokens(PURPOSE).dumps([site_id, page_key, opened]))


def age(token: str | None, *, site_id: int, page_key: str) -> float | None:
    """Seconds since the form was opened; None for a token that is missing, forged or foreign.

    Where the clock was set back meanwhile, nobody knows: then it counts as a minute.
    """
    if not token:
        return None
    try:
        held_site, held_key, opened = signing.tokens(PURPOSE).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    if (held_site, held_key) != (site_id, page_key):
        return None
    elapsed = float(clock.now().timestamp() - opened / 1000)
    return elapsed if elapsed >= 0 else UNKNOWN
