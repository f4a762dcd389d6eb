"""The same words again: from the same author, or from many on the same day."""

from afterword.core.i18n import stored
from afterword.spam.sketch import ALIKE, SHORTEST, likeness, plain
from afterword.spam.verdict import PASS, Context, Level, Recent, Verdict
from afterword.threads.draft import Draft
from afterword.threads.models import State

# Among all readers of a site the same short text comes about by itself.
SHORTEST_OF_OTHERS = 60


def duplicate(draft: Draft, context: Context) -> Verdict:
    """Hold a text that is nearly that of another comment of the last 24 hours on the site."""
    length = len(plain(draft.text))
    if length < SHORTEST:
        return PASS
    for other in context.recent:
        verdict = _compared(other, context, length)
        if verdict is not PASS:
            return verdict
    return PASS


def _compared(other: Recent, context: Context, length: int) -> Verdict:
    if other.state is State.REMOVED:
        return PASS  # taken back, or taken away: to say it better is what its author should do
    is_own = context.is_by_sender(other)
    if not is_own and other.state is not State.SPAM and length < SHORTEST_OF_OTHERS:
        return PASS
    alike = likeness(context.sketch, other.sketch, least=ALIKE)
    if alike < ALIKE:
        return PASS
    is_spam = other.state is State.SPAM
    reason = _reason(is_same=alike == 1, is_spam=is_spam, is_own=is_own)
    return Verdict(Level.HOLD, reason, 0.9 if is_spam else 0.6)


def _reason(*, is_same: bool, is_spam: bool, is_own: bool) -> str:
    if is_spam:
        if is_same:
            return stored("reason", "It is the same as a comment that is spam.")
        return stored("reason", "It is nearly the same as a comment that is spam.")
    if is_own:
        if is_same:
            return stored(
                "reason", "It is the same as another of the same sender, of the last 24 hours."
            )
        return stored(
            "reason", "It is nearly the same as another of the same sender, of the last 24 hours."
        )
    if is_same:
        return stored(
            "reason", "It is the same as a comment by someone else, of the last 24 hours."
        )
    return stored(
        "reason", "It is nearly the same as a comment by someone else, of the last 24 hours."
    )
