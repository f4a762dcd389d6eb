"""What Akismet says, for owners who have a key: https://akismet.com/developers/"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from afterword.core import clock, fetch, urls
from afterword.core.fetch import Limits, Unreachable
from afterword.core.i18n import stored
from afterword.spam.verdict import PASS, Context, Level, Unanswered, Verdict
from afterword.threads.draft import Draft

ADDRESS: Final = "https://rest.akismet.com/1.1/comment-check"
LIMITS: Final = Limits(seconds=2.0, most=16 * 1024)
HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def akismet(draft: Draft, context: Context) -> Verdict:
    """Hold what Akismet takes for spam. Raises Unanswered.

    Also what it would throw away (``X-akismet-pro-tip: discard``): a comment that was refused by
    mistake nobody would ever see again.
    """
    if context.address is None:
        return PASS  # nothing came over the network, and it answers nothing without an address
    body = urlencode(_told(draft, context, context.address)).encode()
    try:
        answer = fetch.post(ADDRESS, body, headers=HEADERS, limits=LIMITS)
    except Unreachable as fault:
        raise Unanswered(str(fault)) from None
    said = answer.body.strip()
    if answer.status == 200 and said == b"true":
        return Verdict(Level.HOLD, stored("reason", "Akismet takes it for spam."), 0.9)
    if answer.status == 200 and said == b"false":
        return PASS
    if said == b"invalid":
        raise Unanswered("Akismet does not know the key")
    raise Unanswered(f"Akismet answered {answer.status}, neither true nor false")


def _told(draft: Draft, context: Context, address: str) -> dict[str, str]:
    """All that leaves the house; docs/moderation.md lists it."""
    told = {
        "api_key": context.options.akismet_key,
        "blog": f"{urls.origin_of(draft.url)}/",
        "blog_charset": "UTF-8",
        "user_ip": address,
        "user_agent": context.agent,
        "permalink": urls.clean_url(draft.url),
        "comment_type": "reply" if draft.parent else "comment",
        "comment_author": draft.name,
        "comment_author_email": draft.email,
        "comment_author_url": draft.website,
        "comment_content": draft.text,
        "comment_date_gmt": clock.text(context.now),
        "recheck_reason": "edit" if context.is_edit else None,
    }
    return {name: text for name, text in told.items() if text}
