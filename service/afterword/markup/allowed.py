"""Which HTML a comment may hold: the one list that every gate reads."""

from __future__ import annotations

import html
import re
from typing import Final

TAGS: Final = frozenset(
    {
        *("a", "b", "blockquote", "br", "code", "del", "em", "hr", "i", "li", "ol", "p", "pre"),
        *("s", "strong", "ul"),
    }
)
# No class but the language of a code block, no id, no name: they would style and clobber the host.
ATTRIBUTES: Final = {"a": {"href"}, "code": {"class"}, "ol": {"start"}}
SCHEMES: Final = frozenset({"http", "https", "mailto"})
REL: Final = "nofollow ugc noopener noreferrer"

# Bleach takes `javascript:123` for a host with a port and lets it through (6.4.0), so a link is
# judged here: absolute, one of three schemes, nothing that ends an attribute, no user@host.
_HREF = re.compile(
    r"""(?:https?://(?![/?\#])(?![^/?\#]*@)[^\s\x00-\x1f\x7f<>"'`\\]+"""
    r"""|mailto:[^\s\x00-\x1f\x7f<>"'`\\:]+)\Z""",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,30}\Z")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")


def href_ok(href: str) -> bool:
    """Whether a link may point there."""
    return _HREF.match(href) is not None


def attribute_ok(tag: str, attribute: str, value: str) -> bool:
    """Whether a tag may have this attribute with this value."""
    if attribute not in ATTRIBUTES.get(tag, ()):
        return False
    if attribute == "href":
        # Bleach hands over the value as written: `&#106;avascript:` must be read first.
        return href_ok(html.unescape(value))
    return (_LANGUAGE if attribute == "class" else _NUMBER).match(value) is not None
