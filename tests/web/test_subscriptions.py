"""Mail to readers: answers and pages that they asked for, to addresses that are confirmed."""

from __future__ import annotations

import re

import pytest

from afterword.core.db import db
from afterword.moderation import actions
from afterword.sites import changes
from afterword.threads.models import Subscription
from tests import mailbox as far
from tests.conftest import PAGE

ADA = {"name": "Ada", "email": "ada@reader.example"}
BOB = {"name": "Bob", "email": "bob@reader.example"}
SECRET = {"Authorization": "Bearer " + "a" * 43}


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def asked(post, mail, client, box):
    """A comment of Ada's, who wants answers by mail and has confirmed her address."""
    comment = post("What do you think?", author=ADA, headers=SECRET, notify=True).json["comment"]
    client.post(far.link(mail()[0], "/me/link/"))
    box.letters.clear()
    return comment


def test_an_answer_is_mailed_with_what_it_answers(asked, post, mail):
    post("I think so too.", parent=asked["id"], title="First post")
    (letter,) = mail()
    assert letter["To"] == ADA["email"]
    assert letter["Subject"] == "Ada answered you on blog.example/first-post"
    for words in (far.words(letter), far.html(letter)):
        assert "I think so too." in words
        assert "What do you think?" in words
        assert "/c/" in words


def test_nobody_is_mailed_who_has_not_confirmed_the_address(post, mail, box):
    comment = post(author=ADA, headers=SECRET, notify=True).json["comment"]
    mail()
    box.letters.clear()
    post("An answer.", parent=comment["id"])
    assert mail() == []


def test_nobody_is_mailed_who_did_not_ask(post, mail, client, box):
    comment = post(author=ADA, headers=SECRET).json["comment"]
    client.post(far.link(mail()[0], "/me/link/"))
    box.letters.clear()
    post("An answer.", parent=comment["id"])
    assert mail() == []


def test_who_types_anothers_address_brings_them_no_mail(asked, post, mail):
    stranger = post("I am Ada.", author=ADA, notify=True).json["comment"]
    post("An answer to the stranger.", parent=stranger["id"])
    assert mail() == []


def test_ones_own_answer_is_not_mailed(asked, post, mail):
    post("I add:", parent=asked["id"], author=ADA, headers=SECRET)
    assert mail() == []


def test_an_answer_that_waits_is_mailed_when_it_appears_and_not_again(app, site, asked, post, mail):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    answer = post("An answer.", parent=asked["id"]).json["comment"]
    assert mail() == []
    for act in (actions.approve, actions.spam, actions.approve):
        with app.app_context():
            act([answer["id"]], by="owner@blog.example")
        assert len(mail()) == 1 or act is actions.spam


def test_who_follows_a_page_is_mailed_about_each_comment_once(asked, post, mail, client):
    post("I follow.", author=ADA, headers=SECRET, notify="thread")
    mail()
    post("News.")
    assert [letter["Subject"] for letter in mail()] == ["Ada wrote on blog.example/first-post"]
    post("And an answer.", parent=asked["id"])
    assert len(mail()) == 2, "one mail, though both wishes ask for it"
    post("Elsewhere.", url="https://blog.example/second-post")
    assert len(mail()) == 2


@pytest.mark.parametrize("wish", [0, 1, "all", [], {}, "THREAD"])
def test_an_unknown_wish_is_refused(post, wish):
    answer = post(notify=wish)
    assert answer.status_code == 400
    assert "notify" in answer.json["fields"]


def test_a_mail_program_ends_them_by_one_post(asked, post, mail, client):
    post("One.", parent=asked["id"])
    (letter,) = mail()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = re.search(r"<https?://[^/]+([^>]+)>", letter["List-Unsubscribe"])[1]
    headers = {"Origin": "https://mail.example"}
    done = client.post(path, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert done.status_code == 200
    post("Two.", parent=asked["id"])
    assert len(mail()) == 1


def test_opening_the_link_ends_nothing_and_its_button_does(app, asked, post, mail, client):
    post("One.", parent=asked["id"])
    path = far.link(mail()[0], "/me/unsubscribe/")
    page = client.get(path).text
    assert "answers to your comments on A blog" in page
    with app.app_context():
        assert db.session.query(Subscription).one().ended is None
    assert "no more mail" in client.post(path).text
    assert "no more mail" in client.get(path).text
    with app.app_context():
        assert db.session.query(Subscription).one().ended is not None


@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_a_made_up_link_ends_nothing(client, token):
    assert client.get(f"/me/unsubscribe/{token}").status_code == 400
    assert client.post(f"/me/unsubscribe/{token}").status_code == 400


def test_one_sees_and_ends_them_among_ones_comments(asked, client, mail, post):
    client.post("/me", data={"email": ADA["email"]})
    own = client.post(far.link(mail()[0], "/me/link/")).headers["Location"]
    page = client.get(own).text
    assert "Answers to your comments on" in page
    path = re.search(r'action="([^"]+/subscriptions/[^"]+)"', page)[1]
    assert "No more of these mails" in client.get(client.post(path).headers["Location"]).text
    assert "/subscriptions/" not in client.get(own).text
    post("An answer.", parent=asked["id"])
    assert len(mail()) == 1, "only the link that was asked for"


def test_the_page_without_javascript_asks_too(client, site, app, mail):
    form = client.get("/thread", query_string={"url": PAGE}).text
    assert 'name="notify"' in form
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    typed = {"url": PAGE, "text": "Hello.", "key": key, "notify": "replies", **ADA}
    assert client.post("/thread", data=typed).status_code == 303
    with app.app_context():
        assert db.session.query(Subscription).one().email == ADA["email"]
    assert mail()[0]["Subject"].startswith("Is this your address?")


def test_a_mail_has_no_link_of_a_visitors(app, asked, post, mail):
    author = {"name": "http://evil.example"}
    text = "Go to https://evil.example <b>now</b>"
    answer = post(text, parent=asked["id"], author=author).json["comment"]
    with app.app_context():
        actions.approve([answer["id"]], by="owner@blog.example")
    (letter,) = mail()
    said = far.words(letter) + far.html(letter) + letter["Subject"]
    assert "://evil.example" not in said
    assert "<b>" not in far.html(letter)
