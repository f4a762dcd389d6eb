"""Passkeys: added, used instead of password and code, removed; and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
import time_machine

from afterword.core import clock
from afterword.core.db import db
from afterword.identity import moderators, passkeys
from afterword.identity.models import Passkey, SpentNonce
from afterword.moderation.models import Act
from tests import desk
from tests.authenticator import PRESENT, Device, text
from tests.desk import PASSWORD, Desk

pytestmark = pytest.mark.slow

EMAIL, ADA = "hanna@blog.example", "ada@blog.example"


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
def hanna(app, now):
    return desk.of(app, EMAIL)


@pytest.fixture
def device(hanna):
    """A device with a passkey of Hanna's."""
    made = Device()
    assert add(hanna, made).status_code == 303
    return made


def begun(browser, path):
    """The challenge and its token."""
    answer = browser.post(path)
    assert answer.status_code == 200, answer.text
    return answer.json["options"], answer.json["token"]


def add(browser, device, *, name="Phone", **more):
    options, token = begun(browser, "/admin/account/passkeys/begin")
    said = {"add-token": token, "add-credential": device.create(options), **more}
    return browser.post("/admin/account/passkeys", name=name, **said)


def log_in(browser, device, **changed):
    options, token = begun(browser, "/admin/login/passkey/begin")
    said = {"log-in-token": token, "log-in-credential": device.get(options), **changed}
    return browser.post("/admin/login/passkey", **said)


def refused(answer, *words):
    assert answer.status_code == 400, answer.text
    [alarm] = re.findall(r'role="alert" id="problem">([^<]+)<', answer.text)
    for word in words:
        assert word in alarm
    assert "afterword=" not in str(answer.headers.getlist("Set-Cookie"))
    return True


def test_a_passkey_is_added_by_name_and_lets_in_without_a_password(app, hanna, device, now):
    page = hanna.get("/admin/account").text
    assert "Phone" in page
    assert "Not used yet" in page
    now.shift(60)
    browser = Desk(app)
    answer = log_in(browser, device, next="/admin/log")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/log"
    assert "added a passkey" in browser.get("/admin/log").text
    assert "Last used" in browser.get("/admin/account").text


def test_it_stands_for_the_second_step_too(app, hanna, device):
    page = hanna.get("/admin/account/second-step").text
    secret = re.search(r'name="secret" value="(\w{32})"', page)[1]
    import pyotp

    code = pyotp.TOTP(secret).at(clock.now())
    assert hanna.post("/admin/account/second-step", secret=secret, code=code).status_code == 200
    browser = Desk(app)
    assert log_in(browser, device).status_code == 303
    assert browser.get("/admin/").status_code == 200


def test_what_a_browser_is_asked_for_names_nobody(app, hanna, device):
    options, _ = begun(Desk(app), "/admin/login/passkey/begin")
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    made, _ = begun(hanna, "/admin/account/passkeys/begin")
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["attestation"] == "none"
    assert [one["id"] for one in made["excludeCredentials"]] == [text(device.credential)]


def test_a_removed_passkey_opens_nothing(app, hanna, device):
    [number] = re.findall(r'name="passkey" value="(\d+)"', hanna.get("/admin/account").text)
    answer = hanna.post("/admin/account/passkeys/remove", passkey=number)
    assert "Delete it on the device" in hanna.get(answer.headers["Location"]).text
    assert refused(log_in(Desk(app), device), "opens nothing here, or no longer")
    assert hanna.post("/admin/account/passkeys/remove", passkey=number).status_code == 404
    assert "removed a passkey" in hanna.get("/admin/log").text


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30])
def test_a_passkey_that_is_none_is_not_found(hanna, device, number):
    assert hanna.post("/admin/account/passkeys/remove", passkey=number).status_code == 404


def test_nobody_removes_anothers_passkey_or_uses_it_as_their_own(app, hanna, device):
    ada = desk.of(app, ADA)
    with app.app_context():
        number = str(db.session.query(Passkey).one().id)
    assert ada.post("/admin/account/passkeys/remove", passkey=number).status_code == 404
    options, token = begun(ada, "/admin/confirm/passkey/begin")
    said = {"confirm-token": token, "confirm-credential": device.get(options)}
    answer = ada.post("/admin/confirm", next="/admin/account", **said)
    assert refused(answer, "opens nothing here")
    # As Ada's: her name is signed by nobody, and what is signed says whose it is.
    hers = replace(device, user=b"ada")
    assert refused(log_in(Desk(app), hers), "not accepted")


def test_an_answer_counts_once(app, hanna, device):
    browser = Desk(app)
    options, token = begun(browser, "/admin/login/passkey/begin")
    said = {"log-in-token": token, "log-in-credential": device.get(options)}
    assert browser.post("/admin/login/passkey", **said).status_code == 303
    browser.post("/admin/logout")
    assert refused(browser.post("/admin/login/passkey", **said), "sent twice")


