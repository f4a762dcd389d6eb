"""Mails to moderators: what waits, decided from the mail, without log-in or accidents."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections import Counter

import pytest
from sqlalchemy import select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.identity.models import Moderator, Notices
from afterword.jobs import queue
from afterword.jobs.models import Job
from afterword.moderation import actions, audit, pins, reports, states, team
from afterword.moderation.models import Act, Notice, Report
from afterword.notify import summary
from afterword.sites import changes, directory
from afterword.threads.models import Comment, State
from tests import desk as desks
from tests import mailbox as far
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

HELD = "The first words."


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def owner(app, site):
    """The one moderator of a site where everything waits."""
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
        moderators.add(EMAIL, password="a boat that was a table")
    return EMAIL


@pytest.fixture
def held(owner, post):
    return post(HELD, title="First post").json["comment"]["id"]


@pytest.fixture
def state(app):
    def of(comment_id):
        with app.app_context():
            return db.session.get(Comment, comment_id).state

    return of


def choose(app, wanted, *, is_daily=False):
    with app.app_context():
        moderators.choose_notices(moderators.find(EMAIL), wanted, is_daily=is_daily)


def link(letter, verb):
    return next(
        line.partition("://")[2].partition("/")[2].join(["/", ""])
        for line in far.words(letter).splitlines()
        if line.startswith(f"{verb}: ")
    )


def test_a_comment_that_waits_is_mailed_with_its_words_and_reasons(held, mail):
    (letter,) = mail()
    assert letter["To"] == EMAIL
    assert letter["Subject"] == "Ada on First post waits"
    for words in (far.words(letter), far.html(letter)):
        assert HELD in words
        assert "Every comment on this site waits for approval." in words


def test_mails_about_one_page_stand_together_in_a_mail_program(held, post, mail):
    post("The second words.")
    first, second = mail()
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("Approve", State.VISIBLE), ("Spam", State.SPAM), ("Remove", State.REMOVED)],
)
def test_a_link_asks_and_its_button_decides(app, client, held, mail, state, verb, expected):
    path = link(mail()[0], verb)
    page = client.get(path)
    assert page.status_code == 200
    assert HELD in page.text
    assert state(held) is State.PENDING, "opening it changes nothing"
    assert client.post(path).status_code == 200
    assert state(held) is expected
    with app.app_context():
        act = db.session.query(Act).one()
        assert (act.by, act.verb) == (EMAIL, verb.lower())


def test_the_page_after_leads_to_the_undo_of_that_decision(app, held, mail, state):
    path = link(mail()[0], "Spam")
    with app.app_context():
        actions.spam([held], by="other@blog.example")
        actions.undo(db.session.query(Act).all(), by="other@blog.example")
    owner = desks.of(app, EMAIL)
    way = re.search(r'href="(/admin/[^"]*acts=[^"]*)"', owner.post(path).text)[1]
    shown = owner.get(way).text
    assert "1 comment marked as spam." in shown
    owner.post("/admin/comments/undo", acts=re.search(r'name="acts" value="(\d+)"', shown)[1])
    assert state(held) is State.PENDING


def test_a_link_works_once_even_when_the_comment_waits_again(app, client, held, mail, state):
    path = link(mail()[0], "Approve")
    client.post(path)
    with app.app_context():
        actions.undo(db.session.query(Act).all(), by=EMAIL)
    assert state(held) is State.PENDING
    assert client.post(path).status_code == 409
    assert state(held) is State.PENDING


def test_what_another_moderator_decided_stays_and_is_said(app, client, held, mail, state):
    path = link(mail()[0], "Approve")
    with app.app_context():
        actions.spam([held], by="other@blog.example")
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 409
        assert "the comment is spam now" in answer.text
    assert state(held) is State.SPAM


def test_a_comment_that_was_changed_is_not_approved_unread(app, client, held, mail, state):
    path = link(mail()[0], "Approve")
    with app.app_context():
        actions.edit(held, "Buy this.", by="other@blog.example", limit=5000)
    answer = client.post(path)
    assert answer.status_code == 409
    assert "was changed since this mail" in answer.text
    assert state(held) is State.PENDING


def test_a_link_of_one_act_does_no_other(app, client, held, mail):
    approve, spam = (link(mail()[0], verb) for verb in ("Approve", "Spam"))
    head, _, tail = approve.rpartition(".")
    assert client.post(f"{head}.{spam.rpartition('.')[2]}").status_code == 400
    assert client.post(f"{head}.{tail[:-2]}").status_code == 400
    assert client.get("/admin/mail/x").status_code == 400


def test_a_link_ends_after_a_month(app, client, held, mail, monkeypatch):
    path = link(mail()[0], "Approve")
    later = clock.now() + dt.timedelta(days=31)
    monkeypatch.setattr("itsdangerous.timed.time.time", later.timestamp)
    assert client.post(path).status_code == 400


def test_another_page_cannot_press_the_button(client, held, mail, state):
    path = link(mail()[0], "Approve")
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
    assert state(held) is State.PENDING


def test_to_reply_one_logs_in(client, held, mail):
    path = link(mail()[0], "Reply")
    answer = client.get(path)
    assert answer.status_code == 303
    assert "/admin/login" in answer.headers["Location"]


def test_a_mail_has_no_link_but_to_us(post, owner, mail):
    post(
        "See https://evil.example/a and www.evil.example and <b>this</b> [x](http://evil.example)",
        title="http://evil.example",
        author={"name": "http://evil.example <i>"},
    )
    (letter,) = mail()
    words, html = far.words(letter), far.html(letter)
    assert "://evil.example" not in words + html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "www[.]evil.example" in words


def test_a_moderator_is_mailed_about_a_comment_once(app, held, mail):
    mail()
    with app.app_context():
        actions.approve([held], by=EMAIL)
        actions.undo(db.session.query(Act).all(), by=EMAIL)
    assert len(mail()) == 1


def test_a_comment_that_waits_again_with_other_words_is_mailed_again(
    app, client, held, mail, state
):
    (first,) = mail()
    with app.app_context():
        actions.approve([held], by=EMAIL)
        actions.edit(held, "Buy this.", by="author", limit=5000)
        comment = db.session.get(Comment, held)
        with transaction():
            states.move(comment, State.PENDING)
        summary.tell(moderators.by_email(EMAIL), comment)
    second = mail()[-1]
    assert "Buy this." in far.words(second)
    assert client.post(link(first, "Approve")).status_code in {400, 409}
    assert state(held) is State.PENDING
    assert client.post(link(second, "Approve")).status_code == 200
    assert state(held) is State.VISIBLE


def test_who_wants_no_mail_gets_none(app, owner, post, mail):
    choose(app, Notices.OFF)
    post()
    assert mail() == []


def test_who_wants_all_is_told_of_what_appears_too(app, owner, site, post, mail):
    choose(app, Notices.ALL)
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    post("It is here.")
    (letter,) = mail()
    assert letter["Subject"] == "Ada on blog.example/first-post"
    assert "Approve:" not in far.words(letter)
    assert "Spam:" in far.words(letter)


def test_who_wants_what_waits_is_not_told_of_what_appears(app, owner, site, post, mail):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    post()
    assert mail() == []


def test_what_was_decided_before_its_mail_went_out_is_not_mailed(app, held, mail):
    with app.app_context():
        actions.approve([held], by=EMAIL)
    assert mail() == []


def test_a_flood_is_ten_mails_and_one_that_sums_up(app, owner, post, mail):
    for number in range(30):
        post(f"Comment {number}")
    assert len(mail()) == summary.MOST_AN_HOUR
    with app.app_context(), transaction() as session:
        session.query(Job).one().due = clock.now()
    last = mail()[-1]
    assert last["Subject"] == "30 comments wait for you"
    assert "/admin/" in far.words(last)


def test_all_mails_to_who_chose_no_language_are_in_that_of_the_site(
    app, watched, site, post, client, mail
):
    with app.app_context():
        changes.choose(site.id, {"language": "de"})
        number = moderators.find(EMAIL).id
    since = clock.text(clock.now())
    one = post("It appears.", headers=BEARER).json["comment"]["id"]
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    post("It waits.")
    with app.app_context(), transaction() as session:
        session.query(Job).filter_by(kind="changed").delete()
        session.add(Job(kind="picture", payload={}, died=clock.now()))
        account = {"what": "change password", "name": "", "about": "1", "at": since}
        for kind, said in {
            "summary": {"due": "1"},
            "changed": {"since": since},
            "died-mail": {"named": "1"},
            "account": account,
        }.items():
            queue.add(kind, {"moderator_id": number, **said})
    languages = [re.search(r'<html lang="(\w+)"', far.html(letter))[1] for letter in mail()]
    assert languages == ["de"] * 6


def test_two_workers_begin_one_summary(app, owner, post):
    """One read who is told before the other had told them of a flood."""
    ids = [post(f"Comment {number}").json["comment"]["id"] for number in range(13)]
    with app.app_context():
        moderator = moderators.by_email(EMAIL)

        def tell_of(some):
            with app.app_context():
                for one in some:
                    summary.tell(moderators.by_email(EMAIL), db.session.get(Comment, one))

        other = threading.Thread(target=tell_of, args=(ids[:12],))
        other.start()
        other.join()
        summary.tell(moderator, db.session.get(Comment, ids[12]))
        kinds = Counter(db.session.scalars(select(Job.kind)))
    assert (kinds["notice"], kinds["summary"]) == (summary.MOST_AN_HOUR, 1)


def test_who_wants_one_mail_a_day_gets_one(app, owner, post, mail):
    choose(app, Notices.HELD, is_daily=True)
    for number in range(3):
        post(f"Comment {number}")
    assert mail() == []
    with app.app_context(), transaction() as session:
        job = session.query(Job).one()
        assert job.due.astimezone(clock.UTC).time() == dt.time(7)
        job.due = clock.now()
    assert mail()[0]["Subject"] == "3 comments wait for you"


def test_when_nothing_waits_any_more_no_mail_sums_up(app, owner, post, mail):
    choose(app, Notices.HELD, is_daily=True)
    comment = post().json["comment"]["id"]
    mail()
    with app.app_context():
        actions.approve([comment], by=EMAIL)
        with transaction() as session:
            for job in session.query(Job):
                job.due = clock.now()
    assert mail() == []


def test_old_notices_go(app, held, mail, post):
    mail()
    with app.app_context(), transaction() as session:
        session.query(Notice).one().at = clock.now() - dt.timedelta(days=31)
    post("Another.")
    mail()
    with app.app_context():
        assert db.session.query(Notice).count() == 1


def test_a_moderator_chooses_which_mails_come(app, desk):  # noqa: F811
    page = desk.get("/admin/account")
    assert 'value="held" selected' in page
    answer = desk("/admin/account/mail", notices="all", pace="daily")
    assert "Your choice of mails is kept." in desk.get(answer.headers["Location"])
    with app.app_context():
        moderator = db.session.query(Moderator).one()
        assert (moderator.notices, moderator.is_daily) == (Notices.ALL, True)
    assert desk("/admin/account/mail", notices="some", pace="now").status_code == 400


def test_a_removed_moderators_links_are_void(app, client, held, mail, state):
    path = link(mail()[0], "Approve")
    with app.app_context():
        moderators.add("second@blog.example", password="a boat that was a table")
        team.remove(moderators.by_email(EMAIL), by=EMAIL)
    assert client.post(path).status_code == 400
    assert state(held) is State.PENDING


@pytest.mark.parametrize("wanted", [Notices.HELD, Notices.ALL])
def test_what_was_decided_while_the_mail_server_was_away_is_not_mailed(
    app, owner, post, box, mail, wanted
):
    choose(app, wanted)
    box.answer = "451 later"
    one = post("Soon decided.").json["comment"]["id"]
    mail()
    box.answer = "250 OK"
    with app.app_context():
        actions.approve([one], by=EMAIL)
        far.due_now()
    assert mail() == []


def test_who_wants_all_is_mailed_of_what_another_let_appear_meanwhile(app, owner, post, box, mail):
    choose(app, Notices.ALL)
    box.answer = "451 later"
    one = post("Soon decided.", title="First post").json["comment"]["id"]
    mail()
    box.answer = "250 OK"
    with app.app_context():
        actions.approve([one], by="other@blog.example")
        far.due_now()
    assert [letter["Subject"] for letter in mail()] == ["Ada on First post"]


def test_a_comment_that_is_reported_is_mailed_with_links_to_decide(
    app, site, owner, post, client, mail
):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.").json["comment"]["id"]
    assert mail() == []
    client.post(
        f"/api/v1/comments/{one}/report",
        json={"reason": "spam"},
        headers={"Origin": "https://blog.example"},
    )
    (letter,) = mail()
    assert letter["Subject"].endswith("was reported")
    assert far.link(letter, "/admin/mail/")


def test_a_link_leaves_the_reports_that_came_after_its_mail(app, site, owner, post, client, mail):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.").json["comment"]["id"]
    mail()
    sent = {"json": {"reason": "spam"}, "headers": {"Origin": "https://blog.example"}}
    client.post(f"/api/v1/comments/{one}/report", **sent)
    (letter,) = mail()
    client.post(f"/api/v1/comments/{one}/report", **sent)
    with app.app_context(), transaction() as session:
        session.scalars(select(Report).order_by(Report.at)).all()[-1].at += dt.timedelta(seconds=1)
    client.post(link(letter, "Spam"))
    with app.app_context():
        assert len(reports.of_comments([one])[one]) == 1


def test_a_moderator_is_mailed_answers_to_what_they_wrote_and_no_others(app, owner, post, mail):
    with app.app_context():
        changes.choose(directory.every()[0].id, {"policy": "publish"})
    first = post(title="First post").json["comment"]["id"]
    her_desk = desks.of(app, EMAIL)
    her_desk.reply(first, "Thank you.")
    with app.app_context():
        hers = db.session.scalars(db.select(Comment).where(Comment.is_moderator)).one().id
    post("To the first.", parent=first, author={"name": "Bob"})
    assert [letter["Subject"] for letter in mail()] == []
    post("To her.", parent=hers, author={"name": "Bob"})
    (letter,) = mail()
    assert letter["To"] == EMAIL
    assert letter["Subject"] == "Bob answered you on First post"
    her_desk.reply(hers, "I add to what I said.")
    assert mail() == [letter], "and not what they wrote themselves"


@pytest.fixture
def watched(app, owner):
    """The moderator wants to know of everything, and comments appear at once."""
    with app.app_context():
        changes.choose(directory.every()[0].id, {"policy": "publish"})
    choose(app, Notices.ALL)


BEARER = {"Origin": "https://blog.example", "Authorization": "Bearer " + "a" * 43}


def an_hour_later(monkeypatch):
    later = clock.now() + dt.timedelta(hours=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)


def test_what_others_change_and_remove_is_mailed_once_an_hour(
    app, watched, client, post, mail, monkeypatch
):
    one, two = (
        post(text, headers=BEARER, title="First post").json["comment"]["id"]
        for text in ("The first words.", "The second words.")
    )
    before = len(mail())
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed again."}, headers=BEARER)
    client.delete(f"/api/v1/comments/{two}", headers=BEARER)
    assert len(mail()) == before
    an_hour_later(monkeypatch)
    *_, letter = mail()
    assert letter["Subject"] == "2 comments were changed or removed"
    for words in (far.words(letter), far.html(letter)):
        assert words.count("Ada on First post was changed") == 1
        assert words.count("Ada on First post was removed") == 1


def test_nobody_is_mailed_what_they_did_themselves_or_did_not_ask_for(
    app, watched, client, post, mail, monkeypatch
):
    one = post(headers=BEARER).json["comment"]["id"]
    before = len(mail())
    with app.app_context():
        actions.remove([one], by=EMAIL)
    choose(app, Notices.HELD)
    two = post("Another.", headers=BEARER).json["comment"]["id"]
    client.delete(f"/api/v1/comments/{two}", headers=BEARER)
    mail()
    an_hour_later(monkeypatch)
    assert len(mail()) == before


def test_who_pins_what_was_changed_a_moment_ago_is_told_of_the_change(
    app, watched, client, post, mail, monkeypatch
):
    one = post(headers=BEARER, title="First post").json["comment"]["id"]
    before = len(mail())
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
    with app.app_context():
        pins.set_pinned(one, is_pinned=True, by=EMAIL)
    mail()
    an_hour_later(monkeypatch)
    *others, letter = mail()
    assert len(others) == before
    assert letter["Subject"] == "1 comment was changed or removed"


def test_what_was_mailed_once_is_not_mailed_again_when_it_is_taken_back(
    app, watched, client, post, mail, monkeypatch
):
    one = post(headers=BEARER).json["comment"]["id"]
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
    mail()
    an_hour_later(monkeypatch)
    before = len(mail())
    with app.app_context():
        comment = db.session.get(Comment, one)
        (reverted,) = actions.undo(audit.last_edits([comment]), by="other@blog.example")
        assert reverted.text == "Good morning."
    mail()
    an_hour_later(monkeypatch)
    assert len(mail()) == before


def test_an_edit_that_stands_is_mailed_though_a_later_one_was_taken_back(
    app, watched, client, post, mail, monkeypatch
):
    one = post(headers=BEARER, title="First post").json["comment"]["id"]
    before = len(mail())
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
    mail()
    with app.app_context():
        later = actions.edit(one, "Changed again.", by="other@blog.example", limit=5000)
        (reverted,) = actions.undo(audit.last_edits([later]), by="other@blog.example")
        assert reverted.text == "Changed."
    mail()
    an_hour_later(monkeypatch)
    (letter,) = mail()[before:]
    assert "Ada on First post was changed" in far.words(letter)


@pytest.mark.parametrize("is_edited", [False, True])
@pytest.mark.parametrize("back", [actions.restore, actions.approve, "undo"])
def test_what_was_removed_and_came_back_is_mailed_as_it_is(
    app, watched, client, post, mail, monkeypatch, back, is_edited
):
    one = post(headers=BEARER, title="First post").json["comment"]["id"]
    before = len(mail())
    if is_edited:
        client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=BEARER)
        mail()
    with app.app_context():
        actions.spam([one], by="other@blog.example")
    mail()
    with app.app_context():
        if back == "undo":
            comment = db.session.get(Comment, one)
            actions.undo(audit.last_moves([comment]), by="other@blog.example")
        else:
            back([one], by="other@blog.example")
    mail()
    an_hour_later(monkeypatch)
    told = [far.words(letter) for letter in mail()[before:]]
    assert ["Ada on First post was changed" in words for words in told] == [True] * is_edited


def next_summary(app):
    """As if it were due now."""
    with app.app_context(), transaction() as session:
        session.query(Job).filter_by(kind="summary").one().due = clock.now()
        session.query(Moderator).one().summary = clock.now()


def test_what_appears_is_in_the_mail_of_the_day_of_who_wants_all(app, owner, site, post, mail):
    choose(app, Notices.ALL, is_daily=True)
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    gone = post("Gone.").json["comment"]["id"]
    post("First.", author={"name": "Bob"}, title="First post")
    assert mail() == []
    with app.app_context():
        actions.remove([gone], by="other@blog.example")
    next_summary(app)
    (letter,) = mail()
    assert letter["Subject"] == "1 new comment"
    for said in (far.words(letter), far.html(letter)):
        assert "Bob on First post" in said
        assert "Ada" not in said
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    post("Second.", author={"name": "Cy"})
    mail()
    next_summary(app)
    last = mail()[-1]
    assert last["Subject"] == "1 comment waits for you"
    assert "Bob" not in far.words(last), "each once"


def test_a_flood_of_what_appears_is_summed_up_beside_what_waits(app, owner, site, post, mail):
    choose(app, Notices.ALL)
    post("It waits.", author={"name": "Cy"})
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    for number in range(14):
        post(f"Comment {number}")
    assert len(mail()) == summary.MOST_AN_HOUR
    next_summary(app)
    last = mail()[-1]
    assert last["Subject"] == "1 comment waits for you"
    assert "5 new comments" in far.words(last)


def report(client, comment_id, *, reader="c"):
    headers = {"Origin": "https://blog.example", "Authorization": f"Bearer {reader * 43}"}
    told = {"json": {"reason": "spam"}, "headers": headers}
    assert client.post(f"/api/v1/comments/{comment_id}/report", **told).status_code < 300


def test_a_reported_comment_is_in_the_mail_of_the_day(app, owner, site, post, client, mail):
    choose(app, Notices.HELD, is_daily=True)
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.").json["comment"]["id"]
    report(client, one)
    assert mail() == []
    next_summary(app)
    assert "was reported" in far.words(mail()[0])


def test_who_wants_no_mail_any_more_gets_none_that_was_noted_before(app, owner, post, mail):
    choose(app, Notices.HELD, is_daily=True)
    post("It waits.")
    with app.app_context():
        ready = {job.id for job in db.session.query(Job)}
    assert ready
    mail()
    choose(app, Notices.OFF)
    next_summary(app)
    assert mail() == []


def test_a_clock_that_was_ahead_keeps_no_summary_back(app, owner, post, mail, monkeypatch):
    choose(app, Notices.HELD, is_daily=True)
    now = clock.now()
    with monkeypatch.context() as ahead:
        ahead.setattr(clock, "now", lambda: now + dt.timedelta(days=400))
        post("It waits.")
        mail()
    post("It waits as well.")
    mail()
    with app.app_context():
        due = sorted(db.session.scalars(select(Job.due).where(Job.kind == "summary")))
    assert due[0] <= now + dt.timedelta(days=1)


def test_what_she_let_appear_herself_is_no_news_to_a_moderator(app, owner, post, mail):
    choose(app, Notices.ALL, is_daily=True)
    hers = post("It waits.", author={"name": "Cy"}).json["comment"]["id"]
    others = post("It waits as well.", author={"name": "Bob"}).json["comment"]["id"]
    mail()
    with app.app_context():
        actions.approve([hers], by=EMAIL)
        actions.approve([others], by="other@blog.example")
    mail()
    next_summary(app)
    (letter,) = mail()
    assert letter["Subject"] == "1 new comment"
    assert "Bob" in far.words(letter)


def test_what_waited_in_one_mail_is_not_new_in_the_next(app, owner, post, mail):
    choose(app, Notices.ALL, is_daily=True)
    comment = post("It waits.").json["comment"]["id"]
    mail()
    next_summary(app)
    assert mail()[0]["Subject"] == "1 comment waits for you"
    with app.app_context():
        actions.approve([comment], by="other@blog.example")
    post("Another one.")
    mail()
    next_summary(app)
    assert "new comment" not in far.words(mail()[-1])


def test_a_report_that_was_answered_meanwhile_is_not_told(app, owner, site, post, client, mail):
    choose(app, Notices.HELD, is_daily=True)
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.").json["comment"]["id"]
    report(client, one)
    mail()
    with app.app_context():
        actions.approve([one], by="other@blog.example")
    next_summary(app)
    assert mail() == []


def test_who_was_told_that_it_appeared_is_told_that_it_is_reported_once(
    app, owner, site, post, client, mail
):
    choose(app, Notices.ALL)
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.").json["comment"]["id"]
    assert len(mail()) == 1
    for reader in "ab":
        report(client, one, reader=reader)
        mail()
    assert [letter["Subject"].endswith("was reported") for letter in mail()] == [False, True]
