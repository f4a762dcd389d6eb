"""Reports by readers: told to the moderators, who have the last word; enough of them hold."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, update

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity.models import Standing
from afterword.moderation import actions, audit, authors, bans, reports
from afterword.moderation.models import BanKind, Report
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.sites import changes
from afterword.spam.networks import NetworkSeed
from afterword.threads.models import Comment, State
from tests.conftest import BLOG, PAGE

SECRET = "s" * 43
BY = "moderator@blog.example"


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture
def told():
    """Limits on, so that the readers' addresses may differ; a proxy that names them."""
    return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_TRUSTED_PROXIES": "127.0.0.0/8"}


@pytest.fixture
def comment(post):
    """The id of a visible comment by somebody with the token SECRET."""
    return post(headers=bearer(SECRET)).json["comment"]["id"]


@pytest.fixture
def report(client, comment):
    """Report it from the address of a reader."""

    def send(address="203.0.113.7", reason="spam", *, token=None, of=comment, **more):
        headers = {"Origin": BLOG, "X-Forwarded-For": address, **bearer(token)}
        body = {"reason": reason, **more}
        return client.post(f"/api/v1/comments/{of}/report", json=body, headers=headers)

    return send


@pytest.fixture
def state(app, comment):
    """How the comment stands now."""

    def read():
        with app.app_context():
            return db.session.get(Comment, comment).state

    return read


def kept(app) -> list[Report]:
    with app.app_context():
        return db.session.query(Report).all()


FROM_EVERYWHERE = ("198.51.101.1", "203.0.114.1", "8.8.8.8")


def test_a_report_is_taken_and_changes_nothing_that_readers_see(app, report, thread):
    before = thread()
    answer = report(note="  It sells\x07 watches. ")
    assert answer.status_code == 202
    assert answer.json["reported"] is True
    assert [(one.reason.value, one.note) for one in kept(app)] == [("spam", "It sells watches.")]
    assert thread() == before


def test_the_same_reader_reports_once(app, report, state):
    token = report().json["token"]
    for address in FROM_EVERYWHERE:
        assert report(address, token=token).status_code == 202
    assert len(kept(app)) == 1
    assert state() is State.VISIBLE


def test_a_comment_that_three_readers_reported_waits_with_their_reasons(app, comment, report):
    for address, reason in zip(FROM_EVERYWHERE, ("abuse", "spam", "abuse"), strict=True):
        assert report(address, reason).status_code == 202
    with app.app_context():
        held = db.session.get(Comment, comment)
        assert held.state is State.PENDING
        assert held.reasons == ["Readers reported it: abuse (2), spam (1)."]
        assert (audit.newest(held).verb, audit.newest(held).by) == ("hold", audit.READERS)


def test_the_thread_shows_at_once_that_it_waits(report, thread):
    for address in FROM_EVERYWHERE:
        assert thread()["page"]["count"] == 1
        report(address)
    assert thread()["page"]["count"] == 0


def test_readers_of_one_network_are_one_voice(report, state):
    for host in range(1, 9):
        assert report(f"203.0.114.{host}").status_code == 202
    assert state() is State.VISIBLE


def test_readers_of_one_network_are_one_voice_in_the_next_months_too(app, report, state):
    for _ in range(3):
        assert report("203.0.114.1").status_code == 202
        month_ends(app)
        pass_by(app, dt.timedelta(days=9))
    assert state() is State.VISIBLE
    report("8.8.8.8")
    assert state() is State.VISIBLE
    report("9.9.9.9")
    assert state() is State.PENDING


def test_reports_whose_networks_are_forgotten_are_one_voice(app, report, state):
    for host in range(1, 4):
        report(f"203.0.114.{host}")
    pass_by(app, dt.timedelta(days=31))
    report("203.0.114.4")
    assert [one.network for one in kept(app)].count(None) == 3
    assert state() is State.VISIBLE
    report("8.8.8.8")
    assert state() is State.PENDING


def month_ends(app):
    """Let this month's pseudonyms be those of last month."""
    now = clock.now()
    last = f"{now.replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    with app.app_context(), transaction() as session:
        session.execute(delete(NetworkSeed).where(NetworkSeed.month == last))
        session.execute(update(NetworkSeed).values(month=last))


def pass_by(app, time):
    """Let all reports be so much older."""
    with app.app_context(), transaction() as session:
        for one in session.query(Report):
            one.at -= time


def test_behind_a_proxy_that_names_nobody_each_browser_is_a_voice(report, state):
    for host in range(3):
        report(f"10.0.0.{host}")
    assert state() is State.PENDING


@pytest.mark.parametrize(("wanted", "then"), [("1", State.PENDING), ("0", State.VISIBLE)])
def test_the_owner_says_how_many_are_enough(app, site, report, state, wanted, then):
    with app.app_context():
        changes.choose(site.id, {"hold_reports": wanted})
    for address in FROM_EVERYWHERE:
        report(address)
    assert state() is then


def test_what_a_moderator_approved_no_reader_takes_down(app, comment, report, state):
    with app.app_context():
        actions.remove([comment], by=BY)
        actions.approve([comment], by=BY)
    for address in FROM_EVERYWHERE:
        assert report(address).status_code == 202
    assert state() is State.VISIBLE
    assert len(kept(app)) == 3


def test_what_its_author_changed_since_it_was_approved_waits_like_any_other(
    app, comment, report, state
):
    report()
    with app.app_context():
        actions.approve([comment], by=BY)
        edit(comment, "Buy my watches.", reader=Reader(token=SECRET))
    for address in FROM_EVERYWHERE:
        report(address)
    assert state() is State.PENDING


