"""Votes and reactions: one a person, changed and taken back, never on one's own words."""

from __future__ import annotations

import pytest

from afterword.core.db import db
from afterword.identity.models import Author
from afterword.moderation import actions, bans
from afterword.moderation.models import BanKind
from afterword.sites import changes
from afterword.threads.models import Reaction, Vote
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

SECRET = "s" * 43
OTHER = "o" * 43


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture
def comment(post):
    """The id of a visible comment by somebody with the token SECRET."""
    return post(headers=bearer(SECRET)).json["comment"]["id"]


@pytest.fixture
def vote(client, comment):
    """Vote on it as a reader with a token."""

    def put(value, token=OTHER, *, of=comment, **more):
        headers = {"Origin": BLOG, **bearer(token), **more.pop("headers", {})}
        address = f"/api/v1/comments/{of}/vote"
        return client.put(address, json={"value": value}, headers=headers, **more)

    return put


@pytest.fixture
def react(client, comment, app, site):
    """React to it, on a site that offers three reactions."""
    with app.app_context():
        changes.choose(site.id, {"reactions": "like love thanks"})

    def put(name, on=True, token=OTHER, *, of=comment):
        address = f"/api/v1/comments/{of}/reactions/{name}"
        return client.put(address, json={"on": on}, headers={"Origin": BLOG, **bearer(token)})

    return put


def told(answer):
    assert answer.status_code == 200, answer.text
    return {name: answer.json[name] for name in ("score", "up", "down", "mine")}


def rows(app, kind) -> int:
    with app.app_context():
        return db.session.query(kind).count()


def test_a_vote_counts_once_however_often_it_is_sent(vote, thread, app):
    for _ in range(3):
        assert told(vote(1)) == {"score": 1, "up": 1, "down": 0, "mine": 1}
    assert thread()["comments"][0]["score"] == 1
    assert rows(app, Vote) == 1


def test_a_vote_is_changed_and_taken_back(vote, app):
    assert told(vote(1)) == {"score": 1, "up": 1, "down": 0, "mine": 1}
    assert told(vote(-1)) == {"score": -1, "up": 0, "down": 1, "mine": -1}
    assert told(vote(0)) == {"score": 0, "up": 0, "down": 0, "mine": 0}
    assert told(vote(0)) == {"score": 0, "up": 0, "down": 0, "mine": 0}
    assert rows(app, Vote) == 0


def test_votes_of_many_add_up_and_sort_the_thread(vote, post, thread, comment):
    better = post("A better one.").json["comment"]["id"]
    for voter in "abcde":
        vote(1, voter * 43, of=better)
    vote(1, "a" * 43)
    vote(-1, "b" * 43)
    shown = thread(sort="best")["comments"]
    assert [(one["id"], one["up"], one["down"]) for one in shown] == [
        (better, 5, 0),
        (comment, 1, 1),
    ]


def test_a_vote_without_a_token_makes_one_that_owns_the_vote(vote, app):
    token = vote(1, None).json["token"]
    assert told(vote(1, token)) == {"score": 1, "up": 1, "down": 0, "mine": 1}
    assert told(vote(0, token))["score"] == 0


def test_taking_back_what_was_never_given_makes_no_rows(vote, app):
    before = rows(app, Author)
    assert told(vote(0, None)) == {"score": 0, "up": 0, "down": 0, "mine": 0}
    assert rows(app, Author) == before


def test_votes_that_were_imported_stay_when_readers_vote(vote, app, comment):
    with app.app_context():
        db.session.execute(db.text("UPDATE comments SET up = 7, down = 2"))
        db.session.commit()
    assert told(vote(1)) == {"score": 6, "up": 8, "down": 2, "mine": 1}
    assert told(vote(0)) == {"score": 5, "up": 7, "down": 2, "mine": 0}


def test_a_vote_changes_what_readers_get_and_a_repeat_does_not(vote, thread):
    def version():
        return thread()["page"]["version"]

    before = version()
    vote(1)
    voted = version()
    vote(1)
    assert voted == version() == before + 1


def test_nobody_votes_on_their_own_comment(vote, react):
    for answer in (vote(1, SECRET), react("like", token=SECRET)):
        assert (answer.status_code, answer.json["code"]) == (403, "own_comment")


def test_nobody_votes_on_what_readers_do_not_see(vote, react, app, comment):
    for act in (actions.remove, actions.spam):
        with app.app_context():
            act([comment], by="test")
        for answer in (vote(1), react("like")):
            assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("unknown", ["1m83j1k6af3r8", "x", "%00", "a" * 41, "..", "ä"])
def test_nobody_votes_on_a_comment_that_there_is_not(vote, react, unknown):
    for answer in (vote(1, of=unknown), react("like", of=unknown)):
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("value", [2, -2, 1.0, 0.5, "1", True, None, [1], {}, 2**63])
def test_a_vote_that_is_none_is_refused(vote, value, app):
    answer = vote(value)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert rows(app, Vote) == 0


