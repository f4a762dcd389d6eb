"""Writing that hides: words of mixed alphabets, reordered lines, invisible signs, piled-up marks.

What readers see was cleaned before (``markup.plain``); this looks at what was sent.
"""

from __future__ import annotations

import re
import unicodedata

from afterword.core.i18n import stored
from afterword.markup import letters
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

MOST_MARKS = 8  # on one letter: no language piles up more
MOST_MIXED = 1  # words in a text: a slip of the keyboard layout is human
MOST_HIDDEN = 2

_WORD = re.compile(r"\w+")
_OVERRIDE = re.compile("[\u202d\u202e]")
_ISOLATE = re.compile("[\u202a-\u202c\u2066-\u2069]")
# Invisible between two Latin letters, where no language needs it. Without the soft hyphen, which
# comes along with text that is copied from a page.
_HIDDEN = re.compile("(?<=[A-Za-z])[\u180e\u200b-\u200f\u2060-\u2064\ufeff]+(?=[A-Za-z])")


def scripts(draft: Draft, _context: Context) -> Verdict:
    """Hold a text whose letters are not what they seem."""
    sent = draft.as_sent or f"{draft.name}\n{draft.text}"
    if sent.isascii():
        return PASS
    reason = _hidden(sent) or _mixed(draft)
    if reason:
        return Verdict(Level.HOLD, reason, 0.6)
    is_odd = _ISOLATE.search(sent) or _HIDDEN.search(sent) or _words(draft.text)
    return Verdict(Level.PASS, suspicion=0.2) if is_odd else PASS


def _hidden(sent: str) -> str | None:
    if _OVERRIDE.search(sent):
        return stored("reason", "It has signs that make readers see its letters in another order.")
    if _is_piled(sent):
        return stored(
            "reason", "It piles up more than %(most)s marks on one letter.", most=MOST_MARKS
        )
    if len(_HIDDEN.findall(sent)) > MOST_HIDDEN:
        return stored("reason", "It has invisible signs inside its words.")
    return None


def _mixed(draft: Draft) -> str | None:
    names = _words(draft.name, at_least=2)
    if names:
        return stored(
            "reason",
            "The name %(name)s mixes letters of different alphabets that look the same.",
            name=draft.name,
        )
    found = _words(draft.text)
    if len(found) > MOST_MIXED:
        return stored(
            "reason",
            "Words like %(word)s mix letters of different alphabets.",
            word=sorted(found)[0],
        )
    return None


def _words(text: str, *, at_least: int = 4) -> set[str]:
    """Words in which letters of one alphabet stand for those of another that look the same.

    Where they are told apart at a glance, as in "Δtotal", nobody is
    deceived.
    """
    if text.isascii():
        return set()
    return {
        word
        for word in _WORD.findall(text)
        if len(word) >= at_least
        and letters.mixes_scripts(word)
        and letters.skeleton(word).isascii()
    }


def _is_piled(text: str) -> bool:
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks > MOST_MARKS:
            return True
    return False
