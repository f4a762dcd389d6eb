"""The log at the desk: what is in it, what narrows it down, what it gives back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select

import afterword
from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.moderation import actions, audit, bans, log
from afterword.moderation.log import Wanted
from afterword.moderation.models import Act
from afterword.sites import directory
from afterword.threads.models import Comment, Format, State
from afterword.web.admin.log import VERBS
from tests import make
from tests.web.test_admin_queue import EMAIL, desk, page, pending, state  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow


@pytest.fixture
def acts(pending):  # noqa: F811
    """What three people did, oldest first."""
    first, second, third = pending
    actions.approve([first.id], by=EMAIL)
    actions.spam([second.id], by="ada@blog.example")
    actions.edit(first.id, "Better <b>words</b>.", by=EMAIL, limit=5000)
    bans.add(bans.read("spam.example"), bans.Terms(by="command line"))
    with transaction():
        for number, act in enumerate(db.session.query(Act).order_by(Act.id)):
            act.at = dt.datetime(2026, 11, 1 + number, 23, 30, tzinfo=clock.UTC)
    return third


def lines(text):
    """The acts of a page of the log, as a person reads them."""
    found = re.findall(r'<p class="did">(.*?) <time', text, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", line) for line in found]


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_log_says_who_did_what_newest_first(desk, acts):  # noqa: F811
    shown = desk.get("/admin/log")
    assert lines(shown) == [
        "The command line banned",
        f"{EMAIL} edited",
        "ada@blog.example marked as spam",
        f"{EMAIL} approved",
    ]
    assert "Addresses at spam.example for good" in shown
    assert "It waited" in shown
    assert '<time class="when" datetime="2026-11-04T23:30:00.000Z">4 Nov 2026, 23:30 UTC' in shown


def test_a_text_that_was_changed_shows_what_nobody_would_see(desk, pending):  # noqa: F811
    for text in ("Good \u2063words.", "Better."):
        actions.edit(pending[0].id, text, by=EMAIL, limit=5000)
    shown = desk.get("/admin/log?verb=edit")
    assert shown.count('title="Invisible separator">U+2063</abbr>words.') == 2


def test_an_edit_shows_its_text_before_and_after_also_when_edited_again(desk, acts, pending):  # noqa: F811
    actions.edit(pending[0].id, "Third *words*.", by=EMAIL, limit=5000)
    shown = desk.get("/admin/log?verb=edit")
    texts = re.findall(r"<dd[^>]*>(.*?)</dd>", shown, re.DOTALL)
    better = "Better &lt;b&gt;words&lt;/b&gt;."
    assert texts == [better, "Third *words*.", "Hello.", better]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"by={EMAIL}", ["edited", "approved"]),
        ("verb=spam", ["marked as spam"]),
        (f"by={EMAIL}&verb=approve", ["approved"]),
        ("by=eve@blog.example", []),
        ("since=2026-11-03", ["banned", "edited"]),
        ("until=2026-11-01", ["approved"]),
        ("since=2026-11-02&until=2026-11-03", ["edited", "marked as spam"]),
        ("words=SPAM.ex", ["banned"]),
        ("words=%25", []),
        ("words=spam&by=command+line", ["banned"]),
        ("until=9999-12-31", ["banned", "edited", "marked as spam", "approved"]),
        ("since=9999-12-31", []),
        ("by=&verb=&since=&after=nonsense", ["banned", "edited", "marked as spam", "approved"]),
    ],
)
def test_the_log_is_narrowed_down_by_its_address(desk, acts, query, expected):  # noqa: F811
    shown = desk.get(f"/admin/log?{query}")
    assert [
        line.removeprefix("The command ").partition(" ")[2] for line in lines(shown)
    ] == expected


def test_the_log_of_one_comment_is_a_link_away(desk, acts, pending):  # noqa: F811
    shown = desk.get(f"/admin/log?comment={pending[0].id}")
    assert lines(shown) == [f"{EMAIL} edited", f"{EMAIL} approved"]
    assert f'href="/admin/log?comment={pending[0].id}"' in desk.get("/admin/log")
    assert f'value="{pending[0].id}"' in shown, "the filter stays in its field"


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "until=2026-13-01", "comment=%2F..", f"by={'x' * 999}", "words=%00"],
)
def test_what_nothing_can_be_looked_for_by_is_refused_and_not_left_out(client, desk, query):  # noqa: F811
    for path in ("/admin/log", "/admin/log.csv"):
        assert client.get(f"{path}?{query}").status_code == 404


def test_pages_of_the_log_follow_one_another_without_gap_or_repetition(desk, pending):  # noqa: F811
    with transaction():
        for number in range(123):
            audit.note("ban", by=EMAIL, note=f"Number {number:03}", comment=pending[0])
        for act in db.session.query(Act):
            act.at = clock.now() - dt.timedelta(minutes=act.id // 10)  # many at the same moment
    path, seen = "/admin/log?verb=ban", []
    for _ in range(3):
        shown = desk.get(path)
        seen += re.findall(r"Number (\d+)", shown)
        following = re.search(r'rel="next" href="([^"]+)"', shown)
        path = following and following[1].replace("&amp;", "&")
    assert path is None
    assert len(seen) == 123
    assert set(seen) == {f"{number:03}" for number in range(123)}
    assert "verb=ban" in desk.get("/admin/log?verb=ban&after=9")


def test_what_was_decided_is_taken_back_from_the_log(desk, acts, pending):  # noqa: F811
    shown = desk.get("/admin/log?verb=spam")
    number = re.search(r'name="act" value="(\d+)"', shown)[1]
    answer = desk("/admin/log/undo", act=number, verb="spam")
    assert answer.headers["Location"] == "/admin/log?verb=spam&done=undone"
    assert state(pending[1]) is State.PENDING
    shown = desk.get(answer.headers["Location"])
    assert "It was put back as before." in shown
    assert 'name="act"' not in shown
    again = desk("/admin/log/undo", act=number)
    assert again.headers["Location"] == "/admin/log?done=late"
    assert state(pending[1]) is State.PENDING


def test_what_an_author_took_away_is_not_brought_back_from_the_log(desk, acts):  # noqa: F811
    with transaction():
        audit.write(acts, "remove", by=audit.AUTHOR, before=acts.state)
        acts.state = State.REMOVED
    number = db.session.query(Act).order_by(Act.id.desc()).first().id
    assert f'name="act" value="{number}"' not in desk.get("/admin/log")
    desk("/admin/log/undo", act=str(number))
    assert state(acts) is State.REMOVED


def test_what_was_decided_of_an_author_stands_in_the_way_of_no_undo(desk, acts, pending):  # noqa: F811
    with transaction():
        audit.note("hold", by=EMAIL, note="Ada", comment=pending[1])
    shown = desk.get(f"/admin/log?comment={pending[1].id}")
    assert lines(shown) == [
        f"{EMAIL} held what the author sends",
        "ada@blog.example marked as spam",
    ]
    numbers = re.findall(r'name="act" value="(\d+)"', shown)
    assert len(numbers) == 1
    desk("/admin/log/undo", act=numbers[0])
    assert state(pending[1]) is State.PENDING


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "9" * 30, "²"])
def test_an_act_that_is_none_is_not_found(desk, number):  # noqa: F811
    assert desk("/admin/log/undo", act=number).status_code == 404


def test_the_log_is_saved_as_a_table_of_what_is_shown(client, desk, acts, pending):  # noqa: F811
    answer = client.get(f"/admin/log.csv?by={EMAIL}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=afterword-log.csv"
    export, edit, approval = rows(answer)
    assert (export["act"], export["note"]) == ("export", "log")
    assert edit["act"] == "edit"
    assert (edit["text before"], edit["text after"]) == ("Hello.", "Better <b>words</b>.")
    assert approval["at"] == "2026-11-01T23:30:00.000Z"
    assert (approval["comment"], approval["state before"]) == (pending[0].id, "pending")
    assert len(rows(client.get("/admin/log.csv"))) == 6


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_begins_as_a_formula(client, desk, pending, sign):  # noqa: F811
    with transaction():
        audit.note("ban", by=f"{sign}cmd", note=f'{sign}HYPERLINK("x")')
    table = client.get("/admin/log.csv").data.decode("utf-8-sig")
    line = table.split("\r\n", 2)[2]
    assert f'"\'{sign}cmd"' in line
    assert f'"\'{sign}HYPERLINK(""x"")"' in line


def test_a_long_log_is_saved_whole_in_parts(client, desk, pending, monkeypatch):  # noqa: F811
    monkeypatch.setattr(log, "BATCH", 7)
    with transaction():
        for number in range(50):
            audit.note("ban", by=EMAIL, note=str(number), comment=pending[0])
    assert [row["note"] for row in rows(client.get("/admin/log.csv"))] == [
        "log",
        *(str(number) for number in reversed(range(50))),
    ]


def test_who_acted_is_offered_though_no_longer_a_moderator(context, acts):
    assert log.actors() == ["ada@blog.example", "command line", EMAIL]
    assert log.verbs() == ["approve", "ban", "edit", "spam"]
    assert log.read(Wanted(by="ada@blog.example")).entries[0].may_be_undone


def edited(desk, comment, text):  # noqa: F811
    """Change a comment's text at the desk; answers the act's number."""
    path = f"/admin/comments/{comment.id}/edit"
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(path))[1]
    answer = desk(path, text=text, seen=seen)
    return re.search(r"acts=(\d+)", answer.headers["Location"])[1]


@pytest.fixture
def one(page):  # noqa: F811
    """A comment that was imported as HTML, and edited where it was before."""
    return make.comment(
        page,
        text="<p>Old <b>words</b>.</p>",
        html="<p>Old <b>words</b>.</p>",
        format=Format.HTML,
        edited=dt.datetime(2020, 1, 1, tzinfo=clock.UTC),
    )


@pytest.mark.parametrize("where", ["queue", "log"])
def test_an_edit_is_undone_wholly_rendered_anew(desk, one, where):  # noqa: F811
    version = one.page.version
    number = edited(desk, one, "<p>New <em>words</em>.</p><script>no()</script>")
    assert fresh(one).format is Format.HTML
    assert fresh(one).html == "<p>New <em>words</em>.</p>"
    if where == "queue":
        shown = desk("/admin/comments/undo", acts=number).headers["Location"]
        assert "1 comment given its earlier text back." in desk.get(shown)
        assert '<button id="undo">' not in desk.get(shown)
    else:
        shown = desk("/admin/log/undo", act=number).headers["Location"]
        assert "It was put back as before." in desk.get(shown)
        assert lines(desk.get("/admin/log"))[0] == f"{EMAIL} put the earlier text back"
        assert 'name="act"' not in desk.get("/admin/log")
    back = fresh(one)
    assert (back.text, back.format) == ("<p>Old <b>words</b>.</p>", Format.HTML)
    assert back.html == "<p>Old <b>words</b>.</p>"
    assert back.edited == dt.datetime(2020, 1, 1, tzinfo=clock.UTC)
    assert back.page.version > version + 1


def test_an_edit_that_was_edited_over_is_not_undone(desk, one):  # noqa: F811
    first = edited(desk, one, "First.")
    second = edited(desk, one, "Second.")
    assert "had been decided" in desk.get(
        desk("/admin/comments/undo", acts=first).headers["Location"]
    )
    assert fresh(one).text == "Second."
    desk("/admin/log/undo", act=second)
    assert fresh(one).text == "First."
    late = desk("/admin/log/undo", act=second)
    assert "decided or edited anew since" in desk.get(late.headers["Location"])
    assert fresh(one).text == "First.", "what was taken back is not taken back twice"


def test_an_edit_and_a_decision_are_undone_apart(desk, pending):  # noqa: F811
    comment = pending[0]
    actions.approve([comment.id], by=EMAIL)
    number = edited(desk, comment, "Better.")
    desk("/admin/log/undo", act=number)
    assert (fresh(comment).text, fresh(comment).state) == ("Hello.", State.VISIBLE)
    approval = db.session.query(Act).filter_by(verb="approve").one()
    desk("/admin/log/undo", act=str(approval.id))
    assert fresh(comment).state is State.PENDING


def test_what_its_author_edited_is_not_undone_by_others(desk, pending):  # noqa: F811
    with transaction():
        audit.write_edit(pending[0], "edit", by=audit.AUTHOR, before=State.PENDING)
    assert 'name="act"' not in desk.get("/admin/log")


def test_an_edit_of_an_older_version_kept_too_little_to_be_undone(desk, pending):  # noqa: F811
    number = edited(desk, pending[0], "Better.")
    with transaction():
        db.session.get(Act, int(number)).format_before = None
    assert 'name="act"' not in desk.get("/admin/log")
    desk("/admin/comments/undo", acts=number)
    assert fresh(pending[0]).text == "Better."


def fresh(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id)


def test_every_verb_that_is_written_has_its_words():
    written = set()
    for file in Path(afterword.__file__).parent.rglob("*.py"):
        written |= set(re.findall(r'audit\.(?:note|record|write)\(\s*"([^"]+)"', file.read_text()))
    assert {"export", "erase", "ban"} <= written
    assert written <= VERBS.keys()


def test_what_is_handed_out_and_set_up_stands_in_the_log(desk, client, site, page):  # noqa: F811
    one = make.comment(page, name="Ada", email="ada@reader.example")
    client.get(f"/admin/sites/{site.id}/export/file?format=csv").close()
    client.get(f"/admin/sites/{site.id}/configuration/file")
    desk(f"/admin/comments/{one.id}/person", act="all", by="email")
    desk("/admin/sign-in/new/mastodon", label="Mastodon")
    desk("/admin/sign-in/mastodon/remove")
    other = make.page(directory.by_id(site.id), "https://blog.example/second-post")
    desk(f"/admin/pages/{page.id}/apart", other=other.id)
    desk("/admin/overview/jobs")
    verbs = list(db.session.scalars(select(Act.verb).order_by(Act.id)))
    assert verbs == [*["export"] * 3, "add provider", "remove provider", "apart", "retry jobs"]
    shown = desk.get("/admin/log")
    assert "took out a file" in shown
    assert "kept two pages apart" in shown
