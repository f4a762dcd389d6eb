"""The desk where something is in the way: nothing half done, nothing refused without need."""

from __future__ import annotations

import re

import pytest

from afterword.core import clock, signing
from afterword.core.db import db, transaction
from afterword.identity import authors, moderators, sessions
from afterword.moderation import actions, queue
from afterword.sites import changes, directory
from afterword.threads.models import Comment, State
from tests import make

pytestmark = pytest.mark.slow

EMAIL, PASSWORD = "hanna@blog.example", "a boat that was a table"


@pytest.fixture
def desk(app, client, site):
    """Post a form of the desk, logged in."""
    with app.app_context():
        moderators.add(EMAIL, password=PASSWORD, name="Hanna")
    client.post("/admin/login", data={"email": EMAIL, "password": PASSWORD})
    token = sessions.form_token(client.get_cookie("afterword").value)
    return lambda path, **fields: client.post(path, data={"csrf": token, **fields})


def reply(desk, comment):
    path = f"/admin/comments/{comment.id}/reply"
    return desk(path, text="Thank you.", seen=actions.as_seen(comment))


def state_of(app, comment):
    with app.app_context():
        return db.session.get(Comment, comment.id).state


def test_a_reply_on_an_address_that_was_removed_approves_nothing(app, desk, site):
    with app.app_context():
        changes.add("https://www.blog.example", to=site.id)
        page = make.page(site, "https://www.blog.example/first-post")
        comment = make.comment(page, state=State.PENDING)
        changes.drop_origin(site.id, "https://www.blog.example")
    answer = reply(desk, comment)
    assert answer.status_code == 404
    assert "Thank you.</textarea>" in answer.text
    assert state_of(app, comment) is State.PENDING


def test_a_reply_on_a_page_that_its_address_leaves_approves_nothing(app, desk, site):
    with app.app_context():
        changes.choose(site.id, {"keep_query": "lang"})
        page = make.page(directory.by_id(site.id), "https://blog.example/post?lang=de")
        comment = make.comment(page, state=State.PENDING)
        changes.choose(site.id, {"keep_query": ""})
    answer = reply(desk, comment)
    assert answer.status_code == 409
    assert "leads to another thread now" in answer.text
    assert state_of(app, comment) is State.PENDING


def test_a_reply_finds_a_page_that_has_an_id_of_its_own(app, client, desk, site):
    with app.app_context():
        page = make.page(site)
        with transaction():
            page.key = "id:boat"
        comment = make.comment(page, state=State.PENDING)
    assert reply(desk, comment).status_code == 303
    assert state_of(app, comment) is State.VISIBLE


def test_a_comment_from_before_the_limit_can_still_be_edited(app, desk, site):
    with app.app_context():
        comment = make.comment(make.page(site), text="five " * 1200)
    seen = actions.as_seen(comment)
    path = f"/admin/comments/{comment.id}/edit"
    assert desk(path, text="four " * 1400, seen=seen).status_code == 400
    assert desk(path, text="four " * 1100, seen=seen).status_code == 303


@pytest.mark.parametrize("origin", ["https://blog.example", "http://BLOG.example/about"])
def test_an_address_that_a_site_holds_makes_no_second_site(app, desk, site, origin):
    answer = desk("/admin/sites", origin=origin, name="Another blog")
    assert answer.status_code == 400
    assert "This address belongs to A blog already." in answer.text
    assert f'value="{origin}"' in answer.text
    with app.app_context():
        assert [known.name for known in directory.every()] == ["A blog"]


def test_a_form_of_an_earlier_log_in_says_what_helps(client, desk):
    desk("/admin/logout")
    client.post("/admin/login", data={"email": EMAIL, "password": PASSWORD})
    answer = desk("/admin/comments", act="spam", ids="1m83j1k6af3r8")
    assert answer.status_code == 400
    assert "Please load the page again." in answer.text


def test_the_queue_tells_what_else_the_author_wrote(app, client, desk, site):
    with app.app_context():
        page = make.page(site)
        author = make_author(site)
        for state in (State.VISIBLE, State.VISIBLE, State.SPAM, State.PENDING):
            make.comment(page, state=state, author_id=author)
        make.comment(page, state=State.PENDING, name="First timer", author_id=make_author(site))
        make.comment(page, state=State.PENDING, name="Imported")
        found = queue.read(State.PENDING)
        earlier = [found.earlier.get(comment.id) for comment in found.comments]
        assert sorted(map(bool, earlier)) == [False, False, True]
        assert [one.totals for one in earlier if one] == [{State.VISIBLE: 2, State.SPAM: 1}]
    said = re.findall(r'class="earlier">([^<]*)<', client.get("/admin/").text)
    assert said == [f"Also by this author, known since {today()}: 2 visible, 1 spam"]


def today() -> str:
    now = clock.now()
    return f"{now.day} {now:%b} {now.year}"


def make_author(site) -> str:
    with transaction():
        return authors.find_or_add(signing.new_secret(), site_id=site.id).id


class TestWithLimits:
    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off"}

    def test_a_stranger_cannot_keep_the_owner_out_by_guessing(self, app, desk):
        def log_in(address: str, password: str) -> int:
            return (
                app.test_client()
                .post(
                    "/admin/login",
                    data={"email": EMAIL, "password": password},
                    environ_base={"REMOTE_ADDR": address},
                )
                .status_code
            )

        guesses = [log_in("203.0.113.9", "not the password") for _ in range(8)]
        assert guesses[-1] == 429
        assert log_in("198.51.100.7", PASSWORD) == 303
