"""Six digits in a mail stand for its link, in the page where they were asked for."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import authors, confirmations
from afterword.identity.models import Author, AuthorToken, Confirmation
from afterword.jobs import queue
from afterword.sites import changes
from tests import mailbox as far
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

HERE = {"Origin": BLOG}
EMAIL = "ada@reader.example"
SECRET = "s" * 43


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def offered(app, site):
    with app.app_context():
        changes.choose(site.id, {"sign_in": "offered"})
    return site


@pytest.fixture
def ask(client, offered):
    """Ask for a code; answers what it belongs to."""

    def do(email=EMAIL):
        answer = client.post("/api/v1/sign-in/email", json={"email": email}, headers=HERE)
        assert answer.status_code == 202, answer.text
        return answer.json["handle"]

    return do


@pytest.fixture
def use(client):
    def do(handle, code, **headers):
        said = {"handle": handle, "code": code}
        return client.post("/api/v1/sign-in/email/code", json=said, headers={**HERE, **headers})

    return do


@pytest.fixture
def token(ask, use, mail):
    """The token of one who has signed in."""
    handle = ask()
    return use(handle, code_in(mail()[-1])).json["token"]


def code_in(letter):
    code = letter["Subject"].removesuffix(" is your code")
    assert re.fullmatch(r"\d{6}", code)
    assert code in far.words(letter)
    assert code in far.html(letter)
    return code


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_code_signs_in_where_it_was_asked_for(client, ask, use, mail, post, thread):
    handle = ask()
    answer = use(handle, code_in(mail()[-1]))
    assert answer.status_code == 200
    assert answer.json["author"]["name"] == ""
    posted = post(author={"name": "Ada"}, headers=bearer(answer.json["token"])).json["comment"]
    assert posted["author"] == {
        "name": "Ada",
        "website": None,
        "avatar": None,
        "is_moderator": False,
        "is_verified": True,
    }


def test_a_code_is_taken_as_people_copy_it(ask, use, mail):
    handle = ask()
    code = code_in(mail()[-1])
    assert use(handle, f" {code[:3]} {code[3:]} ").status_code == 200


def test_a_code_works_once_and_its_link_with_it(client, ask, use, mail):
    handle = ask()
    letter = mail()[-1]
    assert use(handle, code_in(letter)).status_code == 200
    assert use(handle, code_in(letter)).json["code"] == "bad_request"
    assert client.post(far.link(letter, "/me/link/")).status_code == 400


def test_after_five_wrong_tries_the_right_one_is_wrong_too(ask, use, mail):
    handle = ask()
    code = code_in(mail()[-1])
    for _ in range(5):
        assert use(handle, wrong(code)).json["code"] == "bad_code"
    refused = use(handle, code)
    assert refused.status_code == 400
    assert "too often" in refused.json["detail"]


def test_a_code_ends_after_fifteen_minutes(app, ask, use, mail, monkeypatch):
    handle = ask()
    code = code_in(mail()[-1])
    monkeypatch.setattr(confirmations, "ASKED_LIFE", dt.timedelta(seconds=-1))
    assert use(handle, code).status_code == 400


def test_a_code_that_has_ended_before_its_mail_went_out_is_not_mailed(
    app, ask, mail, box, monkeypatch
):
    box.answer = "451 later"
    ask()
    mail()
    box.answer = "250 OK"
    later = clock.now() + confirmations.ASKED_LIFE + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert mail() == []
    with app.app_context():
        assert queue.totals() == (0, 0)


def test_a_code_is_of_no_use_without_what_the_page_was_told(ask, use, mail, client, app):
    ask()
    code = code_in(mail()[-1])
    other = ask("bob@reader.example")
    assert use(other, code).status_code == 400
    assert use("x", code).status_code == 400
    with app.app_context():
        number = db.session.query(Confirmation).filter_by(email=EMAIL).one().id
    assert use(number, code).status_code == 400


def test_neither_the_code_nor_its_plain_digest_is_kept(app, ask, mail):
    ask()
    code = code_in(mail()[-1])
    with app.app_context():
        kept = db.session.query(Confirmation).one()
        assert code not in str(vars(kept))
        assert kept.code == confirmations._pseudonym(kept, code)


def test_a_stranger_learns_nothing_about_an_address(ask, use, mail):
    first, second = ask(), ask()  # the second is not mailed: once a day
    assert len(mail()) == 1
    assert len(first) == len(second)
    for _ in range(5):
        assert use(second, "123456").json["code"] == "bad_code"
    assert use(second, "123456").json["code"] == "bad_request"


def test_no_code_is_mailed_for_a_site_that_does_not_offer_it(client, site, mail):
    answer = client.post("/api/v1/sign-in/email", json={"email": EMAIL}, headers=HERE)
    assert (answer.status_code, answer.json["code"]) == (403, "not_offered")
    assert mail() == []


def test_other_pages_can_neither_ask_nor_use(client, ask, mail):
    handle = ask()
    for path, said in (
        ("/api/v1/sign-in/email", {"email": EMAIL}),
        ("/api/v1/sign-in/email/code", {"handle": handle, "code": "123456"}),
    ):
        for origin in ("https://evil.example", "null", None):
            headers = {"Origin": origin} if origin else {}
            assert client.post(path, json=said, headers=headers).status_code in {400, 403, 404}


def test_signed_in_one_edits_from_any_device_what_bears_ones_address(client, post, token):
    comment = post("Befor", author={"name": "Ada", "email": EMAIL}).json["comment"]
    path = f"/api/v1/comments/{comment['id']}"
    answer = client.patch(path, json={"text": "Before"}, headers={**HERE, **bearer(token)})
    assert answer.status_code == 200
    mine = client.get("/api/v1/me/comments", query_string={"url": PAGE}, headers=bearer(token))
    assert [one["text"] for one in mine.json["comments"]] == ["Before"]


def test_what_was_written_in_this_browser_with_the_address_is_marked(
    app, post, thread, ask, use, mail
):
    post("Mine", author={"name": "Ada", "email": EMAIL}, headers=bearer(SECRET))
    post("Somebody's", author={"name": "Eve", "email": EMAIL}, headers=bearer("e" * 43))
    mail()
    with app.app_context(), transaction() as session:
        for one in session.query(Confirmation).filter(Confirmation.sent.is_not(None)):
            one.sent -= dt.timedelta(days=2)
    handle = ask()
    assert use(handle, code_in(mail()[-1]), **bearer(SECRET)).status_code == 200
    assert [one["author"]["is_verified"] for one in thread()["comments"]] == [True, False]


def test_a_typed_name_or_address_does_not_change_who_is_signed_in(post, token):
    post(author={"name": "Ada"}, headers=bearer(token))
    eve = {"name": "Eve", "email": "eve@reader.example", "website": "https://eve.example"}
    said = post("Again", author=eve, headers=bearer(token)).json["comment"]["author"]
    assert (said["name"], said["website"]) == ("Ada", None)


def test_a_token_is_good_for_its_site_alone(app, client, token):
    with app.app_context():
        changes.add("https://other.example")
    asked = {"url": "https://other.example/x"}
    assert client.get("/api/v1/me", query_string=asked, headers=bearer(token)).json == {
        "author": None
    }
    there = client.get("/api/v1/me", query_string={"url": PAGE}, headers=bearer(token))
    assert there.json["author"]["name"] == ""


def test_who_signs_out_leaves_nothing_in_the_browser(client, post, token):
    comment = post("Hello", author={"name": "Ada"}, headers=bearer(token)).json["comment"]
    assert client.delete("/api/v1/sign-in", headers={**HERE, **bearer(token)}).status_code == 200
    me = client.get("/api/v1/me", query_string={"url": PAGE}, headers=bearer(token))
    assert me.json == {"author": None}
    path = f"/api/v1/comments/{comment['id']}"
    refused = client.patch(path, json={"text": "x"}, headers={**HERE, **bearer(token)})
    assert refused.json["code"] == "not_yours"


def test_tokens_are_kept_as_digests_and_end_unused(app, client, token):
    with app.app_context(), transaction() as session:
        held = session.query(AuthorToken).one()
        assert token not in str(vars(held))
        held.seen = clock.now() - authors.SIGNED_IN_LIFE
    me = client.get("/api/v1/me", query_string={"url": PAGE}, headers=bearer(token))
    assert me.json == {"author": None}


def test_a_guests_secret_that_was_long_unused_opens_nothing_any_more(app, client, post):
    comment = post("Hello", headers=bearer(SECRET)).json["comment"]
    with app.app_context(), transaction() as session:
        author = session.query(Author).one()
        author.seen = clock.now() - authors.GUEST_LIFE - dt.timedelta(days=1)
    path = f"/api/v1/comments/{comment['id']}"
    headers = {**HERE, **bearer(SECRET)}
    assert client.patch(path, json={"text": "x"}, headers=headers).json["code"] == "not_yours"
    # It can be written with, as by somebody new.
    assert post("Again", headers=bearer(SECRET)).status_code == 201
    assert client.patch(path, json={"text": "x"}, headers=headers).json["code"] == "not_yours"


def test_where_it_is_required_a_guest_is_told_to_sign_in(app, client, site, post, token):
    with app.app_context():
        changes.choose(site.id, {"sign_in": "required"})
    refused = post()
    assert (refused.status_code, refused.json["code"]) == (403, "sign_in_required")
    assert post(headers=bearer(token)).status_code == 201


def test_the_thread_says_how_one_can_sign_in(thread, offered):
    ways = [{"name": "email", "label": "E-mail"}]
    assert thread()["site"]["sign_in"] == {"ways": ways, "is_required": False}
