"""A checker of the owner's own: asked by a signed call (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

from afterword.core import clock, fetch, standard_webhooks, urls
from afterword.core.errors import BadRequest
from afterword.core.fetch import Limits, Unreachable
from afterword.core.i18n import stored
from afterword.markup import plain
from afterword.spam.verdict import PASS, Context, Level, Unanswered, Verdict
from afterword.threads.draft import Draft

SECONDS: Final = 2.0
MOST: Final = 16 * 1024
LONGEST_REASON: Final = 200
# What each says, and how suspicious it is: a policy that goes by suspicion goes by it too.
VERDICTS: Final = {
    "pass": (Level.PASS, 0.0),
    "challenge": (Level.CHALLENGE, 0.5),
    "hold": (Level.HOLD, 0.7),
    "reject": (Level.REJECT, 1.0),
}
MEMBERS: Final = frozenset({"verdict", "reason"})


def hook(draft: Draft, context: Context) -> Verdict:
    """What the owner's checker says. Raises Unanswered."""
    url, named = context.options.hook_url, context.hook_hosts
    parts = urls.split(url)
    if parts.scheme != "https" and parts.place not in named:
        raise Unanswered("the address of the checker needs https, or a place in HOOK_HOSTS")
    body = json.dumps(_told(draft, context), ensure_ascii=False).encode()
    limits = Limits(seconds=SECONDS, most=MOST, inside=named)
    try:
        headers = standard_webhooks.headers(
            body,
            secret=context.options.hook_secret,
            call=f"msg_{secrets.token_hex(16)}",
            at=context.now,
        )
        answer = fetch.post(url, body, headers=headers, limits=limits)
    except Unreachable as fault:
        raise Unanswered(str(fault)) from None
    if answer.status != 200:
        raise Unanswered(f"the checker answered {answer.status}, not 200")
    return _verdict(answer.body)


def _told(draft: Draft, context: Context) -> dict[str, Any]:
    """All that leaves the house; docs/moderation.md lists it."""
    return {
        "type": "comment.check",
        "timestamp": clock.text(context.now),
        "data": {
            "url": urls.clean_url(draft.url),
            "parent": draft.parent,
            "name": draft.name,
            "email": draft.email,
            "website": draft.website,
            "text": draft.text,
            "lang": draft.lang,
            "address": context.address,
            "agent": context.agent,
            "form_seconds": context.form_age,
            "is_known": context.is_known,
            "is_edit": context.is_edit,
        },
    }


def _verdict(body: bytes) -> Verdict:
    """The verdict in an answer, which has nothing but what it may have."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Unanswered("the checker's answer is not JSON") from None
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise Unanswered("the checker's answer is no object of verdict and reason")
    verdict, reason = said.get("verdict"), said.get("reason")
    if not isinstance(verdict, str) or verdict not in VERDICTS:
        raise Unanswered("the checker's verdict is none of pass, challenge, hold and reject")
    if reason is not None and not isinstance(reason, str):
        raise Unanswered("the checker's reason is not text")
    level, suspicion = VERDICTS[verdict]
    return PASS if level is Level.PASS else Verdict(level, _reason(reason or ""), suspicion)


def _reason(said: str) -> str:
    """The checker's words, as the owner sees them in the queue. Raises Unanswered."""
    try:
        shown = plain.title(said)
    except BadRequest:
        raise Unanswered("the checker's reason has characters that cannot be stored") from None
    if shown and len(shown) > LONGEST_REASON:
        shown = f"{shown[: LONGEST_REASON - 1]}\u2026"
    if not shown:
        return stored("reason", "Your checker objects to it.")
    return stored("reason", "Your checker says: %(words)s", words=shown)
