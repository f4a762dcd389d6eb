"""What somebody types to find comments: words, quoted phrases, words with a field before them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from afterword.core import addresses, clock
from afterword.threads.models import State

LONGEST: Final = 300
MOST: Final = 16  # terms
SHORTEST_BEGINNING: Final = 4  # letters before a *: fewer would be in half of all comments
REPORTED: Final = "reported"
LINKS: Final = "links"

_TERM = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]+))')
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


class Field(StrEnum):
    """What a term is about; the word before its colon."""

    WORDS = ""  # anything that was written
    AUTHOR = "author"
    EMAIL = "email"
    LINK = "link"
    REASON = "reason"
    PAGE = "page"
    IP = "ip"
    BEFORE = "before"
    AFTER = "after"
    STATE = "state"
    HAS = "has"


# Those that are looked up by words, and may be left out by a minus.
WRITTEN: Final = frozenset({Field.WORDS, Field.AUTHOR, Field.EMAIL, Field.LINK, Field.REASON})
_WORDED = WRITTEN | {Field.PAGE}


@dataclass(frozen=True)
class Term:
    """One thing that comments are to have, or not to have."""

    field: Field
    value: str
    is_quoted: bool = False
    is_excluded: bool = False

    def __str__(self) -> str:
        field = f"{self.field}:" if self.field else ""
        value = f'"{self.value}"' if self.is_quoted else self.value
        return f"{'-' if self.is_excluded else ''}{field}{value}"

    @property
    def is_beginning(self) -> bool:
        """Whether its last word may go on."""
        return not self.is_quoted and self.value.endswith("*")

    @property
    def moment(self) -> dt.datetime:
        """The start of the day that it names. Raises ValueError."""
        found = _DATE.fullmatch(self.value)
        if found is None:
            raise ValueError(f"{self.value!r} is no date")
        year, month, day = map(int, found.groups())
        return dt.datetime(year, month, day, tzinfo=clock.UTC)


@dataclass(frozen=True)
class Query:
    """What was typed, as far as it makes sense, and what does not."""

    terms: tuple[Term, ...] = ()
    ignored: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def of(self, *fields: Field) -> tuple[Term, ...]:
        """Its terms about these."""
        return tuple(term for term in self.terms if term.field in fields)

    def without(self, *terms: Term) -> Query:
        """The same query without these terms, and without what made no sense."""
        return Query(tuple(term for term in self.terms if term not in terms))


def read(typed: str) -> Query:
    """The query that was typed. Never fails: what makes no sense is put aside.

    What is too much is too, term by term: links and forms spell the query anew, maybe longer, and
    are to ask for the same.
    """
    terms: list[Term] = []
    ignored: list[str] = []
    typed = typed.replace("\x00", " ")
    end = _end(typed)
    for found in _TERM.finditer(typed, 0, end):
        term = _term(*found.groups())
        if term in terms:
            continue
        has_room = len(terms) < MOST and len(str(Query((*terms, term)))) <= LONGEST
        if has_room and _makes_sense(term):
            terms.append(term)
        else:
            ignored.append(found[0])
    rest = typed[end : end + LONGEST].strip()
    return Query(tuple(terms), (*ignored, *([rest] if rest else [])))


def quoted(field: Field, value: str) -> str:
    """A term for links: what somebody is to find who has this in that field."""
    return str(Term(field, value.replace('"', " ").strip(), is_quoted=True))


def _end(typed: str) -> int:
    """Where the last term ends that there is room for; of a single longer one a part is taken."""
    ends = (found.end() for found in _TERM.finditer(typed, 0, 2 * LONGEST))
    return max((end for end in ends if end <= LONGEST), default=LONGEST)


def _term(minus: str, field: str | None, quoted: str | None, plain: str | None) -> Term:
    value, is_quoted = (plain, False) if plain is not None else (quoted or "", True)
    if field is not None and field.lower() in set(Field):
        return Term(Field(field.lower()), value, is_quoted, bool(minus))
    value = f"{field}:{value}" if field is not None else value
    return Term(Field.WORDS, value, is_quoted, bool(minus))


def _makes_sense(term: Term) -> bool:
    if term.is_excluded and term.field not in WRITTEN:
        return False
    if term.field in _WORDED:
        return _has_words(term)
    match term.field:
        case Field.IP:
            return addresses.prefix(term.value) is not None
        case Field.STATE:
            return term.value in {*State, REPORTED}
        case Field.HAS:
            return term.value == LINKS
    return _is_date(term)


def _has_words(term: Term) -> bool:
    if term.value.endswith(":") and term.value[:-1].lower() in set(Field):
        return False  # a field with nothing behind it
    letters = [char for char in term.value if char.isalnum()]
    # One letter of Chinese says as much as four of ours.
    return bool(letters) and (
        not term.is_beginning or len("".join(letters).encode()) >= SHORTEST_BEGINNING
    )


def _is_date(term: Term) -> bool:
    try:
        return term.moment.year > 1
    except ValueError:
        return False