def test_an_answer_counts_for_five_minutes(app, device, now):
    browser = Desk(app)
    options, token = begun(browser, "/admin/login/passkey/begin")
    said = {"log-in-token": token, "log-in-credential": device.get(options)}
    now.shift(301)
    assert refused(browser.post("/admin/login/passkey", **said), "took too long")


def test_an_answer_counts_in_the_browser_that_was_asked(app, hanna, device):
    options, token = begun(Desk(app), "/admin/login/passkey/begin")
    said = {"log-in-token": token, "log-in-credential": device.get(options)}
    stranger = Desk(app)
    assert refused(stranger.post("/admin/login/passkey", **said))
    begun(stranger, "/admin/login/passkey/begin")  # asked something else
    assert refused(stranger.post("/admin/login/passkey", **said))


def test_an_answer_counts_for_what_was_asked(app, hanna, device):
    browser = Desk(app)
    options, token = begun(hanna, "/admin/confirm/passkey/begin")
    begun(browser, "/admin/login/passkey/begin")
    said = {"log-in-token": token, "log-in-credential": device.get(options)}
    assert refused(browser.post("/admin/login/passkey", **said))
    _, other = begun(browser, "/admin/login/passkey/begin")
    said = {"log-in-token": other, "log-in-credential": device.get(options)}
    assert refused(browser.post("/admin/login/passkey", **said), "not accepted")


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"origin": "https://blog.example"},
        {"host": "blog.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"key": Device().key},
    ],
    ids=lambda wrong: "-".join(f"{name}-{str(said)[:24]}" for name, said in wrong.items()),
)
def test_what_was_signed_elsewhere_or_by_another_is_refused(app, hanna, device, wrong):
    assert refused(log_in(Desk(app), replace(device, **wrong)), "not accepted")
    other = replace(Device(), **{name: said for name, said in wrong.items() if name != "key"})
    if "key" not in wrong:
        answer = add(hanna, other)
        assert answer.status_code == 400
        assert "not accepted" in answer.text


def test_a_copied_passkey_is_noticed_and_written_down(app, hanna, device):
    assert log_in(Desk(app), device).status_code == 303
    copy = replace(device, count=0)
    assert refused(log_in(Desk(app), copy), "copy of it")
    shown = hanna.get("/admin/log").text
    assert "was refused with a passkey that may have been copied" in shown
    assert log_in(Desk(app), device).status_code == 303, "the one that is ahead still works"


def test_a_passkey_that_does_not_count_is_believed(app, hanna):
    device = Device(count=-1)  # it counts one up before it signs
    device.count = 0
    assert add(hanna, device).status_code == 303
    for _ in range(2):
        device.count = -1
        assert log_in(Desk(app), device).status_code == 303


@pytest.mark.parametrize(
    "sent",
    [
        *("", "{", "[]", "null", "1", '"x"', "{}", '{"id": 1}', '{"id": "\\u0000"}'),
        *('{"id": "é"}', "[" * 20_000, '{"id": "' + "x" * 9999 + '"}'),
    ],
    ids=range(12),
)
def test_what_is_no_answer_at_all_is_refused_with_a_sentence(app, hanna, device, sent):
    assert refused(log_in(Desk(app), device, **{"log-in-credential": sent}), "opens nothing")
    _, token = begun(hanna, "/admin/account/passkeys/begin")
    said = {"add-token": token, "add-credential": sent}
    answer = hanna.post("/admin/account/passkeys", name="Phone", **said)
    assert answer.status_code == 400
    assert "not accepted" in answer.text


@pytest.mark.parametrize("part", ["authenticatorData", "clientDataJSON", "signature", "userHandle"])
@pytest.mark.parametrize("said", ["", "AAAA", "é", 7, None, [], {}])
def test_a_damaged_answer_is_refused_with_a_sentence(app, hanna, device, part, said):
    browser = Desk(app)
    options, token = begun(browser, "/admin/login/passkey/begin")
    damaged = device.get(options, **{part: said})
    answer = browser.post(
        "/admin/login/passkey", **{"log-in-token": token, "log-in-credential": damaged}
    )
    if (part, said) == ("userHandle", None):
        assert answer.status_code == 303, "a security key may leave it out"
    else:
        assert refused(answer)


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "é"])
def test_a_token_that_is_none_of_ours_is_refused(app, device, token):
    assert refused(log_in(Desk(app), device, **{"log-in-token": token}), "once more")


def test_the_same_passkey_is_kept_once_and_not_for_two(app, hanna, device):
    assert add(hanna, device).status_code == 409
    assert "kept here already" in add(desk.of(app, ADA), device).text


