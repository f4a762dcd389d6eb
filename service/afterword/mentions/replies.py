"""Replies to a page's post on the fediverse: they come, change and go here as they do there.

What is asked is what anybody may ask without an account, who is told of 60 replies at most. So one
that is missing is not gone: only its own address says that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from sqlalchemy import false, or_, select

from afterword.core import fetch, signing, urls
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl, Closed, Problem
from afterword.core.fetch import Limits, Unreachable
from afterword.identity import authors
from afterword.markup import plain
from afterword.mentions import statuses, words
from afterword.mentions.models import Followed, Heard
from afterword.mentions.statuses import Nonsense, Status
from afterword.posting import elsewhere, remove
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.sites.directory import KnownSite
from afterword.threads import pages, posts
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Mention, Page, State
from afterword.threads.posts import Post

LIMITS: Final = Limits(seconds=10.0, most=1024 * 1024)
HEADERS: Final = {"Accept": "application/json"}
GONE: Final = frozenset({404, 410})
# A run has to be over before somebody takes its worker for dead (``queue.HELD``).
MOST_TAKEN: Final = 20  # new or changed replies in one run
MOST_ASKED: Final = 5  # replies that are missing, each asked by itself
MOST_REPLIES: Final = 500  # of one page, ever
MOST_REFUSED: Final = 500
WORDLESS: Final = "Answers this page."

_dice = random.SystemRandom()


@dataclass(frozen=True)
class Place:
    """A page with its post, and what is known of the replies, by their addresses on its server."""

    page: Page
    site: KnownSite
    post: Post
    known: dict[str, tuple[Heard, Comment]]
    refused: set[str]  # digests of those that the site's rules refuse, as they were told

    @property
    def page_id(self) -> str | None:
        """The page's own id, where its owner gave it one."""
        return urls.own_id(self.page.key)

    @property
    def is_found(self) -> bool:
        """Whether what is submitted for the page comes to it: a site's choices may be others."""
        try:
            key = self.site.page_key(self.page.url, self.page_id)
        except BadUrl:
            return False
        there = pages.find(self.site.id, key)
        return there is not None and there.id == self.page.id


@dataclass(frozen=True)
class Taken:
    """What became of an answer: whether it brought news, and whether nothing is left to do."""

    is_news: bool
    is_whole: bool
    has_more: bool  # than one run takes


def place(page: Page, followed: Followed) -> Place:
    """Where the replies to a post that is followed belong."""
    site, post = directory.by_id(page.site_id), posts.read(followed.post)
    return Place(page, site, post, _known(page.id), set(followed.refused))


def take(at: Place, told: list[Status]) -> Taken:
    """Bring the page's replies in line with what its post's server told of them."""
    left = MOST_TAKEN
    for status in told:
        if not left:
            break
        left -= _take(at, status)
    missing = _missing(at, {at.post.status(status.id) for status in told})
    for heard, comment in _dice.sample(missing, min(MOST_ASKED, len(missing))):
        _ask(at, heard, comment)
    return Taken(is_news=left < MOST_TAKEN, is_whole=bool(left) and not missing, has_more=not left)


def withdraw(page_id: int, *, post: str) -> None:
    """Take all replies to a post away."""
    for heard, comment in _known(page_id).values():
        if heard.post == post:
            elsewhere.withdraw(comment)


def _known(page_id: int) -> dict[str, tuple[Heard, Comment]]:
    rows = select(Heard, Comment).join(Comment, Comment.id == Heard.comment_id)
    mine = rows.where(Comment.page_id == page_id, Comment.mention == Mention.FEDIVERSE)
    return {heard.address: (heard, comment) for heard, comment in db.session.execute(mine)}


