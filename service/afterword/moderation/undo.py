"""What moderators did, taken back: whatever it was, unless something came after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from afterword.core.db import transaction
from afterword.identity.models import Moderator
from afterword.moderation import actions, audit, authors, bans, merges, moves, places, sites
from afterword.moderation.models import Act
from afterword.sites import directory
from afterword.threads.models import Comment

# What the subject of an act begins with, and what puts that back inside a transaction.
KINDS: Final[dict[str, Callable[..., bool]]] = {
    "addresses": sites.take_back,
    "author": authors.take_back,
    "ban": bans.take_back,
    "merge": merges.take_back,
    moves.SUBJECT: moves.take_back,
    "page": places.take_back,
    "site": sites.take_back,
}
# What only owners do, and so only they take back.
FOR_OWNERS: Final = frozenset({"addresses", "merge", moves.SUBJECT, "site"})


def take_back(acts: Iterable[Act], *, by: str) -> tuple[list[Comment], int]:
    """Take acts back, the newest first; what somebody has acted on since stays as it is.

    Answers the comments that are as before, and how many other acts were taken back.
    """
    acts = list(acts)
    about_others = [act for act in acts if act.subject is not None]
    comments = actions.undo([act for act in acts if act.subject is None], by=by)
    return comments, sum(_put_back(act, by=by) for act in reversed(about_others))


def may_be_taken_back(act: Act, *, by: Moderator) -> bool:
    """Whether an act is of a kind that this moderator may do, and so take back: it may be their own
    from when they were an owner."""
    return by.is_owner or _kind(act) not in FOR_OWNERS


def possible(acts: Iterable[Act]) -> set[int]:
    """The numbers of those of these acts that can be taken back: the last of their kind."""
    acts = [act for act in acts if act.verb not in audit.TAKEN_BACK]
    about_others = [act for act in acts if act.subject is not None and act.before is not None]
    last = audit.last_about(about_others)
    of_comments = audit.last_of_comments(act for act in acts if act.subject is None)
    return {act.id for act in about_others if act.id in last} | {
        act.id for act in acts if act.id in of_comments
    }


def _put_back(act: Act, *, by: str) -> bool:
    with transaction():
        done = act.id in possible([act]) and KINDS[_kind(act)](act, by=by)
    directory.forget()
    return done


def _kind(act: Act) -> str:
    return (act.subject or "").partition(":")[0]
