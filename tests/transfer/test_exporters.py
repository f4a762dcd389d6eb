"""The way out: files that other systems read, and pages that need no system at all."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from afterword.core.db import db, transaction
from afterword.markup import plain
from afterword.sites import changes, directory
from afterword.threads.models import Comment, Format, Mention, Page, State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")


def exported(site, format_name):
    out = io.BytesIO()
    export.write(directory.by_id(site.id), out, format_name=format_name)
    return out.getvalue()


@pytest.fixture
def filled(site):
    """Two pages with comments of each state, and what XML has to escape."""
    page = make.page(site, is_open=False)
    said = {"html": "<p>1 &lt; 2 &amp; ]]&gt; <em>Grüße</em> 東京</p>", "text": "1 < 2 & ]]>"}
    root = make.comment(page, minute=1, name="Ada & <Co>", email="ada@mail.example", **said)
    middle = make.comment(page, root, minute=2, name="Bo", website="https://bo.example/")
    make.comment(page, middle, minute=3, name="Cy")
    other = make.page(site, f"{BLOG}/second")
    make.comment(other, minute=4, state=State.PENDING, name="Pending")
    make.comment(other, minute=5, state=State.SPAM, name="Spam")
    gone = make.comment(other, minute=6, state=State.REMOVED, text="", html="", name="")
    make.comment(other, gone, minute=7, name="Below")
    return site


def kept():
    """What a trip through another format has to keep, whatever it makes of ids."""
    db.session.expire_all()
    every = db.session.query(Comment).order_by(Comment.created).all()
    places = {one.id: place for place, one in enumerate(every)}
    return [
        (one.page.key, one.name, one.state, one.created, one.website, places.get(one.parent_id))
        for one in every
    ]


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
def test_what_others_read_keeps_texts_states_and_threads(filled, format_name):
    before, html = kept(), db.session.query(Comment.html).filter_by(name="Bo").scalar()
    content = exported(filled, format_name)
    changes.remove(filled.id)
    db.session.expunge_all()
    report = run("auto", io.BytesIO(content), site=changes.add(BLOG))
    assert (report.format, report.inserted, dict(report.skipped)) == (format_name, len(before), {})
    after = kept()
    assert [one[:5] for one in after] == [one[:5] for one in before]
    assert [one[5] for one in after] == [one[5] for one in before]
    assert "Grüße" in db.session.query(Comment.html).filter_by(name="Ada & <Co>").scalar()
    assert html.strip() == db.session.query(Comment.html).filter_by(name="Bo").scalar().strip()
    assert [page.is_open for page in db.session.query(Page).order_by(Page.key)] == [False, True]


def moved_out(site, format_name, content=None):
    """The site of the same address, into which its export was brought."""
    content = content or exported(site, format_name)
    changes.remove(site.id)
    db.session.expunge_all()
    fresh = changes.add(BLOG)
    run("auto", io.BytesIO(content), site=fresh)
    return fresh


OTHERS = ["disqus", "wordpress", "csv"]


@pytest.mark.parametrize("format_name", OTHERS)
def test_an_export_into_the_site_that_it_came_from_adds_nothing(filled, format_name):
    content = exported(filled, format_name)
    with transaction() as session:
        session.execute(update(Comment).where(Comment.name == "Bo").values(text="Edited."))
    before = kept()
    report = run("auto", io.BytesIO(content), site=filled)
    assert (report.inserted, report.existing) == (0, len(before))
    assert kept() == before


@pytest.mark.parametrize("format_name", OTHERS)
def test_comments_come_back_with_their_ids_and_once(filled, format_name):
    whole, content = exported(filled, "native"), exported(filled, format_name)
    before = set(db.session.scalars(select(Comment.id)))
    fresh = moved_out(filled, format_name)
    assert set(db.session.scalars(select(Comment.id))) == before
    for again in (content, whole):
        assert run("auto", io.BytesIO(again), site=fresh).inserted == 0


def test_our_marks_do_not_stand_where_others_would_stumble_over_them(filled):
    # WordPress's plainest reader looks for this to the letter, Remark42 for any attribute ``id``.
    assert exported(filled, "wordpress").count(b"<wp:comment>") == 7
    posts = re.findall(rb"<post [^>]+>", exported(filled, "disqus"))
    assert [len(re.findall(rb"[ :]id=", post)) for post in posts] == [1] * 7


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
def test_what_an_earlier_version_brought_in_under_other_ids_is_known(filled, format_name):
    content = exported(filled, format_name)
    unmarked = re.sub(
        rb'<afterword:comment [^>]+></afterword:comment>| afterword:comment_id="[^"]+"',
        b"",
        content,
    )
    assert b"comment_id=" not in unmarked
    fresh = moved_out(filled, format_name, content=unmarked)
    before = kept()
    assert run("auto", io.BytesIO(content), site=fresh).inserted == 0
    assert kept() == before


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
def test_an_export_into_another_site_beside_its_own_adds_it_once(filled, format_name):
    content = exported(filled, format_name).replace(b"https://blog.example", b"https://two.example")
    two = changes.add("https://two.example")
    inserted = [run("auto", io.BytesIO(content), site=two).inserted for _ in range(2)]
    assert inserted == [7, 0]


@pytest.mark.parametrize("format_name", OTHERS)
def test_pages_with_ids_of_their_own_and_one_address_come_back_as_they_were(site, format_name):
    keys = ["blog.example/recipes", "id:-brød & butter", 'id:soup "1"']
    for minute, key in enumerate(keys):
        page = make.page(site, f"{BLOG}/recipes" if minute == 0 else f"{BLOG}/x{minute}")
        page.key, page.url = key, f"{BLOG}/recipes"
        db.session.commit()
        make.comment(page, minute=minute, name=key)
    moved_out(site, format_name)
    threads = db.session.query(Page).order_by(Page.key).all()
    assert [(page.key, page.url, page.count) for page in threads] == [
        (key, f"{BLOG}/recipes", 1) for key in keys
    ]
    assert all(one.name == one.page.key for one in db.session.query(Comment))


@pytest.mark.parametrize("format_name", OTHERS)
def test_comments_in_html_come_back_as_what_they_show(site, format_name):
    said = "<p>From <em>elsewhere</em></p>"
    make.comment(make.page(site), text=said, html=said, format=Format.HTML)
    moved_out(site, format_name)
    assert db.session.scalar(select(Comment.html)).strip() == said


_words = st.lists(st.sampled_from(["&", "lt", "amp;", "&lt;", "&#60;", "<b>", '"', "Ada", " "]))


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
@given(name=_words, title=_words)
@bounded(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_names_and_titles_come_back_to_the_letter(site, format_name, name, title):
    said = plain.title("".join(["T", *title])), plain.short_name("".join(name))
    cleared()
    make.comment(titled(make.page(site), said[0]), name=said[1])
    moved = exported(site, format_name)
    cleared()
    run("auto", io.BytesIO(moved), site=site)
    comment = db.session.scalars(select(Comment)).one()
    assert (comment.page.title, comment.name) == said


def cleared():
    with transaction() as session:
        session.execute(delete(Comment))
        session.execute(delete(Page))
    db.session.expunge_all()


def titled(page, title):
    with transaction():
        page.title = title
    return page


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
def test_what_stands_for_an_id_in_others_files_says_less_than_the_address(site, format_name):
    page = make.page(site)
    page.key = "id:seven"
    db.session.commit()
    make.comment(page)
    content = exported(site, format_name).decode()
    changes.remove(site.id)
    db.session.expunge_all()
    theirs = re.sub(
        r'<afterword:page [^>]+></afterword:page>| afterword:page_id="seven"', "", content
    )
    assert theirs.count("seven") == 1
    run("auto", io.BytesIO(theirs.encode()), site=changes.add(BLOG))
    assert db.session.scalar(select(Page.key)) == "blog.example/first-post"


def test_an_archive_has_an_index_and_a_page_for_each_thread(filled):
    with zipfile.ZipFile(io.BytesIO(exported(filled, "html"))) as archive:
        names = archive.namelist()
        index = archive.read("index.html").decode()
        threads = [archive.read(name).decode() for name in names if name.startswith("threads/")]
    assert {"index.html", "style.css"} < set(names)
    linked = re.findall(r'href="(threads/[^"]+)"', index)
    assert sorted(linked) == sorted(name for name in names if name.startswith("threads/"))
    assert "4 comments on 2 pages" in index
    assert "Ada &amp; &lt;Co&gt;" in "".join(threads)
    assert "<em>Grüße</em> 東京" in "".join(threads)


def test_an_archive_holds_only_what_anyone_may_read(filled):
    with zipfile.ZipFile(io.BytesIO(exported(filled, "html"))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "ada@mail.example" not in whole
    assert "Pending" not in whole
    assert "Spam" not in whole
    assert "http://" not in re.sub(r"https?://(blog|bo)\.example", "", whole)


def test_the_same_threads_make_the_same_archive(filled):
    assert exported(filled, "html") == exported(filled, "html")


def test_a_table_that_a_spreadsheet_saved_is_known_again(site):
    page = make.page(site)
    make.comment(page, make.comment(page, minute=1), minute=2, name="Bo")
    table = exported(site, "csv").decode()
    assert table.count(',""\r\n') == 2
    bare = re.sub(r'(,"")+\r\n', "\r\n", table)  # what is empty at the end of a row is left out
    assert run("auto", io.BytesIO(bare.encode()), site=site).existing == 2
    before = kept()
    moved_out(site, "csv", content=bare.encode())
    assert kept() == before


@pytest.mark.parametrize("format_name", ["disqus", "wordpress"])
def test_the_words_that_a_comment_quotes_stand_above_it_for_others(site, format_name):
    make.comment(make.page(site), quote="1 < 2 & more")
    moved_out(site, format_name)
    shown = re.sub(r"\s*</?p>\s*|\n", "", db.session.scalar(select(Comment.html)))
    assert shown == "<blockquote>1 &lt; 2 &amp; more</blockquote>Hello."


def test_the_words_that_a_comment_quotes_have_a_column_of_the_table(site):
    make.comment(make.page(site), quote="=1 < 2")
    moved_out(site, "csv")
    assert db.session.execute(select(Comment.quote, Comment.text)).one() == ("=1 < 2", "Hello.")


def test_a_table_of_an_earlier_version_is_known_by_its_ids(filled):
    table = exported(filled, "csv").decode()
    lacks = table.replace(',"quote"\r\n', "\r\n").replace(',""\r\n', "\r\n")
    assert "quote" not in lacks
    assert run("auto", io.BytesIO(lacks.encode()), site=filled).existing == 7


@pytest.mark.parametrize("format_name", OTHERS)
def test_what_stands_beside_a_thread_is_no_comment_for_others(site, format_name):
    page, said = make.page(site), {"source": "https://friend.example/1"}
    apart = [one for one in Mention if one is not Mention.REPLY]
    for minute, mention in enumerate(apart):
        make.comment(page, minute=minute, mention=mention, text="Beside.", **said)
    make.comment(page, minute=50, mention=Mention.REPLY, text="A reply.", **said)
    make.comment(page, minute=51)
    content = exported(site, format_name)
    assert b"Beside." not in content
    assert export.write(site, io.BytesIO(), format_name=format_name) == 2
    moved_out(site, format_name, content=content)
    assert db.session.query(Comment).count() == 2
