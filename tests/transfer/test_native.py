"""Our own format: out and in again without a byte of difference, and what scripts write."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from sqlalchemy import delete, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import NotFound
from afterword.identity import authors
from afterword.markup import plain
from afterword.moderation import actions, moves, places
from afterword.sites import changes, directory
from afterword.threads import pages
from afterword.threads.models import Comment, Format, Mention, Page, State
from afterword.transfer import export
from afterword.transfer import row as rows
from afterword.transfer.reading import BadFile
from afterword.transfer.record import CommentRecord
from afterword.transfer.run import Choices
from afterword.transfer.run import run as run_on
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")


def run(format_name, content, **asked):
    return run_on(format_name, io.BytesIO(content), **asked)


def exported(site, **asked):
    out = io.BytesIO()
    export.write(site, out, **asked)
    return out.getvalue()


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def row(id_="c1", **changed):
    said = {"type": "comment", "id": id_, "page_url": f"{BLOG}/a", "text": "Hello."}
    said |= {"author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    return said | changed


def everything(site):
    """A site with something of every kind."""
    with transaction():
        author = authors.find_or_add("s" * 43, site_id=site.id)
    page = make.page(site)
    root = make.comment(page, text="Grüße *aus* 東京 🎈", email="ada@mail.example", up=3, down=1)
    middle = make.comment(page, root, minute=1, author_id=author.id, quote="Grüße")
    make.comment(page, middle, minute=2, website="https://ada.example/", is_moderator=True)
    make.comment(page, middle, minute=3, email="ada@reader.example", is_verified=True)
    make.comment(page, minute=3, state=State.PENDING, reasons=["It has 3 links."])
    make.comment(page, minute=3.5, state=State.SPAM, name="")
    pinned = make.comment(page, minute=4, is_pinned=True, lang="de", reactions={"heart": 2})
    html = "<p>From <em>elsewhere</em></p>"
    make.comment(page, pinned, minute=0, text=html, html=html, format=Format.HTML)
    actions.remove([root.id], by="test")
    actions.edit(pinned.id, "Edited.", by="test", limit=5000)
    with transaction():
        named = Page(site_id=site.id, key="id:post-7", url=f"{BLOG}/seven", title="Seven")
        named.post = "https://social.example/@owner/100"
        db.session.add(named)
    make.comment(named, minute=9)
    said = {"source": "https://friend.example/@grace/1", "said": make.START}
    make.comment(named, minute=9.5, mention=Mention.FEDIVERSE, **said)
    make.comment(make.page(site, f"{BLOG}/old"), minute=10)
    moves.follow(moves.one(f"{BLOG}/old", f"{BLOG}/between/"), by="test")
    moves.follow(moves.one(f"{BLOG}/between", f"{BLOG}/new"), by="test")
    places.set_open(f"{BLOG}/new", is_open=True, by="test")
    places.set_open(f"{BLOG}/first-post", is_open=False, by="test")
    changes.choose(site.id, {"policy": "hold-first", "name": "Ein Blog"})
    return directory.by_id(site.id)


def test_export_into_a_fresh_database_exports_the_same_bytes(site):
    first = exported(everything(site))
    assert first.count(b"\n") == 15
    changes.remove(site.id)
    db.session.expunge_all()
    fresh = changes.add(BLOG)
    report = run("native", first, site=fresh)
    assert exported(directory.of_url(BLOG)) == first
    assert (report.rows, report.inserted, report.pages) == (11, 11, 3)
    assert report.warnings == []
    threads = db.session.scalars(select(Page).order_by(Page.key)).all()
    assert [(page.key, page.count) for page in threads] == [
        ("blog.example/first-post", 5),
        ("blog.example/new", 1),
        ("id:post-7", 1),
    ]


def test_a_page_goes_back_to_where_it_was_before_its_moves_after_an_import_too(site):
    content = exported(everything(site))
    changes.remove(site.id)
    db.session.expunge_all()
    run("native", content, site=changes.add(BLOG))
    back = [moves.return_from(f"{BLOG}/{name}", by="x") for name in ("new", "between")]
    assert [move.new for [move] in back] == [f"{BLOG}/between/", f"{BLOG}/old"]
    with pytest.raises(NotFound, match="has not moved"):
        moves.return_from(f"{BLOG}/old", by="x")


def test_a_page_that_was_opened_again_does_not_close_by_age_after_an_import(site):
    make.comment(make.page(site))
    places.set_open(f"{BLOG}/first-post", is_open=True, by="test")
    site = changes.choose(site.id, {"close_after_days": "7"})
    content = exported(site)
    changes.remove(site.id)
    db.session.expunge_all()
    fresh = changes.add(BLOG)
    run("native", content, site=fresh)
    options = directory.by_id(fresh.id).options
    assert pages.is_open(db.session.scalar(select(Page)), options=options)


LONG_WHEN_NORMAL = "\u0958" * 31  # two characters each, in NFC


def test_a_name_that_is_too_long_once_it_is_normal_is_cut(site):
    report = run("native", lines(row(author={"name": LONG_WHEN_NORMAL})), site=site)
    assert report.inserted == 1
    assert db.session.scalar(select(Comment.name)) == "\u0915\u093c" * 30


ANY = st.text(st.characters()) | st.text("\u0958\u200d\u0301e\0\ud800@.x:/").map(lambda s: s * 9)


@given(name=ANY, email=ANY, website=ANY, words=ANY)
@bounded(max_examples=300, deadline=None)
def test_no_words_of_one_comment_end_an_import(name, email, website, words):
    more = {"quote": words, "quote_prefix": words, "quote_suffix": words, "lang": words}
    record = CommentRecord(
        at="line 1", id="c1", page_url=f"{BLOG}/a", created=make.START,
        text=words, name=name, email=email, website=website, source=website, **more,
    )  # fmt: skip
    made, _ = rows.make(record, is_ours=True)
    assert len(made.values[0]) <= plain.MAX_NAME


@pytest.mark.parametrize("named", ["created", "reopened"])
def test_a_date_that_is_yet_to_come_makes_no_sense(site, client, named):
    end = "9999-12-31T23:59:59Z"
    page = {"type": "page", "url": f"{BLOG}/a", named: end}
    told = row("c1"), row("c2", created=end), page
    site = changes.choose(site.id, {"close_after_days": "7", "edit_minutes": "5"})
    report = run("native", lines(*told), site=site)
    assert (report.inserted, report.undated) == (2, 1)
    moments = {clock.text(one) for one in db.session.scalars(select(Comment.created))}
    assert moments == {"2026-01-01T00:00:00.000Z"}
    shown = client.get("/api/v1/thread", query_string={"url": f"{BLOG}/a"})
    assert (shown.status_code, shown.json["page"]["closes"]) == (200, "2026-01-08T00:00:00.000Z")


def test_a_page_of_an_older_export_has_its_aliases_and_nowhere_to_go_back_to(site):
    page = {"type": "page", "url": f"{BLOG}/a", "aliases": ["blog.example/b"]}
    run("native", lines({"afterword": 1}, page, row()), site=site)
    found = pages.find(site.id, "blog.example/b")
    assert (found.key, places.came_from(found)) == ("blog.example/a", None)


def test_addresses_before_a_move_come_to_the_sites_own_host_as_the_page_does(site):
    old = "https://old.example"
    moved = [{"key": "old.example/b", "url": f"{old}/b/"}, {"key": "x", "url": "javascript:x"}]
    page = {"type": "page", "url": f"{old}/a", "moved": moved}
    run("native", lines(page, row()), site=site, choices=Choices(site_origins=[old]))
    found = pages.find(site.id, "blog.example/a")
    assert places.came_from(found).url == f"{BLOG}/b/"
    assert pages.find(site.id, "x").id == found.id


def test_a_second_run_adds_nothing(site):
    content = exported(everything(site))
    report = run("native", content, site=site)
    assert (report.rows, report.inserted, report.existing) == (11, 0, 11)
    assert exported(directory.by_id(site.id)) == content


def test_a_guest_who_returns_after_a_move_is_still_known(site):
    content = exported(everything(site))
    changes.remove(site.id)
    db.session.expunge_all()
    fresh = changes.add(BLOG)
    run("native", content, site=fresh)
    author = authors.find("s" * 43, site_id=fresh.id)
    assert author is not None
    assert db.session.scalar(select(Comment).where(Comment.author_id == author.id)) is not None


def test_a_script_needs_only_six_fields(site):
    report = run("auto", lines(row(), row("c2", parent="c1")), site=site)
    assert report.as_json() == {
        "format": "native",
        "rows": 2,
        "inserted": 2,
        "existing": 0,
        "skipped": {},
        "pages": 1,
        "states": {"visible": 2},
        "replies": 1,
        "rerooted": 0,
        "undated": 0,
        "places": [{"address": f"{BLOG}/a", "page": "blog.example/a", "comments": 2}],
        "foreign": {},
        "warnings": [],
    }
    comment = db.session.get(Comment, "c2")
    assert (comment.parent_id, comment.root_id, comment.depth) == ("c1", "c1", 1)


@pytest.mark.parametrize(
    "created", ["yesterday", "", None, "0001-01-01T00:00:00+14:00", True, [], {}, 10**30]
)
def test_a_comment_whose_date_makes_no_sense_takes_that_of_its_neighbour(site, created):
    report = run("native", lines(row("c1"), row("c2", created=created)), site=site)
    assert (report.inserted, report.undated) == (2, 1)
    assert db.session.get(Comment, "c2").created == db.session.get(Comment, "c1").created
    assert "line 2: its date makes no sense" in report.warnings[0]


@pytest.mark.parametrize("created", ["2026-01-01T08:00:00", 1_767_254_400, "2026-01-01 08:00:00"])
def test_a_date_may_be_written_as_other_systems_do(site, created):
    assert run("native", lines(row(created=created)), site=site).undated == 0
    said = clock.text(db.session.get(Comment, "c1").created)
    assert said == "2026-01-01T08:00:00.000Z"


def test_ids_may_be_whole_numbers(site):
    report = run("native", lines(row(17), row(18, parent=17)), site=site)
    assert (report.inserted, report.replies) == (2, 1)
    assert db.session.get(Comment, "18").parent_id == "17"


def test_a_dry_run_says_the_same_and_writes_nothing(site):
    content = lines(row(), row("c2", parent="none"))
    dry = run("native", content, site=site, dry_run=True)
    assert db.session.query(Comment).count() == db.session.query(Page).count() == 0
    assert dry.as_json() == run("native", content, site=site).as_json()


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (b"{", "column 2: not well-formed JSON"),
        (b'{"text": "\xc3\xa9" x}', "column 14: not well-formed JSON"),
        (b" []", "column 2: not an object"),
        (b"[" * 50_000, "column 1: not well-formed JSON"),
        (b'{"\xc3\xa9\xff"}', "column 4: not UTF-8"),
        (b'{"type" : "vote"}', "column 11: the type must be"),
        (b'  {"text": "type"}', "column 3: the type must be"),
        (b'{"a": {"type": 5}, "b": "\\"type\\":", "type": 5}', "column 46: the type must be"),
        (lines(row(author=None)), "author is missing"),
        (lines(row(author={"name": 5})), "the author's name is of the wrong type"),
        (lines(row(text=None)), "text is missing"),
        (lines(row(edited="yesterday")), "edited must be a time"),
        (lines(row(edited="2026-01-01T00:00:00")), "edited must be a time"),
        (lines(row(edited="0001-01-01T00:00:00+14:00")), "edited must be a time"),
        (lines(row(id=True)), "id is of the wrong type"),
        (lines(row(id=1.5)), "id is of the wrong type"),
        (lines(row(id="")), "id is missing"),
        (lines(row(state="gone")), "state cannot be 'gone'"),
        (lines(row(up=-1)), "up must be a number of votes"),
        (lines(row(up=True)), "up is of the wrong type"),
        (lines({"afterword": 2}), "version 2 is not known"),
        (lines({"type": "page", "url": "/a", "moved": ["b"]}), "moved must be keys with urls"),
        (lines({"type": "page", "url": "/a", "moved": [{"key": "b"}]}), "moved must be keys"),
        (lines({"type": "page", "url": "/a", "reopened": "now"}), "reopened must be a time"),
    ],
)
def test_a_malformed_file_says_where_and_writes_nothing(site, second, why):
    with pytest.raises(BadFile, match=r"line 2, column \d+: ") as caught:
        run("native", lines(row("good")) + second, site=site)
    assert why in str(caught.value)
    assert db.session.query(Comment).count() == 0


def test_comments_of_other_hosts_are_skipped_unless_their_origin_is_named(site):
    content = lines(row(page_url="http://localhost:1313/a"), row("c2", page_url="nonsense"))
    report = run("native", content, site=site, dry_run=True)
    assert (report.inserted, dict(report.skipped)) == (0, {"foreign_host": 1, "no_address": 1})
    moved = run(
        "native", content, site=site, choices=Choices(site_origins=["http://localhost:1313"])
    )
    assert (moved.inserted, dict(moved.skipped)) == (1, {"no_address": 1})
    assert db.session.scalar(select(Page.url)) == f"{BLOG}/a"


def test_an_id_that_another_site_holds_is_replaced_the_same_way_each_time(site):
    other = changes.add("https://other.example")
    run("native", lines(row(page_url="https://other.example/x")), site=other)
    content = lines(row(), row("no good id!", parent="c1"))
    first = run("native", content, site=site)
    assert (first.inserted, first.replies, len(first.warnings)) == (2, 1, 2)
    again = run("native", content, site=site)
    assert (again.inserted, again.existing) == (0, 2)


def test_parents_that_cannot_be_are_dropped_and_reported(site):
    report = run(
        "native",
        lines(
            row("absent", parent="nowhere"),
            row("elsewhere", parent="absent", page_url=f"{BLOG}/b"),
            row("self", parent="self"),
            row("one", parent="two"),
            row("two", parent="one"),
        ),
        site=site,
    )
    assert report.inserted == 5
    assert len(report.warnings) == 4
    depths = {comment.id: comment.depth for comment in db.session.scalars(select(Comment))}
    assert depths["absent"] == depths["elsewhere"] == depths["self"] == 0
    assert {depths["one"], depths["two"]} == {0, 1}


def test_hostile_html_and_addresses_pass_the_same_gates(site):
    hostile = '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><p onclick=y>ok</p>'
    author = {"name": "A\u202eb", "email": "a@b\nBcc:c", "website": "javascript:alert(1)"}
    report = run("native", lines(row(text=hostile, format="html", author=author)), site=site)
    comment = db.session.get(Comment, "c1")
    for bad in ("img", "onerror", "onclick", "javascript"):
        assert bad not in comment.html
    assert (comment.name, comment.email, comment.website) == ("Ab", None, None)
    assert len(report.warnings) == 2


def test_a_text_that_no_visitor_may_post_is_kept_as_plain_text(site):
    long = "word " * 2000 + "<b>"
    report = run("native", lines(row(text=long)), site=site)
    comment = db.session.get(Comment, "c1")
    assert report.inserted == 1
    assert "kept as plain text" in report.warnings[0]
    assert comment.html.startswith("<p>word word")
    assert "&lt;b&gt;" in comment.html


def test_a_gzipped_file_is_read_and_a_damaged_one_refused(site):
    packed = gzip.compress(lines(row()))
    assert run("auto", packed, site=site).inserted == 1
    for damaged in (packed[:-5], packed[:10] + b"xx" + packed[12:]):
        with pytest.raises(BadFile):
            run("auto", damaged, site=site)


def test_an_unknown_format_is_refused(site):
    with pytest.raises(BadFile, match="no format that is known"):
        run("auto", b"<xml/>", site=site)


_rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from("abcdefgh"),
            "parent": st.sampled_from([None, *"abcdefghz"]),
            "page_url": st.sampled_from([f"{BLOG}/a", f"{BLOG}/b/", "https://foreign.example/"]),
            "text": st.sampled_from(["Hello.", " ", "*x*", "a" * 700]),
            "state": st.sampled_from([state.value for state in State]),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(_rows)
@bounded(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_counted_once_and_no_reply_is_orphaned(site, rows):
    content = lines(*(row(**changed, id_=changed["id"]) for changed in rows))
    with transaction():
        db.session.query(Comment).delete()
        db.session.query(Page).delete()
    db.session.expunge_all()
    report = run("native", content, site=site)
    assert report.rows == len(rows)
    assert report.rows == report.inserted + report.existing + sum(report.skipped.values())
    db.session.expire_all()
    stored = {comment.id: comment for comment in db.session.scalars(select(Comment))}
    assert len(stored) == report.inserted
    for comment in stored.values():
        if comment.parent_id is not None:
            parent = stored[comment.parent_id]
            assert parent.page_id == comment.page_id
            assert comment.depth == parent.depth + 1
            assert comment.root_id == (parent.root_id or parent.id)
    visible = Counter(c.page_id for c in stored.values() if c.state is State.VISIBLE)
    for page in db.session.scalars(select(Page)):
        assert page.count == visible[page.id]


def test_a_table_for_spreadsheets_begins_no_cell_as_a_formula(site):
    page = make.page(site)
    for start in "=+-@\t":
        make.comment(page, text=f'{start}HYPERLINK("x")', name=f"{start}1")
    table = list(csv.reader(io.StringIO(exported(site, format_name="csv").decode("utf-8-sig"))))
    assert len(table) == 6
    for cell in (cell for cells in table[1:] for cell in cells):
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


def test_the_choices_of_another_site_further_down_are_left_out(site):
    one, other = ({"afterword": 1, "site": {"options": {"max_links": many}}} for many in (4, 9))
    page = {"type": "page", "url": f"{BLOG}/a"}
    report = run("native", lines(one, page, other, row()), site=site)
    assert directory.by_id(site.id).options.max_links == 4
    assert "the choices of another site stand further down and were left out" in report.warnings


def test_an_id_that_another_site_has_from_elsewhere_is_not_given_again(app, site):
    disqus = (Path(__file__).parent / "samples" / "disqus-edge.xml").read_bytes()
    many = run("disqus", disqus, site=site).inserted
    with transaction():
        moved = exported(site)
        db.session.execute(delete(Comment))
    other = changes.add("https://other.example")
    assert run("native", moved, site=other, choices=Choices(site_origins=[BLOG])).inserted == many
    assert run("disqus", disqus, site=site).inserted == many


def test_what_only_waiting_comments_say_of_a_page_waits_after_an_import_too(site, client):
    page = make.page(site, is_named=False)
    said = {"page_title": "A lure", "page_url": f"{BLOG}/first-post?lure"}
    waits = make.comment(page, state=State.PENDING, **said).id
    content = exported(site)
    changes.remove(site.id)
    db.session.expunge_all()
    fresh = changes.add(BLOG)
    run("native", content, site=fresh)
    assert exported(directory.by_id(fresh.id)) == content
    assert db.session.scalars(select(Page)).one().shown_title is None
    actions.approve([waits], by="test")
    db.session.expire_all()
    named = db.session.scalars(select(Page)).one()
    assert (named.shown_title, named.url) == ("A lure", f"{BLOG}/first-post?lure")


def test_a_page_of_an_older_export_was_named_by_its_owner(site):
    page = {"type": "page", "url": f"{BLOG}/a", "title": "First post"}
    run("native", lines({"afterword": 1}, page, row(state="pending")), site=site)
    assert db.session.scalars(select(Page)).one().shown_title == "First post"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://old.example/a?x=1", f"{BLOG}/a?x=1"),
        ("https://foreign.example/a", None),
        ("javascript:x", None),
    ],
)
def test_an_address_that_waits_to_be_a_pages_is_one_of_the_site(site, written, kept):
    moved = Choices(site_origins=["https://old.example"])
    waits = row(state="pending", waiting_url=written)
    run("native", lines(waits, row("c2")), site=site, choices=moved)
    assert db.session.get(Comment, "c1").page_url == kept
