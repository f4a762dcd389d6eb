"""Searches among very many comments look through the nearest eras first, and find the same."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, text

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.identity.models import Author
from afterword.markup.render import render
from afterword.moderation import actions, eras, index, moves, queue, search, sweeps
from afterword.moderation.eras import Spread
from afterword.moderation.index import Count, Wanted
from afterword.operate import migrate
from afterword.threads.models import Comment, State
from tests import make, running
from tests.conftest import BLOG
from tests.service.test_upgrade import fill, to

pytestmark = pytest.mark.slow

WORDS = ("tea", "coffee", "milk", "sugar", "lemon")
TYPED = (*WORDS, *WORDS, "-tea", '"milk tea"', "mil*", "page:moved", "nobody")
DAYS = 300
ALWAYS, NEVER = -2, 1 << 40  # what is large
BEYOND = [dt.datetime(year, 6, 1, tzinfo=clock.UTC) for year in (1000, 1960, 2070, 9999)]


@pytest.fixture
def on_postgresql(told, tmp_path, postgresql):
    """SQLite's index has the order of time."""
    data = str(tmp_path / "data")
    told = {**told, "AFTERWORD_DATA": data, "AFTERWORD_DATABASE_URL": postgresql}
    return config.read(told)


@pytest.fixture
def app(on_postgresql):
    migrate.upgrade(on_postgresql)
    app = create_app(on_postgresql)
    yield app
    close(app)


@pytest.fixture
def page(context, site):
    return make.page(site)


@pytest.fixture
def always(monkeypatch):
    """As if there were very many comments, and each search took long."""
    monkeypatch.setattr(eras, "LARGE", ALWAYS)
    monkeypatch.setattr(eras, "_is_quick", lambda *_, **__: False)


def wanted(typed="", **said):
    return Wanted(state=State.VISIBLE, query=search.read(typed), **said)


def write(page, many, *, authors=(None,)):
    """So many comments of the days before 2026: when and what of by chance."""
    chance = random.Random(many)
    with transaction() as session:
        for number, author_id in zip(range(many), itertools.cycle(authors), strict=False):
            said = " ".join(chance.sample(WORDS, chance.choice((1, 1, 2, 3))))
            said += "" if number % 7 else " [here](https://a.example)"
            minute = chance.uniform(-DAYS * 24 * 60, 0)
            told = {"text": said, "html": render(said), "author_id": author_id}
            session.add(make._comment(page, None, minute, told))


def analyze():
    with transaction() as session:
        session.execute(text("ANALYZE comment_words"))


def of_their_eras():
    """Whether each comment has the word of the era that it is in, and no other."""
    has = "array_to_string(ARRAY(SELECT one FROM unnest(tsvector_to_array(words)) AS one"
    has += " WHERE one LIKE '=era%'), ' ')"
    rows = db.session.execute(text(f"SELECT place, {has} FROM comment_words"))
    return all(word == f"=era{place >> 49}" for place, word in rows)


def sent():
    """The statements about words that are sent from now on."""
    statements = []

    def note(_connection, _cursor, statement, *_):
        if "comment_words" in statement:
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    return statements


@pytest.mark.parametrize("beyond", [[], BEYOND], ids=["years", "centuries"])
def test_eras_change_nothing_about_what_is_found(site, page, beyond, always, monkeypatch):
    everybody = [Author(site_id=site.id, token_hash=one * 64) for one in "xy"]
    with transaction() as session:
        session.add_all(everybody)
    write(page, 120, authors=[one.id for one in everybody])
    write(make.page(site, f"{BLOG}/other"), 60, authors=[None, everybody[0].id])
    for created in beyond:
        make.comment(page, text="tea milk", created=created)
    for _ in range(5):
        make.comment(page, text="tea milk", minute=1000)
    places = [(one.created, one.id) for one in db.session.query(Comment)]
    ids = [id for _, id in sorted(places)]
    for number in range(0, 60, 3):
        actions.edit(ids[number], "milk tea", by="test", limit=100)
    actions.spam(ids[1:100:9], by="test")
    moves.follow(moves.one(f"{BLOG}/other", f"{BLOG}/moved"), by="test")
    analyze()
    assert of_their_eras()
    days = st.dates(dt.date(2025, 2, 1), dt.date(2026, 2, 1))
    facets = {
        "sites": st.sampled_from([frozenset({site.id}), frozenset({site.id + 1})]),
        "author_id": st.sampled_from([one.id for one in everybody]),
        "has_links": st.booleans(),
    }

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        words=st.lists(st.sampled_from(TYPED), min_size=1, max_size=2),
        before=st.none() | days,
        since=st.none() | days,
        facets=st.just({}) | st.fixed_dictionaries({}, optional=facets),
        after=st.none() | st.sampled_from(places),
        is_newest_first=st.booleans(),
        limit=st.sampled_from([1, 3, 26, 500]),
        near=st.sampled_from([1, 10, 40, 1000]),
    )
    def the_same(words, before, since, facets, after, is_newest_first, limit, near):
        words += [f"before:{before}"] if before else []
        words += [f"after:{since}"] if since else []
        asked = wanted(" ".join(words), **facets)
        how = {"is_newest_first": is_newest_first, "after": after, "limit": limit}
        monkeypatch.setattr(eras, "NEAR", near)
        monkeypatch.setattr(eras, "LARGE", NEVER)
        without = index.find(asked, **how).ids
        all_of_them = index.count(asked, most=1000)
        monkeypatch.setattr(eras, "LARGE", ALWAYS)
        assert index.find(asked, **how).ids == without
        assert index.count(asked, most=1000) == all_of_them
        counted = index.count_enough(asked, enough=4, most=1000)
        if counted.is_least:
            assert 4 <= counted.number <= all_of_them
        else:
            assert counted.number == all_of_them

    the_same()


