"""Mail to readers: answers and pages that they asked for, to addresses that are confirmed."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import event

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Author, Confirmation, Identity, IdentityKind
from afterword.jobs import queue
from afterword.jobs.models import Job
from afterword.moderation import actions, merges
from afterword.notify import news
from afterword.sites import changes
from afterword.threads import subscriptions
from afterword.threads.models import Follows, Page, Subscription
from tests import mailbox as far
from tests import make
from tests.conftest import PAGE

pytestmark = pytest.mark.slow

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
    assert letter["Subject"] == "Ada answered you on First post"
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


def test_mails_of_a_conversation_hang_together_in_a_mail_program(asked, post, mail, client):
    follow = {"author": BOB, "notify": "thread", "headers": {"Authorization": "Bearer " + "b" * 43}}
    post("I follow.", **follow)
    client.post(far.link(mail()[-1], "/me/link/"))
    first = post("A question.", author={"name": "Cy"}).json["comment"]
    second = post("An answer.", author={"name": "Di"}, parent=first["id"]).json["comment"]
    post("And one to it.", author={"name": "Ed"}, parent=second["id"])
    question, answer, last = (
        one for one in mail() if one["To"] == BOB["email"] and one["References"]
    )
    page = question["References"]
    assert question["In-Reply-To"] == page, "what all mails of a page have above them"
    assert answer["In-Reply-To"] == question["Message-ID"]
    assert last["In-Reply-To"] == answer["Message-ID"]
    assert last["References"].split() == [page, question["Message-ID"], answer["Message-ID"]]


def morning(monkeypatch, days=1):
    at = clock.now() + dt.timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def follow(post, mail, client, box):
    """Let somebody follow something with a comment, and confirm their address."""

    def do(what, *, author=BOB, secret="b", **more):
        post("I follow.", author=author, notify=what, **more,
             headers={"Authorization": "Bearer " + secret * 43})  # fmt: skip
        for letter in mail():  # none when it is confirmed already
            client.post(far.link(letter, "/me/link/"))
        box.letters.clear()

    return do


def test_who_follows_a_site_is_mailed_about_every_page_of_it(follow, post, mail):
    follow("site")
    post("Here.")
    post("There.", url="https://blog.example/second-post")
    assert [one["To"] for one in mail()] == [BOB["email"]] * 2
    assert "There." in far.words(mail()[1])


@pytest.mark.parametrize(
    ("what", "why"),
    [("site", "you follow all comments on A blog."), ("thread", "you follow this page.")],
)
def test_a_mail_says_what_its_link_ends(follow, post, mail, what, why):
    follow(what)
    post("Here.")
    (letter,) = mail()
    for said in (far.words(letter), far.html(letter)):
        assert f"You get this mail because {why}" in said


def test_who_follows_in_two_ways_is_mailed_once(follow, post, mail):
    follow("site")
    follow("thread")
    post("Here.")
    assert len(mail()) == 1


def test_who_wants_one_mail_a_day_gets_one(follow, post, mail, box, monkeypatch):
    follow("site", daily=True)
    post("First.", author={"name": "Cy"}, title="First post")
    post("Second.", author={"name": "Di"})
    post("Third.", url="https://blog.example/second-post")
    assert mail() == []
    morning(monkeypatch)
    (letter,) = mail()
    assert letter["Subject"] == "3 new comments"
    for said in (far.words(letter), far.html(letter)):
        assert said.index("First.") < said.index("Second.") < said.index("Third.")
        assert said.count("blog.example/second-post") == 1
    morning(monkeypatch)
    assert len(mail()) == 1, "nothing is new"
    post("Fourth.")
    mail()
    morning(monkeypatch)
    assert mail()[-1]["Subject"] == "1 new comment"
    assert "First." not in far.words(mail()[-1])
    assert len({one["Message-ID"] for one in mail()}) == 2


def test_the_database_is_asked_as_often_for_many_followers_as_for_few(context, site):
    few, many = make.page(site), make.page(site, "https://blog.example/second-post")
    let_follow(few, 2)
    let_follow(many, 20)
    comments = [make.comment(few), make.comment(many)]
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counted = []
    for comment in comments:
        asked.clear()
        news.tell(comment)
        counted.append(len(asked))
    assert db.session.query(Job).filter_by(kind="digest").count() == 22
    assert counted[0] == counted[1]
    news.tell(make.comment(many))
    assert db.session.query(Job).filter_by(kind="digest").count() == 22, "one a day for each"


def let_follow(page, many):
    """Let readers with confirmed addresses follow a page by one mail a day."""
    with transaction() as session:
        author = Author(site_id=page.site_id, token_hash=f"{page.id:064}")
        session.add(author)
        session.flush()
        for number in range(many):
            email = f"reader{number}@page{page.id}.example"
            proved = {"kind": IdentityKind.EMAIL, "subject": email}
            session.add(Identity(author_id=author.id, **proved))
            subscriptions.add(
                email, Follows.THREAD, site_id=page.site_id, page_id=page.id, is_daily=True
            )


def test_a_digest_is_silent_about_what_was_removed_meanwhile(app, follow, post, mail, monkeypatch):
    follow("thread", daily=True)
    gone = post("Gone.").json["comment"]["id"]
    mail()
    with app.app_context():
        actions.remove([gone], by="owner@blog.example")
    morning(monkeypatch)
    assert mail() == []


def test_a_digest_ends_by_one_post_and_a_part_of_it_by_its_own_link(
    follow, post, mail, client, app, monkeypatch
):
    follow("site", daily=True)
    follow("thread", daily=True, url="https://blog.example/second-post")
    post("Here.")
    mail()
    morning(monkeypatch)
    (letter,) = mail()
    one = re.search(r"<https?://[^/]+([^>]+)>", letter["List-Unsubscribe"])[1]
    part = far.link(letter, "/me/unsubscribe/")
    assert part != one
    client.post(part, data={"List-Unsubscribe": "One-Click"})
    with app.app_context():
        assert db.session.query(Subscription).filter_by(ended=None).count() == 1
    client.post(one, data={"List-Unsubscribe": "One-Click"})
    with app.app_context():
        assert db.session.query(Subscription).filter_by(ended=None).count() == 0


def merged(app, url, into):
    """Make one page out of these two."""
    with app.app_context():
        number = {one.url: one.id for one in db.session.query(Page)}
        return merges.merge(number[url], number[into], by="owner@blog.example").id


@pytest.mark.parametrize("is_parted", [False, True])
def test_what_waits_for_a_digest_comes_once_though_two_pages_became_one(
    app, follow, post, mail, monkeypatch, is_parted
):
    second = "https://blog.example/second-post"
    for url, words in ((PAGE, "Of the first."), (second, "Of the second.")):
        follow("thread", daily=True, url=url)
        post(words, url=url)
    mail()
    made = merged(app, second, PAGE)
    if is_parted:
        with app.app_context():
            merges.undo(made, by="owner@blog.example")
    morning(monkeypatch)
    (letter,) = mail()
    assert [far.words(letter).count(f"Of the {one}.") for one in ("first", "second")] == [1, 1]
    morning(monkeypatch)
    assert len(mail()) == 1


def test_the_link_in_a_mail_of_a_page_ends_those_of_the_one_that_took_it_over(
    app, follow, post, mail, client
):
    second = "https://blog.example/second-post"
    for url in (PAGE, second):
        follow("thread", url=url)
    post("News.", url=second)
    link = far.link(mail()[0], "/me/unsubscribe/")
    merged(app, second, PAGE)
    assert "End them" in client.get(link).text
    client.post(link)
    assert "no more mail" in client.get(link).text
    post("More of them.")
    assert len(mail()) == 1


def test_a_comment_that_comes_back_on_a_page_that_took_it_over_is_not_mailed_again(
    app, follow, post, mail
):
    second = "https://blog.example/second-post"
    for url in (PAGE, second):
        follow("thread", url=url)
    told = post("News.", url=second).json["comment"]["id"]
    assert len(mail()) == 1
    merged(app, second, PAGE)
    for act in (actions.spam, actions.approve):
        with app.app_context():
            act([told], by="owner@blog.example")
    assert len(mail()) == 1


def test_a_mail_server_that_is_away_loses_no_digest(follow, post, mail, box, monkeypatch):
    follow("site", daily=True)
    post("Here.")
    mail()
    box.answer = "451 later"
    morning(monkeypatch)
    assert mail() == []
    box.answer = "250 OK"
    morning(monkeypatch)
    assert "Here." in far.words(mail()[0])


def test_what_comes_while_a_digest_is_mailed_is_in_the_next_one(
    app, follow, post, mail, box, monkeypatch
):
    follow("site", daily=True)
    post("Here.")
    mail()

    def write() -> None:
        with app.app_context():
            news.tell(make.comment(db.session.query(Page).first(), text="There."))

    box.meanwhile = write
    morning(monkeypatch)
    assert "There." not in far.words(mail()[0])
    box.meanwhile = lambda: None
    morning(monkeypatch)
    (_, letter) = mail()
    assert letter["Subject"] == "1 new comment"
    assert "There." in far.words(letter)


def test_a_stranger_has_nothing_more_sent_to_an_address_that_is_confirmed(
    asked, post, mail, client, app
):
    for what in ("site", "thread"):
        post("I am Ada.", author=ADA, notify=what)
    post("Something new.")
    assert [one for one in mail() if one["To"] == ADA["email"] and "List-Unsubscribe" in one] == []


@pytest.mark.parametrize("is_daily", [False, True])
def test_an_address_that_is_none_any_more_is_not_mailed_again_and_again(
    app, follow, post, mail, box, monkeypatch, is_daily
):
    follow("site", daily=is_daily)
    box.refused[BOB["email"]] = "550 5.1.1 No such user."
    for number in range(3):
        post(f"Number {number}.")
        mail()
        if is_daily:
            morning(monkeypatch)
            mail()
    with app.app_context():
        assert len(queue.dead()) == 1
        assert db.session.query(Subscription).filter_by(ended=None).count() == 0


@pytest.mark.parametrize(
    "said",
    ["554 5.7.1 Relay access denied.", "550 relay not permitted", "550 5.1.8 Sender's domain.",
     "552 5.2.2 Mailbox full.", "450 4.1.1 Greylisted."],
)  # fmt: skip
def test_what_a_server_refuses_for_another_reason_ends_no_mails(app, follow, post, mail, box, said):
    follow("site")
    box.refused[BOB["email"]] = said
    post("Here.")
    assert mail() == []
    box.refused.clear()
    post("There.")
    assert "There." in far.words(mail()[-1])


def a_month_goes_by(app, box):
    """Nobody remembers that an address was asked."""
    with app.app_context(), transaction() as session:
        session.query(Confirmation).delete()
    box.letters.clear()


@pytest.mark.parametrize("wish", [False, "thread"])
def test_what_a_stranger_asked_for_does_not_begin_when_the_owner_confirms_an_address(
    app, post, mail, client, box, wish
):
    for what in ("replies", "thread", "site"):
        said = post("I am Ada.", author=ADA, headers={"Authorization": "Bearer " + "m" * 43},
                    notify=what, url="https://blog.example/second-post")  # fmt: skip
        assert said.status_code == 201
    mail()
    a_month_goes_by(app, box)
    mine = post("I am.", author=ADA, headers=SECRET, notify=wish).json["comment"]["id"]
    key = client.post(far.link(mail()[0], "/me/link/")).headers["Location"]
    box.letters.clear()
    post("Elsewhere.", url="https://blog.example/second-post")
    post("An answer.", parent=mine)
    assert [one["Subject"] for one in mail()] == (
        ["Ada wrote on blog.example/first-post"] if wish else []
    )
    assert client.get(key).text.count('value="end"') == bool(wish)


def test_who_asked_in_two_browsers_follows_once(app, follow, post, mail, client, box):
    post("I follow too.", author=BOB, notify="thread", headers=SECRET)
    mail()
    a_month_goes_by(app, box)
    follow("thread")
    a_month_goes_by(app, box)
    post("I am here as well.", author=BOB, headers=SECRET)
    key = client.post(far.link(mail()[0], "/me/link/")).headers["Location"]
    assert client.get(key).text.count('value="end"') == 1


@pytest.mark.parametrize("waits_on", ["the page that goes", "the page that stays"])
def test_who_confirms_while_two_pages_are_one_follows_both_when_they_are_parted(
    app, follow, post, mail, client, box, waits_on
):
    second = "https://blog.example/second-post"
    first = (second, PAGE) if waits_on == "the page that goes" else (PAGE, second)
    post("I follow.", author=BOB, notify="thread", headers=SECRET, url=first[0])
    mail()
    a_month_goes_by(app, box)
    follow("thread", url=first[1])
    a_month_goes_by(app, box)
    made = merged(app, second, PAGE)
    post("I am here as well.", author=BOB, headers=SECRET)
    key = client.post(far.link(mail()[0], "/me/link/")).headers["Location"]
    assert client.get(key).text.count('value="end"') == 1
    with app.app_context():
        merges.undo(made, by="owner@blog.example")
    box.letters.clear()
    for url in (PAGE, second):
        post("News.", url=url)
    assert len(mail()) == 2


def test_a_stranger_does_not_bring_mails_back_that_were_ended(asked, post, mail, client, app):
    with app.app_context(), transaction() as session:
        subscriptions.end(session.query(Subscription).one())
    post("I am Ada.", author=ADA, notify=True)
    post("An answer.", parent=asked["id"])
    assert [one for one in mail() if "List-Unsubscribe" in one] == []
    post("Do answer.", author=ADA, headers=SECRET, notify=True)
    post("One more answer.", parent=asked["id"])
    assert [one["To"] for one in mail() if "List-Unsubscribe" in one] == [ADA["email"]]


def test_an_answer_under_ones_own_address_by_a_stranger_is_mailed(asked, post, mail):
    post("I am you.", parent=asked["id"], author=ADA)
    (letter,) = [one for one in mail() if "List-Unsubscribe" in one]
    assert "I am you." in far.words(letter)


def daily(app, client, mail):
    """Have the mails of what one follows come once a day; the key of one's page, what it is."""
    client.post("/me", data={"email": ADA["email"]})
    key = client.post(far.link(mail()[0], "/me/link/")).headers["Location"].split("?")[0]
    with app.app_context():
        (one,) = db.session.query(Subscription).all()
    client.post(f"{key}/subscriptions/{one.id}", data={"act": "daily"})
    return key, one


def test_one_chooses_among_ones_comments_how_mails_come(
    asked, post, mail, client, app, monkeypatch
):
    key, one = daily(app, client, mail)
    assert "once a day" in client.get(key).text
    before = len(mail())
    post("An answer.", parent=asked["id"])
    assert len(mail()) == before
    assert client.post(f"{key}/sites/{one.site_id}").status_code == 303
    assert client.post(f"{key}/sites/{one.site_id}").status_code == 404
    assert client.post(f"{key}/sites/999").status_code == 404
    assert client.post(f"{key}/subscriptions/{one.id}", data={"act": "x"}).status_code == 400
    morning(monkeypatch)
    (digest,) = mail()[before:]
    assert far.words(digest).count("An answer.") == 1


def test_what_waited_for_the_mail_of_the_day_comes_though_one_is_to_come_at_once_now(
    asked, post, mail, client, app, monkeypatch
):
    key, one = daily(app, client, mail)
    post("It waits.", parent=asked["id"])
    before = len(mail())
    client.post(f"{key}/subscriptions/{one.id}", data={"act": "now"})
    morning(monkeypatch)
    (digest,) = mail()[before:]
    assert "It waits." in far.words(digest)
