"""utterances: GitHub's issues and their comments, as its GraphQL interface answers or as its REST
interface does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from afterword.transfer import github_graphql as graphql
from afterword.transfer import github_rest
from afterword.transfer.reading import github, json
from afterword.transfer.reading.fields import Fields
from afterword.transfer.record import PageRecord, Record, WarningRecord
from afterword.transfer.sniff import Sample


class Utterances:
    """Issues that hold their comments, or comments that name their issue."""

    name = "utterances"
    lineage = "github"

    def detects(self, sample: Sample) -> bool:
        start = sample.start
        marks = (b'"comments_list"', b'"issue_url"', b'"comments_url"')
        is_graphql = b'"repository"' in start and (b'"issues"' in start or b'"issue"' in start)
        is_rest = b'"author_association"' in start and any(mark in start for mark in marks)
        return is_graphql or is_rest

    def records(self, file: BinaryIO) -> Iterator[Record]:
        answers = list(json.values(file))  # an issue may come after its comments
        lacking = github.Lacking()
        for repository in github.objects(answers, "issues"):
            graphql.nodes(repository, "issues", "issues", lacking)
        urls: dict[str, str | None] = {}
        apart = Counter(one.text("issue_url") for one in github.objects(answers, "issue_url"))
        for issue in github.objects(answers, "title", "body"):
            url = None if "pull_request" in issue else github.address(issue)
            urls[issue.text("url")] = url
            yield from _issue(issue, url, lacking, apart=apart[issue.text("url")])
        for comment in github.objects(answers, "issue_url"):
            yield github_rest.comment(comment, urls.get(comment.text("issue_url")), lacking)
        for sentence in lacking.sentences():
            yield WarningRecord(said=sentence)


def _issue(
    issue: Fields, url: str | None, lacking: github.Lacking, *, apart: int
) -> Iterator[Record]:
    """The page of an issue and the comments that are with it; so many are ``apart`` from it."""
    on = f"comments on issue {issue.text('number', 'title')}"
    if url is not None:
        yield PageRecord(url=url, is_open=not issue.flag("locked"))
    if isinstance(issue.raw("comments"), dict):  # not only their number
        for comment in graphql.nodes(issue, "comments", on, lacking):
            # The number is the id that the other interface gives it.
            own_id = comment.text("fullDatabaseId", "id")
            yield graphql.comment(comment, url, lacking, own_id=own_id)
        return
    comments = issue.each("comments_list")
    if url is not None:
        lacking.count(on, len(comments) + apart, there=issue.number("comments"))
    for comment in comments:
        yield github_rest.comment(comment, url, lacking)
