"""The index of words: what is found, on both databases, and that nothing written escapes it."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import delete, text

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.identity.models import Author
from afterword.markup.render import render
from afterword.moderation import actions, index, moves, queue, search
from afterword.moderation.index import Count, Wanted
from afterword.moderation.models import Reason
from afterword.operate import backup, migrate
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.reader import Reader
from afterword.posting.report import Complaint, report
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from afterword.threads.models import Comment, State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import make
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

ACTS = ("added", "changed", "gone")
FUNCTIONS = (
    "afterword_comment_added",
    "afterword_comment_changed",
    "afterword_page_written",
    "afterword_comment_words",
    "afterword_era",
    "afterword_first_place",
    "afterword_words",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, told, tmp_path):
    """The application on either database."""
    told = {**told, "AFTERWORD_DATA": str(tmp_path / "data")}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def page(context, site):
    return make.page(site)


def found(typed="", *, state=State.VISIBLE, **wanted):
    """The names of those who wrote what is found, newest first."""
    asked = Wanted(state=state, query=search.read(typed), **wanted)
    return [comment.name for comment in queue.search(asked).comments]


def test_words_are_found_wherever_an_author_wrote_them(page):
    make.comment(page, name="Anna Smith", text="A tablecloth for sale")
    make.comment(page, name="Bob", email="bob@tablecloth.example", minute=1)
    make.comment(page, name="Carl", website="https://tablecloth.example/", minute=2)
    make.comment(page, name="Tablecloth", minute=3)
    assert found("TableCloth") == ["Tablecloth", "Carl", "Bob", "Anna Smith"]
    assert found("tablecloth sale") == ["Anna Smith"]
    assert found("tablec*") == found("tablecloth")
    assert found("table") == []


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ('"green tea"', ["Anna"]),
        ('"tea green"', []),
        ("tea -green", ["Bob"]),
        ("-tea", ["Carl"]),
        ("author:anna", ["Anna"]),
        ("-author:anna", ["Carl", "Bob"]),
        ("author:tea", []),
        ("email:anna@a.example", ["Anna"]),
        ("email:a.example", ["Anna"]),
        ("email:b.example", []),
        ("link:b.example", ["Bob"]),
        ("link:spam.example/offer", ["Carl"]),
        ("page:first-post", ["Carl", "Bob", "Anna"]),
        ('page:"first post" tea', ["Bob", "Anna"]),
        ("page:/none", []),
        ("after:2026-01-01", ["Carl", "Bob", "Anna"]),
        ("before:2026-01-01", []),
        ("before:2026-01-02 tea", ["Bob", "Anna"]),
        ("after:2026-01-02", []),
        ("nobody", []),
    ],
)
def test_each_kind_of_term_finds_what_it_says(page, typed, names):
    make.comment(page, name="Anna", email="anna@a.example", text="Green tea")
    make.comment(page, name="Bob", website="https://b.example/", text="Tea", minute=1)
    text = "[Coffee](https://spam.example/offer)"
    make.comment(page, name="Carl", text=text, html=render(text), minute=2)
    assert found(typed) == names


def test_a_page_is_found_by_its_words_whatever_newer_pages_have_them(site, page):
    make.comment(page, name="Anna")
    changes.add("https://other.example", name="Another blog")
    other = directory.of_url("https://other.example")
    empty = [make.page(site, f"{BLOG}/first-post-{n}") for n in range(index.MOST_PAGES)]
    others = [make.page(other, f"https://other.example/first-post-{n}") for n in range(60)]
    for one in others:
        make.comment(one, name="Bob")
    mine = frozenset({site.id})
    assert found("page:first-post", sites=mine) == ["Anna"]
    assert index.pages_of(*search.read("first-post").terms, sites=mine) == [page.id]
    assert page.id < empty[0].id < others[0].id


@pytest.mark.parametrize(
    "sign", ["'", '"', "\\", ":*", "& |", "!()", "NEAR(a b)", "{name} : x", "%", "\x00"]
)
def test_signs_of_the_databases_own_languages_are_only_signs(page, sign):
    make.comment(page, name="Anna", text="tea")
    assert found(f"tea{sign}") in ([], ["Anna"])
    assert found(f'"tea {sign}"') in ([], ["Anna"])
    assert found("tea", reason=f"{sign} x") == []


def test_the_index_knows_where_a_comment_stands_and_why_it_waits(site, page):
    author = Author(site_id=site.id, token_hash="x" * 64)
    with transaction() as session:
        session.add(author)
    said = {"state": State.PENDING, "reasons": ["It has “grüße” from your list of words."]}
    text = "[x](https://x.example)"
    make.comment(page, name="Anna", author_id=author.id, html=render(text), text=text, **said)
    make.comment(make.page(site, f"{BLOG}/other"), name="Bob", state=State.PENDING, minute=1)
    only = {"state": State.PENDING}
    assert found(**only, page_id=page.id) == ["Anna"]
    assert found(**only, author_id=author.id) == ["Anna"]
    assert found(**only, sites=frozenset({site.id})) == ["Bob", "Anna"]
    assert found(**only, sites=frozenset({site.id + 1})) == []
    assert found(**only, has_links=True) == ["Anna"]
    assert found(**only, reason="It has … from your list of words.") == ["Anna"]
    assert found(**only, reason="It has … links; … are allowed.") == []
    assert found("reason:grüße", **only) == ["Anna"]
    assert found("grüße", **only) == [], "a reason is not what an author wrote"
    assert queue.reasons(State.PENDING) == ["It has … from your list of words."]


def test_a_search_follows_every_act_on_a_comment(page):
    made = make.comment(page, text="tea", state=State.PENDING)
    assert found("tea", state=State.PENDING) == ["Ada"]
    actions.approve([made.id], by="test")
    assert found("tea", state=State.PENDING) == []
    assert found("tea") == ["Ada"]
    actions.edit(made.id, "coffee", by="test", limit=100)
    assert found("tea") == []
    assert found("coffee") == ["Ada"]
    actions.remove([made.id], by="test")
    assert found("coffee", state=State.REMOVED) == ["Ada"]
    moves.follow(moves.one(PAGE, f"{BLOG}/moved"), by="test")
    assert found("page:moved", state=State.REMOVED) == ["Ada"]
    assert found("page:blog.example/first-post", state=State.REMOVED) == []


def test_who_is_removed_from_the_database_is_removed_from_the_index(site, page):
    author = Author(site_id=site.id, token_hash="x" * 64)
    with transaction() as session:
        session.add(author)
    made = make.comment(page, author_id=author.id, name="Anna", email="anna@a.example")
    with transaction() as session:
        session.delete(session.get(Author, author.id))
    assert found(author_id=author.id) == []
    with transaction() as session:
        comment = session.get(Comment, made.id)
        comment.name, comment.email, comment.text = "", None, ""
    assert found("anna") == []
    changes.remove(site.id)
    assert found() == []
    assert db.session.scalar(text("SELECT count(*) FROM comment_places")) == 0
    assert index.pages_of(*search.read("first-post").terms) == []


def test_what_is_imported_is_found_in_the_order_in_which_it_was_written(site, page):
    for minute in (5, 1, 3):
        make.comment(page, minute=minute, name=f"Nr {minute}", text="tea")
    out = io.BytesIO()
    export.write(site, out)
    changes.remove(site.id)
    db.session.expunge_all()
    out.seek(0)
    run("native", out, site=changes.add(BLOG))
    assert found("tea") == ["Nr 5", "Nr 3", "Nr 1"]


def test_comments_of_the_same_millisecond_are_all_found_each_once(page):
    made = {make.comment(page, text="tea", name=f"Nr {n}").name for n in range(30)}
    wanted = Wanted(state=State.VISIBLE, query=search.read("tea"))
    walked, after = [], None
    while True:
        part = queue.search(wanted, after=after, limit=7)
        walked += [comment.name for comment in part.comments]
        if part.next is None:
            break
        after = part.next
    assert len(walked) == 30
    assert set(walked) == made


def test_a_time_beyond_all_others_has_its_place_as_well(page):
    for year in (1000, 2026, 9999):
        created = dt.datetime(year, 6, 1, tzinfo=clock.UTC)
        make.comment(page, name=str(year), text="tea", created=created)
    assert found("tea") == ["9999", "2026", "1000"]
    assert found("tea after:2026-01-01") == ["9999", "2026"]
    assert found("tea before:2026-01-01") == ["1000"]
    assert found("tea after:0002-01-01 before:9999-12-31") == ["2026", "1000"]


def test_the_migrated_database_keeps_its_index_itself(context):
    """No later migration may have dropped a trigger, as making a table anew does."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    of = (
        "sqlite_master WHERE type = 'trigger'" if is_sqlite else "pg_trigger WHERE NOT tgisinternal"
    )
    triggers = db.session.scalars(text(f"SELECT {'name' if is_sqlite else 'tgname'} FROM {of}"))
    kept = {f"{table}_words_{act}" for table in ("comments", "pages") for act in ACTS}
    gone = set() if is_sqlite else {"comments_words_gone", "pages_words_gone"}  # by foreign keys
    assert kept - gone <= set(triggers)


