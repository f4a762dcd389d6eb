"""utterances: GitHub's issues and their comments, as its REST interface answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from afterword.transfer import github_rest
from afterword.transfer.reading import github, json
from afterword.transfer.record import PageRecord, Record, WarningRecord
from afterword.transfer.sniff import Sample


class Utterances:
    """Issues that hold their comments in ``comments_list``, or comments that name their issue."""

    name = "utterances"
    lineage = "github"

    def detects(self, sample: Sample) -> bool:
        marks = (b'"comments_list"', b'"issue_url"', b'"comments_url"')
        return b'"author_association"' in sample.start and any(
            mark in sample.start for mark in marks
        )

    def records(self, file: BinaryIO) -> Iterator[Record]:
        answers = list(json.values(file))  # an issue may come after its comments
        urls: dict[str, str | None] = {}
        apart = Counter(one.text("issue_url") for one in github.objects(answers, "issue_url"))
        lacking = github.Lacking()
        for issue in github.objects(answers, "title", "body"):
            url = None if "pull_request" in issue else github.address(issue)
            urls[issue.text("url")] = url
            if url is not None:
                yield PageRecord(url=url, is_open=not issue.flag("locked"))
                on = f"comments on issue {issue.text('number', 'title')}"
                came = len(issue.each("comments_list")) + apart[issue.text("url")]
                lacking.count(on, came, there=issue.number("comments"))
            for comment in issue.each("comments_list"):
                yield github_rest.comment(comment, url, lacking)
        for comment in github.objects(answers, "issue_url"):
            yield github_rest.comment(comment, urls.get(comment.text("issue_url")), lacking)
        for sentence in lacking.sentences():
            yield WarningRecord(said=sentence)
