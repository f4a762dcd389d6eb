"""Copies of a page that others serve: translators, archives, search engines' caches.

People comment there too, and systems that take any address file their words under the copy's.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

_ARCHIVED = re.compile(r"/web/\d+(?:[a-z]{2}_)?/(https?:/{1,2}.+)")
_CACHED = re.compile(r"cache:(?:[\w-]*:)?(?P<url>[^\s+]+)")
_TRANSLATORS = {"translate.googleusercontent.com", "translate.google.com"}
_CACHES = {"webcache.googleusercontent.com"}
_ARCHIVES = {"web.archive.org"}
_TRANSLATED = ".translate.goog"


def original(url: str) -> str:
    """The address that a copy was made of; the address itself when it is no known copy's."""
    try:
        parts = urlsplit(url)
        host, asked = parts.hostname or "", parse_qs(parts.query)
    except ValueError:
        return url
    found = ""
    if host in _TRANSLATORS:
        found = asked.get("u", [""])[0]
    elif host in _CACHES:
        cached = _CACHED.match(asked.get("q", [""])[0])
        found = cached["url"] if cached else ""
    elif host in _ARCHIVES:
        archived = _ARCHIVED.match(parts.path + ("?" + parts.query if parts.query else ""))
        found = archived[1] if archived else ""
    elif host.endswith(_TRANSLATED):
        found = _translated(parts, host.removesuffix(_TRANSLATED))
    if not found:
        return url
    return found if "://" in found else "https://" + found.removeprefix("https:/").lstrip("/")


def _translated(parts: SplitResult, name: str) -> str:
    """The page behind ``my-blog-example.translate.goog``: dots became hyphens, hyphens two, and the
    translator put what it was asked for behind the page's own query."""
    host = name.replace("--", "\0").replace("-", ".").replace("\0", "-")
    asked = parts.query.split("&")
    query = "&".join(one for one in asked if one and not one.startswith("_x_tr_"))
    return f"https://{host}{parts.path}" + (f"?{query}" if query else "")
