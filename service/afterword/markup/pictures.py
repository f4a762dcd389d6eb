"""Pictures, which no comment shows here, as the words that stand for them, or else as a link.

What comes of it passes the gates like any text from outside.
"""

from __future__ import annotations

import html
import re
from typing import Final

from afterword.markup import code, links
from afterword.markup.allowed import href_ok
from afterword.markup.scan import Tag, scan

_PICTURE: Final = re.compile(r"<img\b", re.IGNORECASE)
_VALUES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*+"""
_IN_HTML: Final = re.compile(rf"<(?:img|/?a)\b{_VALUES}>", re.IGNORECASE)
_IN_MARKDOWN: Final = re.compile(
    rf"""
      (?P<img><img\b{_VALUES}>)
    | (?<!\\)!\[(?P<words>[^\[\]\n]*)\]
      \(\s*<?(?P<address>(?:[^\s()<>]|\([^\s()<>]*\))++)>?(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_UNSEEN: Final = {"0", "1"}  # pixels: who put them there counts readers
_GOES_ON: Final = re.compile(r"\w|<img\b|!\[", re.IGNORECASE)


def in_html(text: str) -> str:
    """The same HTML with words or links in the place of its pictures."""
    if _PICTURE.search(text) is None:
        return text
    is_linked = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal is_linked
        tag = _tag(found[0])
        if tag.name == "a":
            is_linked = not tag.is_end
        if tag.name != "img":
            return found[0]
        words, address = _said(tag)
        shown = html.escape(words or links.shown(address), quote=False)
        if address and not words and not is_linked:
            shown = f'<a href="{html.escape(address)}">{shown}</a>'
        return _spaced(found, shown)

    return _IN_HTML.sub(replaced, text)


def in_markdown(text: str) -> str:
    """The same Markdown with words or links in the place of its pictures, those of HTML in it as
    well. What is code stays."""
    parts = code.parts(text)
    parts[::2] = (_IN_MARKDOWN.sub(_in_words, part) for part in parts[::2])
    return "".join(parts)


def _in_words(found: re.Match[str]) -> str:
    is_linked = found.string.endswith("[", 0, found.start())
    if found["img"]:
        words, address = _said(_tag(found[0]))
        return _spaced(found, words or address) if words or address else found[0]
    if not href_ok(found["address"]):
        return found[0]
    if is_linked:
        return found["words"] or found["address"]
    # A link is written like a picture, without the mark before it.
    return _spaced(found, found[0][1:] if found["words"].strip() else found["address"])


def _tag(written: str) -> Tag:
    found = next(scan(written), "")
    return found if isinstance(found, Tag) else Tag("")


def _said(picture: Tag) -> tuple[str, str]:
    """The words that stand for a picture, and its address; either may be empty."""
    said = picture.said
    if emoticon := said.get("atk-emoticon"):  # Artalk's have a name instead
        return f":{emoticon}:", ""
    source = said.get("src", "").strip()
    address = links.without_quotes(f"https:{source}" if source.startswith("//") else source)
    is_shown = href_ok(address) and not {said.get("width"), said.get("height")} & _UNSEEN
    return said.get("alt", "").strip(), address if is_shown else ""


def _spaced(found: re.Match[str], words: str) -> str:
    """The words of a picture apart from the words and pictures beside it."""
    text, start, end = found.string, found.start(), found.end()
    before = " " if text[start - 1 : start].isalnum() else ""
    after = " " if _GOES_ON.match(text, end) else ""
    return f"{before}{words}{after}"