@pytest.mark.parametrize("on", [1, 0, "true", None, [], {}])
def test_a_reaction_is_on_or_off(react, on, app):
    answer = react("like", on)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert rows(app, Reaction) == 0


def test_a_page_of_another_site_may_not_vote(vote, client, comment):
    answer = vote(1, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")
    answer = client.put(f"/api/v1/comments/{comment}/vote", json={"value": 1})
    assert (answer.status_code, answer.json["code"]) == (403, "bad_origin")


def test_a_vote_is_json(client, comment):
    address = f"/api/v1/comments/{comment}/vote"
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        answer = client.put(
            address, data=b'{"value": 1}', content_type=kind, headers={"Origin": BLOG}
        )
        assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_a_browser_is_told_that_the_sites_pages_may_vote(client, comment, vote):
    answer = client.options(f"/api/v1/comments/{comment}/vote", headers={"Origin": BLOG})
    assert answer.headers["Access-Control-Allow-Origin"] == BLOG
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert vote(1).headers["Access-Control-Allow-Origin"] == BLOG


def test_a_site_takes_the_votes_that_it_chose(vote, app, site, thread):
    assert thread()["site"]["votes"] == "on"
    for chosen, value, status in (("up", -1, 403), ("up", 1, 200), ("off", 0, 403)):
        with app.app_context():
            changes.choose(site.id, {"votes": chosen})
        answer = vote(value)
        assert answer.status_code == status
        assert status == 200 or answer.json["code"] == "not_offered"
        assert thread()["site"]["votes"] == chosen


def test_reactions_count_once_each_and_are_taken_back(react, thread, app):
    assert react("like").json["reactions"] == {"like": 1}
    assert react("like").json["reactions"] == {"like": 1}
    assert react("love").json["reactions"] == {"like": 1, "love": 1}
    assert react("like", token="x" * 43).json["reactions"] == {"like": 2, "love": 1}
    assert thread()["comments"][0]["reactions"] == {"like": 2, "love": 1}
    assert react("love", False).json["reactions"] == {"like": 2}
    assert react("love", False).json["reactions"] == {"like": 2}
    assert rows(app, Reaction) == 2


def test_only_the_reactions_that_a_site_offers_are_taken(react, thread):
    assert thread()["site"]["reactions"] == {"like": "👍", "love": "❤️", "thanks": "🙏"}
    for name in ("wow", "x", "%00", "a" * 500):
        answer = react(name)
        assert (answer.status_code, answer.json["code"]) == (403, "not_offered")


def test_a_site_offers_no_reactions_unless_it_chose_some(client, comment):
    address = f"/api/v1/comments/{comment}/reactions/like"
    answer = client.put(address, json={"on": True}, headers={"Origin": BLOG})
    assert (answer.status_code, answer.json["code"]) == (403, "not_offered")


def test_who_is_banned_does_not_vote(vote, react, app, comment, post):
    theirs = post("Mine.", headers=bearer(OTHER)).json["comment"]["id"]
    with app.app_context():
        bans.add_author(theirs, [BanKind.AUTHOR], bans.Terms(by="test"))
    for answer in (vote(1), react("like")):
        assert (answer.status_code, answer.json["code"]) == (403, "banned")


def test_what_is_ones_own_is_told_to_its_owner_alone(vote, react, client, comment, post, thread):
    answered = post("An answer.", parent=comment, headers=bearer(SECRET)).json["comment"]["id"]
    vote(-1)
    vote(1, of=answered)
    react("love")
    react("like")
    asked = {"query_string": {"url": PAGE}}
    own = client.get("/api/v1/me/comments", **asked, headers=bearer(OTHER)).json
    assert own["votes"] == {comment: -1, answered: 1}
    assert own["reactions"] == {comment: ["like", "love"]}
    others = client.get("/api/v1/me/comments", **asked, headers=bearer(SECRET)).json
    assert (others["votes"], others["reactions"]) == ({}, {})
    assert "mine" not in client.get("/api/v1/thread", **asked).text


class TestFromTheInternet:
    """Limits that need addresses to tell readers apart."""

    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_TRUSTED_PROXIES": "127.0.0.1"}

    def test_one_address_votes_on_a_comment_as_ten_people_at_most(self, vote):
        office = {"X-Forwarded-For": "1.1.1.1"}
        statuses = [vote(1, f"{n:043}", headers=office).status_code for n in range(12)]
        assert statuses == [200] * 10 + [429] * 2
        assert vote(1, f"{0:043}", headers=office).status_code == 200, "who has voted may go on"
        assert vote(1, "x" * 43, headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 200

    def test_a_client_that_votes_without_end_is_told_when_to_come_back(self, vote):
        statuses = [vote(n % 2).status_code for n in range(61)]
        assert statuses == [200] * 60 + [429]
        assert int(vote(1).headers["Retry-After"]) >= 1

    def test_readers_behind_a_proxy_that_is_not_trusted_are_not_one_person(self, vote):
        statuses = [vote(1, f"{n:043}").status_code for n in range(20)]
        assert statuses == [200] * 20
