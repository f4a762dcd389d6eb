"""What a comment answers where its system says two: the comment itself, and the one that began the
thread."""

from __future__ import annotations

from collections.abc import Iterable


class Answered:
    """The comments of a file, each by its id and its page.

    Of a comment that is gone, or was filed under another page, the systems still show the answers
    below the one that began the thread; as comments of their own nobody would know what they mean.
    """

    def __init__(self, comments: Iterable[tuple[str, str]]) -> None:
        # Their hashes: of a million comments the words themselves would fill the memory.
        self._there = {hash((own_id, _page(url))) for own_id, url in comments}

    def parent(self, answered: str, began: str, url: str) -> str | None:
        """The comment that one on this page answers: the one that it says, else the one that began
        the thread if only that is there."""
        page = _page(url)
        there = [hash((own_id, page)) in self._there for own_id in (answered, began)]
        if there == [False, True]:
            return began
        return answered or began or None


def _page(url: str) -> str:
    return url.partition("#")[0].rstrip("/")
