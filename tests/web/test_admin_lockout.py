"""Guessing at a password, and who is not kept out by it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from afterword.core import clock
from afterword.core.db import db
from afterword.identity import lockout, moderators
from afterword.identity.models import Try
from tests import desk
from tests.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

EMAIL = "hanna@blog.example"
WRONG = "not the password"


@pytest.fixture
def told():
    """Each test's client may come from where it says, and the limits a client are off."""
    return {
        "AFTERWORD_FORM_CHECKS": "off",
        "AFTERWORD_RATE_LIMITS": "off",
        "AFTERWORD_TRUSTED_PROXIES": "127.0.0.1",
    }


@pytest.fixture
def now(app):
    desk.moderator(app, EMAIL, name="Hanna")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def browser(app, address="203.0.113.9"):
    made = Desk(app)
    made.headers["X-Forwarded-For"] = address
    return made


def waits(guesser, now, many):
    """The seconds after each of so many wrong tries, each made as soon as it counts."""
    found = []
    for _ in range(many):
        answer = guesser.log_in(EMAIL, WRONG)
        assert answer.status_code == 400
        told = guesser.log_in(EMAIL, WRONG)
        seconds = int(told.headers.get("Retry-After", 0))
        if seconds:
            assert told.status_code == 429
            now.shift(seconds)
        found.append(seconds)
    return found


def test_of_two_tries_at_once_the_one_with_the_earlier_clock_is_not_made_to_wait(app, now):
    guess = lockout.Guess(email=EMAIL, network="203.0.113.9")
    with app.app_context():
        lockout.count(guess)
        now.shift(-0.5)
        lockout.count(guess)
        assert db.session.get(Try, guess.own).count == 2


def test_a_moderator_is_found_by_every_spelling_of_their_address(app):
    desk.moderator(app, "Ada@B\u00fccher.example")
    for spelled in (
        "Ada@B\u00fccher.example",
        " ada@B\u00dcCHER.example",
        "ada@xn--bcher-kva.example",
    ):
        assert Desk(app).log_in(spelled).status_code == 303
        with app.app_context():
            assert moderators.reset(spelled)


def test_another_spelling_of_an_address_has_no_tries_of_its_own(app):
    spelled = (
        "ada@b\u00fccher.example",
        "ADA@\uff42\u00fccher.example",
        "ada@xn--bcher-kva.example",
    )
    with app.app_context():
        guesses = [lockout.Guess(email=one, network="203.0.113.9") for one in spelled]
        assert len({(one.own, one.everywhere) for one in guesses}) == 1


def test_each_wrong_try_makes_the_next_wait_twice_as_long(app, now):
    guesser = browser(app)
    for _ in range(4):
        assert guesser.log_in(EMAIL, WRONG).status_code == 400
    assert waits(guesser, now, 10) == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_not_even_the_right_password_gets_in_before_its_time(app, now):
    guesser = browser(app)
    for _ in range(5):
        guesser.log_in(EMAIL, WRONG)
    answer = guesser.log_in(EMAIL)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert "The next try counts in 30 seconds." in answer.text
    assert f'value="{EMAIL}"' in answer.text
    now.shift(30)
    assert guesser.log_in(EMAIL.upper()).status_code == 303


