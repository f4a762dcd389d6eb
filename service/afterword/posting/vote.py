"""Vote on a comment: one word a person, which may be changed and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from afterword.core import signing
from afterword.core.db import db, insist, transaction
from afterword.identity import authors
from afterword.moderation import permissions
from afterword.posting import reader as readers
from afterword.posting import target
from afterword.posting.reader import Reader
from afterword.sites import directory
from afterword.threads import counts, score
from afterword.threads.models import Comment, Vote


@dataclass(frozen=True)
class Cast:
    """A vote as it stands now. ``token`` is the voter's, made when they had none."""

    comment: Comment
    mine: int
    token: str


def vote(
    comment_id: str,
    value: int,
    *,
    reader: Reader,
    admit: Callable[[], None] = lambda: None,
) -> Cast:
    """Set one's vote to 1, -1 or 0 (none). What stands already is not counted again.

    Raises NotFound, NotOffered, OwnComment, Banned. ``admit`` is asked (and may refuse) about
    who has not voted on this comment yet.
    """
    comment = target.find(comment_id)
    options = directory.by_id(comment.site_id).options
    permissions.may_vote(value, options=options)
    author = readers.admit(reader, site_id=comment.site_id)
    permissions.may_judge(comment, author_id=author.id if author else None)
    if author is None or db.session.get(Vote, (comment_id, author.id)) is None:
        admit()
    token = reader.token or signing.new_secret()
    if author is None and not value:
        return Cast(comment, 0, token)
    return insist(lambda: _store(comment, value, token))


def _store(comment: Comment, value: int, token: str) -> Cast:
    with transaction() as session:
        comment = target.lock(comment)
        author = authors.find_or_add(token, site_id=comment.site_id)
        permissions.may_judge(comment, author_id=author.id)
        held = session.get(Vote, (comment.id, author.id), populate_existing=True)
        before = held.value if held else 0
        if value != before:
            if held is None:
                session.add(Vote(comment_id=comment.id, author_id=author.id, value=value))
            elif value:
                held.value = value
            else:
                session.delete(held)
            score.count(comment, up=(value > 0) - (before > 0), down=(value < 0) - (before < 0))
            counts.touch(comment.page_id, comment)
    return Cast(comment, value, token)