def test_pages_of_a_search_follow_one_another_in_either_order(page):
    for n in range(5):
        make.comment(page, text="tea", name=f"Nr {n}", minute=n)
    wanted = Wanted(state=State.VISIBLE, query=search.read("tea"))
    for is_newest_first, names in ((True, ["Nr 2", "Nr 1"]), (False, ["Nr 2", "Nr 3"])):
        order = {"is_newest_first": is_newest_first, "limit": 2}
        first = queue.search(wanted, **order)
        second = queue.search(wanted, after=first.next, **order)
        assert [comment.name for comment in second.comments] == names
    assert len(queue.search(wanted, after="nonsense").comments) == 5


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_a_page_follows_though_the_last_comment_before_it_is_gone(page, is_newest_first):
    for n in range(5):
        make.comment(page, text="tea", name=f"Nr {n}", minute=n)
    wanted = Wanted(state=State.VISIBLE, query=search.read("tea"))
    order = {"is_newest_first": is_newest_first, "limit": 2}
    first = queue.search(wanted, **order)
    with transaction() as session:
        session.execute(delete(Comment).where(Comment.id == first.comments[-1].id))
    second = queue.search(wanted, after=first.next, **order)
    names = ["Nr 2", "Nr 1"] if is_newest_first else ["Nr 2", "Nr 3"]
    assert [comment.name for comment in second.comments] == names


