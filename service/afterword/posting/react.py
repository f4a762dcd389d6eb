"""React to a comment with one of the signs that the site offers; each once a person."""

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
from afterword.threads import counts
from afterword.threads.models import Comment, Reaction


@dataclass(frozen=True)
class Reacted:
    """A comment with all reactions to it. ``token`` is the reader's, made when they had none."""

    comment: Comment
    token: str


def react(
    comment_id: str,
    name: str,
    *,
    on: bool,
    reader: Reader,
    admit: Callable[[], None] = lambda: None,
) -> Reacted:
    """Give or take back one's reaction. What stands already is not counted again.

    Raises NotFound, NotOffered, OwnComment, Banned. ``admit`` as of ``vote``.
    """
    comment = target.find(comment_id)
    permissions.may_react(name, options=directory.by_id(comment.site_id).options)
    author = readers.admit(reader, site_id=comment.site_id)
    permissions.may_judge(comment, author_id=author.id if author else None)
    if author is None or db.session.get(Reaction, (comment_id, author.id, name)) is None:
        admit()
    token = reader.token or signing.new_secret()
    if author is None and not on:
        return Reacted(comment, token)
    return insist(lambda: _store(comment, name, on, token))


def _store(comment: Comment, name: str, on: bool, token: str) -> Reacted:
    with transaction() as session:
        comment = target.lock(comment)
        author = authors.find_or_add(token, site_id=comment.site_id)
        permissions.may_judge(comment, author_id=author.id)
        held = session.get(Reaction, (comment.id, author.id, name), populate_existing=True)
        if on != (held is not None):
            if held is None:
                session.add(Reaction(comment_id=comment.id, author_id=author.id, name=name))
            else:
                session.delete(held)
            many = comment.reactions.get(name, 0) + (1 if on else -1)
            others = {other: n for other, n in comment.reactions.items() if other != name}
            comment.reactions = {**others, name: many} if many > 0 else others
            counts.touch(comment.page_id, comment)
    return Reacted(comment, token)
