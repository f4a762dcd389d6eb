"""A field that people never see and robots fill in."""

from afterword.core.i18n import stored
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft


def honeypot(draft: Draft, _context: Context) -> Verdict:
    """Hold, not reject: a browser's auto-fill may have done it for a person."""
    if draft.trap:
        return Verdict(
            Level.HOLD, stored("reason", "A hidden field was filled in, as robots do."), 0.8
        )
    return PASS