def test_a_network_is_found_by_any_address_in_it(context, site):
    body = {"url": PAGE, "text": "Hello.", "author": {"name": "Anna"}}
    submit(read_draft(body), sender=Sender(address="8.8.2.7"))
    other = {**body, "author": {"name": "Bob"}}
    submit(read_draft(other), sender=Sender(address="8.8.3.7"))
    assert found("ip:8.8.2.250") == ["Anna"]
    assert found("hello ip:8.8.2.7") == ["Anna"]
    assert found("coffee ip:8.8.2.7") == []
    assert found("ip:2001:db8::1") == []


def test_what_readers_reported_can_be_searched(page):
    made = [make.comment(page, text="tea", name=name) for name in ("Anna", "Bob")]
    report(made[0].id, Complaint(Reason.SPAM), reader=Reader(token="r" * 43))
    assert found("tea", is_reported=True) == ["Anna"]
    assert found("coffee", is_reported=True) == []


def test_what_is_found_is_counted_in_each_state(page):
    for state, many in ((State.VISIBLE, 3), (State.SPAM, 2)):
        for _ in range(many):
            make.comment(page, text="tea", state=state)
    make.comment(page, text="coffee")
    counted = queue.found(Wanted(state=State.PENDING, query=search.read("tea")))
    assert counted == {
        State.VISIBLE: Count(3),
        State.SPAM: Count(2),
        State.PENDING: Count(0),
        State.REMOVED: Count(0),
    }


def test_what_the_first_page_shows_all_of_is_not_counted(page, monkeypatch):
    made = make.comments(page, 3)
    make.comment(page, state=State.SPAM)
    report(made[0].id, Complaint(Reason.SPAM), reader=Reader(token="r" * 43))
    wanted = Wanted(state=State.VISIBLE, query=search.read("hello"))
    reported = replace(wanted, is_reported=True)
    exact, count, counted = queue.found(wanted), index.count_enough, []

    def count_enough(asked, **how):
        counted.append(asked.state)
        return count(asked, **how)

    monkeypatch.setattr(index, "count_enough", count_enough)
    for asked, limit, is_counted in ((wanted, 3, False), (wanted, 2, True), (reported, 3, True)):
        counted.clear()
        assert queue.found(asked, first=queue.search(asked, limit=limit)) == exact
        assert (State.VISIBLE in counted) is is_counted
        assert State.SPAM in counted


