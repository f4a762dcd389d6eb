"""What changes about how somebody logs in: its line in the log, at their account, and the mail."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pyotp
import pytest
import time_machine

from afterword.core import clock, config
from afterword.core.db import db
from afterword.identity import moderators
from afterword.moderation import account
from afterword.moderation.models import Act
from afterword.notify.account import SENTENCES
from afterword.web.admin.log import VERBS
from tests import desk
from tests.authenticator import Device
from tests.desk import PASSWORD, Desk
from tests.mailbox import html, words
from tests.web.test_admin_passkeys import add, log_in

pytestmark = pytest.mark.slow

EMAIL, ADA = "hanna@blog.example", "ada@blog.example"
NEW = "another boat that was a table"


@pytest.fixture
def told():
    return {
        "AFTERWORD_FORM_CHECKS": "off",
        "AFTERWORD_RATE_LIMITS": "off",
        "AFTERWORD_PUBLIC_URL": "http://localhost:8000",
    }


@pytest.fixture
def now(app, site):
    desk.moderator(app, EMAIL, name="Hanna")
    desk.moderator(app, ADA, name="Ada", sites={site.id})
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(app, now):
    return desk.of(app, ADA)


@pytest.fixture
def mailed(app, box, mail):
    """With a mail server: the mails that came so far."""
    held = app.extensions["afterword.settings"]
    app.extensions["afterword.settings"] = replace(
        held, smtp_url=config.read({"AFTERWORD_SMTP_URL": box.url}).smtp_url
    )
    return mail


def lines(app):
    with app.app_context():
        rows = db.session.query(Act).order_by(Act.id)
        return [(act.by, act.verb, act.note, act.site_id) for act in rows]


def second_step(browser):
    page = browser.get("/admin/account/second-step").text
    secret = re.search(r'name="secret" value="(\w{32})"', page)[1]
    code = pyotp.TOTP(secret).at(clock.now())
    assert browser.post("/admin/account/second-step", secret=secret, code=code).status_code == 200
    return secret


def test_each_change_leaves_a_line_and_mails_who_it_is_about(app, ada, mailed):
    for _ in range(2):
        desk.of(app, ADA)
    present = re.findall(r'name="session" value="(\w+)"', ada.get("/admin/account").text)
    ada.post("/admin/account/sessions/end", session=present[0])
    ada.post("/admin/account/sessions/end-others")
    secret = second_step(ada)
    codes = ada.post("/admin/account/second-step/codes").text
    ada.post("/admin/account/second-step/end")
    add(ada, Device(), name="Phone of http://evil.example")
    with app.app_context():
        number = db.session.query(account.Passkey).one().id
    ada.post("/admin/account/passkeys/remove", passkey=str(number))
    ada.post("/admin/account/password", present=PASSWORD, password=NEW)
    firefox, phone = "Firefox on Linux", "Phone of http://evil.example"
    expected = [
        ("end session", firefox),
        ("end sessions", None),
        ("second step on", None),
        ("renew codes", None),
        ("second step off", None),
        ("add passkey", phone),
        ("remove passkey", phone),
        ("change password", None),
    ]
    assert lines(app) == [(ADA, verb, note, None) for verb, note in expected]
    letters = mailed()
    assert [letter["To"] for letter in letters] == [ADA] * 6
    for letter, (verb, _) in zip(letters, expected[2:], strict=True):
        assert SENTENCES[verb] in words(letter)
        assert "http://evil" not in words(letter) + html(letter)
    assert "http[:]//evil.example" in words(letters[3])
    everything = str(lines(app)) + "".join(words(letter) + html(letter) for letter in letters)
    for hidden in (secret, PASSWORD, NEW, *re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", codes)):
        assert hidden not in everything


def test_who_it_is_about_and_owners_see_it_and_nobody_else(app, ada, site):
    second_step(ada)
    assert "Turned the second step on" in ada.get("/admin/account").text
    assert "second step on" not in ada.get("/admin/log").text
    shown = desk.of(app, EMAIL)
    assert "turned the second step on" in shown.get("/admin/log").text
    assert "Turned the second step on" not in shown.get("/admin/account").text
    desk.moderator(app, "eve@blog.example", sites={site.id})
    eve = desk.of(app, "eve@blog.example")
    for path in ("log", "account", "log.csv"):
        assert "second step on" not in eve.get(f"/admin/{path}").text


def test_the_nouns_of_a_german_line_keep_their_capitals(ada):
    ada.post("/admin/account/password", present=PASSWORD, password=NEW)
    ada.post("/admin/account/language", language="de")
    assert "Hat das Passwort geändert" in ada.get("/admin/account").text


def test_what_was_refused_changes_nothing_and_is_no_line(app, ada, mailed):
    ada.post("/admin/account/password", present="wrong", password=NEW)
    ada.post("/admin/account/password", present=PASSWORD, password="short")
    ada.post("/admin/account/second-step", secret="A" * 32, code="000000")
    ada.post("/admin/account/sessions/end", session="nope")
    assert lines(app) == []
    assert mailed() == []


def test_a_link_is_told_of_as_an_invitation_or_as_a_new_password(app, client, now, mailed):
    with app.app_context():
        token = moderators.reset(ADA)
    client.post("/admin/password", data={"token": token, "password": NEW})
    client.post("/admin/password", data={"token": token, "password": NEW})
    owner = desk.of(app, EMAIL)
    owner.post("/admin/moderators", email="eve@blog.example", role="owner")
    with app.app_context():
        token = moderators.reset("eve@blog.example")
    client.post("/admin/password", data={"token": token, "password": NEW})
    assert [(by, verb) for by, verb, _, _ in lines(app)] == [
        (ADA, "reset password"),
        (EMAIL, "invite"),
        ("eve@blog.example", "accept"),
    ]
    assert SENTENCES["reset password"] in words(mailed()[0])


def test_guessing_leaves_one_line_an_hour(app, now):
    stranger = Desk(app)
    for _ in range(9):
        stranger.log_in(ADA, "wrong")
        stranger.log_in("nobody@blog.example", "wrong")
    assert lines(app) == [(ADA, "wait", None, None)]
    now.shift(dt.timedelta(minutes=61))
    for _ in range(9):
        stranger.log_in(ADA, "wrong")
    assert lines(app) == [(ADA, "wait", None, None)] * 2
    shown = desk.of(app, EMAIL).get("/admin/log").text
    assert "was made to wait at the log-in after wrong tries" in shown


def test_a_copied_passkey_is_mailed(app, ada, mailed):
    device = Device()
    add(ada, device)
    assert log_in(Desk(app), device).status_code == 303
    log_in(Desk(app), replace(device, count=0))
    assert "there is a copy of it" in words(mailed()[-1])


def test_no_mail_waits_where_there_is_no_mail_server(app, ada, mail):
    second_step(ada)
    assert mail() == []
    with app.app_context():
        from afterword.jobs.models import Job

        assert db.session.query(Job).count() == 0


def test_every_line_has_its_words_and_every_mail_its_sentence():
    assert set(account.VERBS) <= set(VERBS)
    assert set(account.MAILED) == set(SENTENCES)


def test_who_is_no_moderator_any_more_is_mailed_nothing(app, ada, mailed):
    second_step(ada)
    with app.app_context():
        from afterword.moderation import team

        team.remove(moderators.by_email(ADA), by=EMAIL)
    assert mailed() == []
