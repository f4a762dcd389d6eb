"""One's own comments by a mailed link: confirm, read, change, remove, from any device."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Confirmation, Identity
from afterword.jobs import queue, worker
from afterword.moderation import actions
from afterword.sites import changes
from afterword.threads import turns
from afterword.threads.models import Comment, State
from tests import mailbox as far
from tests.conftest import PAGE

pytestmark = pytest.mark.slow

ADA = {"name": "Ada", "email": "ada@reader.example"}


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def confirmed(post, mail, client):
    """The page of the comments of one who has confirmed her address, reached by the mail."""
    post(author=ADA)
    path = far.link(mail()[0], "/me/link/")
    return client.post(path).headers["Location"].partition("?")[0]


def ask(client, email="ada@reader.example"):
    return client.post("/me", data={"email": email})


def test_who_gives_an_address_is_asked_whether_it_is_theirs(post, mail):
    answer = post(author=ADA)
    letter = mail()[0]
    assert letter["To"] == "ada@reader.example"
    assert letter["Subject"] == "Is this your address? Your comment on A blog"
    assert f"/c/{answer.json['comment']['id']}" in far.words(letter)


def test_no_word_of_a_visitor_goes_to_an_address_that_is_not_confirmed(post, mail):
    post(
        "Buy CHEAPPILLS",
        title="CHEAPPILLS",
        author={"name": "CHEAPPILLS", "email": "victim@reader.example"},
    )
    letter = mail()[0]
    assert "CHEAPPILLS" not in letter.as_string() + far.words(letter) + far.html(letter)


def test_without_an_address_or_a_mail_server_nothing_is_mailed(post, mail):
    post()
    assert mail() == []


def test_nothing_is_mailed_before_a_comment_is_visible(app, site, post, mail):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    comment = post(author=ADA).json["comment"]
    assert mail() == []
    with app.app_context():
        actions.approve([comment["id"]], by="owner@blog.example")
    assert len(mail()) == 1


def test_an_address_is_asked_once_however_much_is_written_with_it(post, mail):
    for number in range(3):
        post(f"Comment {number}", author=ADA)
    assert len(mail()) == 1


def test_a_comment_that_comes_back_is_not_mailed_of_twice(app, post, mail):
    comment = post(author=ADA).json["comment"]
    mail()
    with app.app_context():
        actions.spam([comment["id"]], by="owner@blog.example")
        actions.approve([comment["id"]], by="owner@blog.example")
    assert len(mail()) == 1


def test_looking_at_the_link_changes_nothing(app, client, post, mail):
    post(author=ADA)
    path = far.link(mail()[0], "/me/link/")
    for _ in range(3):
        page = client.get(path)
        assert "Yes, confirm it" in page.text
    with app.app_context():
        assert db.session.query(Identity).count() == 0


def test_the_button_confirms_the_address_and_shows_ones_comments(client, post, mail):
    post("Hello there.", author=ADA)
    answer = client.post(far.link(mail()[0], "/me/link/"))
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert "this address is confirmed" in page.text
    assert "Hello there." in page.text


def test_a_link_works_once(client, post, mail):
    post(author=ADA)
    path = far.link(mail()[0], "/me/link/")
    client.post(path)
    for again in (client.post(path), client.get(path)):
        assert again.status_code == 400
        assert "used already" in again.text
        assert 'name="email"' in again.text  # and here is how to get another


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "WyJ4Il0.aaaa.bbbb"])
def test_a_made_up_link_is_refused(client, token):
    for answer in (client.get(f"/me/link/{token}"), client.post(f"/me/link/{token}")):
        assert answer.status_code == 400
    assert client.get(f"/me/{token}").status_code == 400


def test_a_link_after_a_comment_ends_after_three_days(app, client, post, mail):
    post(author=ADA)
    path = far.link(mail()[0], "/me/link/")
    with app.app_context(), transaction() as session:
        session.query(Confirmation).one().sent = clock.now() - dt.timedelta(days=3, minutes=1)
    assert client.post(path).status_code == 400


def test_a_link_that_has_ended_before_its_mail_went_out_is_not_mailed(app, post, mail):
    post(author=ADA)
    with app.app_context():
        worker.do_next()  # finds out who is told
        with transaction() as session:
            session.query(Confirmation).one().sent -= dt.timedelta(days=3, minutes=1)
    assert mail() == []


def test_a_link_that_was_asked_for_ends_after_fifteen_minutes(app, client, confirmed, mail):
    ask(client)
    path = far.link(mail()[-1], "/me/link/")
    with app.app_context(), transaction() as session:
        newest = session.query(Confirmation).filter_by(comment_id=None).one()
        newest.sent = clock.now() - dt.timedelta(minutes=16)
    assert client.post(path).status_code == 400


def test_a_confirmed_author_carries_a_mark(client, post, thread, confirmed):
    assert [comment["author"]["is_verified"] for comment in thread()["comments"]] == [True]
    assert "confirmed address" in client.get("/thread", query_string={"url": PAGE}).text


def test_the_mark_is_the_browsers_that_confirmed_and_nobody_elses(post, thread, mail, client):
    secret = "s" * 43
    post("One", author=ADA, headers={"Authorization": f"Bearer {secret}"})
    client.post(far.link(mail()[0], "/me/link/"))
    post("Two", author=ADA, headers={"Authorization": f"Bearer {secret}"})
    post("Three", author=ADA)  # another browser that types the same address
    post("Four", author={"name": "Ada"}, headers={"Authorization": f"Bearer {secret}"})
    marks = [comment["author"]["is_verified"] for comment in thread()["comments"]]
    assert marks == [True, True, False, False]


def test_a_comment_is_changed_from_another_device(client, thread, confirmed):
    page = client.get(confirmed).text
    edit = re.search(r'href="([^"]+/comments/[^"]+)">Change', page)[1]
    form = client.get(edit)
    assert "Good morning." in form.text
    answer = client.post(edit, data={"act": "edit", "text": "Good evening."})
    assert "The comment was changed." in client.get(answer.headers["Location"]).text
    assert "Good evening." in thread()["comments"][0]["html"]


def test_a_text_that_is_refused_is_not_lost(client, confirmed):
    page = client.get(confirmed).text
    edit = re.search(r'href="([^"]+/comments/[^"]+)">Change', page)[1]
    answer = client.post(edit, data={"act": "edit", "text": "x" * 6000})
    assert answer.status_code == 400
    assert "x" * 6000 in answer.text
    assert 'role="alert"' in answer.text


def test_a_comment_is_removed_and_brought_back(client, thread, confirmed):
    page = client.get(confirmed).text
    act = re.search(r'action="([^"]+/comments/[^"]+)"', page)[1]
    answer = client.post(act, data={"act": "remove"})
    assert "Bring it back" in client.get(answer.headers["Location"]).text
    assert thread()["comments"] == []
    client.post(act, data={"act": "restore"})
    assert len(thread()["comments"]) == 1


def test_what_others_wrote_is_out_of_reach(app, client, post, confirmed):
    other = post("Mine.", author={"name": "Bob", "email": "bob@reader.example"}).json["comment"]
    path = f"{confirmed}/comments/{other['id']}"
    assert client.get(path).status_code == 403
    assert client.post(path, data={"act": "remove"}).status_code == 403
    assert "Mine." not in client.get(confirmed).text


def test_the_time_to_change_a_comment_is_the_same_as_in_the_browser(app, client, confirmed):
    with app.app_context(), transaction() as session:
        session.query(Comment).one().created = clock.now() - dt.timedelta(minutes=16)
    page = client.get(confirmed).text
    assert "Change" not in page
    with app.app_context():
        comment = db.session.query(Comment).one()
    answer = client.post(f"{confirmed}/comments/{comment.id}", data={"act": "remove"})
    assert answer.status_code == 403


def test_what_waits_is_shown_to_its_author_and_spam_looks_the_same(app, client, confirmed):
    with app.app_context():
        comment = db.session.query(Comment).one()
        actions.spam([comment.id], by="owner@blog.example")
    page = client.get(confirmed).text
    assert "Waits for approval" in page
    assert "spam" not in page.lower()


def test_who_lost_the_mail_asks_for_another(client, confirmed, mail):
    assert ask(client).status_code == 303
    letter = mail()[-1]
    assert letter["Subject"].endswith(" is your code")
    answer = client.post(far.link(letter, "/me/link/"))
    assert "Good morning." in client.get(answer.headers["Location"]).text


def test_the_answer_tells_no_stranger_which_addresses_are_known(client, confirmed, mail):
    known, unknown = ask(client), ask(client, "nobody@reader.example")
    pages = [client.get(answer.headers["Location"]).text for answer in (known, unknown)]
    handles = [answer.headers["Location"].partition("sent=")[2] for answer in (known, unknown)]
    assert len(handles[0]) == len(handles[1])
    assert pages[0].replace(handles[0], "") == pages[1].replace(handles[1], "")
    assert {letter["To"] for letter in mail()} == {"ada@reader.example"}


def test_an_address_that_was_never_confirmed_gets_one_mail_a_day(client, post, mail):
    post(author=ADA)
    mail()
    for _ in range(3):
        ask(client)
    assert len(mail()) == 1


def test_a_confirmed_address_gets_five_links_an_hour(client, confirmed, mail, box):
    box.letters.clear()
    for _ in range(8):
        ask(client)
    assert len(mail()) == 4  # and the one after the comment


@pytest.mark.parametrize("typed", ["", "ada", "ada@reader.example, bob@reader.example", "a@b\r\n"])
def test_a_bad_address_is_answered_with_what_was_typed(client, typed):
    answer = ask(client, typed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_form_on_another_page_can_do_nothing(client, confirmed):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/me", data={"email": "a@b.example"}, headers=headers).status_code == 403
    path = f"{confirmed}/comments/1m83j1k6af3r8"
    assert client.post(path, data={"act": "remove"}, headers=headers).status_code == 403


def test_nothing_of_ones_own_is_kept_by_a_cache_or_told_to_another_site(client, confirmed):
    answer = client.get(confirmed)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers
    assert "noindex" in answer.text


def test_two_browsers_of_one_person_are_trusted_as_one(app, site, client, post, mail):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-first"})
    first, second = {"Authorization": "Bearer " + "a" * 43}, {"Authorization": "Bearer " + "b" * 43}
    comment = post("One", author=ADA, headers=first).json["comment"]
    with app.app_context():
        actions.approve([comment["id"]], by="owner@blog.example")
    client.post(far.link(mail()[-1], "/me/link/"))
    held = post("Two", author=ADA, headers=second)
    assert held.status_code == 202, "typing an address grants nothing"
    with app.app_context(), transaction() as session:
        other = session.get(Comment, held.json["comment"]["id"])
        session.add(Identity(author_id=other.author_id, kind="email", subject=ADA["email"]))
    assert post("Three", author=ADA, headers=second).status_code == 201


def test_a_mail_that_cannot_be_sent_keeps_no_comment_back(app, post, mail, box):
    box.answer = "451 later"
    assert post(author=ADA).status_code == 201
    assert mail() == []
    with app.app_context():
        assert [job.fault for job in queue.waiting()] == [
            "The mail server refuses the mail: 451 later"
        ]


def test_a_comment_that_was_removed_meanwhile_is_not_mailed_of(app, post, mail):
    comment = post(author=ADA).json["comment"]
    with app.app_context():
        actions.remove([comment["id"]], by="owner@blog.example")
        assert db.session.get(Comment, comment["id"]).state is State.REMOVED
    assert mail() == []


def test_a_comment_that_turns_out_spam_while_its_mail_waits_is_mailed_of_once_it_is_back(
    app, post, mail, box
):
    box.answer = "451 later"
    comment = post(author=ADA).json["comment"]["id"]
    mail()
    box.answer = "250 OK"
    with app.app_context():
        actions.spam([comment], by="owner@blog.example")
        far.due_now()
    assert mail() == []
    with app.app_context():
        actions.approve([comment], by="owner@blog.example")
    assert [letter["To"] for letter in mail()] == [ADA["email"]]


def test_a_comment_that_appears_while_its_mail_is_put_off_is_mailed_of(
    app, post, mail, box, monkeypatch
):
    box.answer = "451 later"
    comment = post(author=ADA).json["comment"]["id"]
    mail()
    box.answer = "250 OK"
    with app.app_context():
        actions.spam([comment], by="owner@blog.example")
        far.due_now()
    turn = turns.comment

    def after_another(one):
        db.session.execute(db.text("UPDATE comments SET state = 'visible'"))
        return turn(one)

    monkeypatch.setattr(turns, "comment", after_another)
    assert [letter["To"] for letter in mail()] == [ADA["email"]]


def test_without_a_mail_server_the_page_says_so(app, client):
    app.extensions["afterword.settings"].__dict__["smtp_url"] = None
    assert "sends no mail" in client.get("/me").text


def test_one_takes_all_of_it_along(client, confirmed):
    page = client.get(confirmed).text
    assert "Take it along" in page
    answer = client.get(f"{confirmed}/all")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-comments.json"'
    assert answer.json["emails"] == ["ada@reader.example"]
    assert answer.json["comments"][0]["text"] == "Good morning."


def test_one_erases_all_of_it_after_being_asked(client, confirmed, thread):
    asked = client.get(f"{confirmed}/erase").text
    assert "It cannot be undone." in asked
    assert len(thread()["comments"]) == 1, "asking changes nothing"
    assert "1 comment is gone" in client.post(f"{confirmed}/erase").text
    assert thread()["comments"] == []
    assert client.get(confirmed).status_code == 400, "nobody is left whose page it could be"


def test_nobody_erases_by_a_form_elsewhere_or_without_the_key(client, confirmed, thread):
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{confirmed}/erase", headers=cross).status_code == 403
    for path in ("/me/x/erase", "/me/x/all"):
        assert client.get(path).status_code == 400
    assert client.post("/me/x/erase").status_code == 400
    assert len(thread()["comments"]) == 1
