"""Which script of a page is ours: many others are called ``embed.js`` too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from afterword.core import urls
from afterword.transfer.bake.address import resolved

# Also the one that names its bytes.
_CALLED_SO = re.compile(r"(?:[^?#]*/)?embed(?:-[\w.]+)?\.js(?:[?#].*)?")
_NAMING = ("data-page", "data-url")  # say whose comments they are, as our recipes do
# Whose scripts pages often have that are called as ours is, by the ends of their hosts' names.
_STRANGERS = (
    *("instagram.com", "tiktok.com", "bsky.app", "disqus.com", "imgur.com", "tenor.com"),
    *("iframe.ly", "dwcdn.net", "plot.ly"),
)
_MASTODON = "data-allowed-prefixes"  # on its script, which any host may have


def is_called_so(src: str) -> bool:
    """Whether a script could be ours by its name."""
    return _CALLED_SO.fullmatch(src) is not None


def which(scripts: Sequence[Mapping[str, str]], *, service: str | None, at: str) -> int | None:
    """The place of ours among the scripts of a page that are called so; None without one.

    Ours comes from ``service``, where readers find Afterword. Where nobody knows that, it is the
    first that names the page, else the last; a known stranger's is neither. ``at`` is the page's
    address.
    """
    asked = [(number, said, resolved(said["src"], at)) for number, said in enumerate(scripts)]
    if service is not None:
        return next((number for number, _, parts in asked if _is_from(service, parts)), None)
    left = [(number, said) for number, said, parts in asked if not _is_strange(said, parts)]
    naming = (number for number, said in left if any(said.get(name) for name in _NAMING))
    return next(naming, left[-1][0] if left else None)


def _is_from(service: str, parts: urls.Parts | None) -> bool:
    if parts is None:
        return False
    home, folder = urls.split(service), parts.path.rpartition("/")[0]
    return (parts.place, folder) == (home.place, home.path.rstrip("/"))


def _is_strange(said: Mapping[str, str], parts: urls.Parts | None) -> bool:
    host = f".{parts.host}" if parts else ""
    return _MASTODON in said or host.endswith(tuple(f".{name}" for name in _STRANGERS))
