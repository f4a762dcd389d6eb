"""giscus: GitHub's discussions as its GraphQL interface answers or as its REST interface does, one
answer or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from afterword.threads.models import State
from afterword.transfer import github_rest, moments
from afterword.transfer.reading import github, json
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import (
    CommentRecord,
    PageRecord,
    Record,
    SkippedRecord,
    WarningRecord,
)
from afterword.transfer.sniff import Sample

_SPAM = {"SPAM", "ABUSE"}


class Giscus:
    """Discussions with comments and one level of replies. The first post is no comment."""

    name = "giscus"
    lineage = "github"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        is_empty = b'"repository"' in start and b'"discussions"' in start
        is_rest = b'"discussion_id"' in start or b'"answer_html_url"' in start
        return is_empty or is_rest or (b'"replies"' in start and b'"authorAssociation"' in start)

    def records(self, file: BinaryIO) -> Iterator[Record]:
        lacking = github.Lacking()
        apart = _Rest()
        for answer in json.values(file):
            apart.take(answer)
            for repository in github.objects(answer, "discussions"):
                _nodes(repository, "discussions", "discussions", lacking)
            for discussion in github.objects(answer, "title", "body", "comments"):
                if isinstance(discussion.raw("comments"), dict):  # not only their number
                    yield from _discussion(discussion, lacking)
        yield from apart.records(lacking)
        for sentence in lacking.sentences():
            yield WarningRecord(said=sentence)


def _discussion(said: Fields, lacking: github.Lacking) -> Iterator[Record]:
    url = github.address(said)
    if url is not None:
        yield PageRecord(url=url, is_open=not said.flag("locked"))
    on = f"comments on discussion {said.text('number', 'title')}"
    for comment in _nodes(said, "comments", on, lacking):
        yield _comment(comment, url, parent=None)
        own_id = comment.text("id")
        for reply in _nodes(comment, "replies", f"replies to comment {own_id}", lacking):
            yield _comment(reply, url, parent=own_id)


class _Rest:
    """What the REST interface answered: discussions apart from their comments, in any order."""

    def __init__(self) -> None:
        self._discussions: dict[str, Fields] = {}
        self._comments: list[Fields] = []

    def take(self, answer: Any) -> None:
        """Keep what is in an answer."""
        for said in github.objects(answer, "title", "body", "html_url"):
            if "/discussions/" in said.text("html_url"):
                self._discussions[said.text("id")] = said
        self._comments += github.objects(answer, "discussion_id", "body")

    def records(self, lacking: github.Lacking) -> Iterator[Record]:
        """Pages, then the comments under the ids that the other interface gives them."""
        came = Counter(said.text("discussion_id") for said in self._comments)
        for number, discussion in self._discussions.items():
            on = f"comments on discussion {discussion.text('number')}"
            lacking.count(on, came[number], there=discussion.number("comments"))
            if (url := github.address(discussion)) is not None:
                yield PageRecord(url=url, is_open=not discussion.flag("locked"))
        ids = {said.text("id"): _own_id(said) for said in self._comments}
        for said in self._comments:
            about = self._discussions.get(said.text("discussion_id"))
            url = github.address(about) if about is not None else None
            above = said.text("parent_id")
            parent = ids.get(above, above) or None
            yield github_rest.comment(said, url, lacking, own_id=_own_id(said), parent=parent)


def _own_id(said: Fields) -> str:
    return said.text("node_id", "id")


def _nodes(said: Fields, name: str, what: str, lacking: github.Lacking) -> list[Fields]:
    """The members of a connection, which are counted."""
    connection = said.of(name)
    nodes, goes_on = connection.each("nodes"), connection.of("pageInfo").flag("hasNextPage")
    lacking.count(what, len(nodes), there=connection.number("totalCount"), goes_on=goes_on)
    return nodes


def _comment(said: Fields, url: str | None, *, parent: str | None) -> Record:
    own_id = said.text("id")
    at = f"comment {own_id}"
    if url is None:
        return SkippedRecord(at=at, id=own_id, reason="not_ours")
    is_deleted = "deletedAt" in said
    author = said.of("author")
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
        up=said.votes("upvoteCount"),
    )


def _state(said: Fields, *, is_deleted: bool) -> State:
    if said.flag("isMinimized"):
        return State.SPAM if said.text("minimizedReason").upper() in _SPAM else State.REMOVED
    return State.REMOVED if is_deleted else State.VISIBLE
