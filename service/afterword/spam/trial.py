"""The filter on comments whose kind is known, in order: judge each, then learn it. No database."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from afterword.spam import bayes, tokens
from afterword.spam.bayes import Counts, Knowledge, Opinion

# What columns are called in the collections that one finds.
_HEADINGS: Final = {
    "date": ("date", "created", "time", "created_at"),
    "text": ("text", "content", "comment", "comment_content", "message", "body"),
    "is_spam": ("is_spam", "spam", "class", "label", "tag"),
    "name": ("name", "author", "comment_author"),
    "website": ("website", "url", "comment_author_url"),
}
_ANSWERS: Final = {
    **dict.fromkeys(("1", "true", "yes", "spam"), True),
    **dict.fromkeys(("0", "false", "no", "ham", "good", "not spam"), False),
}


class BadTable(Exception):
    """A file that no trial can be made with; its text says why."""


@dataclass(frozen=True)
class Example:
    """A comment whose kind is known."""

    features: tuple[str, ...]
    is_spam: bool


def example(text: str, *, is_spam: bool, name: str = "", website: str | None = None) -> Example:
    """An example from what its author wrote."""
    return Example(tokens.features(text, name=name, website=website), is_spam)


def read(file: Iterable[str]) -> list[Example]:
    """The comments of a CSV file, oldest first; in its own order if any has no date.

    Raises BadTable.
    """
    table = csv.DictReader(file)
    columns = _columns(table.fieldnames or ())
    found: list[tuple[str, Example]] = []
    try:
        for row in table:
            said = {name: (row[heading] or "").strip() for name, heading in columns.items()}
            is_spam = _ANSWERS.get(said["is_spam"].lower())
            if is_spam is None:
                raise BadTable(
                    f"Line {table.line_num}: is_spam is {said['is_spam']!r}, not 0 or 1."
                )
            found.append((said.get("date", ""), _example(said, is_spam=is_spam)))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadTable(f"Line {table.line_num}: {error}.") from None
    if all(date for date, _ in found):
        found.sort(key=lambda dated: dated[0])
    return [one for _, one in found]


class Memory:
    """What the tables keep for a service, for as long as a trial runs."""

    def __init__(self) -> None:
        self._comments: Counter[bool] = Counter()
        self._texts: Counter[bool] = Counter()
        self._seen: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}

    def judge(self, features: Sequence[str]) -> Opinion:
        """What the filter says after all that was learned so far."""
        spam, good = self._seen[True], self._seen[False]
        seen = {one: Counts(spam[one], good[one]) for one in features if spam[one] or good[one]}
        return bayes.judge(
            features,
            Knowledge(comments=_both(self._comments), texts=_both(self._texts), seen=seen),
        )

    def learn(self, example: Example) -> None:
        """Take a decision into account."""
        self._comments[example.is_spam] += 1
        self._texts[example.is_spam] += bayes.text_size(example.features)
        self._seen[example.is_spam].update(example.features)


def run(examples: Iterable[Example]) -> Iterator[tuple[Example, Opinion]]:
    """Judge each comment by those before it, then learn it."""
    memory = Memory()
    for one in examples:
        yield one, memory.judge(one.features)
        memory.learn(one)


@dataclass(frozen=True)
class Held:
    """How many comments of a number were held."""

    good: int
    of_good: int
    spam: int
    of_spam: int


def held(judged: Iterable[tuple[Example, Opinion]], *, at: float) -> Held:
    """What a filter that holds from a probability on would have held."""
    counted = Counter((one.is_spam, opinion.probability >= at) for one, opinion in judged)
    return Held(
        good=counted[False, True],
        of_good=counted[False, True] + counted[False, False],
        spam=counted[True, True],
        of_spam=counted[True, True] + counted[True, False],
    )


def _columns(headings: Iterable[str]) -> dict[str, str]:
    """The file's own heading of each column that we know."""
    given = {heading.strip().lower(): heading for heading in headings}
    found = {
        name: given[one] for name, known in _HEADINGS.items() for one in known[::-1] if one in given
    }
    for needed in ("text", "is_spam"):
        if needed not in found:
            raise BadTable(f"The first line names no column {needed}; it needs text and is_spam.")
    return found


def _example(said: Mapping[str, str], *, is_spam: bool) -> Example:
    website = said.get("website") or None
    return example(said["text"], is_spam=is_spam, name=said.get("name", ""), website=website)


def _both(counted: Counter[bool]) -> Counts:
    return Counts(counted[True], counted[False])
