"""Looks comments up by what they say, who wrote them and where: FTS5, or tsvector on PostgreSQL.

What narrows a search besides words (site, author; on SQLite the state and the page) is in the index
as well, as words that nobody can type: so a common word in a rare state is as quick as a rare word.
Places are in the order of time, so FTS5 gives the newest first without sorting. PostgreSQL goes
through a state, or through a page's comments in it, in that order where a word is common, and sorts
where it is rare: among very many comments those of the nearest ``eras`` first, and all where these
have too little. Triggers keep the index, see the migrations that made it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from afterword.core.db import db
from afterword.moderation import eras
from afterword.moderation.eras import Eras
from afterword.moderation.models import Place, Report
from afterword.moderation.scope import Scope, within
from afterword.moderation.search import Field, Query, Term
from afterword.spam import networks
from afterword.spam.traces import Trace
from afterword.threads.models import Comment, Page, State

MOST_PAGES: Final = 50  # of those that a title or an address fits, the newest
_IN_A_MILLISECOND: Final = 1 << 20
_FIRST, _LAST = -(1 << 42), (1 << 42) - 1  # milliseconds; times beyond them stand there
_BEYOND: Final = 1 << 63  # any place
_PUNCTUATION: Final = str.maketrans(dict.fromkeys("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", " "))
# Reasons name words, numbers and likeness: what they have in common is between these.
_OF_THIS_ONE: Final = re.compile(r"“[^”]*”|\([^)]*\)|[0-9][0-9.,]*[0-9]|[0-9]+|:.*", re.DOTALL)

# In which columns of FTS5, and under which weights of tsvector, a field is.
_COLUMNS: Final = {
    Field.WORDS: "name email website text",
    Field.AUTHOR: "name",
    Field.EMAIL: "email",
    Field.LINK: "website text",
    Field.REASON: "reasons",
}
_WEIGHTS: Final = {
    Field.WORDS: "ABD",
    Field.AUTHOR: "A",
    Field.EMAIL: "B",
    Field.LINK: "D",
    Field.REASON: "C",
}

_comments = table(
    "comment_words",
    *(column(name) for name in ("rowid", "place", "page_id", "state", "words")),
)
_pages = table("page_words", column("rowid"), column("page_id"), column("words"))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which comments are looked for."""

    state: State
    sites: Scope = None
    page_id: int | None = None
    author_id: str | None = None
    reason: str | None = None  # as ``kind`` says it
    has_links: bool = False
    is_reported: bool = False
    query: Query = field(default_factory=Query)


@dataclass(frozen=True)
class Count:
    """How many there are; where not all were counted, at least so many."""

    number: int
    is_least: bool = False

    @classmethod
    def of(cls, counted: int, *, most: int) -> Count:
        """What was counted no further than one above ``most``."""
        return cls(min(counted, most), is_least=counted > most)


class Found(NamedTuple):
    """Ids of comments, and the eras that were enough to find them, where not all were looked at."""

    ids: list[str]
    near: Eras | None = None


def kind(reason: str) -> str:
    """A reason without what is of its one comment: ``It has … from your list of words.``"""
    common = " ".join(_OF_THIS_ONE.sub(" … ", reason).split())
    return re.sub(r"…(?: …)+", "…", common).replace("… .", "….")


def find(
    wanted: Wanted, *, is_newest_first: bool, after: tuple[dt.datetime, str] | None, limit: int
) -> Found:
    """The ids of comments in the order of time, from behind the one of a moment and an id."""
    pages = _only_on(wanted)
    if frozenset() in {pages, wanted.sites}:
        return Found([])
    start = _behind(*after, is_newest_first=is_newest_first) if after is not None else None

    def places(near: Eras | None = None) -> Select[int]:
        rows = _matching(wanted, pages, near)
        if start is not None:
            rows = rows.where(_is_before(start) if is_newest_first else _is_from(start + 1))
        return rows.order_by(_in_time(is_newest_first=is_newest_first)).limit(limit)

    if pages and not _is_sqlite():
        each = _of_each(pages, places())
        return Found(_named(each, is_newest_first=is_newest_first, limit=limit))
    span = _span(wanted, after=start, is_newest_first=is_newest_first)
    near = _near(wanted, places(), span, limit=limit, is_newest_first=is_newest_first)
    found = _named(places(near), is_newest_first=is_newest_first, limit=limit)
    if near is None or near.is_all or len(found) == limit:
        return Found(found, near)
    return Found(_named(places(), is_newest_first=is_newest_first, limit=limit))


