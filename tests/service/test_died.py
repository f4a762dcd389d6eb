"""Owners are told of jobs that were given up: once, at most hourly, and never of the telling."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import event

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.identity.models import Notices
from afterword.jobs import queue, worker
from afterword.jobs.kinds import OF_THE_DEAD
from afterword.jobs.models import Job
from afterword.notify import died
from afterword.sites import changes
from tests import desk as desks
from tests import mailbox as far
from tests import make
from tests.far import answer
from tests.web.test_channels import SECRET, URL, calls, described, room  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

OWNER = "owner@blog.example"


@pytest.fixture
def told(told, box):
    return {**told, "AFTERWORD_SMTP_URL": box.url}


@pytest.fixture
def owner(app, site):
    desks.moderator(app, OWNER, name="Olga")
    return OWNER


@pytest.fixture
def give_up(app):
    """Let a job fail for good, as after its eighth try; answers nothing."""

    def do(kind="picture", fault="The far side answered 503.", **payload):
        with app.app_context():
            with transaction():
                queue.add(kind, payload, due=clock.now() - dt.timedelta(days=1))
            claimed = queue.claim()
            assert claimed.kind == kind
            queue.put_back(claimed, fault, is_hopeless=True)

    return do


def kinds_of_dead(app):
    with app.app_context():
        return sorted(job.kind for job in queue.dead())


def test_an_owner_is_mailed_what_was_given_up_and_why(owner, give_up, mail):
    give_up(fault="The far side answered <503>.")
    (letter,) = mail()
    assert letter["To"] == OWNER
    assert letter["Subject"] == "1 job was given up"
    said = "Fetch of an author's picture: The far side answered"
    assert f"{said} <503>." in far.words(letter)
    assert "&lt;503&gt;" in far.html(letter)
    assert "/admin/overview#jobs" in far.words(letter)


def test_the_eighth_try_that_fails_is_told_of_and_none_before(app, site, owner, box, mail, post):
    with app.app_context():
        changes.choose(site.id, {"webhook_url": "http://127.0.0.1:9/", "webhook_secret": SECRET})
    post()
    for _ in range(queue.MOST_TRIES - 1):
        assert [letter["Subject"] for letter in mail()] == []
        with app.app_context(), transaction():
            for job in queue.waiting():
                job.due = clock.now()
    mail()
    assert [letter["Subject"] for letter in box.letters] == ["1 job was given up"]
    assert kinds_of_dead(app) == ["webhook"]


def test_one_mail_an_hour_tells_of_all_that_died_since(app, owner, give_up, mail, monkeypatch):
    give_up()
    assert len(mail()) == 1
    for _ in range(30):
        give_up()
    assert len(mail()) == 1
    with app.app_context():
        (waits,) = queue.waiting()
        assert waits.kind == "died"
    later = clock.now() + queue.TOLD_APART + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    _, second = mail()
    assert second["Subject"] == "31 jobs were given up"
    assert far.words(second).count("Fetch of an author's picture") == 10


def test_what_tells_of_dead_jobs_and_dies_itself_is_told_to_nobody(app, owner, give_up, box, mail):
    box.refused[OWNER] = "550 no such user"
    give_up()
    assert mail() == []
    assert kinds_of_dead(app) == ["died-mail", "picture"]
    for kind in sorted(OF_THE_DEAD):
        give_up(kind)
    with app.app_context():
        assert queue.waiting() == []


def test_a_job_that_was_started_anew_and_died_again_is_told_of_again(
    app, owner, give_up, mail, monkeypatch
):
    give_up()
    mail()
    with app.app_context():
        with transaction():
            claimed_again = queue.retry(queue.dead()[0].id).id
        queue.put_back(queue.claim(), "Again.", is_hopeless=True)
        assert db.session.get(Job, claimed_again).told is None
    later = clock.now() + queue.TOLD_APART * 2
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Again." in far.words(mail()[-1])


def test_nobody_is_mailed_who_wants_no_mail_or_is_no_owner(app, site, owner, give_up, mail):
    desks.moderator(app, "mod@blog.example", sites=[site.id])
    with app.app_context():
        moderators.choose_notices(moderators.find(OWNER), Notices.OFF, is_daily=False)
    give_up()
    assert mail() == []


def test_who_wants_one_mail_a_day_gets_one(app, owner, give_up, mail):
    with app.app_context():
        moderators.choose_notices(moderators.find(OWNER), Notices.HELD, is_daily=True)
    give_up()
    assert mail() == []
    with app.app_context():
        (waits,) = queue.waiting()
        assert waits.due.astimezone(dt.UTC).time() == dt.time(7)


@pytest.mark.parametrize("change", ["role", "notices"])
def test_who_is_no_owner_any_more_or_wants_no_mail_by_then_gets_none(
    app, site, owner, give_up, mail, monkeypatch, change
):
    with app.app_context():
        moderators.choose_notices(moderators.find(OWNER), Notices.HELD, is_daily=True)
    give_up()
    assert mail() == []
    desks.moderator(app, "other@blog.example")
    with app.app_context():
        if change == "role":
            with transaction():
                moderators.assign(moderators.find(OWNER), [site.id])
        else:
            moderators.choose_notices(moderators.find(OWNER), Notices.OFF, is_daily=True)
    later = clock.now() + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert mail() == []
    assert kinds_of_dead(app) == ["picture"]


def test_what_starts_anew_before_it_is_told_of_is_not(app, owner, give_up, mail):
    give_up()
    with app.app_context():
        with transaction():
            queue.retry_all()
        db.session.execute(db.delete(Job).where(Job.kind == "picture"))
        db.session.commit()
    assert mail() == []


@pytest.fixture
def hooked(app, site):
    with app.app_context():
        changes.choose(site.id, {"webhook_url": URL, "webhook_secret": SECRET})


@pytest.fixture
def work(app):
    def do():
        with app.app_context():
            while worker.do_next():
                pass

    return do


def test_a_webhook_is_told_of_dead_jobs_of_its_site(
    app, site, hooked, internet, give_up, post, work
):
    server = internet.serve("hooks.example", answer())
    comment = post().json["comment"]["id"]
    with app.app_context():
        other = changes.add("https://other.example")
        changes.choose(other.id, {"webhook_url": URL, "webhook_secret": SECRET})
    work()
    give_up("mentions-made", comment_id=comment)
    work()
    *_, (head, body) = calls(server)
    said = json.loads(body)
    assert set(said["data"]) == described("DeadJobs")
    assert said["type"] == "jobs.dead"
    assert said["data"]["site"] == "blog.example"
    (job,) = said["data"]["jobs"]
    assert job["kind"] == "mentions-made"
    assert job["comment"] == comment
    assert job["fault"] == "The far side answered 503."
    assert len(calls(server)) == 2, "and the webhook of another site is not"
    listed = desks_of(app).get(f"/admin/sites/{site.id}/deliveries").text
    assert "jobs.dead" in listed
    assert head["webhook-id"] in listed


def test_what_is_of_one_site_is_told_to_no_other(app, hooked, internet, give_up, work):
    server = internet.serve("hooks.example", answer())
    with app.app_context():
        other = changes.add("https://other.example")
        changes.choose(other.id, {"webhook_url": URL, "webhook_secret": SECRET})
        page = make.page(other, "https://other.example/first-post")
    give_up("hub", page_id=page.id)
    work()
    ((_, body),) = calls(server)
    assert json.loads(body)["data"]["site"] == "other.example"


@pytest.mark.parametrize(
    "named",
    [{"comment_id": "gone"}, {"page_id": 0}, {"asked_id": "one"}, {"moderator_id": 1}],
)
def test_what_may_be_of_any_site_is_told_to_owners_alone(app, hooked, owner, give_up, named):
    give_up("mention", **named)
    with app.app_context():
        died.tell()
        assert sorted(job.kind for job in queue.waiting()) == ["died", "died-mail"]


def bury(many, **named):
    """Let so many jobs be dead, of which nobody was told."""
    with transaction() as session:
        now = clock.now()
        session.add_all(Job(kind="hub", payload=dict(named), died=now) for _ in range(many))


@pytest.mark.usefixtures("context")
def test_telling_of_many_asks_before_it_writes_and_for_all_at_once(site, hooked):
    page = make.page(site)
    bury(200, comment_id=make.comment(page).id)
    bury(200, page_id=page.id)
    asked = []
    db.session.expunge_all()
    event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    died.tell()
    of_jobs = [one for one in asked if "FROM comments" in one or "FROM pages" in one]
    (marked,) = [one for one in asked if one.startswith("UPDATE jobs")]
    assert len(of_jobs) == 2
    assert max(map(asked.index, of_jobs)) < asked.index(marked)
    assert len(asked) < 20
    assert queue.untold() == []


@pytest.mark.usefixtures("context")
def test_what_is_too_much_to_tell_of_at_once_is_told_of_an_hour_later(
    site, hooked, monkeypatch, work
):
    monkeypatch.setattr(queue, "MOST_TOLD", 2)
    bury(3)
    died.tell()
    assert len(queue.untold()) == 1
    (later,) = [job for job in queue.waiting() if job.kind == "died"]
    assert later.due > clock.now() + dt.timedelta(minutes=59)


def test_what_is_of_one_site_is_told_though_much_died_that_is_not(
    app, site, hooked, internet, work
):
    server = internet.serve("hooks.example", answer())
    with app.app_context():
        bury(1, page_id=make.page(site).id)
        bury(150, mention_id="one")
        bury(150, mention_id="two")
        died.tell()
    work()
    ((_, body),) = calls(server)
    assert len(json.loads(body)["data"]["jobs"]) == 1


@pytest.mark.usefixtures("context")
def test_what_another_process_tells_of_meanwhile_is_told_once(hooked, monkeypatch):
    bury(1)
    untold = queue.untold

    def slowly():
        found = untold()
        monkeypatch.setattr(queue, "untold", untold)
        died.tell()
        return found

    monkeypatch.setattr(queue, "untold", slowly)
    died.tell()
    assert [job.kind for job in queue.waiting()] == ["died-call"]


def test_that_call_is_sent_again_from_the_desk(app, site, hooked, internet, give_up, work):
    server = internet.serve("hooks.example", answer())
    give_up()
    work()
    ((head, _),) = calls(server)
    desk = desks_of(app)
    path = f"/admin/sites/{site.id}/deliveries"
    assert desk.post(path, call=head["webhook-id"]).status_code == 303
    work()
    assert calls(server)[1][0]["webhook-id"] == head["webhook-id"]


def desks_of(app):
    desks.moderator(app, OWNER)
    return desks.of(app, OWNER)


def test_a_webhook_that_is_down_is_not_told_of_its_own_calls(app, hooked, internet, post, work):
    server = internet.serve("hooks.example", answer(status=410))
    post()
    work()
    assert len(calls(server)) == 1
    assert kinds_of_dead(app) == ["webhook"]


def test_a_chat_is_told_of_dead_jobs_whatever_else_it_wants(room, give_up, work):  # noqa: F811
    give_up()
    work()
    (message,) = room.messages
    assert message["title"] == "1 job was given up"
    assert "Fetch of an author's picture: The far side answered 503." in message["message"]
    assert message["message"].endswith("/admin/overview#jobs")


def test_of_a_job_that_one_is_enough_of_one_waits(context):
    with transaction():
        queue.add("picture", {}, once="the same")
        queue.add("picture", {}, once="the same")
        queue.add("picture", {}, once="another")
    assert queue.totals() == (2, 0)
    taken = queue.claim()
    with transaction():
        queue.add("picture", {}, once="the same")
    assert queue.totals() == (3, 0), "one that is being done is not enough"
    queue.finish(queue.claim())
    queue.put_back(taken, "Later.")
    with transaction():
        queue.add("picture", {}, once="the same")
    assert queue.totals() == (2, 0), "one that failed and is tried again is"
