"""giscus: GitHub's discussions as its GraphQL interface answers or as its REST interface does, one
answer or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from afterword.transfer import github_graphql as graphql
from afterword.transfer import github_rest
from afterword.transfer.reading import github, json
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import PageRecord, Record, WarningRecord
from afterword.transfer.sniff import Sample


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
                graphql.nodes(repository, "discussions", "discussions", lacking)
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
    for comment in graphql.nodes(said, "comments", on, lacking):
        yield graphql.comment(comment, url, lacking)
        own_id = comment.text("id")
        for reply in graphql.nodes(comment, "replies", f"replies to comment {own_id}", lacking):
            yield graphql.comment(reply, url, lacking, parent=own_id)


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
