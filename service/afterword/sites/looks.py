"""How an owner wants a site's threads to look: what may be written, and what is delivered of it.

What passes here goes into style sheets of pages that are not ours, so each value has one shape.
"""

from __future__ import annotations

import re

from afterword.core.i18n import stored

THEMES = ("auto", "light", "dark", "paper")
DENSITIES = ("compact", "normal", "roomy")
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_LENGTH = re.compile(r"(?:0|[0-9]{1,2}(?:\.[0-9]{1,3})?(?:px|em|rem))")
_FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9 -]{0,40}")


def theme(written: str) -> str:
    """The name of a theme. Raises ValueError, as all here do."""
    return _one_of(THEMES, written)


def density(written: str) -> str:
    """How close together things stand."""
    return _one_of(DENSITIES, written)


def accent(written: str) -> str:
    """A colour."""
    colour = written.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise ValueError(stored("option", "must be a colour like #b3541e"))
    return colour


def radius(written: str) -> str:
    """How round corners are."""
    length = written.strip().lower()
    if length and not _LENGTH.fullmatch(length):
        raise ValueError(stored("option", "must be a length like 0, 4px or 0.5em"))
    return length


def font(written: str) -> str:
    """Font families by their bare names: without quotes nothing can end the value early."""
    families = [" ".join(family.split()) for family in written.split(",") if family.strip()]
    if len(families) > 6 or not all(_FAMILY.fullmatch(family) for family in families):
        raise ValueError(
            stored("option", "must be at most six names of fonts, like Georgia, Noto Serif, serif")
        )
    return ", ".join(families)


def _one_of(known: tuple[str, ...], written: str) -> str:
    if written and written not in known:
        raise ValueError(
            stored(
                "option",
                "must be %(others)s or %(last)s",
                others=", ".join(known[:-1]),
                last=known[-1],
            )
        )
    return written
