"""At the desk: all that is kept of one author, handed out or erased, for the password once more."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Session
from afterword.moderation.models import Act
from afterword.threads.models import Comment
from tests.service.posts import send
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

PASSWORD = "a boat that was a table"
ADA = {"name": "Ada", "email": "ada@reader.example"}


@pytest.fixture
def comment(context, site):
    send("Another.", author={"name": "Grace"}, token="s" * 43)
    send("Hers as well.", author=ADA)
    return send("Hello.", author=ADA, token="s" * 43)


@pytest.fixture
def path(comment):
    return f"/admin/comments/{comment.id}/person"


def texts():
    db.session.expire_all()
    return sorted(one.text for one in db.session.query(Comment))


def test_the_authors_page_leads_there(desk, comment, path):  # noqa: F811
    assert path in desk.get(f"/admin/comments/{comment.id}/author")
    page = desk.get(path)
    assert "The address ada@reader.example" in page
    assert "2 comments, on every site" in page


def test_it_is_handed_out_as_a_file(desk, path):  # noqa: F811
    answer = desk(path, act="all", by=["email", "browser"])
    assert "attachment" in answer.headers["Content-Disposition"]
    found = json.loads(answer.data)["comments"]
    assert [one["text"] for one in found] == ["Another.", "Hers as well.", "Hello."]


def test_it_is_erased_by_what_is_ticked(desk, path):  # noqa: F811
    answer = desk(path, act="erase", by="email", sure="on")
    assert answer.status_code == 303
    assert "erase" in desk.get(answer.headers["Location"])
    assert texts() == ["", "", "Another."]
    assert db.session.query(Act).filter_by(verb="erase").one().by == EMAIL


def test_a_browser_without_address_is_erased_alone(desk, path):  # noqa: F811
    desk(path, act="erase", by="browser", sure="on")
    assert texts() == ["", "", "Hers as well."]


def test_a_press_of_the_wrong_button_erases_nothing(desk, path):  # noqa: F811
    desk(path, act="all", by="browser")
    answer = desk(path, act="erase", by="browser")
    assert answer.status_code == 400
    assert "Nothing was erased" in answer.text
    assert 'value="email" checked' not in answer.text
    assert 'value="browser" checked' in answer.text
    assert texts() == ["Another.", "Hello.", "Hers as well."]


@pytest.mark.parametrize("password", ["", "wrong", "x" * 5000])
def test_nothing_happens_without_the_password_once_more(desk, path, password):  # noqa: F811
    with transaction() as session:
        session.query(Session).one().proved = clock.now() - dt.timedelta(hours=1)
    for act in ("all", "erase"):
        asked = desk(path, act=act, by="email", sure="on")
        assert asked.status_code == 403
        assert "Hers as well." not in asked.text
        assert desk(path, act=act, by="email", sure="on", again=password).status_code == 400
    assert texts() == ["Another.", "Hello.", "Hers as well."]
    assert desk(path, act="erase", by="email", sure="on", again=PASSWORD).status_code == 303
    assert texts() == ["", "", "Another."]


@pytest.mark.parametrize("by", [[], ["moon"], ["email", "moon"]])
def test_nothing_happens_without_knowing_whose(desk, path, by):  # noqa: F811
    assert desk(path, act="erase", by=by, sure="on").status_code == 400
    assert texts() == ["Another.", "Hello.", "Hers as well."]


def test_a_comment_that_is_not_there_has_nobody(desk, site):  # noqa: F811
    assert desk("/admin/comments/1m83j1k6af3r8/person", act="erase").status_code == 404
