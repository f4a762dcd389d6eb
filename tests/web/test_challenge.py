"""Proof of work: asked of what looks suspicious, for this very post, once."""

from __future__ import annotations

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db
from afterword.identity import authors
from afterword.identity.models import Standing
from afterword.operate import migrate
from afterword.posting import challenges
from afterword.sites import changes
from afterword.threads.models import Comment, SpentChallenge
from tests.conftest import BLOG, PAGE


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}


@pytest.fixture
def hurried(client, post):
    """Post a comment right after its form was opened, as a robot does."""
    form = client.get("/api/v1/form", query_string={"url": PAGE}).json["form"]
    return lambda text="Good morning.", **said: post(text, form=form, **said)


def solve(refused):
    challenge = refused.json["challenge"]
    assert challenge["algorithm"] == "SHA-256"
    for number in range(2**22):
        found = hashlib.sha256(f"{challenge['salt']}{number}".encode()).digest()
        if int.from_bytes(found, "big") >> (256 - challenge["difficulty"]) == 0:
            return {"token": challenge["token"], "number": number}
    raise AssertionError("too hard")


def test_a_hurried_comment_is_taken_once_its_browser_has_worked(hurried):
    refused = hurried()
    assert (refused.status_code, refused.json["code"]) == (428, "challenge_required")
    taken = hurried(challenge=solve(refused))
    assert (taken.status_code, taken.json["comment"]["state"]) == (201, "visible")


def test_nothing_is_stored_for_a_challenge_that_is_only_asked(hurried, app):
    hurried()
    with app.app_context():
        assert db.session.query(Comment).count() == 0
        assert db.session.query(SpentChallenge).count() == 0


def test_a_challenge_is_good_for_its_own_post_only(hurried):
    solution = solve(hurried())
    assert hurried("Other words.", challenge=solution).status_code == 428
    assert hurried(author={"name": "Eve"}, challenge=solution).status_code == 428
    assert hurried(challenge=solution).status_code == 201


def test_a_challenge_is_good_once(hurried):
    solution = solve(hurried())
    assert [hurried(challenge=solution).status_code for _ in range(3)] == [201, 428, 428]


def test_of_many_who_send_one_solution_at_once_one_is_taken(hurried):
    solution = solve(hurried())
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(hurried, challenge=solution) for _ in range(6)]
    assert sorted(one.result().status_code for one in sent) == [201, *[428] * 5]


def test_a_repeat_of_the_post_is_answered_as_the_first(hurried):
    key = {"Idempotency-Key": "0123456789abcdef"}
    refused = hurried(headers=key)
    solution = solve(refused)
    first, again = (hurried(headers=key, challenge=solution) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json["comment"]["id"] == again.json["comment"]["id"]


def test_a_wrong_number_or_a_forged_token_solves_nothing(hurried):
    solution = solve(hurried())
    wrong = {**solution, "number": solution["number"] + 1}
    forged = {**solution, "token": "x" + solution["token"]}
    assert hurried(challenge=wrong).status_code == 428
    assert hurried(challenge=forged).status_code == 428


@pytest.mark.parametrize(
    "sent",
    ["x", 7, [], {}, {"token": "x"}, {"number": 1}, {"token": 1, "number": 1}]
    + [{"token": "x", "number": number} for number in (-1, 1.5, True, 2**53, "1", None)],
)
def test_what_is_no_solution_is_a_bad_request(hurried, sent):
    refused = hurried(challenge=sent)
    assert (refused.status_code, refused.json["code"]) == (400, "bad_request")


def test_a_solution_that_comes_too_late_solves_nothing(client, post, monkeypatch, hurried):
    solution = solve(hurried())
    monkeypatch.setattr(challenges, "LIFETIME", dt.timedelta(seconds=-1))
    assert hurried(challenge=solution).status_code == 428


def test_where_the_owner_wants_no_challenge_the_comment_waits(hurried, app, site):
    with app.app_context():
        changes.choose(site.id, {"challenge": "off"})
    taken = hurried()
    assert taken.status_code == 202
    with app.app_context():
        assert "after the form opened" in db.session.query(Comment).one().reasons[0]


def test_a_solved_challenge_does_not_pass_the_owners_policy(hurried, app, site):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    assert hurried(challenge=solve(hurried())).status_code == 202


def test_a_trusted_author_is_asked_for_nothing(hurried, post, app, site):
    token = "t" * 43
    as_known = {"headers": {"Authorization": f"Bearer {token}"}}
    with app.app_context():
        from afterword.core.db import transaction

        with transaction():
            authors.find_or_add(token, site_id=site.id).standing = Standing.TRUSTED
    assert hurried(**as_known).status_code == 201


def test_without_javascript_a_hurried_comment_waits(client, site):
    page = client.get("/thread", query_string={"url": PAGE}).text
    form = page.partition('name="form" value="')[2].partition('"')[0]
    sent = {"url": PAGE, "text": "Hello.", "name": "Ada", "form": form}
    answer = client.post("/thread", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert "waits=1" in answer.headers["Location"]


@pytest.mark.parametrize("suspicion", [0, 0.5, 1])
def test_no_challenge_is_too_hard_for_a_telephone(suspicion, app):
    from afterword.threads.draft import Draft

    with app.test_request_context():
        asked = challenges.ask(Draft(url=BLOG, text="x"), suspicion=suspicion).challenge
    assert challenges.LEAST_BITS <= asked["difficulty"] <= challenges.MOST_BITS <= 16
    assert clock.parse(asked["expires"]) > clock.now()


def test_used_challenges_are_forgotten_when_nobody_can_use_them(hurried, app, monkeypatch):
    hurried(challenge=solve(hurried()))
    monkeypatch.setattr(challenges, "LIFETIME", dt.timedelta(seconds=0.0))
    with app.app_context():
        row = db.session.query(SpentChallenge).one()
        row.at -= dt.timedelta(hours=1)
        db.session.commit()
    monkeypatch.setattr(challenges, "LIFETIME", dt.timedelta(minutes=10))
    hurried("Another.", challenge=solve(hurried("Another.")))
    with app.app_context():
        assert db.session.query(SpentChallenge).count() == 1


@pytest.mark.parametrize(("checks", "seconds"), [("on", 3), ("off", 0)])
def test_nobody_waits_to_post_where_nobody_looks_how_soon_a_post_comes(tmp_path, checks, seconds):
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_FORM_CHECKS": checks}
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    with app.app_context():
        changes.add(BLOG)
    opened = app.test_client().get("/api/v1/form", query_string={"url": PAGE})
    close(app)
    assert opened.json["min_seconds"] == seconds
