"""The second step: a code of the moment after the password."""

from __future__ import annotations

import datetime as dt
import html
import re

import pyotp
import pytest
import time_machine

from afterword.core import clock
from afterword.core.db import db
from afterword.core.errors import BadRequest
from afterword.identity import moderators, totp
from afterword.identity.models import Moderator, RecoveryCode
from afterword.moderation import account
from tests import desk
from tests.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

EMAIL = "hanna@blog.example"
# RFC 6238, appendix B, by SHA-1: the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.fixture
def now(app, site):
    desk.moderator(app, EMAIL, name="Hanna")
    moment = clock.now().replace(second=10, microsecond=0)
    with time_machine.travel(moment, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hanna(app, now):
    return desk.of(app, EMAIL)


@pytest.fixture
def on(hanna):
    """The secret and the recovery codes of who has set it up."""
    page = hanna.get("/admin/account/second-step").text
    secret = re.search(r'name="secret" value="(\w{32})"', page)[1]
    answer = hanna.post("/admin/account/second-step", secret=secret, code=at_once(secret))
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", answer.text)


def at_once(secret, *, steps=0):
    return pyotp.TOTP(secret).at(clock.now() + dt.timedelta(seconds=30 * steps))


def proof(answer):
    return re.search(r'name="proof" value="([^"]+)"', answer.text)[1]


def try_code(app, code, *, next=""):
    """Log in anew by password and this code."""
    browser = Desk(app)
    asked = browser.log_in(EMAIL)
    assert asked.status_code == 200
    assert browser.client.get_cookie("afterword") is None
    return browser.post("/admin/login/code", proof=proof(asked), code=code, next=next)


def test_who_begins_again_still_comes_to_the_page_that_was_asked_for(app, on):
    wrong = try_code(app, "000000", next="/admin/log?verb=edit")
    again = html.unescape(re.search(r'href="(/admin/login[^"]*)"', wrong.text)[1])
    assert 'name="next" value="/admin/log?verb=edit"' in Desk(app).get(again).text


@pytest.mark.parametrize("moment", VECTORS)
def test_codes_are_those_of_the_rfc(app, moment):
    with app.app_context():
        hanna = moderators.add(EMAIL, password=PASSWORD)
        with time_machine.travel(moment, tick=False):
            with pytest.raises(BadRequest):
                totp.turn_on(hanna, RFC_SECRET, code="000000")
            assert len(totp.turn_on(hanna, RFC_SECRET, code=VECTORS[moment])) == 8


def test_setting_it_up_shows_the_secret_in_three_ways_and_asks_nobody_else(hanna):
    answer = hanna.get("/admin/account/second-step")
    secret = re.search(r'name="secret" value="(\w{32})"', answer.text)[1]
    assert " ".join(re.findall("....", secret)) in answer.text
    assert f"otpauth://totp/Afterword%20localhost:hanna%40blog.example?secret={secret}" in (
        answer.text
    )
    [picture] = re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert "style" not in picture
    assert not re.search(r'(src|href)="https?://(?!localhost)', answer.text)


def test_a_wrong_code_turns_nothing_on_and_keeps_the_secret(app, hanna):
    page = hanna.get("/admin/account/second-step").text
    secret = re.search(r'name="secret" value="(\w{32})"', page)[1]
    wrong = hanna.post("/admin/account/second-step", secret=secret, code="12")
    assert wrong.status_code == 400
    assert f'value="{secret}"' in wrong.text
    for bad in ("", "x", "A" * 31, "a" * 32, "A" * 33, "'" * 32):
        answer = hanna.post("/admin/account/second-step", secret=bad, code="123456")
        assert answer.status_code == 400
    assert Desk(hanna.client.application).log_in(EMAIL).status_code == 303


def test_the_password_alone_lets_nobody_in(app, now, on):
    secret, _ = on
    now.shift(60)
    wrong = try_code(app, "000000")
    assert wrong.status_code == 400
    assert "Set-Cookie" not in wrong.headers
    answer = try_code(app, at_once(secret), next="/admin/log")
    assert answer.headers["Location"] == "/admin/log"


def test_a_code_works_once_and_so_do_those_before_it(app, now, on):
    secret, _ = on
    now.shift(60)
    used, earlier = at_once(secret), at_once(secret, steps=-1)
    assert try_code(app, used).status_code == 303
    assert try_code(app, used).status_code == 400
    assert try_code(app, earlier).status_code == 400
    assert try_code(app, at_once(secret, steps=1)).status_code == 303


def test_the_code_that_turned_it_on_is_used_up(app, now, on):
    secret, _ = on
    assert try_code(app, at_once(secret)).status_code == 400


def test_a_phone_may_be_half_a_minute_off_and_no_more(app, now, on):
    secret, _ = on
    now.shift(600)
    assert try_code(app, at_once(secret, steps=-2)).status_code == 400
    assert try_code(app, at_once(secret, steps=2)).status_code == 400
    code = at_once(secret, steps=-1)
    assert try_code(app, f"{code[:3]} {code[3:]}").status_code == 303


def test_recovery_codes_work_once_each_and_are_kept_as_digests(app, hanna, on):
    _, codes = on
    assert len(set(codes)) == 8
    with app.app_context():
        held = [one.code_hash for one in db.session.query(RecoveryCode)]
    assert not set(codes) & set(held)
    assert try_code(app, codes[0]).status_code == 303
    assert try_code(app, codes[0]).status_code == 400
    assert try_code(app, codes[1].upper().replace("-", " ")).status_code == 303
    assert "6 recovery codes are" in hanna.get("/admin/account").text


def test_new_recovery_codes_end_the_ones_before(app, hanna, on):
    _, codes = on
    answer = hanna.post("/admin/account/second-step/codes")
    again = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", answer.text)
    assert not set(codes) & set(again)
    assert try_code(app, codes[0]).status_code == 400
    assert try_code(app, again[0]).status_code == 303


def test_the_codes_of_another_do_not_count(app, on):
    _, codes = on
    with app.app_context():
        ada = moderators.add("ada@blog.example", password=PASSWORD)
        account.turn_on_second_step(ada, RFC_SECRET, code=at_once(RFC_SECRET))
        with pytest.raises(BadRequest):
            totp.use(ada, codes[0])


def test_guessing_codes_is_slowed_down_whatever_the_password(app, on):
    answers = [try_code(app, "000000") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "30"


def test_the_first_step_counts_for_ten_minutes_and_for_its_password(app, now, on, hanna):
    browser = Desk(app)
    said = proof(browser.log_in(EMAIL))
    secret, _ = on
    now.shift(dt.timedelta(minutes=11))
    late = browser.post("/admin/login/code", proof=said, code=at_once(secret))
    assert late.status_code == 400
    assert "That took too long." in late.text
    said = proof(browser.log_in(EMAIL))
    new = "two boats that were a table"
    hanna.post("/admin/account/password", present=PASSWORD, password=new)
    assert browser.post("/admin/login/code", proof=said, code=at_once(secret)).status_code == 400
    for made_up in ("", "x", "eyJ.a.b"):
        answer = browser.post("/admin/login/code", proof=made_up, code="000000")
        assert answer.status_code == 400


def test_it_is_turned_off_by_who_knows_the_password(app, now, on, hanna):
    now.shift(dt.timedelta(minutes=11))
    for act in ("end", "codes"):
        assert hanna.post(f"/admin/account/second-step/{act}").status_code == 403
    answer = hanna.post("/admin/account/second-step/end", again=PASSWORD)
    assert "The second step is off" in hanna.get(answer.headers["Location"]).text
    assert Desk(app).log_in(EMAIL).status_code == 303
    with app.app_context():
        assert db.session.query(RecoveryCode).count() == 0
    assert hanna.post("/admin/account/second-step/codes").status_code == 400


def test_a_reset_takes_it_away_once_its_link_is_used(app, client, on):
    with app.app_context():
        token = moderators.reset(EMAIL)
        assert db.session.query(Moderator).one().has_second_step, "the link was not used yet"
    said = {"token": token, "password": PASSWORD}
    assert client.post("/admin/password", data=said).status_code == 303
    assert Desk(app).log_in(EMAIL).status_code == 303


def test_owners_see_who_has_one(hanna, on):
    assert "two steps" in hanna.get("/admin/moderators").text
    assert hanna.get("/admin/account/second-step").status_code == 303
