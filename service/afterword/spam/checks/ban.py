"""Someone whom the owner has banned."""

from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft


def ban(_draft: Draft, context: Context) -> Verdict:
    """Refuse what comes from under a ban; ``posting`` found it, as bans are moderation's."""
    if context.exclusion:
        return Verdict(Level.REJECT, context.exclusion.reason, 1.0)
    return PASS