def count(wanted: Wanted, *, most: int) -> int:
    """How many there are, counted no further than ``most``."""
    pages = _only_on(wanted)
    if frozenset() in {pages, wanted.sites}:
        return 0
    return _counted(_on(pages, _matching(wanted, pages)).limit(most))


def count_enough(wanted: Wanted, *, enough: int, most: int, near: Eras | None = None) -> Count:
    """How many there are, counted no further than ``most``.

    Nor further than the newest eras, where there are ``enough`` in them and all take long to go
    through; or than those that were enough to find the first of them in.
    """
    pages = _only_on(wanted)
    if frozenset() in {pages, wanted.sites}:
        return Count(0)

    def counted(near: Eras | None = None) -> int:
        return _counted(_on(pages, _matching(wanted, pages, near)).limit(most + 1))

    if near is None:
        rows = _on(pages, _matching(wanted, pages))
        near = _near(wanted, rows, _span(wanted), limit=most + 1)
    number = counted(near)
    if near is None or near.is_all:
        return Count.of(number, most=most)
    if number >= enough:
        return Count(min(number, most), is_least=True)
    return Count.of(counted(), most=most)


def pages_of(*terms: Term, sites: Scope = None, limit: int = MOST_PAGES) -> list[int]:
    """The newest pages of these sites that have comments, and all of these words in their title or
    their address."""
    if _is_sqlite():
        key = _pages.c.rowid
        match = " AND ".join(map(_phrase, terms))
        fits: ColumnElement[bool] = literal_column("page_words").op("MATCH")(match)
    else:
        key = _pages.c.page_id
        match = " & ".join(f"({_lexemes(term, 'ABCD')})" for term in terms)
        fits = _pages.c.words.op("@@")(_parsed(match))
    # Each looked up for a page that has the words: joined, a planner may begin with all pages.
    rows = select(key).where(fits, exists().where(Comment.page_id == key))
    if sites is not None:
        rows = rows.where(exists().where(Page.id == key, *within(Page.site_id, sites)))
    return list(db.session.scalars(rows.order_by(key.desc()).limit(limit)))


