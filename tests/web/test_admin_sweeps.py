"""Decisions over all that match, as the desk offers them: asked for, watched, taken back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import func, select, update

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.jobs import worker
from afterword.moderation import actions
from afterword.moderation.models import Report, Sweep
from afterword.threads.models import Comment, Page, State
from tests import desk, make
from tests.conftest import BLOG
from tests.desk import PASSWORD

pytestmark = pytest.mark.slow

OWNER, ADA, OTTO = "hanna@blog.example", "ada@blog.example", "otto@blog.example"


@pytest.fixture
def waiting(app, site):
    """More comments than a page of the queue has, and two who moderate their site."""
    with app.app_context():
        moderators.add(OWNER, password=PASSWORD)
        moderators.add(ADA, password=PASSWORD, sites={site.id})
        moderators.add(OTTO, password=PASSWORD, sites={site.id})
        page = make.page(site)
        for minute in range(30):
            text = "A boat." if minute % 3 else "A table."
            make.comment(page, minute=minute, state=State.PENDING, text=text, html=text)


@pytest.fixture
def work(app):
    def do():
        with app.app_context():
            while worker.do_next():
                pass

    return do


def states(app):
    with app.app_context():
        rows = select(Comment.state, func.count()).group_by(Comment.state)
        return {state.value: many for state, many in db.session.execute(rows)}


def test_all_that_match_are_offered_where_more_match_than_are_shown(app, waiting):
    ada = desk.of(app, ADA)
    [address] = re.findall(r'href="(/admin/sweeps/new[^"]*)"', ada.get("/admin/").text)
    page = ada.get(address).text
    assert "all 30 comments" in page
    assert "Approve all 30" in page
    narrow = ada.get("/admin/sweeps/new", q="table").text
    assert "all 10 comments" in narrow
    assert "narrowed" in narrow
    assert "/admin/sweeps/new" not in ada.get("/admin/", state="spam").text


def test_it_is_done_watched_and_taken_back(app, waiting, work):
    ada = desk.of(app, ADA)
    started = ada.post("/admin/sweeps", act="approve", q="table")
    assert started.status_code == 303
    path = started.headers["Location"]
    assert 'max="10" value="0"' in ada.get(path).text
    assert "being decided over" in ada.get("/admin/").text
    work()
    assert "10 comments approved." in ada.get(path).text
    assert states(app) == {"visible": 10, "pending": 20}
    assert ada.post(f"{path}/undo").headers["Location"] == path
    work()
    assert "All is as it was before." in ada.get(path).text
    assert states(app) == {"pending": 30}
    assert "What became of 10 comments at once" in ada.get("/admin/").text


def test_it_is_stopped(app, waiting, work):
    ada = desk.of(app, ADA)
    path = ada.post("/admin/sweeps", act="spam").headers["Location"]
    ada.post(f"{path}/stop")
    work()
    assert "The other 30 were not looked at." in ada.get(path).text
    assert states(app) == {"pending": 30}


def test_what_came_or_was_changed_since_it_was_asked_for_is_left(app, waiting, work, site):
    ada = desk.of(app, ADA)
    asked = ada.get("/admin/sweeps/new", q="table").text
    until = re.search(r'name="until" value="([^"]+)"', asked)[1]
    with app.app_context():
        page = db.session.scalar(select(Page))
        new = make.comment(page, state=State.PENDING, text="A table.", html="A table.").id
        db.session.get(Comment, new).created = clock.parse(until) + dt.timedelta(seconds=1)
        db.session.commit()
    ada.post("/admin/sweeps", act="approve", q="table", until=until)
    with app.app_context():
        old = db.session.scalar(
            select(Comment.id).where(Comment.id != new, Comment.text == "A table.")
        )
        actions.edit(old, "A table to buy.", by="author", limit=5000)
    work()
    assert states(app) == {"visible": 9, "pending": 22}


def test_what_was_reported_since_it_was_asked_for_is_left(app, site, work, client, post):
    with app.app_context():
        moderators.add(OWNER, password=PASSWORD)
    seen, unseen = (post(text).json["comment"]["id"] for text in ("A table.", "A boat."))

    def report(one):
        sent = {"json": {"reason": "spam"}, "headers": {"Origin": BLOG}}
        assert client.post(f"/api/v1/comments/{one}/report", **sent).status_code == 202

    report(seen)
    hanna = desk.of(app, OWNER)
    reported = {"state": "visible", "reported": "1"}
    asked = hanna.get("/admin/sweeps/new", **reported).text
    until = re.search(r'name="until" value="([^"]+)"', asked)[1]
    for one in (seen, unseen):
        report(one)
    with app.app_context(), transaction() as session:
        later = clock.parse(until) + dt.timedelta(milliseconds=1)
        first = session.scalar(select(func.min(Report.at)))
        session.execute(update(Report).where(Report.at != first).values(at=later))
    hanna.post("/admin/sweeps", act="spam", until=until, **reported)
    work()
    with app.app_context():
        states = [db.session.get(Comment, one).state for one in (seen, unseen)]
    assert states == [State.SPAM, State.VISIBLE]


def test_very_many_are_removed_for_the_password_only(app, waiting, work, monkeypatch):
    ada = desk.of(app, ADA)
    monkeypatch.setattr("afterword.identity.sessions.is_fresh", lambda _session: False)
    asked = ada.post("/admin/sweeps", act="remove", q="table")
    assert asked.status_code == 403
    assert "Your password, please" in asked.text
    assert 'name="q" value="table"' in asked.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Sweep)) == 0
    assert ada.post("/admin/sweeps", act="remove", q="table", again=PASSWORD).status_code == 303
    assert ada.post("/admin/sweeps", act="approve").status_code == 303
    work()
    assert states(app) == {"visible": 20, "removed": 10}


def test_others_sweeps_are_for_owners_only(app, waiting):
    path = desk.of(app, ADA).post("/admin/sweeps", act="approve").headers["Location"]
    assert desk.of(app, OTTO).get(path).status_code == 404
    assert desk.of(app, OTTO).post(f"{path}/stop").status_code == 404
    assert desk.of(app, OWNER).get(path).status_code == 200


@pytest.mark.parametrize("act", ["", "restore", "edit", "x" * 50])
def test_an_act_that_makes_no_sense_is_refused(app, waiting, act):
    assert desk.of(app, ADA).post("/admin/sweeps", act=act).status_code == 400


def test_where_nothing_matches_it_is_said(app, waiting):
    ada = desk.of(app, ADA)
    assert "No comment matches" in ada.get("/admin/sweeps/new", q="unheard").text
    assert ada.post("/admin/sweeps", act="approve", q="unheard").status_code == 409
    assert ada.get("/admin/sweeps/nothing").status_code == 404


def test_an_undo_before_the_end_is_refused_in_words(app, waiting):
    ada = desk.of(app, ADA)
    path = ada.post("/admin/sweeps", act="spam").headers["Location"]
    answer = ada.post(f"{path}/undo")
    assert answer.status_code == 409
    assert "stop it first" in answer.text
