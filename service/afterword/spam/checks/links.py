"""Many links are what spam is made for."""

from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft


def links(_draft: Draft, context: Context) -> Verdict:
    """Hold a comment with more links than the site allows at once."""
    count = context.html.count("<a ")
    if count > context.options.max_links:
        return Verdict(Level.HOLD, f"It has {count} links.")
    return PASS
