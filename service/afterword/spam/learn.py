"""The filter's memory: what a site's moderators decided, feature by feature, in the database.

All is learned and unlearned inside the transaction of the decision: both stand, or neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from sqlalchemy import bindparam, select

from afterword.core import clock
from afterword.core.db import db
from afterword.spam import bayes, digests, tokens
from afterword.spam.bayes import NONE, Counts, Knowledge, Opinion
from afterword.spam.ledger import TABLE, WEIGHTS, Ledger
from afterword.spam.models import Lesson, Taught
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State

KEPT: Final = 2500  # newest lessons of each kind that a site keeps; older ones are taken back
STANDS: Final = dt.timedelta(days=1)  # after which a visible comment nobody objected to is trusted
_LOOKED_THROUGH: Final = 50

# Made once: it is asked for each comment, and to make it takes longer than to ask it.
_KNOWN: Final = select(TABLE.c.feature, TABLE.c.spam, TABLE.c.good).where(
    TABLE.c.site_id == bindparam("site"),
    TABLE.c.feature.in_(bindparam("features", expanding=True)),
)


def opinion(
    draft: Draft, *, site_id: int, form_age: float | None, besides: Lesson | None = None
) -> Opinion:
    """What the site's experience says of a draft, ``besides`` one lesson. One query."""
    features = tokens.features(
        draft.text,
        name=draft.name,
        website=draft.website,
        own_host=tokens.host(draft.url),
        form_age=form_age,
    )
    named = {digests.of(feature): feature for feature in features}
    asked = [digests.COMMENTS, digests.TEXTS, *named]
    rows = db.session.execute(_KNOWN, {"site": site_id, "features": asked})
    found = {feature: Counts(spam, good) for feature, spam, good in rows}
    if besides is not None and besides.is_counted:
        found = _without(besides, found)
    known = Knowledge(
        comments=found.pop(digests.COMMENTS, NONE),
        texts=found.pop(digests.TEXTS, NONE),
        seen={named[feature]: counts for feature, counts in found.items()},
    )
    return bayes.judge(features, known)


def _without(lesson: Lesson, found: dict[int, Counts]) -> dict[int, Counts]:
    """What would be known had this lesson not been given."""
    spam, good = WEIGHTS[Taught(lesson.taught)]
    weights = dict.fromkeys([digests.COMMENTS, *digests.unpacked(lesson.features)], 1)
    weights[digests.TEXTS] = lesson.text_size
    return {
        feature: Counts(counts.spam - spam * weight, counts.good - good * weight)
        for feature, counts in found.items()
        for weight in [weights.get(feature, 0)]
    }


def taught(ids: Iterable[str]) -> dict[str, Taught]:
    """What comments have taught, where they did."""
    rows = select(Lesson.comment_id, Lesson.taught).where(Lesson.comment_id.in_(sorted(ids)))
    return {comment_id: Taught(kind) for comment_id, kind in db.session.execute(rows)}


def follow(decided: Iterable[tuple[Comment, Taught | None]]) -> None:
    """Let comments have taught this and nothing else; None: nothing.

    Inside a transaction that has their site alone (``threads.turns``).
    """
    decided = list(decided)
    known = lessons([comment.id for comment, _ in decided])
    for site_id in sorted({comment.site_id for comment, _ in decided}):
        ledger = Ledger(site_id)
        for comment, kind in decided:
            if comment.site_id == site_id:
                _teach(ledger, comment, kind, known.get(comment.id))
        if Taught.SPAM in ledger.grown:
            _let_standing_speak(ledger)
        for kind in ledger.grown:
            _forget_oldest(ledger, kind)
        ledger.write()


def _teach(ledger: Ledger, comment: Comment, kind: Taught | None, lesson: Lesson | None) -> None:
    if (lesson.taught if lesson else None) == kind:
        return
    if lesson is not None:
        ledger.take_back(lesson)
    if kind is not None:
        ledger.add(comment.id, kind, _features(comment))


def _features(comment: Comment) -> tuple[str, ...]:
    return tokens.features(
        comment.text,
        name=comment.name,
        website=comment.website,
        own_host=tokens.host(comment.page.url),
        form_age=comment.form_age,
    )


def _let_standing_speak(ledger: Ledger) -> None:
    """Learn from visible comments that nobody objected to, while more spam than good is known.

    Who publishes at once approves nothing: without them, the filter would only ever see spam.
    """
    if not ledger.lacks_good():
        return
    newest = (
        select(Comment.id)
        .where(
            Comment.site_id == ledger.site_id,
            Comment.state == State.VISIBLE,
            Comment.created < clock.now() - STANDS,
        )
        .order_by(Comment.created.desc(), Comment.id.desc())
        .limit(_LOOKED_THROUGH)
        .subquery()
    )
    untaught = (
        select(Comment)
        .join(newest, newest.c.id == Comment.id)
        .outerjoin(Lesson, Lesson.comment_id == Comment.id)
        .where(Lesson.comment_id.is_(None), Comment.is_moderator.is_(False))
        .limit(2)
    )
    for comment in db.session.scalars(untaught).all():
        ledger.add(comment.id, Taught.STANDING, _features(comment))


def _forget_oldest(ledger: Ledger, kind: Taught) -> None:
    """Keep to the newest lessons: rows stay bounded, and what spam was like years ago fades."""
    old = (
        select(Lesson)
        .where(Lesson.site_id == ledger.site_id, Lesson.taught == kind)
        .order_by(Lesson.at.desc())
        .offset(KEPT)
        .limit(_LOOKED_THROUGH)
    )
    for lesson in db.session.scalars(old).all():
        ledger.take_back(lesson)


def lessons(ids: list[str]) -> dict[str, Lesson]:
    """What comments have taught, as it is kept."""
    rows = select(Lesson).where(Lesson.comment_id.in_(sorted(ids)))
    found = db.session.scalars(rows.execution_options(populate_existing=True))
    return {lesson.comment_id: lesson for lesson in found}
