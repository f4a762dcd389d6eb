"""Nothing lost on the way in: whatever a file holds, a row is stored or counted with its reason."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3

import pytest
from sqlalchemy import event, select

from afterword.core.db import db, transaction
from afterword.sites import changes, directory
from afterword.threads import counts
from afterword.threads.models import Comment, Page, State
from afterword.transfer import export
from afterword.transfer.progress import Progress
from afterword.transfer.run import Choices, run
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")
TWO = "https://two.example"


def exported(site):
    out = io.BytesIO()
    export.write(directory.by_id(site.id), out)
    return out.getvalue()


def row(id_="c1", **changed):
    said = {"type": "comment", "id": id_, "page_url": f"{BLOG}/a", "text": "Hello."}
    said |= {"author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    return json.dumps(said | changed).encode() + b"\n"


def imported(content, site, **asked):
    return run("native", io.BytesIO(content), site=site, **asked)


def moved_out(site):
    """The site's export, and a fresh site of the same address."""
    content = exported(site)
    changes.remove(site.id)
    db.session.expunge_all()
    return content, changes.add(BLOG)


def test_pages_told_apart_by_their_query_stay_apart(site):
    site = changes.choose(site.id, {"keep_query": "x"})
    for number in (1, 2):
        make.comment(make.page(site, f"{BLOG}/p?x={number}"), minute=number)
    content, fresh = moved_out(site)
    assert imported(content, fresh).pages == 2
    assert exported(fresh) == content


def test_pages_keep_their_keys_after_the_site_chose_otherwise(site):
    site = changes.choose(site.id, {"keep_query": "x"})
    for number in (1, 2):
        make.comment(make.page(site, f"{BLOG}/p?x={number}"), minute=number)
    site = changes.choose(site.id, {"keep_query": ""})
    content, fresh = moved_out(site)
    imported(content, fresh)
    assert exported(fresh) == content
    assert sorted(db.session.scalars(select(Page.key))) == [
        "blog.example/p?x=1",
        "blog.example/p?x=2",
    ]


def test_comments_of_a_second_address_come_along(site):
    site = changes.add(TWO, to=site.id) and directory.by_id(site.id)
    make.comment(make.page(site, f"{TWO}/z"))
    content, fresh = moved_out(site)
    assert imported(content, fresh).skipped == {}
    assert directory.by_id(fresh.id).origins == (BLOG, TWO)
    assert exported(fresh) == content


def test_an_address_that_another_site_holds_is_not_taken_from_it(site):
    site = changes.add(TWO, to=site.id) and directory.by_id(site.id)
    make.comment(make.page(site, f"{TWO}/z"))
    content, fresh = moved_out(site)
    other = changes.add(TWO)
    report = imported(content, fresh)
    assert report.skipped == {"foreign_host": 1}
    assert "another site has it" in report.warnings[0]
    assert directory.by_id(other.id).origins == (TWO,)


def test_a_site_with_comments_keeps_its_choices(site):
    make.comment(make.page(site))
    imported(b'{"afterword":1,"site":{"options":{"policy":"hold-all"}}}\n' + row(), site)
    assert directory.by_id(site.id).options.policy == "publish"


def test_a_choice_that_this_version_does_not_know_is_reported(site):
    header = b'{"afterword":1,"site":{"options":{"colour":"blue","policy":"hold-all"}}}\n'
    report = imported(header + row(), site)
    assert (report.inserted, len(report.warnings)) == (1, 1)
    assert directory.by_id(site.id).options.policy == "hold-all"


def test_a_dry_run_changes_no_choice(site):
    header = b'{"afterword":1,"site":{"options":{"policy":"hold-all"}}}\n'
    imported(header + row(), site, dry_run=True)
    assert directory.by_id(site.id).options.policy == "publish"


@pytest.mark.parametrize("unstorable", ["\0", "\ud800"])
def test_what_no_database_takes_is_left_out_of_a_text_that_stays(site, unstorable):
    author = {"name": f"A{unstorable}da"}
    report = imported(row(text=f"a{unstorable}b", author=author, quote=unstorable), site)
    comment = db.session.get_one(Comment, "c1")
    assert (report.inserted, comment.text, comment.name) == (1, "ab", "Ada")


def test_a_removed_comment_without_words_still_holds_its_replies(site):
    report = imported(row(text="", state="removed") + row("c2", parent="c1"), site)
    assert (report.inserted, report.replies, report.warnings) == (2, 1, [])
    assert db.session.get_one(Comment, "c1").is_shown


def test_a_reply_may_stand_before_what_it_answers(site):
    content = row("c", parent="b") + row("b", parent="a") + row("a")
    assert imported(content, site).rerooted == 0
    db.session.expire_all()
    spots = {one.id: (one.parent_id, one.root_id, one.depth) for one in db.session.query(Comment)}
    assert spots == {"a": (None, None, 0), "b": ("a", "a", 1), "c": ("b", "a", 2)}


def test_a_later_file_answers_comments_of_an_earlier_one(site):
    imported(row("a") + row("an odd id", parent="a"), site)
    report = imported(row("c", parent="an odd id") + row("d", parent="c"), site)
    assert (report.inserted, report.replies, report.rerooted) == (2, 2, 0)
    last = db.session.get_one(Comment, "d")
    assert (last.root_id, last.depth) == ("a", 3)


