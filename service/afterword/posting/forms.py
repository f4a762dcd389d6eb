"""Form tokens: that a comment was written in our form, since when and where. No row, no cookie."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadData

from afterword.core import addresses, clock, signing

PURPOSE = "form"
UNKNOWN = 60.0


@dataclass(frozen=True)
class Opened:
    """What a token tells of its form."""

    age: float | None = None  # seconds since it was opened; None without a valid token
    is_elsewhere: bool = False  # opened in another network than the comment comes from


def token(site_id: int, page_key: str, *, address: str | None = None) -> str:
    """A token for a form that is opened now on this page, from this address."""
    opened = int(clock.now().timestamp() * 1000)
    return str(signing.tokens(PURPOSE).dumps([site_id, page_key, opened, _mark(address)]))


def read(token: str | None, *, site_id: int, page_key: str, address: str | None = None) -> Opened:
    """What a token tells; nothing when it is missing, forged or another page's.

    Where the clock was set back meanwhile, nobody knows its age: then it counts as a minute.
    """
    if not token:
        return Opened()
    try:
        held_site, held_key, opened, mark = signing.tokens(PURPOSE).loads(token)
    except (BadData, ValueError, TypeError):
        return Opened()
    if (held_site, held_key) != (site_id, page_key):
        return Opened()
    elapsed, here = float(clock.now().timestamp() - opened / 1000), _mark(address)
    is_elsewhere = bool(mark and here and mark != here)
    return Opened(elapsed if elapsed >= 0 else UNKNOWN, is_elsewhere)


def digest(token: str | None) -> str | None:
    """What a form is known by when it is sent again: of what is signed alone.

    A signature is read whatever stands between its letters, so one form's token has any number of
    spellings.
    """
    return signing.digest(token.rpartition(".")[0]) if token else None


def _mark(address: str | None) -> str:
    """What tells networks apart, to nobody but us; empty where nothing does."""
    prefix = addresses.prefix(address or "")
    if prefix is None or not addresses.is_of_internet(address or ""):
        return ""
    return signing.keyed(PURPOSE, "", prefix)[:12]
