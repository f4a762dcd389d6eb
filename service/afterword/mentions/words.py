"""What strangers' servers say, as words that a comment may have."""

from __future__ import annotations

from afterword.core.errors import Problem
from afterword.markup import links, plain
from afterword.markup.render import render


def text(said: str, *, most: int) -> str | None:
    """Words as a comment takes them, cut where they are too long; None where it takes none."""
    try:
        clean = plain.clean(said)
        short = clean if len(clean) <= most else clean[: most - 2].rstrip() + " …"
        render(short, limit=most)
    except Problem:
        return None
    return short


def name(said: str) -> str:
    """A name as a comment takes it, cut where it is too long; maybe empty."""
    try:
        return plain.short_name(said)
    except Problem:
        return ""


def website(said: str) -> str | None:
    """An address that an author may link to; None where it is none."""
    try:
        return links.website(said)
    except Problem:
        return None
