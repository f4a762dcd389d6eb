"""Text that is no HTML: what characters a comment, a name, a title or an address may have."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from afterword.core import urls
from afterword.core.errors import BadEmail, BadName, BadRequest, BadUrl
from afterword.core.i18n import _

MAX_NAME: Final = 60
MAX_TITLE: Final = 300
MAX_EMAIL: Final = 254
MAX_MARKS: Final = 8

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Begins with a set of characters, which is looked for ten times as fast as alternatives are.
_LINE_ENDS = re.compile("[\r\u2028\u2029](?:(?<=\r)\n)?")
# Controls; bidirectional overrides, which reorder what readers see after them; the byte order mark;
# U+FFFE and U+FFFF, which no XML (a feed) can hold.
_DROPPED = re.compile(
    "[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_WITHOUT_MARKS = re.compile("[\0-\u02ff]*+")  # all of which NFC leaves alone
_JOINERS = "\u200c\u200d"
_MARKS = {"Mn", "Me"}
# Letters and symbols that look like nothing: a name made of them would be invisible.
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0\U000e0000-\U000e0fff]")

# An addr-spec without quoting and comments (RFC 5322, 3.4.1): what people have.
_EMAIL = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*)"
    r"@(?P<domain>[^@\s\[\]:]+)"
)
_BLOCK_TAG = re.compile(r"</?(?:blockquote|br|hr|li|ol|p|pre|ul)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_SEEN = re.compile(r"(?:\A|>)[^<>&]*?[0-9A-Za-z]")  # nearly every comment has one


def clean(text: str) -> str:
    """Text as it is stored: NFC, Unix lines, nothing that hides or reorders. Raises BadRequest."""
    refuse_unstorable(text, field="text")
    return _normal(visible(_LINE_ENDS.sub("\n", text)))


def visible(text: str) -> str:
    """The text without control characters and bidirectional overrides."""
    return _DROPPED.sub("", text)


def is_storable(text: str) -> bool:
    """Whether it has neither NUL nor lone surrogates, which no database takes."""
    return _UNSTORABLE.search(text) is None


def refuse_unstorable(text: str, *, field: str) -> None:
    """Raise BadRequest for what no database takes."""
    if not is_storable(text):
        raise BadRequest(_("The text has characters that cannot be stored."), field=field)


def name(text: str) -> str:
    """An author's name on one line, maybe empty. Raises BadName when it is too long."""
    shown = _one_line(text, field="name")
    if len(shown) > MAX_NAME:
        raise BadName(
            _(
                "A name has at most %(most)s characters; this one has %(shown)s.",
                most=MAX_NAME,
                shown=len(shown),
            )
        )
    return shown


def short_name(text: str) -> str:
    """An author's name on one line, cut when it is too long. Raises BadRequest."""
    # Cut when it is normal, which some letters are only as two; a cut may leave a joiner behind.
    return _one_line(_one_line(text, field="name")[:MAX_NAME], field="name")


def title(text: str) -> str | None:
    """A page's title on one line, cut when it is too long; None when it is empty."""
    shown = _one_line(text, field="title")
    return _cut(shown, MAX_TITLE) or None


def words(text: str) -> str:
    """Words of a page on one line. Raises BadRequest for what cannot be read."""
    return _one_line(text, field="quote")


def email(text: str) -> str | None:
    """One plain e-mail address in lower case; None when empty. Raises BadEmail.

    By the letter (RFC 5321, 2.4) case could tell two mailboxes apart. It does nowhere, and people
    write theirs one way today and another tomorrow.
    """
    written = text.strip(" ")  # a line end is refused, not forgiven: it starts mail headers
    if not written:
        return None
    found = _EMAIL.fullmatch(written)
    if found is None or len(found["local"]) > 64:
        raise _bad_email()
    try:
        domain = urls.host(found["domain"])
    except BadUrl:
        raise _bad_email() from None
    address = f"{found['local'].lower()}@{domain}"
    if len(address) > MAX_EMAIL or ("." not in domain and domain != "localhost"):
        raise _bad_email()
    return address


def kept_email(text: str) -> str:
    """A typed address as it would be kept, to find it by; what is none in lower case."""
    try:
        return email(text) or ""
    except BadEmail:
        return text.strip().lower()


def excerpt(html_text: str, limit: int) -> str:
    """The words of sanitised HTML on one line, cut to ``limit`` characters."""
    words = html.unescape(_TAG.sub("", _BLOCK_TAG.sub(" ", html_text)))
    return _cut(" ".join(words.split()), limit)


def shows_nothing(html_text: str) -> bool:
    """Whether a reader would see nothing of sanitised HTML."""
    return _SEEN.search(html_text) is None and is_blank(excerpt(html_text, len(html_text)))


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return all(unicodedata.category(char)[0] in "ZC" or _BLANK.match(char) for char in text)


def _one_line(text: str, *, field: str) -> str:
    refuse_unstorable(text, field=field)
    spaced = " ".join(_LINE_ENDS.sub(" ", text).split())
    if spaced.isascii():  # of which only controls are not shown
        return " ".join(visible(spaced).split())
    kept = (char for char in spaced if char in _JOINERS or unicodedata.category(char) != "Cf")
    return " ".join(_normal(_BLANK.sub("", visible("".join(kept)))).split())


def _normal(text: str) -> str:
    if _WITHOUT_MARKS.fullmatch(text):
        return text
    # Marks are capped before NFC as well: sorting a run of n of them takes n^2 steps.
    capped = _few_marks(unicodedata.normalize("NFC", _few_marks(text)))
    return unicodedata.normalize("NFC", _inner_joiners(capped))


def _inner_joiners(text: str) -> str:
    """The text with zero-width joiners only inside words and emoji that need them."""
    if not any(joiner in text for joiner in _JOINERS):
        return text
    kept: list[str] = []
    for char, after in zip(text, text[1:] + " ", strict=True):
        if char not in _JOINERS or (kept and _joins(kept[-1]) and _joins(after)):
            kept.append(char)
    return "".join(kept)


def _joins(char: str) -> bool:
    # No ASCII word needs a joiner; there it only hides a word from a filter.
    return not char.isascii() and unicodedata.category(char)[0] in "LMS"


def _few_marks(text: str) -> str:
    """The text with at most eight combining marks on one letter."""
    if not any(map(_is_mark, set(text))):
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        if _is_mark(char):
            marks += 1
        elif char not in _JOINERS:
            marks = 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _is_mark(char: str) -> bool:
    # What NFC sorts besides is spacing, as the stems of notes are: a run of them is a tower too.
    return unicodedata.category(char) in _MARKS or unicodedata.combining(char) > 0


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _bad_email() -> BadEmail:
    return BadEmail(_("This does not look like one e-mail address."))
