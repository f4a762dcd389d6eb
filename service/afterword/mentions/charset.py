"""The words of a page elsewhere, in the charset that it says it is in."""

from __future__ import annotations

from encodings.aliases import aliases
from typing import Final

from afterword.core.fetch import Answer

# What pages are written in, by Python's names. Only what reads a text once and no more: punycode,
# which is a charset too, looks through all that it has read again for every letter.
_KNOWN: Final = frozenset(
    {
        *("utf_8", "utf_16", "utf_16_le", "utf_16_be", "ascii", "latin_1", "koi8_r", "koi8_u"),
        *(f"iso8859_{part}" for part in (*range(2, 12), *range(13, 17))),
        *(f"cp{page}" for page in (866, 874, 932, 949, *range(1250, 1259))),
        *("gb2312", "gbk", "gb18030", "big5", "big5hkscs"),
        *("shift_jis", "euc_jp", "iso2022_jp", "euc_kr"),
    }
)
_USUAL: Final = "utf_8"


def text(answer: Answer) -> str:
    """Its body as text without NUL; what cannot be read of it is replaced."""
    return answer.body.decode(_codec(answer), "replace").replace("\0", "")


def _codec(answer: Answer) -> str:
    said = next(iter(answer.said("content-type")), "")
    written = said.partition("charset=")[2].partition(";")[0].strip(" '\"")
    # Not by ``codecs.lookup``, which keeps what it was asked for ever.
    name = written.lower().replace("-", "_")
    name = aliases.get(name, name)
    return name if name in _KNOWN else _USUAL
