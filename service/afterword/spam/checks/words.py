"""The owner's own words: those that let a comment wait, and those that it is refused for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from afterword.core.folding import fold
from afterword.core.i18n import stored
from afterword.markup.links import within
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

MOST_BETWEEN = 60  # letters that one * inside a word stands for; few and bounded, so never slow
# Thai, Lao, Burmese, Khmer, kana, Han, Hangul: written without spaces between words, or with
# particles that stick to them.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
    "\U00020000-\U0003ffff]"
)


def words(draft: Draft, context: Context) -> Verdict:
    """Refuse or hold what has one of the owner's words: in text, name, e-mail, website, links."""
    options = context.options
    if not options.reject_words and not options.hold_words:
        return PASS
    targets = (link.target for link in within(context.html))
    said = (draft.text, draft.name, draft.email, draft.website, *targets)
    text = "\n".join(fold(part) for part in said if part)
    refused = _first(options.reject_words, text)
    if refused:
        return Verdict(
            Level.REJECT,
            stored("reason", "It has “%(word)s”, which this site refuses.", word=refused),
            1.0,
        )
    held = _first(options.hold_words, text)
    if held:
        return Verdict(
            Level.HOLD,
            stored("reason", "It has “%(word)s” from your list of words.", word=held),
            0.7,
        )
    return PASS


class _Line(NamedTuple):
    """A line of the owner's list, and what finds it."""

    written: str
    pieces: tuple[str, ...]
    pattern: re.Pattern[str]


def _first(written: str, text: str) -> str | None:
    """The first line of a list that occurs in a text."""
    for line in _lines(written):
        # Looking for strings is what makes a thousand lines cheap; few need the pattern after it.
        if all(piece in text for piece in line.pieces) and line.pattern.search(text):
            return line.written
    return None


@lru_cache(maxsize=64)
def _lines(written: str) -> tuple[_Line, ...]:
    lines = ((line, fold(line)) for line in written.splitlines())
    # Lists of older versions may have lines of which nothing is left, or stars that hit everything.
    return tuple(_line(line, plain) for line, plain in lines if plain.strip("* "))


def _line(written: str, plain: str) -> _Line:
    pieces = tuple(piece for piece in plain.split("*") if piece)
    before = "" if plain.startswith("*") or _stands_alone(pieces[0][0]) else r"(?<![^\W_])"
    behind = "" if plain.endswith("*") or _stands_alone(pieces[-1][-1]) else r"(?![^\W_])"
    middle = rf"\S{{0,{MOST_BETWEEN}}}".join(re.escape(piece) for piece in pieces)
    return _Line(written, pieces, re.compile(before + middle + behind))


def _stands_alone(char: str) -> bool:
    """Whether a word may begin or end at this sign, whatever stands beside it."""
    return not char.isalnum() or _UNSPACED.match(char) is not None
