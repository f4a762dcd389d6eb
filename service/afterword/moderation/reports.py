"""What readers have against comments: kept until a moderator decides, who has the last word."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, case, func, select, update

from afterword.core import clock
from afterword.core.db import db
from afterword.core.i18n import stored
from afterword.identity.models import Author, Standing
from afterword.moderation import audit, states
from afterword.moderation.models import Act, Report
from afterword.moderation.scope import Scope, within
from afterword.spam import learn
from afterword.threads import counts
from afterword.threads.models import Comment, State

# For so long it is known whether two reports came from one network.
TOLD_APART = dt.timedelta(days=30)


def add(comment: Comment, report: Report, *, called: tuple[str, ...], enough: int) -> None:
    """Keep a report; with so many as are enough, the comment waits. Inside a transaction.

    ``called`` are the pseudonyms of the network that it came from, see ``spam.networks``.
    """
    _forget_networks()
    if called:
        report.network, *earlier = called
        # Else who reported it last month as well would count as somebody else by now.
        which = (Report.comment_id == comment.id, Report.network.in_(earlier))
        _set(*which, network=report.network)
    db.session.add(report)
    db.session.flush()
    if enough and _reporters(comment) >= enough and _may_wait(comment):
        _hold(comment)


def of_comments(ids: Iterable[str], *, until: dt.datetime | None = None) -> dict[str, list[Report]]:
    """The open reports of these comments, oldest first; maybe only those that came until then."""
    rows = select(Report).where(*_open(until), Report.comment_id.in_(sorted(set(ids))))
    found: dict[str, list[Report]] = {}
    for report in db.session.scalars(rows.order_by(Report.at)):
        found.setdefault(report.comment_id, []).append(report)
    return found


def only_since(moment: dt.datetime) -> set[str]:
    """The comments whose open reports all came later."""
    rows = select(Report.comment_id).where(Report.act_id.is_(None)).group_by(Report.comment_id)
    return set(db.session.scalars(rows.having(func.min(Report.at) > moment)))


def answer(acts: Mapping[str, Act], *, until: dt.datetime | None = None) -> None:
    """Take these comments' open reports for answered by these acts. Inside their transaction.

    What came after ``until`` nobody has read who decided: it goes on waiting.
    """
    db.session.flush()
    for comment_id, act in acts.items():
        _set(Report.comment_id == comment_id, *_open(until), act_id=act.id)


def reopen(act: Act) -> None:
    """Take back that an act answered reports. Inside a transaction."""
    _set(Report.act_id == act.id, act_id=None)


def is_open() -> ColumnElement[bool]:
    """Of a query over comments: whether somebody has something against it that waits."""
    return Comment.id.in_(select(Report.comment_id).where(Report.act_id.is_(None)))


def total(sites: Scope = None) -> int:
    """How many visible comments have reports that wait."""
    rows = select(func.count(func.distinct(Report.comment_id))).join(
        Comment, Comment.id == Report.comment_id
    )
    rows = rows.where(Report.act_id.is_(None), Comment.state == State.VISIBLE)
    rows = rows.where(*within(Comment.site_id, sites))
    return db.session.scalar(rows) or 0


def _reporters(comment: Comment) -> int:
    """How many people reported a comment: those of one network count as one.

    So do all of whom it is forgotten: they may have been one.
    """
    is_forgotten = Report.at < clock.now() - TOLD_APART
    who = func.coalesce(Report.network, case((is_forgotten, ""), else_=Report.author_id))
    rows = select(func.count(func.distinct(who)))
    found = db.session.scalar(rows.where(Report.comment_id == comment.id, Report.act_id.is_(None)))
    return found or 0


def _may_wait(comment: Comment) -> bool:
    """Whether readers may take a comment off the page: not against a moderator's word."""
    author = db.session.get(Author, comment.author_id) if comment.author_id else None
    is_trusted = author is not None and author.standing is Standing.TRUSTED
    return not (comment.is_moderator or is_trusted or audit.is_approved(comment))


def _hold(comment: Comment) -> None:
    said = Counter(report.reason.value for report in of_comments([comment.id])[comment.id])
    reasons = ", ".join(f"{reason} ({many})" for reason, many in said.most_common())
    taught = learn.taught([comment.id]).get(comment.id)
    before = states.move(comment, State.PENDING)
    audit.write(comment, "hold", by=audit.READERS, before=before, taught_before=taught)
    comment.reasons = [stored("reason", "Readers reported it: %(reasons)s.", reasons=reasons)]
    counts.settle(comment, before=before)


def _forget_networks() -> None:
    _set(Report.network.is_not(None), Report.at < clock.now() - TOLD_APART, network=None)


def _open(until: dt.datetime | None) -> list[ColumnElement[bool]]:
    came = [Report.at <= until] if until is not None else []
    return [Report.act_id.is_(None), *came]


def _set(*which: ColumnElement[bool], **values: int | str | None) -> None:
    db.session.execute(
        update(Report).where(*which).values(**values).execution_options(synchronize_session="fetch")
    )
