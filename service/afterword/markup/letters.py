"""Letters that deceive: scripts mixed in one word, and words that only look alike."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

from __future__ import annotations

import unicodedata
from typing import Final

# Scripts that are written together in one word (UTS 39, "Highly Restrictive").
_TOGETHER: Final = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
# From Unicode's confusables.txt (https://www.unicode.org/reports/tr39/), the part that people can
# see: letters of living alphabets, and small capitals, that pass for a Latin one. What NFKD takes
# apart (full width, mathematical, circled) needs no line here.
_LOOKALIKES: Final = {
    "a": "ɑαаᎪᗅꓮᴀ",
    "b": "ƅβвьᏏᏴᑲᖯᗷꓐꞵʙ",
    "c": "сᏟᴄⲥꓚ",
    "d": "ԁᎠᏧᑯᗞᗪꓒꓓᴅ",
    "e": "εеҽᎬ℮ꓰꬲᴇ",
    "f": "ϝքᖴẝꓝꞙꬵꜰ",
    "g": "ƍɡԍցᏀᏳᶃꓖɢ",
    "h": "ηнһհᎻᏂᕼⲏꓧʜ",
    "j": "ʝϳјᎫᒍꓙᴊ",
    "k": "κкᏦⲕꓗᴋ",
    "l": "i1|ǀıɩɪιіӏᎥꙇᏞᒪⲓⳑꓡꓲʟ",
    "m": "μϻмᎷᗰⲙꓟᴍ",
    "n": "ոռⲛꓠɴ",
    "o": "0οσоօჿᴏᴑⲟꓳꬽ",
    "p": "ρрᏢᑭⲣꓑᴘ",
    "q": "ԛգզ",
    "r": "ʀгᎡᎱᏒᖇᴦⲅꓣꭇꭈ",
    "s": "5ƽѕտᏕᏚꓢꜱ",
    "t": "τтᎢⲧꓔᴛ",
    "u": "ʋυսᑌᴜꓴꞟꭎꭒ",
    "v": "νѵᏙᐯᴠꓦ",
    "w": "ɯѡԝաᎳᏔᴡꓪ",
    "x": "χхᕁᕽ᙭᙮ⲭꓫꭓ",
    "y": "ɣʏγуүყᎩᎽᶌỿⲩꓬꭚ",
    "z": "ζᏃᴢꓜ",
}
_LATIN: Final = {ord(char): letter for letter, alike in _LOOKALIKES.items() for char in alike}


def scripts(word: str) -> frozenset[str]:
    """The scripts of a word's letters, as Unicode's names of the letters begin."""
    letters = (char for char in word if unicodedata.category(char)[0] == "L")
    return frozenset(unicodedata.name(char, "UNKNOWN").split()[0] for char in letters)


def mixes_scripts(word: str) -> bool:
    """Whether a word has letters of scripts that nobody writes together."""
    if word.isascii():
        return False
    found = scripts(word)
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)


def skeleton(text: str) -> str:
    """What is left of a name when all that looks the same is the same, without spaces and signs.

    Two names with one skeleton can be taken for each other (UTS 39, 4).
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    shown = plain.translate(_LATIN).replace("rn", "m").replace("vv", "w")
    return "".join(char for char in shown if unicodedata.category(char)[0] in "LN")