def test_more_than_the_most_is_not_counted(page, monkeypatch):
    make.comments(page, 5)
    monkeypatch.setattr(queue, "MOST", 3)
    monkeypatch.setattr(queue, "MOST_FOUND", 2)
    assert queue.totals()[State.VISIBLE] == 4
    assert queue.found(Wanted(state=State.VISIBLE))[State.VISIBLE] == Count(2, is_least=True)
    monkeypatch.setattr(queue, "MOST_FOUND", 5)
    assert queue.found(Wanted(state=State.VISIBLE))[State.VISIBLE] == Count(5)


def test_a_vote_does_not_write_the_index_anew(page):
    made = make.comment(page, text="tea")
    counter = "SELECT total_changes()" if db.engine.dialect.name == "sqlite" else None
    if counter is None:
        before = db.session.scalar(text("SELECT xmin::text FROM comment_words"))
    with transaction() as session:
        start = session.scalar(text(counter)) if counter else 0
        session.get(Comment, made.id).up += 1
        session.flush()
        if counter:
            assert session.scalar(text(counter)) == start + 1
    if counter is None:
        assert db.session.scalar(text("SELECT xmin::text FROM comment_words")) == before


def test_who_has_no_site_finds_nothing(page):
    make.comment(page, text="tea", name="Anna")
    assert found("tea", sites=frozenset({page.site_id})) == ["Anna"]
    assert found("tea", sites=frozenset()) == []
    wanted = Wanted(state=State.VISIBLE, sites=frozenset(), query=search.read("tea"))
    assert index.count(wanted, most=9) == 0


def test_what_is_looked_for_stands_in_no_log(page, monkeypatch, caplog):
    watch = SimpleNamespace(monotonic=itertools.count(step=10).__next__)
    monkeypatch.setattr("afterword.core.db.time", watch)
    found("email:ada@reader.example tea")
    assert "a query took" in caplog.text
    queries = " ".join(getattr(record, "more", {}).get("query", "") for record in caplog.records)
    assert "comment_words" in queries
    assert "ada" not in queries
    assert "tea" not in queries


def test_what_was_there_before_the_index_is_in_it(page):
    for n in range(3):
        make.comment(page, text="tea", name=f"Nr {n}", minute=n // 2)
    before = sorted(found("tea page:first-post"))
    _make_the_index_anew()
    assert found("tea page:first-post")[0] == "Nr 2"
    assert sorted(found("tea page:first-post")) == before == ["Nr 0", "Nr 1", "Nr 2"]
    make.comment(page, text="tea", name="Nr 3", minute=9)
    assert found("tea")[0] == "Nr 3"


def _make_the_index_anew() -> None:
    """As the migration does over the comments of an older version."""
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    made_by = [scripts.get_revision(number).module for number in ("0016", "0037", "0040")]
    is_sqlite = db.engine.dialect.name == "sqlite"
    with transaction() as session:
        run = session.connection().exec_driver_sql
        for name in ACTS:
            for table in ("comments", "pages"):
                on = "" if is_sqlite else f" ON {table}"
                run(f"DROP TRIGGER IF EXISTS {table}_words_{name}{on}")
        for table in ("comment_words", "page_words"):
            run(f"DROP TABLE {table}")
        run("DELETE FROM comment_places")
        for name in () if is_sqlite else FUNCTIONS:
            run(f"DROP FUNCTION {name}")
        on_postgresql = (statement for module in made_by for statement in module.POSTGRESQL)
        for statement in made_by[0].SQLITE if is_sqlite else on_postgresql:
            run(statement)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_copy_that_is_put_back_is_searched_as_before(page, told, tmp_path):
    made = make.comment(page, text="tea", name="Anna")
    copy = tmp_path / "copy.db"
    backup.backup(config.current(), copy)
    settings = config.read({**told, "AFTERWORD_DATA": str(tmp_path / "again")})
    migrate.upgrade(settings)
    backup.restore(settings, copy)
    again = create_app(settings)
    with again.app_context():
        assert found("tea") == ["Anna"]
        actions.edit(made.id, "coffee", by="test", limit=100)
        assert found("tea") == []
    close(again)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_rows_that_are_numbered_anew_are_found_as_before(page):
    made = [make.comment(page, text="tea", name=f"Nr {n}", minute=n) for n in range(3)]
    with transaction() as session:
        session.execute(text("DELETE FROM comments WHERE id = :id"), {"id": made[0].id})
    db.session.remove()
    with db.engine.connect() as connection:
        connection.connection.execute("VACUUM")
    assert found("tea") == ["Nr 2", "Nr 1"]
    actions.spam([made[2].id], by="test")
    assert found("tea") == ["Nr 1"]
