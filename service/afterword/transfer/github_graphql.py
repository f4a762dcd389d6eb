"""A comment as GitHub's GraphQL interface answers it, on an issue or in a discussion."""

from __future__ import annotations

from collections import Counter

from afterword.threads.models import State
from afterword.transfer import moments
from afterword.transfer.reading import github
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import CommentRecord, SkippedRecord

_SPAM = {"SPAM", "ABUSE"}


def nodes(said: Fields, name: str, what: str, lacking: github.Lacking) -> list[Fields]:
    """The members of a connection, which are counted."""
    connection = said.of(name)
    members, goes_on = connection.each("nodes"), connection.of("pageInfo").flag("hasNextPage")
    lacking.count(what, len(members), there=connection.number("totalCount"), goes_on=goes_on)
    return members


def comment(
    said: Fields,
    url: str | None,
    lacking: github.Lacking,
    *,
    own_id: str = "",
    parent: str | None = None,
) -> CommentRecord | SkippedRecord:
    """The comment, on the page at ``url``; without that, on none."""
    own_id = own_id or said.text("id")
    at = f"comment {own_id}"
    if url is None:
        return SkippedRecord(at=at, id=own_id, reason="not_ours")
    is_deleted = "deletedAt" in said
    author = said.of("author")
    reactions = Counter(
        {
            one.text("content").lower(): one.of("reactors").votes("totalCount")
            for one in said.each("reactionGroups")
        }
    )
    return CommentRecord(
        at=at,
        id=own_id,
        page_url=url,
        parent=said.of("replyTo").text("id") or parent,
        text="" if is_deleted else said.words("body"),
        created=moments.read(said.raw("createdAt")),
        edited=moments.read(said.raw("lastEditedAt")),
        name="" if is_deleted else github.name(author),
        username=author.text("login") or None,
        website=None if is_deleted else author.text("url") or None,
        # GitHub knows who owns the repository: unlike an address, that was not typed by anyone.
        is_moderator=said.text("authorAssociation") in github.OWNERS and not is_deleted,
        state=_state(said, is_deleted=is_deleted),
        up=said.votes("upvoteCount") + reactions["thumbs_up"],
        down=reactions["thumbs_down"],
        reactions=lacking.reactions(reactions),
    )


def _state(said: Fields, *, is_deleted: bool) -> State:
    if said.flag("isMinimized"):
        return State.SPAM if said.text("minimizedReason").upper() in _SPAM else State.REMOVED
    return State.REMOVED if is_deleted else State.VISIBLE
