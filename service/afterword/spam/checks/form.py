"""Whether the comment was written in our form, at a person's pace."""

from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

MIN_SECONDS = 3
MAX_SECONDS = 24 * 60 * 60


def form(_draft: Draft, context: Context) -> Verdict:
    """Hold what came without a form, or faster than anyone types."""
    if context.form_age is None:
        return Verdict(Level.HOLD, "It did not come from the comment form.", 0.5)
    if context.form_age < MIN_SECONDS:
        return Verdict(
            Level.HOLD, f"It was sent {context.form_age:.1f} s after the form opened.", 0.6
        )
    if context.form_age > MAX_SECONDS:
        return Verdict(Level.HOLD, "Its form was opened more than a day before.", 0.2)
    return PASS
