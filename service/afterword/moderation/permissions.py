"""Who may do what to comments and pages."""

from __future__ import annotations

from afterword.core.errors import (
    BadParent,
    Closed,
    NotFound,
    NotOffered,
    OwnComment,
    SignInRequired,
    TooLate,
)
from afterword.core.i18n import _, ngettext
from afterword.identity.models import Moderator
from afterword.moderation.models import Act, Ban
from afterword.moderation.scope import Scope
from afterword.sites.directory import KnownSite
from afterword.sites.options import Options, Votes
from afterword.threads import pages, window
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Mention, Page, State


def sites_of(moderator: Moderator) -> Scope:
    """The sites whose comments a moderator sees and decides over."""
    if moderator.is_owner:
        return None
    return frozenset(post.site_id for post in moderator.posts)


def may_moderate(moderator: Moderator, site_id: int | None) -> bool:
    """Whether what belongs to this site, or to none, is a moderator's to see and to decide."""
    sites = sites_of(moderator)
    return sites is None or site_id in sites


def may_decide(moderator: Moderator, of: Comment | Page | Act | Ban) -> bool:
    """Whether a moderator sees this, and decides over it."""
    return may_moderate(moderator, of.site_id)


def may_write(draft: Draft, *, site: KnownSite) -> None:
    """Raises SignInRequired for a guest where guests do not write."""
    if draft.mention is Mention.FEDIVERSE:
        return  # it was written elsewhere, and its owner has it shown here
    if site.requires_sign_in and not draft.is_signed_in and not draft.is_moderator:
        raise SignInRequired(_("On this site only those write who have signed in."))


def may_post(draft: Draft, page: Page | None, parent: Comment | None, *, options: Options) -> None:
    """Raises Closed or BadParent when this may not be said here."""
    is_closed = page is not None and not pages.is_open(page, options=options)
    if is_closed and not draft.is_moderator:
        raise Closed(_("Comments on this page are closed."))
    if draft.parent is None:
        return
    if parent is None or page is None or parent.page_id != page.id:
        raise BadParent(_("The comment that you answer is not on this page."))
    if parent.state is not State.VISIBLE or parent.is_apart:
        raise BadParent(_("The comment that you answer is no longer there."))


def may_change(comment: Comment, *, options: Options) -> None:
    """Raises TooLate when not even its author may change a comment, or remove it."""
    if window.is_open(comment, options=options):
        return
    if not options.edit_minutes:
        raise TooLate(_("On this site comments are not changed after they were sent."))
    raise TooLate(
        ngettext(
            "Comments can be changed within %(n)s minute on this site. That time is over.",
            "Comments can be changed within %(n)s minutes on this site. That time is over.",
            options.edit_minutes,
        )
    )


def may_vote(value: int, *, options: Options) -> None:
    """Raises NotOffered for a vote that this site does not take."""
    if options.votes is Votes.OFF:
        raise NotOffered(_("There are no votes on this site."))
    if options.votes is Votes.UP and value < 0:
        raise NotOffered(_("There are only votes in favour on this site."))


def may_react(name: str, *, options: Options) -> None:
    """Raises NotOffered for a reaction that this site does not take."""
    if name not in options.offered:
        raise NotOffered(_("There is no such reaction on this site."))


def may_judge(comment: Comment, *, author_id: str | None) -> None:
    """Raises NotFound or OwnComment when this reader may not vote on a comment, or report it."""
    if comment.state is not State.VISIBLE:
        raise NotFound(_("There is no such comment, or it was removed."))
    if author_id is not None and comment.author_id == author_id:
        raise OwnComment(_("This is your own comment: what it is worth others decide."))
