"""Many comments on one page in a few minutes."""

import datetime as dt

from afterword.core.i18n import stored
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

WITHIN = dt.timedelta(minutes=5)
MOST_BY_ONE = 5
MOST_BY_ALL = 40
FOR_KNOWN = 3  # times as many as a stranger: some threads are conversations


def burst(_draft: Draft, context: Context) -> Verdict:
    """Challenge one sender's sixth comment on a page in five minutes, a stranger's in a flood."""
    since = context.now - WITHIN
    here = [one for one in context.recent if one.page_id == context.page_id and one.created > since]
    own = sum(context.is_by_sender(one) for one in here)
    most = MOST_BY_ONE * (FOR_KNOWN if context.is_known else 1)
    if own >= most:
        # A second of work is little for a robot: from the double on, a person has to look.
        level = Level.HOLD if own >= 2 * most else Level.CHALLENGE
        reason = stored(
            "reason",
            "Its author or network sent %(comments)s comments to this page within five minutes.",
            comments=own,
        )
        return Verdict(level, reason, 0.6)
    if len(here) >= MOST_BY_ALL and not context.is_known:
        reason = stored(
            "reason", "This page got %(comments)s comments within five minutes.", comments=len(here)
        )
        return Verdict(Level.CHALLENGE, reason, 0.3)
    return PASS