def _take(at: Place, status: Status) -> bool:
    """Let a reply come, or say what it says now. Answers whether there was anything to do."""
    address = at.post.status(status.id)
    mark = signing.digest(f"{address} {status.digest}")
    heard, comment = at.known.get(address) or _adopted(at, status)
    is_same = heard is not None and comment is not None and _is_same(heard, comment, status)
    if mark in at.refused or is_same or (heard is None and len(at.known) >= MOST_REPLIES):
        return False
    draft = _draft(at, status)
    try:
        if comment is None:
            comment = submit(draft, token=_author(at, status)).comment
        else:
            elsewhere.renew(comment, draft)
    except Closed:
        return False  # the page may open again
    except Problem:
        if comment is not None:
            elsewhere.withdraw(comment)  # what it said before is said no more
        _refuse(at, mark)
        return True
    _remember(at, comment, address, status)
    return True


def _adopted(at: Place, status: Status) -> tuple[Heard | None, Comment | None]:
    """One of the same author that came by an import, or below another post before."""
    author = authors.find(_author(at, status), site_id=at.site.id)
    rows = (
        select(Comment, Heard)
        .outerjoin(Heard, Heard.comment_id == Comment.id)
        .where(
            Comment.page_id == at.page.id,
            Comment.source == status.url,
            Comment.mention == Mention.FEDIVERSE,
            Comment.author_id == author.id if author is not None else false(),
            or_(Heard.post.is_(None), Heard.post != at.post.address),
        )
    )
    found = db.session.execute(rows.order_by(Comment.created).limit(1)).first()
    return (found.Heard, found.Comment) if found is not None else (None, None)


def _is_same(heard: Heard, comment: Comment, status: Status) -> bool:
    """Whether it says what it said, and was here all the time or not by its author's will."""
    if heard.seen != status.digest:
        return False
    return comment.state is not State.REMOVED or remove.own_removal(comment) is None


def _remember(at: Place, comment: Comment, address: str, status: Status) -> None:
    with transaction() as session:
        heard = session.get(Heard, comment.id) or Heard(comment_id=comment.id)
        heard.post, heard.address, heard.seen = at.post.address, address, status.digest
        session.add(heard)
    at.known[address] = heard, comment


def _refuse(at: Place, mark: str) -> None:
    """It is not looked at again until it says something else."""
    at.refused.add(mark)
    with transaction() as session:
        followed = session.get(Followed, at.page.id)
        if followed is not None:
            followed.refused = [*followed.refused, mark][-MOST_REFUSED:]


def _missing(at: Place, told: set[str]) -> list[tuple[Heard, Comment]]:
    """Those that are here and were not told of."""
    here = {State.VISIBLE, State.PENDING}
    return [
        (heard, comment)
        for address, (heard, comment) in at.known.items()
        if heard.post == at.post.address and address not in told and comment.state in here
    ]


def _ask(at: Place, heard: Heard, comment: Comment) -> None:
    """Ask for one reply by itself. Only a clear answer counts."""
    address = heard.address
    db.session.commit()  # no connection of ours waits with a stranger's server
    try:
        answer = fetch.get(address, headers=HEADERS, limits=LIMITS)
        status = statuses.one(answer.body) if answer.status == 200 else None
    except (Unreachable, Nonsense):
        return
    if status is not None and at.post.status(status.id) == address:
        _take(at, status)
    elif answer.status in {200, *GONE}:  # it is for some alone now, or not there
        elsewhere.withdraw(comment)


def _draft(at: Place, status: Status) -> Draft:
    name = words.name(status.name) or words.name(status.account)
    return Draft(
        url=at.page.url,
        page=at.page_id,
        text=words.text(status.text, most=at.site.options.max_length) or WORDLESS,
        name=name or urls.host_of(status.url)[: plain.MAX_NAME],
        website=words.website(status.profile),
        lang=status.language,
        as_sent=f"{status.name}\n{status.text}",
        source=status.url,
        mention=Mention.FEDIVERSE,
        said=status.created,
    )


def _author(at: Place, status: Status) -> str:
    """By whom they are known here: bans, trust and erasure go by it.

    The name that the asked server has looked up, not the profile that theirs claims. There is a
    space in it, as in no secret that a browser could send (``authors.secret``).
    """
    called = status.account if "@" in status.account else f"{status.account}@{at.post.host}"
    return f"fediverse {called.lower()}"