@settings(max_examples=1000)
@given(
    places=st.lists(st.integers(-1 << 62, 1 << 62), min_size=1, max_size=60),
    seen=st.integers(1, 9),
    span=st.tuples(*[st.sampled_from(range(60)) | st.none()] * 2),
    is_newest_first=st.booleans(),
)
def test_as_many_as_are_to_be_near_are_before_the_edge(places, seen, span, is_newest_first):
    places = sorted(set(places))
    places = places[(len(places) - 1) % seen :]  # the planner's bounds are the first, and the last
    bounds = places[::seen] if len(places) > 1 else []
    spread = Spread(len(places) * eras.NEAR / 4, bounds)  # four of ours stand for as many
    first, last = (places[at % len(places)] if at is not None else None for at in span)
    first, last = first or -1 << 63, last or (1 << 63) - 1
    edge = spread.edge(first, last, many=eras.NEAR, is_newest_first=is_newest_first)
    wanted = [place for place in places if first <= place <= last]
    near = [one for one in wanted if (one >= edge if is_newest_first else one <= edge)]
    assert len(near) >= min(4, len(wanted))


@pytest.mark.parametrize("first", [True, False], ids=["newest", "oldest"])
def test_one_comment_of_another_century_leaves_the_others_as_near(page, always, monkeypatch, first):
    monkeypatch.setattr(eras, "NEAR", 50)
    write(page, 300)
    make.comment(page, text="tea", created=BEYOND[2 if first else 0])
    analyze()
    asked = sent()
    found = queue.search(wanted("tea"), is_newest_first=first, limit=5)
    looked = [one for one in asked if "comment_places" in one]
    assert len(found.comments) == 5
    assert len(looked) == 1, "and a page is full, so nothing else is looked through"


@pytest.mark.parametrize(
    ("what", "expected", "limit", "is_of_one_word", "is_quick"),
    [
        ("a page of what is in nearly all", 9_000_000, 26, True, True),
        ("a page of what is in one of fifty", 200_000, 26, True, True),
        ("a thousand of these", 200_000, 1001, True, False),
        ("a page of what is in one of a thousand", 10_000, 26, True, False),
        ("a page of a word that the planner does not know", 1300, 26, True, True),
        ("a page of words that like to stand together", 1300, 26, False, False),
        ("what hardly anything has", 2, 26, False, True),
    ],
)
def test_eras_are_for_what_is_neither_rare_nor_frequent(
    what, expected, limit, is_of_one_word, is_quick
):
    quick = eras._is_quick(expected, of=10_000_000, limit=limit, is_of_one_word=is_of_one_word)
    assert quick is is_quick, what


def test_what_is_beyond_the_nearest_eras_is_not_looked_for_where_a_page_is_full(page, always):
    write(page, 300)
    analyze()
    asked = sent()
    queue.search(wanted("tea"), limit=5)
    looked = [one for one in asked if "comment_places" in one]
    assert len(looked) == 1
    assert "=era" in looked[0]


def test_a_walk_through_all_pages_meets_each_comment_once(page, always, monkeypatch):
    monkeypatch.setattr(eras, "NEAR", 50)
    write(page, 300)
    analyze()
    for is_newest_first in (True, False):
        order = {"is_newest_first": is_newest_first, "limit": 20}
        part = queue.search(wanted("tea"), **order)
        walked = part.comments
        while part.next:
            part = queue.search(wanted("tea"), after=part.next, **order)
            walked += part.comments
        assert walked == sorted(
            walked, key=lambda one: (one.created, one.id), reverse=is_newest_first
        )
        assert (
            len({one.id for one in walked}) == len(walked) == index.count(wanted("tea"), most=999)
        )


def test_a_count_of_the_nearest_eras_says_that_there_are_at_least_so_many(
    page, always, monkeypatch
):
    monkeypatch.setattr(eras, "NEAR", 150)
    write(page, 600)
    analyze()
    exact = index.count(wanted("tea"), most=999)
    counted = queue.found(wanted("tea"))[State.VISIBLE]
    assert counted.is_least
    assert queue.PAGE < counted.number < exact
    monkeypatch.setattr(queue, "MOST_FOUND", 30)
    assert queue.found(wanted("tea"))[State.VISIBLE] == Count(30, is_least=True)