def test_a_passkey_needs_a_name_and_there_are_not_endlessly_many(app, hanna, device):
    answer = add(hanna, Device(), name=" ")
    assert answer.status_code == 400
    assert "needs a name" in answer.text
    with app.app_context():
        moderator = moderators.by_email(EMAIL)
        for number in range(passkeys.MOST - 1):
            db.session.add(
                Passkey(
                    moderator_id=moderator.id,
                    credential=f"key{number:05}",
                    public_key=b"",
                    count=0,
                    name="x",
                )
            )
        db.session.commit()
    assert "Remove one that you do not use" in add(hanna, Device()).text


def test_adding_and_removing_ask_for_the_password_again(hanna, device, now):
    now.shift(dt.timedelta(minutes=11))
    assert "Your password, please" in hanna.get("/admin/account/passkeys/new").text
    asked = hanna.post("/admin/account/passkeys/remove", passkey="1")
    assert asked.status_code == 403
    other = Device()
    asked = add(hanna, other)
    assert asked.status_code == 403
    kept = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', asked.text))
    assert "add-credential" in kept
    assert hanna.get("/admin/account").text.count("Not used yet") == 1
    answer = add(hanna, other, again=PASSWORD)
    assert answer.status_code == 303


def test_a_passkey_is_enough_where_the_password_is_asked_for_again(app, hanna, device, now):
    now.shift(dt.timedelta(minutes=11))
    asked = hanna.get("/admin/log.csv")
    assert asked.status_code == 403
    assert 'data-begin="/admin/confirm/passkey/begin"' in asked.text
    options, token = begun(hanna, "/admin/confirm/passkey/begin")
    assert [one["id"] for one in options["allowCredentials"]] == [text(device.credential)]
    said = {"confirm-token": token, "confirm-credential": device.get(options), "again": ""}
    answer = hanna.post("/admin/confirm", next="/admin/log.csv", **said)
    assert answer.headers["Location"] == "/admin/log.csv"
    assert hanna.get("/admin/log.csv").status_code == 200
    now.shift(dt.timedelta(minutes=11))
    assert hanna.post("/admin/confirm", next="/admin/log.csv", **said).status_code == 400
    # A form goes on as it was.
    options, token = begun(hanna, "/admin/confirm/passkey/begin")
    said = {"confirm-token": token, "confirm-credential": device.get(options)}
    answer = hanna.post("/admin/account/passkeys/remove", passkey="1", **said)
    assert answer.status_code == 303


def test_wrong_tries_wait_longer_and_longer(app, hanna, device, now):
    stranger = Desk(app)
    forger = replace(device, key=Device().key)
    for _ in range(5):
        assert refused(log_in(stranger, forger))
    answer = log_in(stranger, forger)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"
    assert log_in(hanna, device).status_code == 303, "who is known here does not wait"
    now.shift(30)
    assert log_in(stranger, device).status_code == 303


def test_a_new_password_by_a_link_ends_passkeys(app, hanna, device, client):
    with app.app_context():
        token = moderators.reset(EMAIL)
    client.post("/admin/password", data={"token": token, "password": PASSWORD})
    assert refused(log_in(Desk(app), device), "opens nothing")


def test_who_is_removed_takes_their_passkeys_along(app, hanna, device):
    with app.app_context():
        moderators.add("eve@blog.example", password=PASSWORD)
    eve = desk.of(app, "eve@blog.example")
    with app.app_context():
        number = moderators.by_email(EMAIL).id
    assert eve.post(f"/admin/moderators/{number}/remove").status_code == 303
    assert refused(log_in(Desk(app), device), "opens nothing")


def test_only_spent_challenges_are_stored_and_not_for_long(app, hanna, device, now):
    def stored():
        with app.app_context():
            return db.session.query(SpentNonce).count()

    before = stored()
    for _ in range(3):
        begun(Desk(app), "/admin/login/passkey/begin")
    assert stored() == before
    now.shift(dt.timedelta(minutes=11))
    log_in(Desk(app), device)
    assert stored() == 1


def test_no_secret_is_in_the_log(app, hanna, device):
    log_in(Desk(app), device)
    with app.app_context():
        written = json.dumps([[act.note, act.by, act.verb] for act in db.session.query(Act)])
    assert text(device.credential) not in written


class TestWhereBrowsersOfferNone:
    @pytest.fixture(params=["http://192.0.2.1:8000", "http://blog.example", "https://[::1]"])
    def told(self, request):
        return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_PUBLIC_URL": request.param}

    def test_nothing_is_offered_and_it_is_said_why(self, app, site):
        with app.app_context():
            moderators.add(EMAIL, password=PASSWORD)
        shown = Desk(app).get("/admin/login").text
        assert "data-passkey" not in shown
        assert "webauthn" not in shown
        answer = Desk(app).post("/admin/login/passkey/begin")
        assert answer.status_code in {400, 403}
        assert "https" in answer.text
