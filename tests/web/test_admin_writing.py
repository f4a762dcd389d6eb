"""Editing a comment and answering it, at the desk."""

from __future__ import annotations

import re

import pytest

from afterword.core.db import db
from afterword.identity import moderators
from afterword.moderation.models import Act
from afterword.sites import changes
from afterword.threads.models import Comment, Format, Page, State
from tests import make
from tests.web.test_admin_queue import EMAIL, desk, page  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow


def fields(desk, path):  # noqa: F811
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', desk.get(path))
    return {name: value for name, value in found if name != "csrf"}


def edit_of(comment):
    return f"/admin/comments/{comment.id}/edit"


def reply_of(comment):
    return f"/admin/comments/{comment.id}/reply"


def fresh(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id)


def replies():
    return db.session.query(Comment).filter(Comment.is_moderator).all()


def test_an_edit_changes_text_and_html_and_keeps_the_old_words_in_the_log(desk, page):  # noqa: F811
    made = make.comment(page)
    answer = desk(edit_of(made), **fields(desk, edit_of(made)), text="Hello **there**.")
    act = db.session.query(Act).one()
    assert answer.headers["Location"] == f"/admin/?acts={act.id}#comment-{made.id}"
    assert "<strong>there</strong>" in fresh(made).html
    assert act.text_before == "Hello."
    shown = desk.get(f"/admin/?acts={act.id}")
    assert "1 comment changed." in shown
    assert '<button id="undo">' in shown


def test_a_reply_publishes_no_words_that_nobody_has_read(desk, page):  # noqa: F811
    made = make.comment(page, state=State.PENDING)
    told = fields(desk, reply_of(made))
    fresh(made).text = "Other words."
    db.session.commit()
    answer = desk(reply_of(made), **told, text="Thank you.")
    assert answer.status_code == 409
    assert "The comment was changed in the meantime." in answer.text
    assert "Thank you.</textarea>" in answer.text
    assert fresh(made).state is State.PENDING
    assert desk(reply_of(made), **fields(desk, reply_of(made)), text="Well.").status_code == 303
    assert fresh(made).state is State.VISIBLE


@pytest.mark.parametrize("text", ["   ", "x" * 5001])
def test_a_text_that_is_refused_is_kept_in_the_form(desk, page, text):  # noqa: F811
    made = make.comment(page)
    answer = desk(edit_of(made), **fields(desk, edit_of(made)), text=text)
    assert answer.status_code == 400
    assert f">{text}</textarea>" in answer.text
    assert fresh(made).text == "Hello."


def test_an_edit_over_somebody_elses_edit_is_not_kept_silently(desk, page):  # noqa: F811
    made = make.comment(page)
    first, second = fields(desk, edit_of(made)), fields(desk, edit_of(made))
    desk(edit_of(made), **first, text="By the one.")
    answer = desk(edit_of(made), **second, text="By the other.")
    assert answer.status_code == 409
    assert "By the one." in answer.text
    assert "By the other.</textarea>" in answer.text
    assert fresh(made).text == "By the one."


def test_an_imported_comment_stays_html_when_it_is_edited(desk, page):  # noqa: F811
    made = make.comment(page, format=Format.HTML, text="<p>Hello.</p>", html="<p>Hello.</p>")
    assert "HTML, as this comment was imported." in desk.get(edit_of(made))
    told = fields(desk, edit_of(made))
    cat = '<img src="https://b.example/cat.png" alt="a cat" onerror="alert(1)">'
    text = f"<p>Hello *there*, <em>all</em>.<script>alert(1)</script></p>{cat}"
    desk(edit_of(made), **told, text=text)
    edited = fresh(made)
    assert edited.format is Format.HTML
    assert "<p>Hello *there*, <em>all</em>." in edited.html
    assert "a cat" in edited.html
    assert "script" not in edited.html
    assert edited.text == edited.html
    assert "onerror" not in edited.html
    act = db.session.query(Act).one()
    desk("/admin/comments/undo", acts=act.id)
    assert (fresh(made).html, fresh(made).format) == ("<p>Hello.</p>", Format.HTML)


