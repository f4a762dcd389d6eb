"""What the learning filter sees of a comment: a bounded set of features, in any language."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from afterword.spam import marks

MOST: Final = 400
# Of a long text the beginning and the end are looked at: there spam has what it is written for.
HEAD: Final = 1500
TAIL: Final = 500
LONGEST_WORD: Final = 24
STEM: Final = 5

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_APOSTROPHE = re.compile("['\u2019]")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
# Thai, Lao, Burmese, Khmer, Japanese, Chinese: written without spaces, so pairs of signs are words.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_USUAL = frozenset({"com", "net", "org", "example"})  # say no more than that there is a link
_SECOND_LEVEL = frozenset({"co", "com", "net", "org", "gov", "ac", "edu"})


def features(
    text: str,
    *,
    name: str = "",
    website: str | None = None,
    own_host: str = "",
    form_age: float | None = None,
) -> tuple[str, ...]:
    """The features of a comment, each once and at most ``MOST``; words come last.

    Links to ``own_host``, the page's own, are none. ``form_age`` is how many seconds it took.
    """
    shown = _looked_at(text)
    prose, addresses = _apart(shown)
    links = [address for address in addresses if host(address) not in {"", own_host}]
    words = list(_words(prose))
    found = [
        *_of_shape(shown, prose, len(words)),
        *_of_links(links, len(words)),
        *_of_author(name, website),
        *_of_pace(len(text), form_age),
        *_of_words(words),
    ]
    return tuple(dict.fromkeys(found))[:MOST]


def phrase(text: str) -> str:
    """The feature by which a word is known, or the first two words of a phrase."""
    words = list(_words(text))[:2]
    return f"{'pair' if len(words) > 1 else 'word'}:{' '.join(words)}"


def said(feature: str) -> str:
    """A feature in words for the owner."""
    kind, _, value = feature.partition(":")
    form = {
        "word": "'{}'",
        "pair": "'{}'",
        "stem": "'{}…'",
        "link": "link to {}",
        "path": "link to {}",
        "zone": "link to a .{} address",
        "name": "'{}' in the name",
        "website": "website {}",
    }.get(kind, "{}")
    return form.format(value)


def host(address: str) -> str:
    """The host of an address without ``www.``; empty where there is none."""
    try:
        found = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return found.removeprefix("www.").strip(".")[:80]


def _looked_at(text: str) -> str:
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    # Some signs fold into as many as 18 others.
    return unicodedata.normalize("NFKC", html.unescape(text))[: 2 * (HEAD + TAIL)]


def _apart(text: str) -> tuple[str, list[str]]:
    """The text without what is no prose, and the addresses that were in it."""
    addresses = [found[0] for found in marks.ADDRESS.finditer(text)]
    hidden = [f"{found[1]}.{found[2]}" for found in marks.HIDDEN_ADDRESS.finditer(text)]
    prose = text
    for pattern in (marks.TAG, marks.ADDRESS, marks.EMAIL, marks.HIDDEN_ADDRESS):
        prose = pattern.sub(" ", prose)
    return prose, addresses + hidden


def _of_shape(text: str, prose: str, words: int) -> Iterator[str]:
    yield f"length:{_class(words, (1, 2, 4, 8, 16, 32, 64, 128))} words"
    yield from (f"shape:{name}" for name, pattern in marks.IN_TEXT if pattern.search(text))
    yield from (f"shape:{name}" for name, pattern in marks.IN_PROSE if pattern.search(prose))
    cased = [char.isupper() for char in prose if char.isupper() or char.islower()]
    if len(cased) >= 8 and sum(cased) > 0.6 * len(cased):
        yield "shape:mostly capitals"
    letters = {char for char in prose[:400] if char.isalpha() and not char.isascii()}
    scripts = {unicodedata.name(char, "UNKNOWN").split()[0].lower() for char in letters}
    yield from (f"script:{script} letters" for script in sorted(scripts - {"latin"}))


def _of_links(links: list[str], words: int) -> Iterator[str]:
    if not links:
        yield "links:no links"
        return
    yield "links:a link"
    yield from (f"links:{many} or more links" for many in (2, 3, 6) if len(links) >= many)
    if words <= 3:
        yield "shape:hardly more than a link"
    for address in links:
        where = host(address)
        yield f"link:{_site(where)}"
        yield f"link:{where}"
        yield from _zone(where)
        path = re.match(r"[^/]*/([\w.-]{1,20})", address.partition("//")[2] or address)
        if path:
            yield f"path:{where}/{path[1].lower()}"
        if marks.REFERRAL.search(address):
            yield "shape:a link that counts referrals"


def _of_author(name: str, website: str | None) -> Iterator[str]:
    words = list(_words(unicodedata.normalize("NFKC", name)))[:8]
    yield from (f"name:{word}" for word in words)
    if len(words) >= 4:
        yield "shape:a name of many words"
    if marks.ADDRESS.search(name):
        yield "shape:an address as name"
    if website:
        where = host(website)
        yield "shape:a website beside the name"
        yield f"website:{_site(where)}"
        yield from _zone(where)
        inner = re.sub(r"\W", "", where)
        if len(words) > 1 and any(len(word) > 3 and word in inner for word in words):
            yield "shape:a name made of the website's words"


def _of_pace(length: int, form_age: float | None) -> Iterator[str]:
    if form_age is None:
        return
    yield f"pace:{_class(form_age, (5, 15, 60, 600))} s on the form"
    if length > 40 and length > 15 * form_age:
        yield "shape:faster than anyone types"


def _of_words(words: list[str]) -> Iterator[str]:
    for word in words:
        yield f"word:{word}"
        if len(word) > STEM and word.isalpha():
            yield f"stem:{word[:STEM]}"
    for first, second in pairwise(words):
        yield f"pair:{first} {second}"


def _words(text: str) -> Iterator[str]:
    text = text.casefold()
    for spelled in marks.SPELLED.finditer(text):
        yield re.sub(r"[\W_]", "", spelled[0])[:LONGEST_WORD]
    for found in _WORD.finditer(text):
        word = _RUN.sub(r"\1", _APOSTROPHE.sub("", found[0]))[:LONGEST_WORD]
        if word.isdecimal():
            yield word if len(word) < 4 else f"{len(word)} digits"
        elif len(word) > 1 and _UNSPACED.search(word):
            yield from (first + second for first, second in pairwise(word))
        else:
            yield word


def _zone(where: str) -> Iterator[str]:
    zone = where.rpartition(".")[2]
    if zone not in _USUAL:
        yield f"zone:{zone}"


def _site(where: str) -> str:
    """About what somebody registered: the last two labels, three under co.uk and its like."""
    labels = where.split(".")
    many = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-many:])


def _class(number: float, bounds: tuple[int, ...]) -> str:
    """The class of a number: '4 to 7', 'under 5' or '128 or more'."""
    reached = [bound for bound in bounds if number >= bound]
    if not reached:
        return f"under {bounds[0]}"
    if len(reached) == len(bounds):
        return f"{bounds[-1]} or more"
    top = bounds[len(reached)] - 1
    return str(top) if top == reached[-1] else f"{reached[-1]} to {top}"
