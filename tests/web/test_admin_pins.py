"""Comments that moderators pin: first on their page, three at most."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from afterword.app import close, create_app
from afterword.core import config
from afterword.core.db import db
from afterword.core.errors import Conflict
from afterword.moderation import actions, pins
from afterword.moderation.models import Act
from afterword.operate import migrate
from afterword.sites import changes
from afterword.threads.models import Comment, State
from tests import desk, make
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

OWNER = "hanna@blog.example"


@pytest.fixture
def hanna(app):
    desk.moderator(app, OWNER)
    return desk.of(app, OWNER)


@pytest.fixture
def made(app, site):
    """Five visible comments, the ids from the oldest to the newest, and an answer to the first."""
    with app.app_context():
        page = make.page(site)
        roots = [make.comment(page, minute=minute) for minute in range(5)]
        return [one.id for one in roots], make.comment(page, roots[0], minute=9).id


def ids(thread, **query):
    return [comment["id"] for comment in thread(**query)["comments"]]


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_a_pinned_comment_is_first_however_one_sorts(hanna, made, thread, sort):
    roots, _ = made
    answer = hanna.post(f"/admin/comments/{roots[2]}/pin", act="pin", state="visible")
    assert "stands first" in hanna.get(answer.headers["Location"]).text
    assert ids(thread, sort=sort)[0] == roots[2]
    assert thread()["comments"][0]["is_pinned"]
    rest = ids(thread, sort=sort)[1:]
    hanna.post(f"/admin/comments/{roots[2]}/pin", act="unpin", state="visible")
    assert not any(comment["is_pinned"] for comment in thread()["comments"])
    assert [one for one in ids(thread, sort=sort) if one != roots[2]] == rest


def test_every_act_is_in_the_log_once(app, hanna, made):
    [first, *_], _ = made
    for act in ("pin", "pin", "unpin", "unpin"):
        hanna.post(f"/admin/comments/{first}/pin", act=act)
    with app.app_context():
        acts = db.session.scalars(select(Act).where(Act.comment_id == first).order_by(Act.id))
        assert [(act.verb, act.by) for act in acts] == [("pin", OWNER), ("unpin", OWNER)]
    assert "pinned" in hanna.get("/admin/log").text


def test_a_pin_keeps_nobody_from_undoing_an_earlier_act(app, made):
    [first, *_], _ = made
    with app.app_context():
        actions.spam([first], by=OWNER)
        actions.approve([first], by=OWNER)
        act = db.session.scalars(select(Act).order_by(Act.id.desc())).first()
        pins.set_pinned(first, is_pinned=True, by=OWNER)
        assert [one.id for one in actions.undo([act], by=OWNER)] == [first]


@pytest.mark.parametrize("state", [State.PENDING, State.SPAM, State.REMOVED])
def test_what_readers_do_not_see_is_not_pinned(app, hanna, made, state):
    [first, *_], answer_id = made
    with app.app_context():
        hidden = make.comment(db.session.get(Comment, first).page, minute=8, state=state).id
    assert hanna.post(f"/admin/comments/{hidden}/pin", act="pin").status_code == 409
    refused = hanna.post(f"/admin/comments/{answer_id}/pin", act="pin")
    assert refused.status_code == 409
    assert "below what it answers" in refused.text


def test_three_of_a_page_are_enough(hanna, made):
    roots, _ = made
    answers = [hanna.post(f"/admin/comments/{one}/pin", act="pin") for one in roots[:4]]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 409]
    assert "let one of them go" in answers[3].text
    hanna.post(f"/admin/comments/{roots[0]}/pin", act="unpin")
    assert hanna.post(f"/admin/comments/{roots[3]}/pin", act="pin").status_code == 303


def test_the_queue_offers_it_for_visible_comments_that_answer_none(hanna, made):
    roots, answer_id = made
    page = hanna.get("/admin/", state="visible").text
    assert all(f"/admin/comments/{one}/pin" in page for one in roots)
    assert f"/admin/comments/{answer_id}/pin" not in page
    assert "/pin" not in hanna.get("/admin/").text


@pytest.mark.slow
def test_of_many_who_pin_at_once_three_may(tmp_path, postgresql):
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": postgresql}
    settings = config.read(told)
    migrate.upgrade(settings)
    apps = [create_app(settings) for _ in range(2)]
    with apps[0].app_context():
        page = make.page(changes.add(BLOG))
        made = [make.comment(page, minute=minute).id for minute in range(8)]

    def pin(number):
        with apps[number % 2].app_context():
            try:
                pins.set_pinned(made[number], is_pinned=True, by=OWNER)
            except Conflict:
                return

    threads = [threading.Thread(target=pin, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with apps[0].app_context():
        pinned = select(func.count()).where(Comment.is_pinned.is_(True))
        assert db.session.scalar(pinned) == pins.MOST
    for one in apps:
        close(one)
