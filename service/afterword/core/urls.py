"""Page addresses: which spellings mean the same page, and which origin a page belongs to.

Normal form after RFC 3986, section 6.2.2, and what blogs do on top of it: a trailing slash, an
``index.html`` and a newsletter's tracking parameters never make another page.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus, urlencode

import idna

from afterword.core.errors import BadUrl
from afterword.core.i18n import _

MAX_LENGTH: Final = 2048
MAX_PAGE_ID: Final = 200

# What a site may say about query parameters: names kept on any path, or one of these two.
DEFAULT_KEPT: Final = None
ALL_BUT_TRACKING: Final = "*"

# On a bare address these tell pages apart: WordPress (?p=, ?page_id=) and small scripts (?id=).
BARE_KEPT: Final = frozenset({"p", "page_id", "id"})

TRACKING: Final = frozenset(
    {
        *("fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "igshid", "igsh"),
        *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid"),
        *("srsltid", "_ga", "_gl", "msclkid", "yclid", "ysclid", "ymclid", "twclid", "ttclid"),
        *("li_fat_id", "rdt_cid", "epik", "sccid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc"),
        *("_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "vero_id", "vero_conv"),
        *("oly_anon_id", "oly_enc_id", "_openstat", "wickedid", "s_cid", "ml_subscriber"),
        *("ml_subscriber_hash", "_branch_match_id", "_branch_referrer", "_kx", "_bhlid"),
        *("pk_campaign", "pk_kwd", "pk_source", "pk_medium", "pk_content", "pk_cid"),
    }
)
TRACKING_PREFIXES: Final = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_")

INDEX_FILES: Final = frozenset(
    {
        *("index.html", "index.htm", "index.xhtml", "index.shtml", "index.php", "index.asp"),
        *("index.aspx", "index.jsp", "default.html", "default.htm", "default.asp", "default.aspx"),
    }
)

OWN_ID = "id:"  # what the key begins with of a page that has an id of its own
_WEB_PORTS = frozenset({80, 443})
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:\#(?P<fragment>.*))?",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]@\\%]+)(?::(?P<port>[0-9]{0,5}))?")
# Underscores are no host name (RFC 952) but people have them.
_ASCII_HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ESCAPED_OR_NOT = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = _UNRESERVED | frozenset("!$&'()*+,;=:@/")
_IN_QUERY = _IN_PATH | {"?"}


@dataclass(frozen=True)
class Parts:
    """An absolute http or https URL, each part in its normal form."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def place(self) -> str:
        """``host[:port]``, the same for http and https."""
        return self.host if self.port in {None, *_WEB_PORTS} else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """``scheme://host[:port]`` as a browser says it."""
        usual = {"http": 80, "https": 443}[self.scheme]
        port = "" if self.port in {None, usual} else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def url(self) -> str:
        """The address of these parts without its fragment: ASCII, and nothing that ends it."""
        return self.origin + self.path + (f"?{self.query}" if self.query else "")


def page_key(url: str, *, kept: tuple[str, ...] | str | None = DEFAULT_KEPT) -> str:
    """The ``host/path[?kept]`` that all spellings of a page's URL share. Raises BadUrl."""
    parts = split(url)
    segments = _segments(parts)
    query = _kept_query(parts.query, kept=kept, is_bare=not segments)
    key = f"{parts.place}/{'/'.join(segments)}{query}"
    if len(f"https://{key}") > MAX_LENGTH:
        raise _too_long()
    return key


def page_id_key(page_id: str) -> str:
    """The key of a page that its owner named with ``data-page``. Raises BadUrl."""
    named = unicodedata.normalize("NFC", page_id).strip()
    if not 1 <= len(named) <= MAX_PAGE_ID:
        raise BadUrl(_("A page's id has 1 to %(most)s characters.", most=MAX_PAGE_ID), field="page")
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in named):
        raise BadUrl(_("A page's id may not have control characters."), field="page")
    return f"{OWN_ID}{named}"


def own_id(key: str) -> str | None:
    """The id that a page gave itself, of a key that ``page_id_key`` made; None of another."""
    return key.removeprefix(OWN_ID) if key.startswith(OWN_ID) else None


def host_of(url: str) -> str:
    """The ``host[:port]`` by which a URL's or an origin's site is found. Raises BadUrl."""
    return split(url).place


def origin_of(url: str) -> str:
    """The origin that a URL belongs to, scheme and all. Raises BadUrl."""
    return split(url).origin