@pytest.mark.parametrize("then", [actions.approve, actions.edit])
def test_what_was_approved_after_its_author_changed_it_stays(app, comment, report, state, then):
    report()
    with app.app_context():
        edit(comment, "I had a watch.", reader=Reader(token=SECRET))
        actions.approve([comment], by=BY)
        if then is actions.edit:
            actions.edit(comment, "I had a clock.", by=BY, limit=99)
    for address in FROM_EVERYWHERE:
        report(address)
    assert state() is State.VISIBLE


def test_an_approval_that_was_taken_back_protects_nothing(app, comment, report, state):
    report()
    with app.app_context():
        actions.undo(audit.last_moves(actions.approve([comment], by=BY)), by=BY)
    for address in FROM_EVERYWHERE:
        report(address)
    assert state() is State.PENDING


def test_the_comments_of_trusted_authors_stay(app, comment, report, state):
    with app.app_context():
        authors.set_standing(comment, Standing.TRUSTED, by=BY)
    for address in FROM_EVERYWHERE:
        report(address)
    assert state() is State.VISIBLE


@pytest.mark.parametrize("act", [actions.approve, actions.spam, actions.remove])
def test_a_decision_answers_the_reports_and_undoing_it_opens_them_again(app, comment, report, act):
    report()
    with app.app_context():
        assert reports.total() == 1
        moved = act([comment], by=BY)
        assert [one.id for one in moved] == [comment]
        assert reports.of_comments([comment]) == {}
        assert reports.total() == 0
        actions.undo(audit.last_moves(moved), by=BY)
        assert db.session.get(Comment, comment).state is State.VISIBLE
        assert len(reports.of_comments([comment])[comment]) == 1
        assert reports.total() == 1


def test_a_report_that_was_answered_is_not_opened_by_its_reader_again(app, comment, report):
    token = report().json["token"]
    with app.app_context():
        actions.approve([comment], by=BY)
    assert report(token=token).status_code == 202
    with app.app_context():
        assert reports.total() == 0


def test_one_s_own_comment_is_not_reported(report):
    assert report(token=SECRET).json["code"] == "own_comment"


def test_a_banned_reader_reports_nothing(app, site, report):
    with app.app_context():
        bans.add(bans.read("203.0.113.0/24"), bans.Terms(by=BY, site_id=site.id))
    assert report().json["code"] == "banned"


def test_a_ban_by_the_browser_counts_too(app, comment, report):
    with app.app_context():
        bans.add_author(comment, [BanKind.AUTHOR], bans.Terms(by=BY))
    assert report(token=SECRET).json["code"] == "banned"


def test_what_nobody_sees_cannot_be_reported(app, comment, report):
    with app.app_context():
        actions.remove([comment], by=BY)
    assert report().json["code"] == "not_found"
    assert report(of="1m83j1k6af3r8").json["code"] == "not_found"


@pytest.mark.parametrize(
    "sent",
    [
        {"reason": "dislike"},
        {"reason": None},
        {"reason": ["spam"]},
        {"note": 7},
        {"note": "x" * 501},
        {"note": "\ud800"},
    ],
)
def test_a_report_that_says_nothing_sensible_is_refused(report, sent):
    answer = report(**sent)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_a_client_that_reports_without_end_is_told_to_wait(client, post):
    made = [post(f"Comment {n}.").json["comment"]["id"] for n in range(3)]
    headers = {"Origin": BLOG, "X-Forwarded-For": "8.8.8.8"}
    answers = [
        client.post(
            f"/api/v1/comments/{made[n % 3]}/report", json={"reason": "spam"}, headers=headers
        )
        for n in range(11)
    ]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


class TestWithoutJavaScript:
    def test_the_thread_leads_to_a_form_that_reports(self, app, client, comment):
        page = client.get("/thread", query_string={"url": PAGE})
        assert f"/c/{comment}/report" in page.text
        form = client.get(f"/c/{comment}/report")
        assert "Good morning." in form.text
        sent = client.post(f"/c/{comment}/report", data={"reason": "abuse", "note": "Rude."})
        assert sent.status_code == 303
        assert "will look at" in client.get(sent.headers["Location"]).text
        assert [(one.reason.value, one.note) for one in kept(app)] == [("abuse", "Rude.")]

    def test_what_was_typed_is_kept_when_it_is_refused(self, client, comment):
        answer = client.post(f"/c/{comment}/report", data={"note": "Rude <b>."})
        assert answer.status_code == 400
        assert "Rude &lt;b&gt;." in answer.text

    @pytest.mark.parametrize("act", [actions.remove, actions.spam, actions.restore])
    def test_what_nobody_may_read_is_not_shown_by_a_report_that_is_refused(
        self, app, client, comment, act
    ):
        with app.app_context():
            actions.remove([comment], by=BY)
            act([comment], by=BY)
        cross = {"Sec-Fetch-Site": "cross-site"}
        for headers in ({}, cross):
            answer = client.post(f"/c/{comment}/report", data={"reason": "x"}, headers=headers)
            is_shown = act is actions.restore
            assert ("Good morning." in answer.text) == is_shown
            assert (answer.status_code == 404) != is_shown

    def test_thanks_are_said_also_where_the_comment_went_away_by_it(self, app, client, comment):
        with app.app_context():
            actions.remove([comment], by=BY)
        assert client.get(f"/c/{comment}/report").status_code == 404
        thanks = client.get(f"/c/{comment}/report?sent=1")
        assert thanks.status_code == 200
        assert "Good morning." not in thanks.text

    def test_another_site_s_form_reports_nothing(self, app, client, comment):
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
        answer = client.post(f"/c/{comment}/report", data={"reason": "spam"}, headers=headers)
        assert answer.status_code == 403
        assert kept(app) == []
