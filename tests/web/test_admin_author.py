"""An author's page: what is known of them, remarks, and one decision over all that they wrote."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from sqlalchemy import text

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Identity, IdentityKind, Session
from afterword.jobs import queue
from afterword.moderation import authors, remarks
from afterword.operate import person
from afterword.operate.person import Person
from afterword.threads.models import Comment, State, Vote
from tests.service.posts import send
from tests.web.test_admin_bans import SECRET
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture
from tests.web.test_admin_undo import undo

pytestmark = pytest.mark.slow

BOB = {"name": "Bob", "email": "bob@example.org"}


@pytest.fixture
def comment(context, site):
    return send("A word of Bob.", token=SECRET, author=BOB)


def states(author_id):
    db.session.expire_all()
    rows = db.session.query(Comment.state).filter(Comment.author_id == author_id)
    return [state for (state,) in rows]


def test_votes_and_what_was_proved_are_shown(desk, comment):  # noqa: F811
    other = send("By somebody else.", token="x" * 43)
    with transaction() as session:
        session.add(Vote(comment_id=other.id, author_id=comment.author_id, value=1))
        session.add(
            Identity(author_id=comment.author_id, kind=IdentityKind.EMAIL, subject=BOB["email"])
        )
        session.add(
            Identity(author_id=other.author_id, kind=IdentityKind.EMAIL, subject=BOB["email"])
        )
        session.get(Comment, comment.id).down = 3
    shown = desk.get(f"/admin/comments/{comment.id}/author")
    assert "1 for, 0 against" in shown
    assert "0 for, 3 against" in shown
    assert "Confirmed address" in shown
    assert "2, which proved to be the same person" in shown


@pytest.mark.parametrize(("act", "state"), [("spam", State.SPAM), ("remove", State.REMOVED)])
def test_all_of_an_author_is_decided_and_taken_back_by_one_press(desk, comment, act, state):  # noqa: F811
    many = [send(f"Word {n} of Bob.", token=SECRET, author=BOB) for n in range(3)]
    path = f"/admin/comments/{comment.id}"
    answer = desk(f"{path}/all", act=act)
    assert states(comment.author_id) == [state] * 4
    shown = undo(desk, desk.get(answer.headers["Location"]))
    assert "4 visible" in shown
    assert states(many[0].author_id) == [State.VISIBLE] * 4


def test_who_wrote_more_than_one_decision_takes_is_swept_by_a_job(desk, comment, monkeypatch):  # noqa: F811
    send("Another of Bob.", token=SECRET, author=BOB)
    page = f"/admin/comments/{comment.id}/author"
    swept = f"/admin/sweeps/new?state=visible&author={comment.author_id}"
    assert html.escape(swept) not in desk.get(page)
    monkeypatch.setattr(authors, "MOST", 2)
    shown = desk.get(page)
    assert "More than these are not decided over at once." in shown
    assert html.escape(swept) in shown
    assert "Decide over all 2 comments" in desk.get(swept)
    with transaction() as session:
        session.query(Comment).update({"state": State.PENDING, "is_shown": False})
    assert html.escape(swept.replace("visible", "pending")) in desk.get(page)


def test_to_remove_all_asks_for_the_password_when_it_was_said_long_ago(desk, comment):  # noqa: F811
    with transaction() as session:
        for one in session.query(Session):
            one.proved = one.created = clock.now() - dt.timedelta(hours=1)
    path = f"/admin/comments/{comment.id}/all"
    assert desk(path, act="remove").status_code == 403
    assert states(comment.author_id) == [State.VISIBLE]
    assert desk(path, act="spam").status_code == 303
    assert desk(path, act="burn").status_code == 400


def test_a_remark_is_kept_shown_and_taken_away(desk, comment):  # noqa: F811
    path = f"/admin/comments/{comment.id}"
    assert desk(f"{path}/remarks", remark=" Was warned <b>twice</b>. ").status_code == 303
    shown = desk.get(f"{path}/author")
    assert "Was warned &lt;b&gt;twice&lt;/b&gt;." in shown
    assert EMAIL in shown
    (remark,) = remarks.of(comment.author_id)
    assert desk(f"{path}/remarks/drop", remark="99").status_code == 404
    assert desk(f"{path}/remarks/drop", remark=str(remark.id)).status_code == 303
    assert remarks.of(comment.author_id) == []


@pytest.mark.sqlite("its trigger is written as SQLite reads it")
def test_what_cannot_be_logged_is_not_done(desk, comment):  # noqa: F811
    kept = remarks.add(comment, "Was warned.", by=EMAIL)
    with transaction():
        queue.add("none", {})
    queue.put_back(queue.claim(), "It failed.", is_hopeless=True)
    full = "CREATE TRIGGER full BEFORE INSERT ON acts BEGIN SELECT RAISE(ABORT, 'full'); END"
    with transaction() as session:
        session.execute(text(full))
    path = f"/admin/comments/{comment.id}/remarks"
    assert desk(path, remark="Another.").status_code == 503
    assert desk(f"{path}/drop", remark=str(kept.id)).status_code == 503
    assert desk("/admin/overview/jobs").status_code == 503
    db.session.expire_all()
    assert [one.text for one in remarks.of(comment.author_id)] == ["Was warned."]
    assert len(queue.dead()) == 1


def test_a_remark_that_cannot_be_kept_is_told_and_stays_in_its_field(desk, comment):  # noqa: F811
    answer = desk(f"/admin/comments/{comment.id}/remarks", remark="x" * 1001)
    assert answer.status_code == 400
    assert "x" * 1001 in answer.text
    assert desk(f"/admin/comments/{comment.id}/remarks", remark=" ").status_code == 400


def test_remarks_are_handed_out_and_erased_with_all_else(desk, comment):  # noqa: F811
    remarks.add(comment, "Was warned.", by=EMAIL)
    bob, author_id = Person((), (comment.author_id,)), comment.author_id
    assert [one["text"] for one in person.written(bob)["remarks"]] == ["Was warned."]
    person.erase(bob, by=EMAIL)
    assert remarks.of(author_id) == []
