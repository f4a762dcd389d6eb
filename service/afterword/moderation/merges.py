"""One page out of two: the thread of a page becomes part of another's, until it is taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from afterword.core import clock
from afterword.core.batches import batched
from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.core.i18n import _
from afterword.moderation import audit, places
from afterword.moderation.models import Act, Merge
from afterword.moderation.pins import MOST as MOST_PINS
from afterword.moderation.scope import Scope, within
from afterword.threads import counts, pages, subscriptions, turns
from afterword.threads.models import Comment, Mention, Page, PageAlias, State, Subscription

SHOWN = 20
_AT_ONCE = 500


@dataclass(frozen=True)
class Preview:
    """What a merge would do: the comments that come over, by state, and how many lose their pin."""

    page: Page  # goes
    into: Page  # stays
    states: Counter[State]
    unpinned: int

    @property
    def many(self) -> int:
        """Of all states."""
        return self.states.total()


def preview(page_id: int, into_id: int) -> Preview:
    """What a merge would do. Raises NotFound, and Conflict for pages that cannot be one."""
    page, into = places.by_id(page_id), places.by_id(into_id)
    if page.id == into.id:
        raise Conflict(_("Both addresses are of one page already."))
    if page.site_id != into.site_id:
        raise Conflict(_("The pages belong to different sites."))
    if page.post is not None or _has_replies(page):
        raise Conflict(
            _("A post on the fediverse is linked to the page. Take the link away first.")
        )
    rows = select(Comment.state, func.count()).where(Comment.page_id == page.id)
    by_state = rows.group_by(Comment.state)
    states = Counter({State(state): many for state, many in db.session.execute(by_state)})
    return Preview(page, into, states, len(_losing_pins(page, into)))


def merge(page_id: int, into_id: int, *, by: str) -> Merge:
    """Bring the thread of a page into another's. The page's addresses lead there from then on.

    Raises what ``preview`` does.
    """
    with transaction():
        # Who has posted to either is waited for; who is about to finds the one that is left.
        turns.pages([page_id, into_id], are_shut=True)
        plan = preview(page_id, into_id)
        page, into = plan.page, plan.into
        noted = Merge(
            site_id=page.site_id,
            page_id=into.id,
            by=by,
            comments=_ids(select(Comment.id).where(Comment.page_id == page.id)),
            unpinned=_losing_pins(page, into),
            aliases=_aliases(page),
            **_of_page(page),
            **_follow(page, into),
        )
        db.session.add(noted)
        # Who knew the page that goes has seen nothing of the other, and reads it anew.
        into.told_from = max(into.version, page.version + 1)
        into.version = max(into.version, page.version)
        _move(noted.comments, source=page.id, into=into)
        _pin(noted.unpinned, is_pinned=False)
        _lead(page, into)
        counts.recount(into.id)
        act = audit.note("merge", by=by, note=f"{page.url} into {into.url}", site_id=page.site_id)
        db.session.delete(page)
        db.session.flush()
        act.subject, act.before = f"merge:{noted.id}", {}
        db.session.flush()
        db.session.expire_all()  # the counts were worked out in the database
    return noted


def undo(merge_id: str, *, by: str) -> Page:
    """Part the pages again, the page that was gone as it was. Answers it.

    What was posted since stays where it was, but for replies, which stay with what they answer.
    Raises NotFound, and Conflict where the address is another page's now.
    """
    with transaction():
        return _undo(merge_id, by=by)


def take_back(act: Act, *, by: str) -> bool:
    """Part the pages that an act made one. Inside a transaction. Raises Conflict as ``undo``."""
    try:
        _undo((act.subject or "").partition(":")[2], by=by)
    except NotFound:
        return False
    return True


def by_id(merge_id: str) -> Merge:
    """A merge that stands. Raises NotFound."""
    found = db.session.get(Merge, merge_id, populate_existing=True)
    if found is None or found.undone is not None:
        raise NotFound(_("There is no such merge, or it was taken back already."))
    return found


def last(site_id: int, key: str) -> Merge:
    """The newest merge of the page that had this key. Raises NotFound."""
    rows = select(Merge).where(Merge.site_id == site_id, Merge.key == key, Merge.undone.is_(None))
    found = db.session.scalar(rows.order_by(Merge.at.desc()).limit(1))
    if found is None:
        raise NotFound(_("No page that was at this address is merged with another."))
    return found


def standing(*, sites: Scope = None) -> list[Merge]:
    """The newest merges that can be taken back."""
    rows = select(Merge).where(Merge.undone.is_(None), *within(Merge.site_id, sites))
    return list(db.session.scalars(rows.order_by(Merge.at.desc()).limit(SHOWN)))


def drop_double(one: Subscription) -> None:
    """Take away what mails its reader the same as another. Inside a transaction.

    Where a merge alone made it the same, it comes back when the pages are parted.
    """
    others = {other.id for other in subscriptions.alike(one)}
    rows = select(Merge).where(Merge.page_id == one.page_id, Merge.undone.is_(None))
    apart = [
        noted
        for noted in db.session.scalars(rows)
        if (one.id in noted.subscriptions) is others.isdisjoint(noted.subscriptions)
    ]
    if not apart:
        db.session.delete(one)
        return
    one.ended, one.waits_for = clock.now(), None
    for noted in apart:
        noted.ended = [*noted.ended, one.id]


def _undo(merge_id: str, *, by: str) -> Page:
    turns.pages([by_id(merge_id).page_id])
    noted = by_id(merge_id)  # somebody may have taken it back before our turn
    into = places.by_id(noted.page_id)
    page = _page_again(noted, into)
    _move(_with_replies(noted.comments), source=into.id, into=page)
    _pin(noted.unpinned, is_pinned=True)
    _part(noted, page)
    counts.recount(page.id, into.id)
    db.session.expire_all()
    for one in (page, into):  # what went is told to nobody: they read it anew
        one.told_from = one.version
    noted.undone = clock.now()
    note = f"{noted.url} from {into.url}"
    act = audit.note("unmerge", by=by, note=note, site_id=page.site_id)
    act.subject = f"merge:{noted.id}"
    db.session.flush()
    db.session.expire_all()
    return page


def _of_page(one: Page | Merge) -> dict[str, Any]:
    kept = ("key", "url", "feed_url", "title", "is_named", "is_open", "reopened", "created")
    return {name: getattr(one, name) for name in kept}


def _page_again(noted: Merge, into: Page) -> Page:
    there = pages.find(noted.site_id, noted.key)
    if there is not None and (there.id != into.id or there.key == noted.key):
        raise Conflict(
            _("%(url)s has a thread of its own now: move that one first.", url=noted.url)
        )
    # The address leads to the page that is left; that ends before it has a page again.
    own = (PageAlias.site_id == noted.site_id, PageAlias.key == noted.key)
    db.session.execute(delete(PageAlias).where(*own))
    # Above what readers saw of either: nobody's copy of the thread is taken for this one.
    page = Page(site_id=noted.site_id, version=into.version + 1, **_of_page(noted))
    db.session.add(page)
    db.session.flush()
    return page


def _move(ids: Sequence[str], *, source: int, into: Page) -> None:
    """Hang comments under a page, in the version that its count will get."""
    version = into.version + 1
    for some in batched(ids, _AT_ONCE):
        db.session.execute(
            update(Comment)
            .where(Comment.id.in_(some), Comment.page_id == source)
            .values(page_id=into.id, version=version, appeared=version)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()


def _with_replies(roots: Sequence[str]) -> list[str]:
    """Comments with what came under them since."""
    found: list[str] = []
    for some in batched(roots, _AT_ONCE):
        below = or_(Comment.id.in_(some), Comment.root_id.in_(some))
        found += _ids(select(Comment.id).where(below))
    return found


def _has_replies(page: Page) -> bool:
    """Whether replies to its post are here, maybe only until unlinking it has taken them away.

    At another page nobody would look after them.
    """
    here = Comment.state.in_((State.VISIBLE, State.PENDING))
    replies = select(Comment.id).where(Comment.page_id == page.id, here)
    replies = replies.where(Comment.mention == Mention.FEDIVERSE)
    return db.session.scalar(replies.limit(1)) is not None


def _losing_pins(page: Page, into: Page) -> list[str]:
    """The pins of a page for which there is no room on the other: the newest of them."""
    pinned = select(Comment.id).where(Comment.is_pinned.is_(True), Comment.root_id.is_(None))
    room = max(0, MOST_PINS - len(_ids(pinned.where(Comment.page_id == into.id))))
    own = pinned.where(Comment.page_id == page.id).order_by(Comment.created, Comment.id)
    return _ids(own)[room:]


def _pin(ids: Sequence[str], *, is_pinned: bool) -> None:
    db.session.execute(
        update(Comment)
        .where(Comment.id.in_(ids))
        .values(is_pinned=is_pinned)
        .execution_options(synchronize_session=False)
    )


def _aliases(page: Page) -> list[str]:
    rows = select(PageAlias.key).where(PageAlias.page_id == page.id)
    return list(db.session.scalars(rows.order_by(PageAlias.id)))


def _lead(page: Page, into: Page) -> None:
    """Let the addresses of a page lead to the other."""
    db.session.execute(
        # A move of the one is none that the other could take back.
        update(PageAlias).where(PageAlias.page_id == page.id).values(page_id=into.id, url=None)
    )
    db.session.add(PageAlias(site_id=page.site_id, page_id=into.id, key=page.key))


def _follow(page: Page, into: Page) -> dict[str, list[str]]:
    """Let those who follow a page follow the other, none of them twice."""
    active = select(Subscription).where(Subscription.ended.is_(None))
    already = {
        (one.email, one.follows, one.waits_for): one
        for one in db.session.scalars(active.where(Subscription.page_id == into.id))
    }
    every = list(db.session.scalars(select(Subscription).where(Subscription.page_id == page.id)))
    ended = []
    for one in every:
        one.page_id = into.id
        same = already.get((one.email, one.follows, one.waits_for))
        if one.ended is None and same is not None:
            subscriptions.hand_on(one, to=same)
            one.ended = clock.now()
            ended.append(one.id)
    db.session.flush()
    return {"subscriptions": [one.id for one in every], "ended": ended}


def _part(noted: Merge, page: Page) -> None:
    """Give a page back the addresses that led to it and those who followed it."""
    db.session.execute(
        update(PageAlias)
        .where(
            PageAlias.page_id == noted.page_id,
            PageAlias.key.in_(noted.aliases),
        )
        .values(page_id=page.id)
    )
    # Who has ended the one that stood for both wants neither. Asked while both are at one page.
    left = aliased(Subscription)
    is_wanted = exists().where(
        left.page_id == noted.page_id,
        left.email == Subscription.email,
        left.follows == Subscription.follows,
        left.waits_for.is_not_distinct_from(Subscription.waits_for),
        left.ended.is_(None),
    )
    for some in batched(noted.ended, _AT_ONCE):
        db.session.execute(
            update(Subscription)
            .where(Subscription.id.in_(some), is_wanted)
            .values(ended=None)
            .execution_options(synchronize_session=False)
        )
    for some in batched(noted.subscriptions, _AT_ONCE):
        own = Subscription.id.in_(some), Subscription.page_id == noted.page_id
        db.session.execute(update(Subscription).where(*own).values(page_id=page.id))


def _ids(rows: Select[str]) -> list[str]:
    return list(db.session.scalars(rows))