def test_the_eras_that_had_the_first_page_are_those_that_are_counted_in(page, always, monkeypatch):
    monkeypatch.setattr(eras, "NEAR", 150)
    write(page, 600)
    analyze()
    exact = index.count(wanted("tea"), most=999)
    for is_newest_first in (True, False):
        first = queue.search(wanted("tea"), is_newest_first=is_newest_first)
        asked = sent()
        counted = queue.found(wanted("tea"), first=first)[State.VISIBLE]
        assert not [one for one in asked if "EXPLAIN" in one], "it is known where to look"
        assert counted.is_least
        assert queue.PAGE < counted.number < exact
    following = queue.search(wanted("tea"), after=first.next, is_newest_first=False)
    again = queue.found(wanted("tea"), first=following)[State.VISIBLE]
    assert again.is_least
    assert queue.PAGE < again.number < exact


def test_of_what_many_comments_have_fewer_are_looked_at(page, always, monkeypatch):
    write(page, 600)
    analyze()
    looked = []
    nearest = eras.nearest

    def noted(*spread, **how):
        looked.append(how["many"])
        return nearest(*spread, **how)

    monkeypatch.setattr(eras, "nearest", noted)
    queue.search(wanted("tea"), limit=5)
    assert 15 < looked[0] < 100 < eras.NEAR


def test_less_than_a_page_is_counted_exactly(page, always, monkeypatch):
    monkeypatch.setattr(eras, "NEAR", 10)
    write(page, 60)
    analyze()
    exact = index.count(wanted("tea"), most=999)
    assert queue.found(wanted("tea"))[State.VISIBLE] == Count(exact)


def test_what_is_between_two_days_of_the_nearest_eras_is_counted_exactly(page, always, monkeypatch):
    monkeypatch.setattr(eras, "NEAR", 500)
    write(page, 600)
    analyze()
    last = wanted("tea after:2025-11-01")
    asked = sent()
    counted = queue.found(last)[State.VISIBLE]
    assert len([one for one in asked if "'visible'" in one and "count" in one]) == 1, "and once"
    assert counted == Count(index.count(last, most=999))


def test_all_that_match_are_decided_over_however_many_eras_they_are_in(page, always, monkeypatch):
    monkeypatch.setattr(eras, "NEAR", 50)
    write(page, 300)
    analyze()
    exact = len(list(db.session.scalars(text("SELECT 1 FROM comments WHERE text LIKE '%tea%'"))))
    assert sweeps.count(wanted("tea")) == exact
    assert sweeps.start("spam", wanted("tea"), by="test").total == exact


def test_only_what_takes_long_is_looked_for_in_eras(page, monkeypatch):
    write(page, 1000)
    for number in range(30):
        make.comment(page, text="bergamot", minute=number)
    analyze()
    asked = sent()
    queue.search(wanted("bergamot"))
    assert len(asked) == 2, "how many comments there are, and the search: that is all"
    for name, value in (("LARGE", 1000), ("NEAR", 400), ("FEW", 10)):
        monkeypatch.setattr(eras, name, value)
    for typed, is_in_eras in (("bergamot", True), ("tea", False), ("nobody", False)):
        asked.clear()
        queue.search(wanted(typed))
        assert any("=era" in one for one in asked) is is_in_eras
    asked.clear()
    queue.search(Wanted(state=State.SPAM, query=search.read("bergamot")))
    assert len(asked) == 1, "what is not visible is little"


def test_a_table_that_the_planner_never_saw_is_searched_as_well(page, always):
    assert index.find(wanted("tea"), is_newest_first=True, after=None, limit=9).ids == []
    make.comment(page, text="tea")
    for is_newest_first in (True, False):
        assert len(queue.search(wanted("tea"), is_newest_first=is_newest_first).comments) == 1
    assert queue.found(wanted("tea"))[State.VISIBLE] == Count(1)
    with transaction() as session:
        session.query(Comment).delete()
    assert queue.found(wanted("tea"))[State.VISIBLE] == Count(0)


def test_what_was_there_before_there_were_eras_has_them(on_postgresql):
    to(on_postgresql, "0039")
    fill(on_postgresql, 60)
    migrate.upgrade(on_postgresql)
    app = create_app(on_postgresql)
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM comment_words")) == 60
        assert of_their_eras()
    close(app)


def test_what_is_written_while_the_words_are_copied_is_in_the_copy(on_postgresql):
    to(on_postgresql, "0039")
    fill(on_postgresql, 20)
    engine = create_engine(on_postgresql.database)
    with ThreadPoolExecutor(1) as beside, engine.connect() as writer:
        writer.execute(text("UPDATE comments SET state = 'spam' WHERE state = 'pending'"))
        changing = beside.submit(migrate.upgrade, on_postgresql)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            waits += " AND datname = current_database()"
            running.wait_until(lambda: other.execute(text(waits)).scalar())
        writer.commit()
        changing.result(timeout=30)
        states = "SELECT state, count(*) FROM {} GROUP BY state ORDER BY state"
        in_words = writer.execute(text(states.format("comment_words"))).all()
        assert in_words == writer.execute(text(states.format("comments"))).all()
        assert "pending" not in dict(in_words)
    engine.dispose()
