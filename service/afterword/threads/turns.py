"""Who goes first, where several write at once: rows are locked in one order everywhere.

The site comes first, then comments, an answer before what it answers, then pages by their numbers:
so none wait for one another for ever. Whoever acts on one comment shares its site with others who
do (``comment``); whoever acts on many, or on pages before their comments, has the site alone
(``sites``, ``of_comments``, ``every``, ``pages``). A root that is posted takes no turn: of what is
there it changes nothing but its page's row, at its end.

SQLite has one writer, and is not asked to lock anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import CompoundSelect, Select, select

from afterword.core.db import db
from afterword.sites.models import Site
from afterword.threads.models import Comment, Page


def comment(comment: Comment) -> Comment | None:
    """The same as it stands now, which nobody else changes before the transaction ends.

    None where it is gone.
    """
    shared = select(Site.id).where(Site.id == comment.site_id)
    db.session.execute(shared.with_for_update(read=True))
    return _locked(comment.id)


def answered(comment: Comment) -> Comment | None:
    """What a comment answers, in the same way; None for a root. Once its own turn has come."""
    return _locked(comment.parent_id) if comment.parent_id else None


def sites(numbers: Select[int] | CompoundSelect[int]) -> None:
    """Let one transaction at a time act on comments of these sites: those that come later wait.

    Two that act on the same comments in other orders would wait for one another for ever.
    """
    # Not the key: what is stored anew refers to its site, and need not wait.
    rows = select(Site.id).where(Site.id.in_(numbers)).order_by(Site.id)
    db.session.execute(rows.with_for_update(key_share=True))


def of_comments(ids: Iterable[str]) -> None:
    """The same for the sites of comments."""
    sites(select(Comment.site_id).where(Comment.id.in_(sorted(ids))))


def every(rows: Select[Comment]) -> Sequence[Comment]:
    """The comments that are found, as they stand once the turn of their sites has come."""
    found = db.session.scalars(rows).all()
    if not found:
        return []  # nobody waits for nothing
    of_comments([one.id for one in found])
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def pages(ids: Sequence[int], *, are_shut: bool = False) -> None:
    """The same for the sites of pages, whose rows nobody else changes either.

    Those that ``are_shut`` take no new comment meanwhile, as it must be before one goes or gets
    another key: whoever posts to it waits, and fails when it is gone.
    """
    sites(select(Page.site_id).where(Page.id.in_(ids)))
    rows = select(Page.id).where(Page.id.in_(ids)).order_by(Page.id)
    db.session.execute(rows.with_for_update(key_share=not are_shut))


def _locked(comment_id: str) -> Comment | None:
    # Not the key: those who answer this comment meanwhile refer to it, and need not wait.
    return db.session.get(
        Comment, comment_id, populate_existing=True, with_for_update={"key_share": True}
    )
