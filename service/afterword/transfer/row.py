"""A record as the row that is stored: cleaned and rendered as a visitor's words are."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from afterword.core import clock, urls
from afterword.core.errors import BadName, Problem
from afterword.markup import links, pictures, plain
from afterword.markup.render import MAX_LENGTH, render, sanitise
from afterword.threads import score
from afterword.threads.models import Format, State
from afterword.transfer.record import CommentRecord

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LANG = re.compile(r"[A-Za-z0-9-]{1,35}")
_QUOTED = 1000
_AROUND = 64
_REACTION = 40


COLUMNS = (
    *("name", "email", "website", "is_moderator"),
    *("is_verified", "text", "format", "html", "quote", "lang", "state", "is_shown", "reasons"),
    *("is_pinned", "up", "down", "best", "reactions", "created", "edited"),
    *("source", "mention", "said", "quote_prefix", "quote_suffix"),
    *("page_title", "page_url"),
)


class Row(NamedTuple):
    """A comment ready to be written, but for its id, its page, its author and where it hangs.

    ``values`` are those of ``COLUMNS``, as plain as they can be put aside.
    """

    values: tuple[Any, ...]
    created: dt.datetime
    page_title: str | None
    author_key: str | None


def make(record: CommentRecord, *, is_ours: bool) -> tuple[Row, tuple[str, ...]]:
    """The row of a comment, and warnings: what a visitor could not send is dropped, never a text.

    Markdown that ``is_ours`` was written for this service: it has no pictures and stays as it is.

    Slow, for it renders: not to be called while the database is held.
    """
    said = _Said(record)
    text = said.kept("text", said.text(is_ours=is_ours), plain.clean) or ""
    made = said.html(text)
    if record.format is Format.HTML:
        text = made  # what is edited here, and handed on, has passed the gates as well
    created = record.created or clock.now()
    source = said.kept("source", record.source, urls.clean_url)
    values = (
        said.name(),
        said.kept("e-mail address", record.email, plain.email),
        said.kept("website", record.website, links.website),
        record.is_moderator,
        # The mark alone: to be known by an address here, its owner confirms it here.
        record.is_verified,
        *(text, record.format.value, made),
        said.kept("quote", record.quote, lambda quote: plain.words(quote)[:_QUOTED]),
        said.matching("language", record.lang, _LANG),
        record.state.value,
        record.state is State.VISIBLE,  # tombstones are worked out once all is in
        *(list(record.reasons), record.is_pinned, record.up, record.down),
        score.best(record.up, record.down),
        {name: many for name, many in record.reactions.items() if len(name) <= _REACTION},
        *(created, record.edited),
        source,
        # Whoever shows a mention says where it was said.
        record.mention.value if record.mention and source else None,
        record.said,
        said.kept("quotation", record.quote_prefix, lambda words: plain.words(words)[-_AROUND:]),
        said.kept("quotation", record.quote_suffix, lambda words: plain.words(words)[:_AROUND]),
        said.kept("title of the page", record.waiting_title, plain.title),
        said.kept("address of the page", record.waiting_url, urls.clean_url),
    )
    key = said.matching("author's key", record.author_key, _DIGEST)
    return Row(values, created, record.page_title, key), tuple(said.warnings)


class _Said:
    """What a record says, each part through the gate that a visitor's would pass."""

    def __init__(self, record: CommentRecord) -> None:
        self._record = record
        self.warnings: list[str] = []

    def name(self) -> str:
        try:
            return plain.name(self._record.name)
        except BadName:
            self._warn("name cut, it is too long")
            return plain.short_name(self._record.name)
        except Problem as refusal:
            self._warn(f"name left out ({refusal.detail})")
            return ""

    def text(self, *, is_ours: bool) -> str:
        text = self._record.text
        if self._record.format is Format.HTML:
            return pictures.in_html(text)
        return text if is_ours else pictures.in_markdown(text)

    def kept(
        self, what: str, written: str | None, clean: Callable[[str], str | None]
    ) -> str | None:
        if not written:
            return None
        try:
            return clean(written)
        except Problem as refusal:
            self._warn(f"{what} left out ({refusal.detail})")
            return None

    def matching(self, what: str, written: str | None, shape: re.Pattern[str]) -> str | None:
        if written is None or shape.fullmatch(written):
            return written
        self._warn(f"{what} left out (it is not one)")
        return None

    def html(self, text: str) -> str:
        if not text.strip():
            return ""
        try:
            if self._record.format is Format.HTML:
                return self._shown(sanitise(text))
            return render(text, limit=MAX_LENGTH)
        except Problem as refusal:
            # Longer or stranger than we take from visitors; somebody said it, so it stays.
            self._warn(f"kept as plain text ({refusal.detail})")
            parts = (part.strip("\n") for part in text.split("\n\n") if part.strip())
            paragraphs = (html.escape(part).replace("\n", "<br>\n") for part in parts)
            return sanitise("".join(f"<p>{part}</p>\n" for part in paragraphs))

    def _shown(self, made: str) -> str:
        if plain.shows_nothing(made):
            self._warn("nothing of it can be shown")
        return made

    def _warn(self, sentence: str) -> None:
        self.warnings.append(f"{self._record.at}: {sentence}")
