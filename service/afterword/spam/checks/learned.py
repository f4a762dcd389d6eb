"""What the site's moderators taught the filter about comments like this one."""

from collections.abc import Sequence
from typing import Final

from afterword.core.i18n import stored
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

HOLD_FROM: Final = 0.76  # of a hundred that it finds this likely, eighty or more are spam
DOUBT_FROM: Final = 0.5
SAID: Final = "It reads like spam"  # begins its reason, by which it is known later


def learned(_draft: Draft, context: Context) -> Verdict:
    """Hold what reads like spam; never more, since only a person knows."""
    opinion = context.opinion
    if opinion is None or opinion.probability < DOUBT_FROM:
        return PASS
    suspicion = 2 * opinion.probability - 1
    if opinion.probability < HOLD_FROM:
        return Verdict(Level.PASS, suspicion=suspicion)
    shown = min(opinion.probability, 0.99)
    return Verdict(Level.HOLD, _reason(f"{shown:.2f}", opinion.telling), suspicion)


def _reason(share: str, telling: Sequence[str]) -> str:
    if not telling:
        return stored("reason", "It reads like spam (%(share)s).", share=share)
    words = ", ".join(telling)
    return stored("reason", "It reads like spam (%(share)s): %(words)s.", share=share, words=words)
