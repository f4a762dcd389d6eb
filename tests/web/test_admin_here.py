"""The window that a blog page opens to decide over one comment."""

from __future__ import annotations

import html
import re

import pytest

from afterword.core.db import db
from afterword.moderation import actions, reports
from afterword.sites import changes
from afterword.threads.models import Comment, State
from tests import make
from tests.web.test_admin_queue import (  # noqa: F401 - fixtures
    complain,
    desk,
    object_later,
    page,
    state,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def comment(page) -> Comment:  # noqa: F811
    return make.comment(page, state=State.PENDING, reasons=["It has 3 links."])


def act(desk, comment, act, **said):  # noqa: F811
    return desk(f"/admin/comments/{comment.id}/here", act=act, **said)


def test_it_shows_the_comment_and_what_can_be_done(desk, comment):  # noqa: F811
    shown = desk.get(f"/admin/comments/{comment.id}/here")
    assert "It has 3 links." in shown
    for verb in ("approve", "spam", "remove", "edit"):
        assert f'name="act" value="{verb}"' in shown
    assert 'value="pin"' not in shown
    assert "<nav" not in shown


@pytest.mark.parametrize(
    ("verb", "after"),
    [("approve", State.VISIBLE), ("spam", State.SPAM), ("remove", State.REMOVED)],
)
def test_a_decision_is_made_and_taken_back_there(desk, comment, verb, after):  # noqa: F811
    answer = act(desk, comment, verb, state="pending")
    assert state(comment) is after
    shown = desk.get(answer.headers["Location"])
    acts = re.search(r'name="acts" value="([^"]+)"', shown)[1]
    again = desk.get(act(desk, comment, "undo", acts=acts).headers["Location"])
    assert "1 comment put back as before." in again
    assert state(comment) is State.PENDING


def test_a_report_that_came_while_it_was_read_is_not_answered(desk, page, site):  # noqa: F811
    changes.choose(site.id, {"hold_reports": "0"})
    loud = make.comment(page)
    complain(loud)
    window = desk.get(f"/admin/comments/{loud.id}/here")
    until = re.search(r'name="until" value="([^"]+)"', window)[1]
    object_later(loud, until)
    act(desk, loud, "spam", state="visible", until=until)
    assert state(loud) is State.SPAM
    assert len(reports.of_comments([loud.id])[loud.id]) == 1


def test_the_desk_that_it_leads_to_shows_the_comment_however_many_are_newer(desk, page):  # noqa: F811
    many = [make.comment(page, state=State.PENDING, minute=0) for _one in range(30)]
    for one in (many[0], many[12], many[-1]):
        window = desk.get(f"/admin/comments/{one.id}/here")
        way = html.unescape(re.search(r'href="([^"]*)#comment-', window)[1])
        assert f'id="comment-{one.id}"' in desk.get(way)


def test_the_page_that_opened_it_is_told_by_the_sites_own_addresses_alone(desk, comment):  # noqa: F811
    path = f"/admin/comments/{comment.id}/here"
    assert 'data-origins=""' in desk.get(path)
    changed = desk.get(act(desk, comment, "approve", state="pending").headers["Location"])
    assert 'data-origins="https://blog.example http://blog.example"' in changed


def test_only_the_window_keeps_its_link_to_who_opened_it(desk, client, comment):  # noqa: F811
    opened = client.get(f"/admin/comments/{comment.id}/here")
    assert opened.headers.getlist("Cross-Origin-Opener-Policy") == ["unsafe-none"]
    assert "frame-ancestors 'none'" in opened.headers["Content-Security-Policy"]
    assert opened.headers.getlist("X-Frame-Options") == ["DENY"]
    for path in ("/admin/", f"/admin/comments/{comment.id}/edit", "/admin/login"):
        kept = client.get(path).headers.getlist("Cross-Origin-Opener-Policy")
        assert kept in (["same-origin"], []), path


def test_what_somebody_else_decided_a_second_ago_stays_and_is_told(desk, comment):  # noqa: F811
    actions.spam([comment.id], by="somebody@else.example")
    answer = act(desk, comment, "approve", state="pending")
    assert "Somebody else had decided over it" in desk.get(answer.headers["Location"])
    assert state(comment) is State.SPAM


def test_what_its_author_changed_meanwhile_is_approved_by_nobody_unread(desk, comment):  # noqa: F811
    shown = desk.get(f"/admin/comments/{comment.id}/here")
    seen = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    actions.edit(comment.id, "Buy this.", by="author", limit=5000)
    answer = act(desk, comment, "approve", state="pending", seen=seen)
    assert answer.status_code == 409
    assert "Buy this." in answer.text
    assert state(comment) is State.PENDING


def test_a_visible_comment_is_pinned_and_let_go(desk, comment):  # noqa: F811
    actions.approve([comment.id], by="test")
    shown = desk.get(act(desk, comment, "pin").headers["Location"])
    assert "The comment stands first on its page." in shown
    assert 'value="unpin"' in shown
    act(desk, comment, "unpin")
    db.session.expire_all()
    assert not db.session.get(Comment, comment.id).is_pinned


def test_a_text_is_changed_there_and_not_lost_when_it_cannot_be(desk, comment):  # noqa: F811
    path = f"/admin/comments/{comment.id}/here"
    seen = re.search(r'name="seen" value="([^"]+)"', desk.get(path))[1]
    answer = act(desk, comment, "edit", text="x" * 5001, seen=seen)
    assert answer.status_code == 400
    assert "x" * 5001 in answer.text
    assert act(desk, comment, "edit", text="Other words.", seen="old").status_code == 409
    act(desk, comment, "edit", text="Other words.", seen=seen)
    db.session.expire_all()
    assert db.session.get(Comment, comment.id).text == "Other words."


def test_what_cannot_be_done_is_refused(desk, comment):  # noqa: F811
    assert act(desk, comment, "burn").status_code == 400
    assert act(desk, comment, "pin").status_code == 409
    assert desk("/admin/comments/nobody/here", act="spam").status_code == 404
