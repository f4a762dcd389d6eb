"""What giscus and utterances share: threads that are kept on GitHub, named after pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from afterword.transfer.reading.fields import Fields

# Their first post ends with the page's address, utterances' as a link; giscus may add a digest of
# the page's name.
_LINK = re.compile(r"\[.*\]\((https?://\S+)\)")
_BARE = re.compile(r"https?://\S+")
# Whose repository the threads are in: a person's, or that of an organisation with members.
OWNERS: Final = frozenset({"OWNER", "MEMBER"})
# GitHub's reactions by the names of those that a site can offer here. Its thumbs are votes.
REACTIONS: Final = {
    "heart": "love",
    "hooray": "party",
    "laugh": "laugh",
    "confused": "think",
    "rocket": None,
    "eyes": None,
}
_MARK = re.compile(r"<!--\s*sha1:\s*[0-9a-f]{40}\s*-->")


class Lacking:
    """What GitHub has and does not come in, which its owner should know.

    It answers with so many at once and says what it has left: whoever does not ask for that loses
    it without a word.
    """

    def __init__(self) -> None:
        self._came: dict[str, int] = {}  # of what is lacking so far, in all answers
        self._nameless: Counter[str] = Counter()
        self._perhaps_hidden = 0

    def count(self, what: str, came: int, *, there: int = 0, goes_on: bool = False) -> None:
        """Note that so many of ``what`` came with an answer, of how many that there are."""
        came += self._came.pop(what, 0)
        if goes_on or came < there:
            self._came[what] = came

    def whether_hidden(self) -> None:
        """Note a comment of which is not said whether it was hidden."""
        self._perhaps_hidden += 1

    def reactions(self, said: Mapping[str, int]) -> dict[str, int]:
        """A comment's reactions under the names that they have here; the others are noted."""
        named: dict[str, int] = {}
        for kind, ours in REACTIONS.items():
            if ours is None:
                self._nameless[kind] += said[kind]
            elif said[kind]:
                named[ours] = said[kind]
        return named

    def sentences(self) -> Iterator[str]:
        """What is lacking, when all answers were read."""
        for what, came in self._came.items():
            yield f"GitHub has more {what} than the {came} that are in the file"
        if self._perhaps_hidden:
            said = "GitHub's REST interface does not say what was hidden, so that all is shown"
            yield f"{said}: {self._perhaps_hidden}"
        for kind, many in self._nameless.items():
            if many:
                yield f"GitHub's reaction {kind} was left out, it is none of ours: {many}"


def objects(said: Any, *names: str) -> Iterator[Fields]:
    """The objects that have all these fields, from the outside in, in whatever they are wrapped."""
    left = [said]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if all(name in one for name in names):
                yield Fields(one)
            else:
                left += reversed(one.values())
        elif isinstance(one, list):
            left += reversed(one)


def address(thread: Fields) -> str | None:
    """Where the page of a thread is, None for one that the widget did not begin.

    What its first post says of that goes before its title: the page's path without the first slash,
    its address, or what the page is called.
    """
    body, title = thread.words("body"), thread.text("title")
    said = _MARK.sub("", body).strip()
    last = said.rpartition("\n")[2].strip()
    if link := _LINK.fullmatch(last):
        return link[1]
    # Anybody may end a post with an address. That of giscus begins with a heading.
    if said.startswith("# ") and _BARE.fullmatch(last):
        return last
    if "://" in title:
        return title
    return f"/{title.lstrip('/')}" if _MARK.search(body) else None


def name(who: Fields) -> str:
    """The author's name; one whose account is gone is shown as GitHub shows them."""
    return who.text("login") or "ghost"