def test_an_account_that_is_not_there_waits_as_well(app, now):
    guesser = browser(app)
    answers = [guesser.log_in("nobody@blog.example", WRONG).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_the_right_password_begins_the_count_anew(app, now):
    for _ in range(3):
        guesser = browser(app)
        for _ in range(4):
            assert guesser.log_in(EMAIL, WRONG).status_code == 400
        assert guesser.log_in(EMAIL).status_code == 303


def test_a_day_of_rest_begins_it_anew_and_leaves_no_trace(app, now):
    guesser = browser(app)
    for _ in range(5):
        guesser.log_in(EMAIL, WRONG)
    now.shift(dt.timedelta(days=1, seconds=1))
    assert guesser.log_in("other@blog.example", WRONG).status_code == 400
    with app.app_context():
        assert db.session.query(Try).count() == 2
        assert all("203.0.113" not in one.key for one in db.session.query(Try))


def test_a_stranger_elsewhere_locks_nobody_out(app, now):
    for _ in range(6):
        browser(app, "198.51.100.7").log_in(EMAIL, WRONG)
    assert browser(app).log_in(EMAIL).status_code == 303


def test_guesses_from_everywhere_wait_and_the_known_browser_does_not(app, now):
    known = browser(app)
    assert known.log_in(EMAIL).status_code == 303
    known.post("/admin/logout")
    strangers = [browser(app, f"198.51.{number}.7") for number in range(60)]
    answers = [stranger.log_in(EMAIL, WRONG).status_code for stranger in strangers]
    assert answers.count(429) == 60 - 49
    assert browser(app, "192.0.2.1").log_in(EMAIL).status_code == 429, "nobody knows this one"
    assert known.log_in(EMAIL).status_code == 303
    now.shift(dt.timedelta(minutes=5))
    assert browser(app, "192.0.2.1").log_in(EMAIL).status_code == 303


def test_a_known_browser_may_not_guess_either(app, now):
    known = browser(app)
    known.log_in(EMAIL)
    answers = [known.log_in(EMAIL, WRONG).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_a_known_browser_is_known_for_its_own_account_alone(app, now):
    desk.moderator(app, "ada@blog.example")
    adas = browser(app, "192.0.2.1")
    adas.log_in("ada@blog.example")
    for number in range(50):
        browser(app, f"198.51.{number}.7").log_in(EMAIL, WRONG)
    assert adas.log_in(EMAIL).status_code == 429
    adas.client.set_cookie("afterword-known", "made up")
    assert adas.log_in("ada@blog.example").status_code == 303


def test_a_known_browser_is_known_by_every_spelling_of_the_address(app, now):
    desk.moderator(app, "ada@b\u00fccher.example")
    known = browser(app)
    assert known.log_in("ada@xn--bcher-kva.example").status_code == 303
    for _ in range(5):
        browser(app).log_in("ada@xn--bcher-kva.example", WRONG)
    assert browser(app).log_in("ada@b\u00fccher.example").status_code == 429
    assert known.log_in("ada@b\u00fccher.example").status_code == 303


def test_the_present_password_is_not_to_be_guessed_in_a_session_left_open(app, now):
    left = browser(app)
    left.log_in(EMAIL)
    answers = [
        left.post("/admin/account/password", present=WRONG, password=PASSWORD) for _ in range(6)
    ]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


class TestWhereANetworkIsLimited:
    @pytest.fixture
    def told(self, told):
        return {**told, "AFTERWORD_RATE_LIMITS": "on"}

    def test_strangers_on_its_own_network_keep_no_known_browser_out(self, app, now):
        known = browser(app)
        assert known.log_in(EMAIL).status_code == 303
        known.post("/admin/logout")
        strangers = [browser(app).log_in(f"{number}@x.example", WRONG) for number in range(5)]
        assert [answer.status_code for answer in strangers] == [400] * 4 + [429]
        assert browser(app).log_in(EMAIL).status_code == 429, "nobody knows this one"
        assert known.log_in(EMAIL).status_code == 303

    def test_a_link_to_choose_a_password_works_when_they_have_used_its_tries_up(self, app, now):
        for number in range(5):
            browser(app).log_in(f"{number}@x.example", WRONG)
        with app.app_context():
            token = moderators.reset(EMAIL)
        owner = browser(app)
        assert owner.log_in(EMAIL).status_code == 429
        for _ in range(6):
            refused = owner.post("/admin/password", token="made up", password="short")
            assert "This one-time token is not valid" in refused.text
        assert owner.post("/admin/password", token=token, password=PASSWORD).status_code == 303