def _counted(rows: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _named(rows: Select[int], *, is_newest_first: bool, limit: int) -> list[str]:
    """The ids of the comments at these places."""
    # First where, then which: to join all places is what a planner may think quicker.
    found = rows.subquery()
    order = Place.place.desc() if is_newest_first else Place.place
    named = select(Place.comment_id).join(found, found.c.place == Place.place).order_by(order)
    return list(db.session.scalars(named.limit(limit)))


def _on(pages: frozenset[int] | None, rows: Select[int]) -> Select[int]:
    if pages is None or _is_sqlite():
        return rows
    return rows.where(_comments.c.page_id.in_(sorted(pages)))


def _matching(
    wanted: Wanted, pages: frozenset[int] | None, near: Eras | None = None
) -> Select[int]:
    """The places of the comments that are wanted; PostgreSQL's on all pages."""
    place = _place()
    fits = _fits_sqlite(wanted, pages) if _is_sqlite() else _fits_postgresql(wanted)
    rows = select(place.label("place")).select_from(_comments)
    if near is not None:
        rows = rows.where(_comments.c.words.op("@@")(cast(_literal(str(near)), TSQUERY)))
    rows = rows.where(fits)
    for term in wanted.query.of(Field.BEFORE):
        rows = rows.where(_is_before(_first_place(term.moment)))
    for term in wanted.query.of(Field.AFTER):
        rows = rows.where(_is_from(_first_place(term.moment)))
    for term in wanted.query.of(Field.IP):
        named = networks.pseudonyms(term.value)
        rows = rows.where(place.in_(_places(Trace.comment_id).where(Trace.network.in_(named))))
    if wanted.is_reported:
        rows = rows.where(place.in_(_places(Report.comment_id).where(Report.act_id.is_(None))))
    return rows


def _near(
    wanted: Wanted,
    rows: Select[int],
    span: tuple[int, int],
    *,
    limit: int,
    is_newest_first: bool = True,
) -> Eras | None:
    if wanted.state is not State.VISIBLE:
        return None  # what is not visible is little, and has an index of its own
    terms = wanted.query.of(*_COLUMNS)
    words = [word for term in terms for word in term.value.translate(_PUNCTUATION).split()]
    words += [word for facet in _facets(wanted) for word in facet]
    return eras.to_begin_with(
        rows,
        span,
        limit=limit,
        is_of_one_word=len(words) == 1,
        is_newest_first=is_newest_first,
    )


def _span(
    wanted: Wanted, *, after: int | None = None, is_newest_first: bool = True
) -> tuple[int, int]:
    """The first and the last place that a comment may have."""
    since = [_first_place(term.moment) for term in wanted.query.of(Field.AFTER)]
    until = [_first_place(term.moment) - 1 for term in wanted.query.of(Field.BEFORE)]
    if after is not None and is_newest_first:
        until.append(after - 1)
    elif after is not None:
        since.append(after + 1)
    return max(since, default=-_BEYOND), min(until, default=_BEYOND)


def _of_each(pages: frozenset[int], rows: Select[int]) -> Select[int]:
    """What is found on each of these pages, in its order: an index has the order of one page."""
    numbers = func.unnest(cast(sorted(pages), ARRAY(Integer)))
    page = numbers.table_valued("page_id", name="wanted").render_derived()
    each = rows.where(_comments.c.page_id == page.c.page_id).lateral("each")
    return select(each.c.place).select_from(page.join(each, true()))


def _only_on(wanted: Wanted) -> frozenset[int] | None:
    """The pages that a comment is to be on; None where any will do."""
    terms = wanted.query.of(Field.PAGE)
    named = [frozenset(pages_of(term, sites=wanted.sites)) for term in terms]
    if wanted.page_id is not None:
        named.append(frozenset({wanted.page_id}))
    return frozenset.intersection(*named) if named else None


def newer(comment_id: str) -> str | None:
    """The id of the next newer comment, wherever it stands; None for the newest."""
    own = select(Place.place).where(Place.comment_id == comment_id).scalar_subquery()
    rows = select(Place.comment_id).where(Place.place > own).order_by(Place.place)
    return db.session.scalar(rows.limit(1))


def _behind(moment: dt.datetime, comment_id: str, *, is_newest_first: bool) -> int:
    """The place of a comment; of one that is gone, the last one before those of its moment."""
    place = db.session.scalar(select(Place.place).where(Place.comment_id == comment_id))
    if place is not None:
        return place
    return _first_place(moment) + (_IN_A_MILLISECOND if is_newest_first else -1)


def _places(comment_id: Any) -> Select[int]:
    return select(Place.place).join(comment_id.class_, comment_id == Place.comment_id)


def _facets(wanted: Wanted) -> list[list[str]]:
    """Words of the index that nobody types: of each list a comment has one."""
    facets = []
    if wanted.sites is not None:
        facets.append([f"site{number}" for number in sorted(wanted.sites)])
    if wanted.author_id is not None:
        facets.append([f"author{wanted.author_id}"])
    if wanted.has_links:
        facets.append(["links"])
    return facets


def _terms(wanted: Wanted) -> tuple[list[Term], list[Term]]:
    """What is to be written in the comments, and what is not to be."""
    terms = [term for term in wanted.query.terms if term.field in _COLUMNS]
    fixed = [
        Term(Field.REASON, part, is_quoted=True)
        for part in (wanted.reason or "").replace("\x00", " ").split("…")
        if any(char.isalnum() for char in part)
    ]
    return (
        [*(term for term in terms if not term.is_excluded), *fixed],
        [term for term in terms if term.is_excluded],
    )


def _fits_sqlite(wanted: Wanted, pages: frozenset[int] | None) -> ColumnElement[bool]:
    written, excluded = _terms(wanted)
    facets = _facets(wanted)
    if pages is not None:
        facets.append([f"page{number}" for number in sorted(pages)])
    parts = [
        *(f"{{{_COLUMNS[term.field]}}} : {_phrase(term)}" for term in written),
        f"facets : {_said(f'state{wanted.state.value}')}",
        *(f"facets : ({' OR '.join(map(_said, facet))})" for facet in facets),
    ]
    match = " AND ".join(f"({part})" for part in parts)
    for term in excluded:
        match = f"({match}) NOT ({{{_COLUMNS[term.field]}}} : {_phrase(term)})"
    return literal_column("comment_words").op("MATCH")(match)


def _phrase(term: Term) -> str:
    """A term as FTS5 reads it (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""
    return f"{_said(term.value)} *" if term.is_beginning else _said(term.value)


def _said(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _fits_postgresql(wanted: Wanted) -> ColumnElement[bool]:
    written, excluded = _terms(wanted)
    is_there = _comments.c.state == _literal(wanted.state.value)
    # In single quotes a word of a tsquery is anything; none of ours has one in it.
    exact = [" | ".join(f"'={word}'" for word in facet) for facet in _facets(wanted)]
    parts: list[ColumnElement[Any]] = [cast(_literal(one), TSQUERY) for one in exact]
    parts += [_parsed(_lexemes(term, _WEIGHTS[term.field])) for term in written]
    nots = [func.tsquery_not(_parsed(_lexemes(term, _WEIGHTS[term.field]))) for term in excluded]
    # A condition each, so a key each to GIN: where all words are frequent, it goes on from each to
    # what the others have next. What is not to be there is found by nothing: it joins another.
    if parts or nots:
        parts = [*parts[:-1], reduce(lambda one, other: one.op("&&")(other), [*parts[-1:], *nots])]
    return and_(is_there, *(_comments.c.words.op("@@")(part) for part in parts))


def _lexemes(term: Term, weights: str) -> str:
    """A term as ``to_tsquery`` reads it: a phrase, in words that the index split the same way."""
    words = [f"'{word}':{weights}" for word in term.value.translate(_PUNCTUATION).split()]
    return " <-> ".join(words) + ("*" if term.is_beginning else "")


def _parsed(written: str) -> ColumnElement[Any]:
    return func.to_tsquery(literal_column("'simple'"), _literal(written))


def _literal(written: str) -> ColumnElement[str]:
    """In the statement itself: the planner is to know how rare these very words and states are."""
    return bindparam(None, written, String, literal_execute=True)


def _is_before(place: int) -> ColumnElement[bool]:
    return _place() < place if _is_sqlite() else _age() > -place


def _is_from(place: int) -> ColumnElement[bool]:
    return _place() >= place if _is_sqlite() else _age() <= -place


def _in_time(*, is_newest_first: bool) -> ColumnElement[int]:
    if _is_sqlite():
        return _place().desc() if is_newest_first else _place().asc()
    return _age().asc() if is_newest_first else _age().desc()


def _age() -> ColumnElement[int]:
    """What PostgreSQL's indexes have the order of.

    Were it the place, the planner would go by the primary key instead, which costs it less where
    what is looked for stands everywhere alike, and much where it does not.
    """
    return -_comments.c.place


def _place() -> ColumnElement[int]:
    return _comments.c.rowid if _is_sqlite() else _comments.c.place


def _first_place(moment: dt.datetime) -> int:
    """Where the comments of a moment begin."""
    return max(_FIRST, min(_LAST, int(moment.timestamp() * 1000))) * _IN_A_MILLISECOND


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