def test_a_chain_deeper_than_any_recursion_comes_in(site):
    content = b"".join(row(f"n{at}", parent=f"n{at - 1}" if at else None) for at in range(3000))
    assert imported(content, site).replies == 2999
    assert db.session.get_one(Comment, "n2999").depth == 2999


@pytest.mark.parametrize(
    ("changed", "left_out"),
    [
        ({"author": {"name": "Ada", "key": "k" * 80}}, "author's key left out"),
        ({"author": {"name": "n" * 200}}, "name cut"),
        ({"author": {"name": "Ada", "email": "a,b@c"}}, "e-mail address left out"),
        ({"author": {"name": "Ada", "website": "javascript:x"}}, "website left out"),
        ({"lang": "<script>"}, "language left out"),
    ],
)
def test_a_part_that_cannot_stay_costs_a_warning_and_not_the_comment(site, changed, left_out):
    report = imported(row(**changed), site)
    assert report.inserted == 1
    assert report.warnings[0].startswith(f"line 1: {left_out}")


def test_too_long_for_any_reader_is_skipped_and_said(site):
    report = imported(row(text="x " * 40_000), site)
    assert report.skipped == {"too_long": 1}
    assert report.warnings == ["line 1: left out, longer than 65,536 characters"]


def test_all_members_of_a_gzipped_file_are_read(site):
    content = gzip.compress(row()) + gzip.compress(row("c2"))
    assert imported(content, site).inserted == 2


def test_a_pipe_is_read_as_a_file_is(site):
    out, into = os.pipe()
    with open(out, "rb") as source, open(into, "wb") as sink:
        sink.write(row())
        sink.close()
        assert run("auto", source, site=site).inserted == 1


@pytest.mark.sqlite("PostgreSQL has many writers")
def test_a_guest_never_waits_while_an_import_renders(site, settings):
    """Rendering takes minutes for a large file: a post in between must find the database free."""

    class Guest(Progress):
        def reading(self, records, part):
            for record in records:
                yield record  # behind it, it is rendered
                other = sqlite3.connect(settings.sqlite_path, timeout=0)
                other.execute("BEGIN IMMEDIATE")
                other.rollback()
                other.close()
                met.append(record.id)

    met = []
    imported(row("a") + row("b"), site, progress=Guest())
    assert met == ["a", "b"]
    assert db.session.query(Comment).count() == 2


def test_an_import_that_fails_at_the_end_leaves_nothing(site, monkeypatch):
    """The choices of the site are written first and must go with the comments."""

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("afterword.threads.counts.recount", full)
    header = b'{"afterword":1,"site":{"options":{"policy":"hold-all"}}}\n'
    with pytest.raises(OSError, match="no space left"):
        imported(header + row(), site)
    directory.forget()
    db.session.expire_all()
    assert db.session.query(Comment).count() == db.session.query(Page).count() == 0
    assert directory.by_id(site.id).options.policy == "publish"


def test_an_imported_page_is_as_old_as_its_first_comment(site):
    imported(row(), site)
    assert db.session.scalars(select(Page)).one().created.year == 2026


def test_a_title_said_by_any_comment_reaches_its_page(site):
    imported(row() + row("c2", page_title="First   post"), site)
    assert db.session.scalars(select(Page.title)).one() == "First post"


def test_a_site_named_by_its_owner_keeps_the_name(site):
    assert imported(b'{"afterword":1,"site":{"options":{"name":""}}}\n' + row(), site).inserted == 1
    assert directory.by_id(site.id).name == "A blog"


def test_moved_keys_follow_the_sites_new_address(site):
    page = b'{"type":"page","url":"https://old.example/b","aliases":["old.example/a"]}\n'
    moved = Choices(site_origins=["https://old.example"])
    imported(page + row(page_url="https://old.example/b"), site, choices=moved)
    imported(row("c2"), site)
    with transaction():
        found = db.session.scalars(select(Page)).one()
    assert (found.key, found.count) == ("blog.example/b", 2)


def test_states_are_kept(site):
    content = b"".join(row(state.value, state=state.value) for state in State)
    assert imported(content, site).states == {state.value: 1 for state in State}


@pytest.mark.sqlite("how it finds rows is asked; test_query_plans asks PostgreSQL")
def test_counting_a_page_looks_at_no_other_pages_comments(site):
    """Else an import of many pages takes the square of its size, while it holds the database."""
    page = make.page(site)
    make.comments(page, 3)
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with transaction():
            counts.recount(page.id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    updates = [said for said in asked if said[0].startswith("UPDATE")]
    assert len(updates) == 3
    for statement, parameters in updates:
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        looks = [row[3] for row in plan if "comments" in row[3]]
        assert looks
        assert all("page_id=?" in look or "parent_id=?" in look for look in looks), looks


def test_an_import_tells_how_far_each_step_is(site, tmp_path):
    """Whoever waits sees that it goes on, and how much is still to come."""

    class Heard(Progress):
        def reading(self, records, part):
            for record in records:
                told.append(part())
                yield record

        def wrote(self, done, many):
            told.append((done, many))

    told = []
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join(row(f"c{number}", text="word " * 200) for number in range(100)))
    with file.open("rb") as content:
        run("native", content, site=site, progress=Heard())
    *parts, written = told
    assert parts == sorted(parts)
    assert parts[0] < 0.2 < parts[50] < 0.8 < parts[-1] == 1.0
    assert written == (100, 100)
