"""Signs that nobody sees, made visible for who decides over a comment.

Unicode's ``Default_Ignorable_Code_Point`` (DerivedCoreProperties.txt), the spaces that are none of
a keyboard's, and the Braille pattern without a dot. Where a language or an emoji needs such a sign
it is left alone: it is how people write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from functools import partial
from itertools import groupby
from typing import Final

MOST: Final = 100  # places of one text that are marked; those beyond are counted
NAMED: Final = 5  # different signs that one mark names

_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u200e\u200f\u061c"
_TEXT_OR_EMOJI = "\ufe0e\ufe0f"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202a-\u202e"
    "\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The flags of parts of a country: https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_PART = re.compile(f"(<[^>]*>|{_FLAG})|[{_UNSEEN}]+")
_RIGHT_TO_LEFT = re.compile(
    "[\u05d0-\u05f4\u0620-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)

# Scripts whose words take a joiner, and those that stand without spaces between their words; as
# Unicode's names of their letters begin.
_JOINED = frozenset(
    {
        *("ADLAM", "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER"),
        *("MALAYALAM", "MANDAIC", "MONGOLIAN", "MYANMAR", "NKO", "ORIYA", "SINHALA", "SYRIAC"),
        *("TAMIL", "TELUGU", "TIBETAN"),
    }
)
_UNSPACED = frozenset({"KHMER", "LAO", "MYANMAR", "THAI", "TIBETAN"})
# Beside symbols: what has a form as text and one as emoji.
_EMOJI_OF_TEXT = frozenset("#*0123456789\u203c\u2049\u2139\u3030\u303d")


def reveal(html_text: str) -> str:
    """Sanitised HTML with a mark in the place of each run of signs that nobody would see."""
    if html_text.isascii():
        return html_text
    shown: list[str] = []
    end = found = 0
    for start, stop in _hidden(html_text):
        found += 1
        if found <= MOST:
            shown += html_text[end:start], _mark(html_text[start:stop])
            end = stop
    shown.append(html_text[end:])
    if found > MOST:
        shown.append(f' <small class="sign">and in {found - MOST:,} more places</small>')
    return "".join(shown)


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    """Where runs of signs begin and end that are seen by nobody and needed by nothing."""
    is_mixed = _RIGHT_TO_LEFT.search(text) is not None
    is_ordinary = partial(_is_ordinary, text, is_mixed=is_mixed)
    for found in _PART.finditer(text):
        if found[1]:
            continue
        for is_needed, run in groupby(range(*found.span()), key=is_ordinary):
            places = list(run)
            if not is_needed:
                yield places[0], places[-1] + 1


def _mark(run: str) -> str:
    kinds = list(dict.fromkeys(run))
    label = f"U+{ord(run[0]):04X}"
    if len(run) > 1:
        label = f"{len(run):,} unseen signs" if len(kinds) > 1 else f"{len(run):,} times {label}"
    names = ", ".join(map(_name, kinds[:NAMED])) + (", …" if len(kinds) > NAMED else "")
    return f'<abbr class="sign" dir="ltr" title="{names}">{label}</abbr>'


def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}").capitalize()


def _is_ordinary(text: str, at: int, *, is_mixed: bool) -> bool:
    """Whether an unseen sign is where people have it who hide nothing.

    ``is_mixed``: the text has letters that are written from right to left.
    """
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in _JOINERS:
        is_emoji = char == "\u200d" and _ends_emoji(before) and _is_symbol(after)
        return is_emoji or (_is_of(before, _JOINED) and _is_of(after, _JOINED))
    if char in _DIRECTIONS:
        return is_mixed
    if char == "\u200b":
        return _is_of(before, _UNSPACED) and _is_of(after, _UNSPACED)
    if _is_variation(char):
        return _varies(before, char)
    # A space of any width lays out; inside a word it takes the word apart.
    return unicodedata.category(char) == "Zs" and not (before.isalpha() and after.isalpha())


def _is_variation(char: str) -> bool:
    return "\u180b" <= char <= "\u180f" or "VARIATION SELECTOR" in unicodedata.name(char, "")


def _varies(before: str, char: str) -> bool:
    """Whether there is a form of what stands before that this asks for."""
    if "\u180b" <= char <= "\u180f":
        return _is_of(before, {"MONGOLIAN"})
    if char in _TEXT_OR_EMOJI:
        return _is_symbol(before) or before in _EMOJI_OF_TEXT
    # Those of the last plane are for ideographs; after an emoji they carry what a text hides.
    if char > "\uffff":
        return _is_of(before, {"CJK"})
    return _is_symbol(before) or _is_of(before, {"CJK", "MYANMAR"})


def _ends_emoji(char: str) -> bool:
    return _is_symbol(char) or char in _TEXT_OR_EMOJI


def _is_symbol(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] == "S"


def _is_of(char: str, scripts: Set[str]) -> bool:
    return bool(char) and unicodedata.name(char, "").split(" ")[0] in scripts
