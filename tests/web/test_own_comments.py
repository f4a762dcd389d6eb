"""Authors and their own comments: changed for a while, taken away, brought back for a minute."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.moderation import actions, bans
from afterword.moderation.models import Act, BanKind
from afterword.sites import changes
from afterword.threads.models import Comment, Format
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

SECRET = "s" * 43
OTHER = "o" * 43
LINKS = "https://a.example https://b.example https://c.example"


def bearer(token: str | None) -> dict[str, str]:
    return {"Origin": BLOG, **({"Authorization": f"Bearer {token}"} if token else {})}


@pytest.fixture
def comment(post):
    """A visible comment of somebody with the token SECRET."""
    return post("Good mornig.", headers=bearer(SECRET)).json["comment"]["id"]


@pytest.fixture
def edit(client, comment):
    def patch(text, token=SECRET, *, of=comment, **more):
        address = f"/api/v1/comments/{of}"
        return client.patch(address, json={"text": text, **more}, headers=bearer(token))

    return patch


@pytest.fixture
def remove(client, comment):
    def delete(token=SECRET, *, of=comment):
        return client.delete(f"/api/v1/comments/{of}", headers=bearer(token))

    return delete


@pytest.fixture
def restore(client, comment):
    def send(token=SECRET, *, of=comment):
        return client.post(f"/api/v1/comments/{of}/restore", headers=bearer(token))

    return send


@pytest.fixture
def own(client):
    """What the thread tells the author alone."""

    def get(token=SECRET):
        answer = client.get(
            "/api/v1/me/comments", query_string={"url": PAGE}, headers=bearer(token)
        )
        return answer.json["comments"]

    return get


@pytest.fixture
def wait(monkeypatch):
    """Let time pass."""

    def on(**passed):
        later = clock.now() + dt.timedelta(**passed)
        monkeypatch.setattr(clock, "now", lambda: later)

    return on


def refused(answer):
    assert answer.mimetype == "application/problem+json", answer.text
    assert answer.json["detail"]
    return answer.status_code, answer.json["code"]


def log(app, comment):
    with app.app_context():
        rows = db.session.scalars(select(Act).where(Act.comment_id == comment).order_by(Act.id))
        return [(act.by, act.verb, act.state_before, act.text_before) for act in rows]


def test_an_author_changes_what_readers_see(edit, comment, thread, app):
    before = thread()["page"]["version"]
    answer = edit("Good **morning**.")
    assert answer.status_code == 200
    assert answer.json["comment"]["text"] == "Good **morning**."
    assert answer.json["comment"]["state"] == "visible"
    shown = thread()["comments"][0]
    assert shown["html"] == "<p>Good <strong>morning</strong>.</p>\n"
    assert shown["edited"] == answer.json["comment"]["edited"] is not None
    assert thread()["page"]["version"] == before + 1
    assert log(app, comment) == [("author", "edit", "visible", "Good mornig.")]


def test_what_was_imported_as_html_stays_html_when_its_author_changes_it(
    edit, comment, thread, app
):
    with app.app_context(), transaction() as session:
        session.get(Comment, comment).format = Format.HTML
    assert edit("<p>Good <em>morning</em>, *all*.<script>1</script></p>").status_code == 200
    assert thread()["comments"][0]["html"] == "<p>Good <em>morning</em>, *all*.</p>"
    with app.app_context():
        assert db.session.get(Comment, comment).format is Format.HTML


def test_an_edit_that_is_sent_again_changes_nothing_however_late(edit, comment, wait, app, thread):
    first = edit("Good morning.")
    version = thread()["page"]["version"]
    wait(minutes=20)
    again = edit("Good morning.")
    assert again.status_code == 200
    assert again.json["comment"]["edited"] == first.json["comment"]["edited"]
    assert thread()["page"]["version"] == version
    assert len(log(app, comment)) == 1


def test_a_text_that_was_made_from_another_than_there_is_now_is_refused(
    edit, own, thread, comment, app
):
    (told,) = own()
    first = edit("Good morning.", revision=told["revision"])
    assert first.status_code == 200
    assert edit("Good morning.", revision=told["revision"]).status_code == 200, "sent again"
    with app.app_context():
        actions.edit(comment, "Good [taken out].", by="test", limit=5000)
    for older in (told["revision"], first.json["comment"]["revision"], ""):
        assert refused(edit("Good day.", revision=older)) == (409, "conflict")
    assert "taken out" in thread()["comments"][0]["html"]
    assert refused(edit("Good day.", revision=5)) == (400, "bad_request")
    assert edit("Good day.", revision=own()[0]["revision"]).status_code == 200
    assert edit("Good evening.").status_code == 200, "whatever it says, without one"


def test_the_time_to_edit_is_told_and_ends(post, edit, remove, own, wait, comment):
    (told,) = own()
    created = clock.parse(told["created"])
    assert told["can_edit"] is True
    assert clock.parse(told["edit_until"]) == created + dt.timedelta(minutes=15)
    wait(minutes=14, seconds=58)
    assert edit("In time.").status_code == 200
    wait(seconds=3)
    assert refused(edit("Too late.")) == (403, "too_late")
    assert "15 minutes" in edit("Too late.").json["detail"]
    assert refused(remove()) == (403, "too_late")
    (told,) = own()
    assert (told["can_edit"], told["edit_until"]) == (False, None)


def test_the_owner_chooses_for_how_long(edit, remove, app, site, wait, own):
    with app.app_context():
        changes.choose(site.id, {"edit_minutes": "60"})
    wait(minutes=30)
    assert edit("Half an hour later.").status_code == 200
    with app.app_context():
        changes.choose(site.id, {"edit_minutes": "0"})
    assert refused(edit("Never.")) == (403, "too_late")
    assert refused(remove()) == (403, "too_late")
    assert own()[0]["can_edit"] is False


def test_what_waits_can_be_changed_until_it_is_decided(post, app, site, edit, remove, own, wait):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    waiting = post("Wating.", headers=bearer(SECRET)).json["comment"]["id"]
    wait(days=3)
    told = next(one for one in own() if one["id"] == waiting)
    assert (told["can_edit"], told["edit_until"]) == (True, None)
    answer = edit("Waiting.", of=waiting)
    assert (answer.status_code, answer.json["comment"]["state"]) == (200, "pending")
    assert remove(of=waiting).status_code == 200
    assert waiting not in [one["id"] for one in own()]


def test_only_the_author_changes_a_comment(edit, remove, restore, comment, thread):
    for token in (OTHER, None, "short"):
        for answer in (edit("Mine now.", token), remove(token), restore(token)):
            assert refused(answer) == (403, "not_yours")
    assert "mornig" in thread()["comments"][0]["html"]


def test_what_a_reader_cannot_see_is_not_there_for_them(edit, remove, restore, app, comment):
    with app.app_context():
        actions.spam([comment], by="test")
    for answer in (edit("x", OTHER), remove(OTHER), restore(OTHER), edit("x", None)):
        assert refused(answer) == (404, "not_found")


@pytest.mark.parametrize("unknown", ["1m83j1k6af3r8", "x", "%00", "a" * 41, "ä"])
def test_a_comment_that_there_is_not(edit, remove, restore, unknown):
    for answer in (edit("x", of=unknown), remove(of=unknown), restore(of=unknown)):
        assert refused(answer) == (404, "not_found")


def test_another_page_may_not_change_it(client, comment):
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        headers = {"Authorization": f"Bearer {SECRET}", **origin}
        address = f"/api/v1/comments/{comment}"
        for answer in (
            client.patch(address, json={"text": "x"}, headers=headers),
            client.delete(address, headers=headers),
            client.post(f"{address}/restore", headers=headers),
        ):
            assert refused(answer) == (403, "bad_origin")


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n", "empty"), ("word " * 1001, "too_long"), (5, "bad_request"),
     (None, "bad_request"), (["a"], "bad_request"), ("a\x00b", "bad_request"),
     ("a\ud800b", "bad_request")],
)  # fmt: skip
def test_a_text_that_cannot_be_posted_cannot_be_edited_in(edit, thread, text, code):
    assert refused(edit(text)) == (400, code)
    assert "mornig" in thread()["comments"][0]["html"]


def test_an_edit_is_json(client, comment):
    for kind in ("text/plain", None):
        answer = client.patch(
            f"/api/v1/comments/{comment}",
            data=b'{"text": "x"}',
            content_type=kind,
            headers=bearer(SECRET),
        )
        assert refused(answer) == (400, "bad_request")


def test_a_browser_is_told_that_the_sites_pages_may_edit(client, comment, edit):
    answer = client.options(f"/api/v1/comments/{comment}", headers={"Origin": BLOG})
    assert answer.headers["Access-Control-Allow-Origin"] == BLOG
    assert {"PATCH", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert edit("x").headers["Access-Control-Allow-Origin"] == BLOG


def test_an_edit_that_looks_like_spam_waits_with_the_reason(edit, comment, thread, app, own):
    answer = edit(LINKS)
    assert (answer.status_code, answer.json["comment"]["state"]) == (200, "pending")
    assert thread()["comments"] == []
    assert thread()["page"]["count"] == 0
    with app.app_context():
        reasons = db.session.get(Comment, comment).reasons
    assert any("3 links" in reason for reason in reasons)
    assert reasons[0] == "Its author has changed it since it was visible."
    assert [line[:3] for line in log(app, comment)] == [
        ("author", "edit", "visible"),
        ("checks", "hold", "visible"),
    ]
    assert edit("Harmless again.").json["comment"]["state"] == "pending", "a person decides"
    with app.app_context():
        actions.approve([comment], by="test")
    assert "Harmless again" in thread()["comments"][0]["html"]


def test_an_edit_on_a_site_that_holds_all_waits_again(edit, comment, app, site):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    assert edit("Something else.").json["comment"]["state"] == "pending"


def test_an_edit_that_the_rules_refuse_is_refused(edit, app, site, thread):
    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino"})
    assert refused(edit("A casino.")) == (403, "rejected")
    assert "mornig" in thread()["comments"][0]["html"]


def test_who_is_banned_does_not_edit(edit, comment, app):
    with app.app_context():
        bans.add_author(comment, [BanKind.AUTHOR], bans.Terms(by="test"))
    assert refused(edit("Anything.")) == (403, "banned")


def test_what_was_marked_as_spam_stays_so_whatever_its_author_makes_of_it(edit, comment, app, own):
    with app.app_context():
        actions.spam([comment], by="test")
    assert own() == []
    assert edit("Buy now!").json["comment"]["state"] == "pending"
    with app.app_context():
        assert db.session.get(Comment, comment).state == "spam"


class TestWithFormChecks:
    """As in service, where an edit comes from no form."""

    @pytest.fixture
    def told(self):
        return {"AFTERWORD_RATE_LIMITS": "off"}

    def test_an_edit_needs_no_form_and_may_repeat_itself(self, app, comment, edit, thread):
        with app.app_context():
            actions.approve([comment], by="test")
        long = "A text of one's own that is long enough to be compared with all the others."
        assert edit(long).json["comment"]["state"] == "visible"
        assert edit(long + ".").json["comment"]["state"] == "visible"

    def test_an_edit_that_copies_another_comment_waits(self, app, post, comment, edit):
        text = "Words that somebody else has said here before, in a whole long sentence."
        copied = post(text).json["comment"]["id"]
        with app.app_context():
            actions.approve([comment, copied], by="test")
        assert edit(text).json["comment"]["state"] == "pending"
        with app.app_context():
            assert "the same as" in " ".join(db.session.get(Comment, comment).reasons)

    def test_a_copy_of_what_an_edit_said_waits(self, app, post, comment, edit):
        text = "Words that came into being by an edit, in a sentence that is long enough."
        with app.app_context():
            actions.approve([comment], by="test")
        edit(text)
        copy = post(text).json["comment"]["id"]
        with app.app_context():
            assert "the same as" in " ".join(db.session.get(Comment, copy).reasons)


def test_an_author_removes_a_comment(remove, comment, thread, own, app):
    answer = remove()
    assert answer.status_code == 200
    assert answer.json["comment"]["state"] == "removed"
    left = clock.parse(answer.json["undo_until"]) - clock.now()
    assert dt.timedelta(seconds=55) < left <= dt.timedelta(seconds=60)
    assert thread()["comments"] == own() == []
    assert thread()["page"]["count"] == 0
    assert log(app, comment) == [("author", "remove", "visible", None)]


def test_replies_stay_below_a_tombstone(remove, post, comment, thread):
    reply = post("An answer.", parent=comment).json["comment"]["id"]
    remove()
    (root,) = thread()["comments"]
    assert (root["state"], root["author"], root["html"]) == ("removed", None, "")
    assert [one["id"] for one in root["replies"]] == [reply]


def test_a_removal_that_is_sent_again_changes_nothing(remove, comment, app, thread, wait):
    first, version = remove().json, thread()["page"]["version"]
    wait(seconds=30)
    assert remove().json["undo_until"] == first["undo_until"]
    wait(minutes=30)
    assert remove().status_code == 200
    assert thread()["page"]["version"] == version
    assert len(log(app, comment)) == 1


def test_a_removal_is_undone_within_a_minute(remove, restore, thread, wait, comment, app):
    before = thread()["comments"]
    remove()
    wait(seconds=59)
    for _ in range(2):
        answer = restore()
        assert (answer.status_code, answer.json["comment"]["state"]) == (200, "visible")
    assert thread()["comments"] == before
    assert [line[1] for line in log(app, comment)] == ["remove", "restore"]
    assert remove().status_code == 200


def test_a_removal_is_not_undone_later(remove, restore, wait):
    remove()
    wait(seconds=61)
    assert refused(restore()) == (403, "too_late")


def test_what_waited_waits_again_after_the_undo(post, app, site, remove, restore, comment):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    waiting = post("Waiting.", headers=bearer(SECRET)).json["comment"]["id"]
    remove(of=waiting)
    assert restore(of=waiting).json["comment"]["state"] == "pending"


def test_what_a_moderator_removed_its_author_does_not_bring_back(
    remove, restore, edit, app, comment
):
    with app.app_context():
        actions.remove([comment], by="test")
    assert refused(restore()) == (403, "too_late")
    assert refused(edit("Again.")) == (404, "not_found")
    assert refused(remove()) == (404, "not_found")


def test_nothing_is_undone_once_a_moderator_has_acted(remove, restore, app, comment):
    remove()
    with app.app_context():
        actions.spam([comment], by="test")
        actions.remove([comment], by="test")
    assert refused(restore()) == (403, "too_late")


def test_a_moderator_brings_back_what_was_held_or_removed(edit, remove, app, comment, thread):
    edit(LINKS)
    remove()
    with app.app_context():
        actions.restore([comment], by="test")
        assert db.session.get(Comment, comment).state == "pending"


def test_a_comment_of_a_moderator_belongs_to_no_browser(client, app, comment, edit, remove):
    with app.app_context():
        db.session.execute(db.text("UPDATE comments SET is_moderator = true"))
        db.session.commit()
    assert refused(edit("x")) == (403, "too_late")
    assert refused(remove()) == (403, "too_late")


class TestLimited:
    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off"}

    def test_an_author_who_edits_without_end_is_told_when_to_come_back(self, edit):
        statuses = [edit(f"Number {n}").status_code for n in range(21)]
        assert statuses == [200] * 20 + [429]
