"""Where authors and comments may link to, and how an address is shown to readers."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final, NamedTuple

import idna

from afterword.core import urls
from afterword.core.errors import BadUrl, BadWebsite
from afterword.core.i18n import _
from afterword.markup import letters
from afterword.markup.allowed import href_ok

MAX_WEBSITE: Final = 300
MAX_ADDRESS: Final = 500

_AUTHORITY = re.compile(r"(https?://)([^/?#:]*)(.*)", re.IGNORECASE | re.DOTALL)
# What follows the scheme in running text; letters of any script, no other punctuation than ASCII.
_ADDRESS = re.compile(r"//(?=\w|\[)[\w.~:/?#\[\]@!$&'()*+,;=%-]+")
_AFTER_ADDRESS = frozenset(".,:;!?'*_~()[]")
_PAIRS = {")": "(", "]": "["}
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_NO_HOST_FIRST = re.compile(r"[/\\?#]|[^/?#]*:(?![0-9]{1,5}(?:[/?#]|\Z))")
# As our own gates write them: each attribute in double quotes, no element inside but inline ones.
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# Cyrillic and Greek letters that pass for Latin ones: a label made of them alone deceives.
_LATIN_LOOKALIKES = frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡυνοαικρτω")


def website(text: str) -> str | None:
    """An author's website as an absolute link; None when empty. Raises BadWebsite."""
    written = text.strip()
    if not written:
        return None
    if not _HTTP.match(written):
        if _NO_HOST_FIRST.match(written):
            raise BadWebsite(_("A website address starts with https:// or http://."))
        written = "https://" + written
    try:
        parts = urls.split(written)
    except BadUrl:
        raise BadWebsite(_("This does not look like a website address.")) from None
    if "." not in parts.host and parts.host != "localhost":
        raise BadWebsite(_("This does not look like a website address."))
    link = parts.origin + parts.path
    link += f"?{parts.query}" if parts.query else ""
    link += f"#{parts.fragment}" if parts.fragment else ""
    link = without_quotes(link)
    if len(link) > MAX_WEBSITE:
        raise BadWebsite(_("A website address has at most %(most)s characters.", most=MAX_WEBSITE))
    if not href_ok(link):
        raise BadWebsite(_("This does not look like a website address."))
    return link


class Link(NamedTuple):
    """A link of a comment: where it leads, and the words that say so."""

    target: str
    words: str


def within(html_text: str) -> list[Link]:
    """The links in sanitised HTML."""
    return [
        Link(html.unescape(found[1]), html.unescape(_TAG.sub("", found[2])))
        for found in _LINK.finditer(html_text)
    ]


def outward(html_text: str, hosts: frozenset[str]) -> list[Link]:
    """The links in sanitised HTML that lead elsewhere than to these hosts."""
    return [link for link in within(html_text) if host_of(link.target) not in hosts]


def host_of(address: str) -> str:
    """The ``host[:port]`` of an address, also of one without scheme; empty where there is none."""
    address = address.strip()
    if address.lower().startswith("www."):
        address = f"https://{address}"
    try:
        return urls.split(address).place
    except BadUrl:
        return ""


def deceives(host: str) -> bool:
    """Whether a host, written in its own script, could be taken for another."""
    return "xn--" in host and shown_host(host) == host


def address_length(text: str, start: int) -> int:
    """How long the address after ``http:`` is, without the sentence's punctuation; 0 for none."""
    found = _ADDRESS.match(text, start, start + MAX_ADDRESS + 1)
    if found is None or len(found[0]) > MAX_ADDRESS:
        return 0
    address = found[0]
    while address[-1] in _AFTER_ADDRESS:
        opening = _PAIRS.get(address[-1])
        if opening and address.count(opening) >= address.count(address[-1]):
            break
        address = address[:-1]
    return len(address)


def without_quotes(link: str) -> str:
    """The same link with its apostrophes escaped: addresses have them, our rule forbids them."""
    return link.replace("'", "%27")


def shown(link: str) -> str:
    """The text of a bare link, its host in a form that does not deceive."""
    try:
        host = urls.split(link).host
    except BadUrl:
        return link
    if host.startswith("["):
        return link
    return _AUTHORITY.sub(lambda found: found[1] + shown_host(host) + found[3], link, count=1)


def shown_host(host: str) -> str:
    """A host as readers may see it: in its script, or as punycode where that could deceive."""
    try:
        labels = [_label(label) for label in host.split(".")]
    except (idna.IDNAError, UnicodeError):
        return host
    return host if any(_deceives(label) for label in labels) else ".".join(labels)


def _label(label: str) -> str:
    return idna.ulabel(label) if label.lower().startswith("xn--") else label


def _deceives(label: str) -> bool:
    if label.isascii():
        return False
    if letters.mixes_scripts(label):
        return True
    if len(letters.scripts(label)) > 1:
        return False
    return {char for char in label if unicodedata.category(char)[0] == "L"} <= _LATIN_LOOKALIKES
