"""Whether the comment was written in our form, at a person's pace."""

import datetime as dt

from afterword.core.i18n import stored
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

MIN_SECONDS = 3
MAX_SECONDS = 24 * 60 * 60
# A form stays open, so one reader may write several comments in it: each is one use of its token.
MOST_USES = 10
MOST_NETWORKS = 3  # a telephone changes its network on the way home, but not this often
MEMORY = dt.timedelta(hours=1)
FASTEST = 25  # characters a second; people who write faster have pasted


def form(draft: Draft, context: Context) -> Verdict:
    """Hold what came without a form or by one passed around; challenge the pace of a robot."""
    age = context.form_age
    if age is not None and age < MIN_SECONDS:
        return Verdict(
            Level.CHALLENGE,
            stored(
                "reason", "It was sent %(seconds)s s after the form opened.", seconds=f"{age:.1f}"
            ),
            0.6,
        )
    reason, suspicion = _oddity(context)
    if reason:
        return Verdict(Level.HOLD, reason, suspicion)
    if context.form_is_elsewhere:
        # Telephones change networks. A recorded post does too, and solves no challenge.
        return Verdict(
            Level.CHALLENGE, stored("reason", "Its form was opened in another network."), 0.3
        )
    is_pasted = len(draft.text) > FASTEST * (context.form_age or 0)
    return Verdict(Level.PASS, suspicion=0.2) if is_pasted else PASS


def _oddity(context: Context) -> tuple[str, float]:
    age = context.form_age
    if age is None:
        return stored("reason", "It did not come from the comment form."), 0.5
    if age > MAX_SECONDS:
        return stored("reason", "Its form was opened more than a day before."), 0.2
    return _replay(context)


def _replay(context: Context) -> tuple[str, float]:
    since = context.now - MEMORY
    uses = [
        one for one in context.recent if one.form == context.form_digest and one.created > since
    ]
    networks = {one.network for one in uses} | set(context.networks[:1])
    if len(uses) >= MOST_USES:
        return stored(
            "reason",
            "The same form was sent %(times)s times within an hour before.",
            times=len(uses),
        ), 0.6
    if len(networks) > MOST_NETWORKS:
        return stored(
            "reason",
            "The same form was sent from %(networks)s networks within an hour.",
            networks=len(networks),
        ), 0.7
    return "", 0.0
