"""What most people write, known at a glance: plain paragraphs, and HTML that is clean as it stands.

Parsers take a hundred times as long to say so. Both languages here are so small that whatever is in
them comes out of the parsers as it went in, byte by byte (``tests/service/test_prose.py``); what is
not in them goes through the parsers, so nothing is let through that was not before.
"""

from __future__ import annotations

import re

from afterword.markup import allowed, plain

# A line that begins with a letter begins no list, heading, quote or code; without these signs
# nothing in it is emphasised, escaped, quoted or linked. ``://`` would make a link.
_LINE = r"""[^\W\d_](?:[^\n\t\\`*_\[\]<>&~:]|:(?!/))*+(?<=\S)"""
_PROSE = re.compile(rf"\n*+(?:{_LINE}\n*+)++")
_PARAGRAPHS = re.compile(r"\n{2,}")

# Text as a parser's serializer leaves it, without what parsers change: carriage returns, NUL.
_TEXT = r"(?:[^<>&\r\0\u00a0]++|&(?:amp|lt|gt|nbsp);|<br>)*+"
_HREF = r"https?://[A-Za-z0-9][A-Za-z0-9.-]*+(?:/[A-Za-z0-9/._~%+,;=-]*+)?+"
_MARKS = "|".join(f"<{tag}>{_TEXT}</{tag}>" for tag in ("em", "strong", "b", "i", "code", "del"))
_LINK = rf'<a href="{_HREF}" rel="{allowed.REL}">{_TEXT}</a>'
_INLINE = rf"(?:[^<>&\r\0\u00a0]++|&(?:amp|lt|gt|nbsp);|<br>|{_MARKS}|{_LINK})*+"
_PARAGRAPH = rf"<p>{_INLINE}</p>"
_QUOTE = rf"<blockquote>(?:{_PARAGRAPH}|\s)*+</blockquote>"
_LISTS = "|".join(rf"<{tag}>(?:<li>{_INLINE}</li>|\s)*+</{tag}>" for tag in ("ul", "ol"))
_CLEAN = re.compile(rf"(?:{_PARAGRAPH}|{_QUOTE}|{_LISTS}|[^<>&\r\0\u00a0]++|<br>)*+")


def paragraphs(source: str) -> str | None:
    """The HTML of a text that is nothing but paragraphs, None for one that has to be parsed."""
    if _PROSE.fullmatch(source) is None:
        return None
    written = source.strip("\n").replace('"', "&quot;")
    parts = (part.replace("\n", "<br>\n") for part in _PARAGRAPHS.split(written))
    return "".join(f"<p>{part}</p>\n" for part in parts)


def is_clean(html_text: str) -> bool:
    """Whether cleaning this HTML, which a serializer wrote, would leave it as it is."""
    return _CLEAN.fullmatch(html_text) is not None and plain.visible(html_text) == html_text