@pytest.mark.parametrize("text", ["<p> </p>", "<p>" + "x" * 5001])
def test_an_imported_text_that_is_refused_is_kept_in_the_form(desk, page, text):  # noqa: F811
    made = make.comment(page, format=Format.HTML, text="<p>Hello.</p>", html="<p>Hello.</p>")
    answer = desk(edit_of(made), **fields(desk, edit_of(made)), text=text)
    assert answer.status_code == 400
    assert fresh(made).text == "<p>Hello.</p>"


def test_a_reply_stands_under_the_comment_with_the_owners_badge(desk, page, client):  # noqa: F811
    made = make.comment(page)
    moderators.find(EMAIL)
    answer = desk(reply_of(made), **fields(desk, reply_of(made)), text="Thank you.")
    assert answer.headers["Location"] == "/admin/?done=replied"
    (reply,) = replies()
    assert (reply.parent_id, reply.state, reply.name) == (made.id, State.VISIBLE, "hanna")
    thread = client.get("/api/v1/thread", query_string={"url": page.url}).get_json()
    assert thread["comments"][0]["replies"][0]["author"]["is_moderator"]
    assert EMAIL not in str(thread)


def test_a_reply_to_a_comment_that_waits_approves_it_first(desk, page):  # noqa: F811
    made = make.comment(page, state=State.PENDING)
    assert "approves it first" in desk.get(reply_of(made))
    desk(reply_of(made), **fields(desk, reply_of(made)), text="Thank you.")
    assert fresh(made).state is State.VISIBLE
    assert db.session.get(Page, page.id).count == 2


def test_a_reply_that_is_refused_approves_nothing_and_is_kept(desk, page):  # noqa: F811
    made = make.comment(page, state=State.PENDING)
    text = "x" * 5001
    answer = desk(reply_of(made), **fields(desk, reply_of(made)), text=text)
    assert answer.status_code == 400
    assert f">{text}</textarea>" in answer.text
    assert fresh(made).state is State.PENDING
    assert replies() == []


def test_a_reply_to_what_was_removed_meanwhile_is_kept(desk, page):  # noqa: F811
    made = make.comment(page, state=State.REMOVED)
    answer = desk(reply_of(made), **fields(desk, reply_of(made)), text="Thank you.")
    assert answer.status_code == 400
    assert "Thank you.</textarea>" in answer.text
    assert replies() == []


def test_a_reply_sent_twice_is_one_reply(desk, page):  # noqa: F811
    made = make.comment(page)
    sent = {**fields(desk, reply_of(made)), "text": "Thank you."}
    assert [desk(reply_of(made), **sent).status_code for _ in range(2)] == [303, 303]
    assert len(replies()) == 1


def test_the_owner_answers_whatever_the_site_asks_of_visitors(desk, page):  # noqa: F811
    changes.choose(page.site_id, {"require_email": "on", "policy": "hold-all"})
    made = make.comment(page)
    desk(reply_of(made), **fields(desk, reply_of(made)), text="Thank you.")
    assert [reply.state for reply in replies()] == [State.VISIBLE]


def test_a_comment_that_does_not_exist_has_no_form(desk):  # noqa: F811
    assert desk(edit_of(Comment(id="nope")), text="x").status_code == 404
    assert desk(reply_of(Comment(id="nope")), text="x").status_code == 404


def test_what_is_erased_takes_no_other_text_and_no_decision(desk, page):  # noqa: F811
    erased = make.comment(page, state=State.REMOVED, text="", html="")
    answer = desk(edit_of(erased), **fields(desk, edit_of(erased)), text="Words of its author?")
    assert answer.status_code == 409
    assert "only its place is left" in answer.text
    assert fresh(erased).text == ""
    for path in ("/admin/?state=removed", f"/admin/comments/{erased.id}/here"):
        shown = desk.get(path)
        assert "only its place is left" in shown
        assert not re.search(r'name="(act|only|ids)" value="(\w+ )?' + erased.id, shown)
        assert edit_of(erased) not in shown
        assert 'value="edit"' not in shown
