"""A draft: what a visitor sent, well-formed but not yet judged."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from afterword.threads.models import Follows, Mention


@dataclass(frozen=True)
class Solution:
    """A solved challenge, as the client says."""

    token: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A comment on its way in. Texts are cleaned; none is trusted."""

    url: str
    text: str
    page: str | None = None  # the page's own id, when its owner gives one
    title: str | None = None
    parent: str | None = None
    name: str = ""
    email: str | None = None
    website: str | None = None
    quote: str | None = None
    quote_prefix: str | None = None
    quote_suffix: str | None = None
    lang: str | None = None
    follows: Follows | None = None  # what its author wants to be mailed about
    is_daily: bool = False  # once a day, and not at once
    form: str | None = None  # token of the form that it was written in
    solution: Solution | None = None  # of the challenge that an earlier try was answered with
    trap: str = ""  # a field that no person sees
    as_sent: str = ""  # name and text before they were cleaned: what was hidden in them
    is_moderator: bool = False
    is_signed_in: bool = False  # then name, address and website are the account's
    is_staff: bool = False  # its author writes for the blog, as the blog itself says
    source: str | None = None  # of what was said on a page elsewhere: its address, and what it is
    mention: Mention | None = None
    led_to: str | None = None  # the host that gave its words, where it is not that of the source
    said: dt.datetime | None = None  # when that was, where it is known

    def fingerprint(self) -> str:
        """What makes two posts the same one: site and page by URL, parent, text, author."""
        said = (self.url, self.page, self.parent, self.text, self.name, self.email, self.website)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()
