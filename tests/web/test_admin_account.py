"""A moderator's own account: name, password, and where they are logged in."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Moderator, Session
from tests import desk
from tests.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

EMAIL = "hanna@blog.example"
AGENTS = {
    "Firefox on Linux": desk.FIREFOX,
    "Chrome on Android": (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Mobile Safari/537.36"
    ),
    "Safari on iPhone": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
    ),
    "Safari on macOS": (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.5 Safari/605.1.15"
    ),
    "Edge on Windows": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
    ),
    "Firefox on iPad": (
        "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15"
    ),
    "A browser that says no more": "<script>",
}


@pytest.fixture
def hanna(app):
    desk.moderator(app, EMAIL, name="Hanna")
    return desk.of(app, EMAIL)


@pytest.fixture
def phone(app, hanna):
    return desk.of(app, EMAIL, agent=AGENTS["Safari on iPhone"])


def is_in(browser: Desk) -> bool:
    return browser.get("/admin/account").status_code == 200


@pytest.mark.parametrize("words", AGENTS)
def test_a_session_is_listed_in_the_words_of_its_browser(app, hanna, words):
    browser = desk.of(app, EMAIL, agent=AGENTS[words])
    page = browser.get("/admin/account").text
    assert re.search(rf'{words}</span> <span class="badge">This one', page)


def test_a_session_can_be_ended_from_another(hanna, phone):
    page = hanna.get("/admin/account").text
    [session] = re.findall(r'name="session" value="([^"]+)"', page)
    assert hanna.post("/admin/account/sessions/end", session=session).status_code == 303
    assert is_in(hanna)
    assert not is_in(phone)
    assert hanna.post("/admin/account/sessions/end", session=session).status_code == 404


def test_nobody_ends_or_sees_the_session_of_another(app, hanna):
    desk.moderator(app, "ada@blog.example")
    ada = desk.of(app, "ada@blog.example", agent=AGENTS["Edge on Windows"])
    with app.app_context():
        held = db.session.query(Session).join(Moderator).filter_by(email=EMAIL).one().token_hash
    assert ada.post("/admin/account/sessions/end", session=held).status_code == 404
    assert ada.post("/admin/account/sessions/end-others").status_code == 303
    assert is_in(hanna)
    assert "Edge" not in hanna.get("/admin/account").text


def test_one_logs_out_everywhere_else_at_once(app, hanna, phone):
    other = desk.of(app, EMAIL)
    answer = hanna.post("/admin/account/sessions/end-others")
    assert "logged out everywhere else" in hanna.get(answer.headers["Location"]).text
    assert is_in(hanna)
    assert not is_in(phone)
    assert not is_in(other)


@pytest.mark.parametrize("past", [{"seen": 13}, {"seen": 0, "created": 24 * 31}])
def test_a_session_that_has_run_out_is_neither_used_nor_listed(app, hanna, phone, past):
    with app.app_context(), transaction():
        for held in db.session.query(Session).filter_by(agent="Safari on iPhone"):
            for name, hours in past.items():
                setattr(held, name, clock.now() - dt.timedelta(hours=hours))
    assert not is_in(phone)
    assert "Safari on iPhone" not in hanna.get("/admin/account").text


def test_a_new_password_asks_for_the_present_one_and_ends_the_other_sessions(app, hanna, phone):
    new = "two boats that were a table"
    wrong = hanna.post("/admin/account/password", present="guessed it", password=new)
    assert wrong.status_code == 400
    assert "This is not your present password." in wrong.text
    assert is_in(phone)
    short = hanna.post("/admin/account/password", present=PASSWORD, password="short")
    assert "10 to 200 characters" in short.text
    assert hanna.post("/admin/account/password", present=PASSWORD, password=new).status_code == 303
    assert is_in(hanna)
    assert not is_in(phone)
    assert Desk(app).log_in(EMAIL, PASSWORD).status_code == 400
    assert Desk(app).log_in(EMAIL, new).status_code == 303


def test_a_name_is_changed_and_is_never_empty(hanna):
    assert hanna.post("/admin/account/name", name="Johanna").status_code == 303
    assert "Johanna" in hanna.get("/admin/").text
    empty = hanna.post("/admin/account/name", name=" \t")
    assert empty.status_code == 400
    assert "A moderator needs a name" in empty.text
    assert "Johanna" in hanna.get("/admin/").text
    long = hanna.post("/admin/account/name", name="x" * 61)
    assert long.status_code == 400
