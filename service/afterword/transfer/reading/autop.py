"""Texts of WordPress: HTML in which new lines are breaks, and empty lines part paragraphs.

It writes that out whenever it shows them, by a function that it calls ``wpautop``:
https://developer.wordpress.org/reference/functions/wpautop/
"""

from __future__ import annotations

import html
import re

_CODE = re.compile(r"\[code[^\[\]\n]*\]((?:(?!\[code\b).)*?)\[/code\]", re.DOTALL | re.IGNORECASE)
# A new line beside one of their tags is no break. The first hold words, the others paragraphs.
_OF_WORDS = frozenset(
    ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "address")
)
_OF_PARAGRAPHS = frozenset(
    ("blockquote", "pre", "ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "hr")
)
_NAMES = "|".join(sorted(_OF_WORDS | _OF_PARAGRAPHS))
_BLOCK = re.compile(rf"(</?(?:{_NAMES})(?=[\s/>])[^<>]*>)", re.IGNORECASE)
_NAME = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")
_EMPTY_LINE = re.compile(r"\n\s*\n")
_NEW_LINE = re.compile(r"(?:<br\s*/?>[ \t]*)?\n", re.IGNORECASE)


def shown(text: str) -> str:
    """The HTML that WordPress shows for the text of a comment."""
    text = _CODE.sub(_preformatted, text)
    made: list[str] = []
    within = ""
    is_kept = False  # to the letter, up to the end of what is preformatted
    for at, part in enumerate(_BLOCK.split(text.replace("\r\n", "\n"))):
        if at % 2:
            is_end, name = part.startswith("</"), _NAME.findall(part)[0].lower()
            is_kept = not is_end if name == "pre" else is_kept
            within = "" if is_end else name
            made.append(part)
        else:
            made.append(part if is_kept or _is_wordless(part) else _broken(part, within))
    return "".join(made)


def _preformatted(found: re.Match[str]) -> str:
    # Where the editor has escaped it already, it is not to be read as written.
    return f"<pre><code>{html.escape(html.unescape(found[1].strip()))}</code></pre>"


def _is_wordless(part: str) -> bool:
    return not _TAG.sub("", part).strip()


def _broken(words: str, within: str) -> str:
    """The words between two tags with their breaks written out."""
    paragraphs = [_NEW_LINE.sub("<br>\n", one) for one in _EMPTY_LINE.split(words.strip())]
    if within in _OF_WORDS:
        return "<br>\n<br>\n".join(paragraphs)
    return "\n".join(f"<p>{one}</p>" for one in paragraphs)
