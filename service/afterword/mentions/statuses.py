"""What a server of the fediverse tells of replies (Mastodon's API), as far as it can be shown.

https://docs.joinmastodon.org/entities/Status/: nothing in it is trusted to be what it should.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from afterword.core import clock, urls
from afterword.core.errors import BadUrl
from afterword.mentions import page as pages

PUBLIC: Final = frozenset({"public", "unlisted"})
MOST: Final = 500  # that are looked at of one answer; Mastodon itself tells strangers of 60
MOST_HTML: Final = 20_000  # characters; what is longer was written to be long
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_FIRST: Final = dt.datetime(2008, 1, 1, tzinfo=dt.UTC)  # nothing there is older than that


class Nonsense(Exception):
    """An answer that is not what was asked for."""


@dataclass(frozen=True)
class Status:
    """A reply that everybody may read. ``text`` is empty where it has pictures alone."""

    id: str  # by which this server knows it
    url: str
    name: str
    account: str  # as the asked server calls it: name, or name@server
    profile: str
    text: str
    language: str | None
    created: dt.datetime | None

    @property
    def digest(self) -> str:
        """Another one once it says something else."""
        said = (self.url, self.name, self.profile, self.text, self.language)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def replies(body: bytes) -> list[Status]:
    """The replies in an answer to ``/context`` that can be shown, each once. Raises Nonsense."""
    said = _json(body)
    below = said.get("descendants") if isinstance(said, Mapping) else None
    if not isinstance(below, list):
        raise Nonsense
    found = (read(one) for one in below[:MOST])
    return list({one.id: one for one in found if one is not None}.values())


def one(body: bytes) -> Status | None:
    """The post in an answer that tells of one; None where it cannot be shown. Raises Nonsense."""
    said = _json(body)
    if not isinstance(said, Mapping) or "id" not in said:
        raise Nonsense
    return read(said)


def read(said: Any) -> Status | None:
    """What is told of a post; None for what is not public, or not whole."""
    if not isinstance(said, Mapping) or _text(said, "visibility") not in PUBLIC:
        return None
    account = said.get("account")
    if not isinstance(account, Mapping) or account.get("limited") or account.get("suspended"):
        return None
    id, url, called = _text(said, "id"), _where(said), _text(account, "acct")
    if not (_ID.fullmatch(id) and url and called):
        return None
    profile = _address(account, "url")
    return Status(
        id=id,
        url=url,
        name=_text(account, "display_name").strip() or called,
        account=called,
        profile=profile if _is_at_one(profile, url) else "",
        text=_words(said, url),
        language=_language(said),
        created=_moment(said),
    )


def _where(said: Mapping[str, Any]) -> str:
    """The page on which it can be read; that of another server would put words in its mouth.

    By ``uri`` the asked server has had it from where it was written. ``url`` is what that one says.
    """
    url, uri = _address(said, "url"), _address(said, "uri")
    return url if _is_at_one(url, uri) else uri


def _is_at_one(one: str, other: str) -> bool:
    """Whether both are addresses, of the same server."""
    return bool(one and other) and urls.host_of(one) == urls.host_of(other)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Nonsense from None


def _words(said: Mapping[str, Any], url: str) -> str:
    """Behind a warning nobody looks here who has not asked to: the warning is what is shown."""
    warning = _text(said, "spoiler_text").strip()
    if warning:
        return f"CW: {warning}"
    return pages.read(_text(said, "content")[:MOST_HTML], url=url).root.text()


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    # NUL and lone surrogates, which JSON may hold and no database does.
    return re.sub("[\0\ud800-\udfff]", "", value) if isinstance(value, str) else ""


def _address(said: Mapping[str, Any], name: str) -> str:
    try:
        return pages.normal(_text(said, name))
    except BadUrl:
        return ""


def _language(said: Mapping[str, Any]) -> str | None:
    language = _text(said, "language")
    return language if _LANGUAGE.fullmatch(language) else None


def _moment(said: Mapping[str, Any]) -> dt.datetime | None:
    """Not in the future, whatever its server's clock says."""
    try:
        moment = clock.parse(_text(said, "created_at"))
    except ValueError:
        return None
    return min(moment, clock.now()) if moment >= _FIRST else None
