"""Texts of WordPress: HTML in which an address is a link though no tag says so.

It makes links of them whenever it shows them:
https://developer.wordpress.org/reference/functions/make_clickable/
"""

from __future__ import annotations

import html
import re

from afterword.markup import links
from afterword.markup.allowed import href_ok

_VALUES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*+"""
# A tag, or a sign that is no part of an address though what it is written with could be.
_BETWEEN = re.compile(rf"(</?[a-z]{_VALUES}>|&(?!amp;)#?\w+;)", re.IGNORECASE)
_WHOLE = re.compile(r"<(/?)(a|code|pre)(?=[\s/>])", re.IGNORECASE)
_SCHEME = re.compile(r"\bhttps?:(?=//)", re.IGNORECASE)


def shown(text: str) -> str:
    """The same HTML with links to the addresses in it that are no links, nor code."""
    if "://" not in text:
        return text
    made: list[str] = []
    within = ""  # what holds words that stay as they are
    for at, part in enumerate(_BETWEEN.split(text)):
        if at % 2 and (tag := _WHOLE.match(part)):
            is_end, name = tag[1], tag[2].lower()
            if not is_end:
                within = within or name
            elif name == within:
                within = ""
        made.append(part if at % 2 or within else _linked(part))
    return "".join(made)


def _linked(words: str) -> str:
    made: list[str] = []
    end = 0
    for scheme in _SCHEME.finditer(words):
        start, rest = scheme.span()
        length = links.address_length(words, rest)
        address = words[start : rest + length].removesuffix("&amp")  # its ; was taken for the end
        if start >= end and length and href_ok(links.without_quotes(html.unescape(address))):
            made += [words[end:start], f'<a href="{address}">{address}</a>']
            end = start + len(address)
    return "".join([*made, words[end:]])