def origin(text: str) -> str:
    """A typed origin in its normal form; a URL with more than an origin is refused (BadUrl)."""
    parts = split(text)
    if parts.path != "/" or parts.query or parts.fragment:
        raise BadUrl(_("An origin ends after the host: %(origin)s.", origin=parts.origin))
    return parts.origin


def clean_url(url: str) -> str:
    """The address under which a page is stored and linked: no tracking, no fragment. BadUrl."""
    parts = split(url)
    pieces = [piece for piece in parts.query.split("&") if piece and not _tracks(_name_of(piece))]
    cleaned = parts.origin + parts.path + ("?" + "&".join(pieces) if pieces else "")
    if len(cleaned) > MAX_LENGTH:
        raise _too_long()
    return cleaned


def own_url(url: str, *, kept: tuple[str, ...] | str | None = DEFAULT_KEPT) -> str:
    """The same with nothing in its query but what tells pages apart. Raises BadUrl."""
    parts = split(url)
    return (
        parts.origin
        + parts.path
        + _kept_query(parts.query, kept=kept, is_bare=not _segments(parts))
    )


def split(url: str) -> Parts:
    """The normal parts of an absolute http or https URL. Raises BadUrl on any other text."""
    if len(url) > MAX_LENGTH:
        raise _too_long()
    if any(char.isspace() or unicodedata.category(char) in {"Cc", "Cs"} for char in url):
        raise BadUrl(_("A page address may not have spaces or control characters."))
    found = _URL.fullmatch(url)
    if found is None:
        raise BadUrl(_("A page address starts with http:// or https://."))
    host, port = _host_and_port(found["authority"])
    return Parts(
        scheme=found["scheme"].lower(),
        host=host,
        port=port,
        path=_without_dots(_escaped(found["path"], _IN_PATH)),
        query=_escaped(found["query"] or "", _IN_QUERY),
        fragment=_escaped(found["fragment"] or "", _IN_QUERY),
    )


def host(text: str) -> str:
    """A host name in lower case, other scripts as punycode (UTS 46). Raises BadUrl."""
    if text.startswith("["):
        return _ipv6(text)
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _no_host() from None
    name = name.removesuffix(".")
    if not _ASCII_HOST.fullmatch(name):
        raise _no_host()
    return name


def _segments(parts: Parts) -> list[str]:
    """What a path is made of, but for slashes and the name of an index."""
    segments = [segment for segment in parts.path.split("/") if segment]
    while segments and segments[-1].lower() in INDEX_FILES:
        segments.pop()
    return segments


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise BadUrl(_("A page address may not have a user name or password."))
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise _no_host()
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise BadUrl(_("The port of a page address is a number from 1 to 65535."))
    return host(found["host"]), port


def _ipv6(text: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
    except ValueError:
        raise _no_host() from None


def _escaped(text: str, allowed: frozenset[str]) -> str:
    """Percent-encoding as RFC 3986, 6.2.2.2 wants it; a stray % becomes %25."""

    def one(found: re.Match[str]) -> str:
        char = found[0]
        if len(char) == 1:
            return char if char in allowed else _percent(char)
        decoded = chr(int(char[1:], 16))
        return decoded if decoded in _UNRESERVED else char.upper()

    return _ESCAPED_OR_NOT.sub(one, text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _without_dots(path: str) -> str:
    """The path without ``.`` and ``..`` segments (RFC 3986, 5.2.4), at least ``/``."""
    segments = path.split("/")[1:] or [""]
    walked: list[str] = []
    for segment in segments:
        if segment == "..":
            del walked[-1:]
        elif segment != ".":
            walked.append(segment)
    if segments[-1] in {".", ".."}:
        walked.append("")
    return "/" + "/".join(walked)


def _kept_query(query: str, *, kept: tuple[str, ...] | str | None, is_bare: bool) -> str:
    def stays(name: str) -> bool:
        if _tracks(name):
            return False
        if kept == ALL_BUT_TRACKING or (is_bare and name in BARE_KEPT):
            return True
        return isinstance(kept, tuple) and name in kept

    # surrogateescape: bytes that are no UTF-8 (old ?id=caf%E9 links) survive the round trip.
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    stay = sorted((pair for pair in pairs if stays(pair[0])), key=lambda pair: pair[0])
    return "?" + urlencode(stay, errors="surrogateescape") if stay else ""


def _name_of(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


def _tracks(name: str) -> bool:
    lowered = name.lower()
    return lowered in TRACKING or lowered.startswith(TRACKING_PREFIXES)


def _too_long() -> BadUrl:
    return BadUrl(_("A page address has at most %(most)s characters.", most=MAX_LENGTH))


def _no_host() -> BadUrl:
    return BadUrl(_("The host name of the page address is not usable."))
