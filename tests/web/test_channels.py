"""Webhooks and chats: told of what happens, signed, tried again, quiet in a flood."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import http.server
import json
import threading

import pytest
from sqlalchemy import event

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.jobs import queue, worker
from afterword.jobs.models import Job
from afterword.moderation import actions
from afterword.notify import chat, deliveries, dispatch
from afterword.notify.models import Delivery
from afterword.sites import changes
from afterword.sites.options import ChatEvents
from afterword.threads.events import Event
from afterword.threads.models import Comment, State
from afterword.web.api.openapi.webhooks import CALLS
from tests import desk as desks
from tests import make
from tests.far import answer
from tests.mailbox import due_now
from tests.running import free_port

pytestmark = pytest.mark.slow

URL = "https://hooks.example/afterword"
RAW = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(RAW).decode()}"


@pytest.fixture
def work(app):
    """Do what is due, as the worker does."""

    def do():
        with app.app_context():
            while worker.do_next():
                pass

    return do


@pytest.fixture
def hooked(app, site):
    with app.app_context():
        changes.choose(site.id, {"webhook_url": URL, "webhook_secret": SECRET})


def calls(server):
    """The calls that came: headers, body."""
    found = []
    for request in server.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
        found.append(({name.lower(): value for name, _, value in lines}, body))
    return found


def described(name):
    """What the description of the API says is in the data of a call."""
    return set(CALLS[name]["properties"]["data"]["required"])


def test_a_webhook_is_told_signed_and_with_all_of_the_comment(hooked, internet, post, work):
    server = internet.serve("hooks.example", answer())
    comment = post(author={"name": "Ada", "email": "ada@reader.example"}).json["comment"]
    work()
    ((head, body),) = calls(server)
    said = json.loads(body)
    assert said["type"] == "comment.visible"
    assert said["data"]["id"] == comment["id"]
    assert said["data"]["email"] == "ada@reader.example"
    assert said["data"]["site"] == "blog.example"
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(RAW, signed, "sha256")).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    assert set(said["data"]) == described("CommentEvent")


def test_it_is_told_of_each_thing_that_happens(app, site, hooked, internet, post, client, work):
    server = internet.serve("hooks.example", answer())
    secret = {"Origin": "https://blog.example", "Authorization": "Bearer " + "a" * 43}
    one = post(headers=secret).json["comment"]["id"]
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=secret)
    report = {"reason": "spam"}
    client.post(
        f"/api/v1/comments/{one}/report", json=report, headers={"Origin": "https://blog.example"}
    )
    with app.app_context():
        actions.remove([one], by="owner@blog.example")
        changes.choose(site.id, {"policy": "hold-all"})
    post("It waits.")
    work()
    assert [json.loads(body)["type"] for _, body in calls(server)] == [
        "comment.edited",
        "comment.reported",
        "comment.removed",
        "comment.held",
    ], "and not of what is over by the time it is told"


def test_it_is_told_of_an_answer_in_a_call_of_its_own(app, hooked, internet, post, work):
    server = internet.serve("hooks.example", answer())
    first = post().json["comment"]["id"]
    post("I agree.", parent=first)
    work()
    said = [json.loads(body) for _, body in calls(server)]
    assert [(one["type"], one["data"]["parent"]) for one in said] == [
        ("comment.visible", None),
        ("comment.visible", first),
        ("comment.reply", first),
    ]
    assert len({head["webhook-id"] for head, _ in calls(server)}) == 3


def test_a_call_that_is_refused_comes_again_under_the_same_name(app, hooked, internet, post, work):
    server = internet.serve("hooks.example", answer(status=503))
    post()
    work()
    with app.app_context():
        (job,) = queue.waiting()
        assert job.fault == "The webhook answered 503."
    server.respond = answer()
    with app.app_context():
        due_now()
    work()
    first, second = calls(server)
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    with app.app_context():
        assert queue.totals() == (0, 0)


@pytest.mark.parametrize(
    "said", [answer(b"x" * 20_000), answer(b"taken", content_encoding="br")], ids=["long", "packed"]
)
def test_a_call_is_taken_by_its_status_whatever_comes_with_it(
    app, hooked, internet, post, work, said
):
    server = internet.serve("hooks.example", said)
    post()
    work()
    assert len(calls(server)) == 1
    with app.app_context():
        assert queue.totals() == (0, 0)


@pytest.fixture
def desk(app):
    desks.moderator(app, "hanna@blog.example", name="Hanna")
    return desks.of(app, "hanna@blog.example")


def test_the_desk_lists_calls_with_what_they_say_and_what_came_of_them(
    site, hooked, internet, post, work, desk
):
    server = internet.serve("hooks.example", answer(status=503))
    post("Good <b>morning</b>.")
    work()
    ((head, _),) = calls(server)
    listed = desk.get(f"/admin/sites/{site.id}/deliveries").text
    assert "The webhook answered 503." in listed
    assert head["webhook-id"] in listed
    assert "comment.visible" in listed
    assert "Good &lt;b&gt;morning&lt;/b&gt;." in listed
    assert SECRET not in listed


def test_the_list_of_many_calls_asks_as_often_as_that_of_one(
    app, site, hooked, internet, post, work, desk
):
    internet.serve("hooks.example", answer())
    asked, counted = [], []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    for many in (1, 4):
        for number in range(many):
            post(f"Comment {number} of {many}.", url=f"https://blog.example/{many}/{number}")
        work()
        asked.clear()
        assert desk.get(f"/admin/sites/{site.id}/deliveries").text.count("&#34;link&#34;") >= many
        counted.append(sum("SELECT" in statement for statement in asked))
    assert counted[0] == counted[1] > 0


def test_a_call_is_sent_again_from_the_desk_under_its_own_name(
    app, site, hooked, internet, post, work, desk
):
    server = internet.serve("hooks.example", answer(status=204))
    post()
    work()
    ((head, body),) = calls(server)
    address = f"/admin/sites/{site.id}/deliveries"
    assert "Taken with 204." in desk.get(address).text
    assert desk.post(address, call=head["webhook-id"]).status_code == 303
    work()
    second, body_again = calls(server)[1]
    assert second["webhook-id"] == head["webhook-id"]
    assert json.loads(body_again)["data"] == json.loads(body)["data"]
    assert "2 tries" in desk.get(address).text
    assert desk.post(address, call="msg_none").status_code == 404


def test_a_call_is_replayed_for_its_own_site_alone(app, site, hooked, internet, post, work, desk):
    server = internet.serve("hooks.example", answer())
    post()
    work()
    with app.app_context():
        other = changes.add("https://other.example").id
    address = f"/admin/sites/{other}/deliveries"
    assert desk.post(address, call=calls(server)[0][0]["webhook-id"]).status_code == 404


def test_the_list_of_calls_goes_back_thirty_days(app, hooked, internet, post, work, monkeypatch):
    internet.serve("hooks.example", answer())
    post()
    work()
    later = clock.now() + deliveries.KEPT + dt.timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    post("Later.")
    work()
    with app.app_context():
        assert db.session.query(Delivery).count() == 1


def test_a_webhook_that_is_gone_is_not_called_again(app, hooked, internet, post, work):
    internet.serve("hooks.example", answer(status=410))
    post()
    work()
    with app.app_context():
        assert [job.fault for job in queue.dead()] == ["The webhook is gone, as it says (410)."]


def test_a_webhook_on_the_inside_is_not_called_unless_it_is_named(app, site, post, work):
    with app.app_context():
        changes.choose(site.id, {"webhook_url": "http://127.0.0.1:9/", "webhook_secret": SECRET})
    post()
    work()
    with app.app_context():
        assert "AFTERWORD_HOOK_HOSTS" in queue.waiting()[0].fault


def test_without_a_secret_nobody_is_called(app, site, post, work, internet):
    with app.app_context():
        changes.choose(site.id, {"webhook_url": URL})
    post()
    work()
    assert internet.dialled == []


class _Chat(http.server.BaseHTTPRequestHandler):
    """What Apprise's own JSON service speaks to."""

    messages: list[dict[str, str]]
    status = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).messages.append(json.loads(body))
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def room(app, site):
    """A chat that is told of what waits."""
    kind = type("Chat", (_Chat,), {"messages": []})
    port = free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), kind)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with app.app_context():
        chats = {"chat_urls": f"json://127.0.0.1:{port}/", "policy": "hold-all"}
        changes.choose(site.id, chats)
    yield kind
    server.shutdown()
    server.server_close()


def test_a_chat_is_told_of_what_waits(room, post, work):
    post("Look at <b>this</b>: https://evil.example", title="First post")
    work()
    (message,) = room.messages
    assert message["title"] == "Ada on First post waits"
    assert "https[:]//evil.example" in message["message"]
    assert message["message"].endswith("/admin/")


def test_nobody_in_a_chat_is_called_by_what_a_visitor_writes(room, post, work):
    said = "Look <@123>, <!channel>, @here, <AT user_id=all>: 1 < 2, a <attic>."
    post(said, author={"name": "@everyone"}, title="<#1>")
    work()
    (message,) = room.messages
    assert message["title"] == "@\u200beveryone on <\u200b#1> waits"
    words = message["message"].partition("\n")[0]
    called = "Look <\u200b@\u200b123>, <\u200b!channel>, @\u200bhere, <\u200bAT user_id=all>"
    assert words == f"{called}: 1 < 2, a <attic>."


def test_a_chat_is_told_of_what_appears_only_when_it_wants_all(app, site, room, post, work):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    post()
    work()
    assert room.messages == []
    with app.app_context():
        changes.choose(site.id, {"chat_events": ChatEvents.ALL.value})
    post()
    work()
    assert [message["title"] for message in room.messages] == ["Ada on blog.example/first-post"]


def test_a_flood_is_told_of_a_few_times_and_then_not(room, post, work):
    for number in range(chat.MOST_AN_HOUR + 5):
        post(f"Number {number}")
    work()
    assert len(room.messages) == chat.MOST_AN_HOUR + 1
    assert "told of no more for a while" in room.messages[-1]["message"]


def test_many_comments_that_came_over_days_are_a_flood_when_they_are_told_of_together(
    app, site, room, work
):
    with app.app_context():
        changes.choose(site.id, {"chat_events": "all"})
        page = make.page(site)
        old = [make.comment(page, minute=90 * one, state=State.PENDING).id for one in range(30)]
        actions.approve(old, by="owner@blog.example")
    work()
    assert len(room.messages) == chat.MOST_AN_HOUR + 1


def test_a_report_in_a_flood_of_comments_that_nobody_was_told_of_is_told(
    app, site, room, client, work
):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
        page = make.page(site)
        comments = [make.comment(page, minute=one).id for one in range(20)]
    headers = {"Origin": "https://blog.example"}
    for one in comments[-2:]:
        where = f"/api/v1/comments/{one}/report"
        assert client.post(where, json={"reason": "spam"}, headers=headers).status_code == 202
    work()
    assert len(room.messages) == 2


def test_when_the_hour_of_a_flood_is_over_a_chat_is_told_again(room, post, work, monkeypatch):
    for number in range(chat.MOST_AN_HOUR + 5):
        post(f"Number {number}")
    work()
    later = clock.now() + dt.timedelta(hours=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    post("After it.")
    work()
    assert len(room.messages) == chat.MOST_AN_HOUR + 2
    assert "After it." in room.messages[-1]["message"]


def test_a_flood_is_announced_though_the_comment_that_began_it_is_decided_over(
    app, room, post, work
):
    made = [post(f"Number {n}").json["comment"]["id"] for n in range(chat.MOST_AN_HOUR + 1)]
    with app.app_context():
        for one in made:
            dispatch.tell(Event.HELD, one, f"msg_{one}")
        actions.spam([made[-1]], by="owner@blog.example")
    work()
    assert len(room.messages) == chat.MOST_AN_HOUR + 1
    (last,) = [one for one in room.messages if "told of no more" in one["message"]]
    assert "Number" not in last["message"]


def test_a_message_in_no_flood_can_be_sent_by_the_version_before(app, room, post):
    comment_id = post().json["comment"]["id"]
    with app.app_context():
        dispatch.tell(Event.HELD, comment_id, "msg_1")
        (said,) = [job.payload for job in queue.waiting() if job.kind == "chat"]
        assert said == {"comment_id": comment_id, "event": "comment.held"}


def test_a_flood_that_lasts_for_hours_is_announced_once(app, room, post, monkeypatch):
    comment_id, begun = post().json["comment"]["id"], clock.now()

    def tell(minute):
        monkeypatch.setattr(clock, "now", lambda: begun + dt.timedelta(minutes=minute))
        with transaction():
            chat.tell(db.session.get(Comment, comment_id), Event.HELD, call=f"msg_{minute}")

    with app.app_context():
        # At five and a half minutes each there are always eleven within an hour.
        for minute in [*range(180), *(180 + 5.5 * one for one in range(20))]:
            tell(minute)
        said = [job.payload for job in queue.waiting() if job.kind == "chat"]
        assert len(said) == chat.MOST_AN_HOUR + 1
        assert [one.get("is_last", False) for one in said].index(True) == chat.MOST_AN_HOUR
        tell(360)
        assert len([job for job in queue.waiting() if job.kind == "chat"]) == len(said) + 1


def test_an_event_that_is_told_twice_after_a_crash_is_one_message(app, room, post, work):
    comment = post().json["comment"]["id"]
    with app.app_context():
        for _ in range(2):
            dispatch.tell("comment.held", comment, "msg_1")
        assert [job.kind for job in queue.waiting()].count("chat") == 1


def test_what_was_decided_meanwhile_is_not_told(app, room, post, work):
    comment = post().json["comment"]["id"]
    with app.app_context():
        actions.spam([comment], by="owner@blog.example")
    work()
    assert room.messages == []


def test_what_was_decided_while_a_chat_was_down_is_not_told(app, site, room, post, client, work):
    room.status = 500
    held = post().json["comment"]["id"]
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    reported = post("Reported.").json["comment"]["id"]
    headers = {"Origin": "https://blog.example"}
    client.post(f"/api/v1/comments/{reported}/report", json={"reason": "spam"}, headers=headers)
    work()
    room.messages.clear()
    with app.app_context():
        assert len(queue.waiting()) == 2
        actions.approve([held, reported], by="owner@blog.example")
        due_now()
    work()
    assert room.messages == []


def test_a_chat_that_is_down_is_told_later(app, room, post, work):
    room.status = 500
    post()
    work()
    with app.app_context():
        assert [job.fault for job in queue.waiting()] == ["A chat did not take the message."]


@pytest.mark.parametrize("kind", ["chat", "died-chat"])
def test_a_message_whose_chat_was_taken_out_meanwhile_is_sent_no_more(app, site, post, work, kind):
    comment = post().json["comment"]["id"]
    work()
    with app.app_context():
        with transaction():
            about = {"comment_id": comment} if kind == "chat" else {"site_id": site.id}
            queue.add(kind, about)
            db.session.add(Job(kind="picture", payload={"comment_id": comment}, died=clock.now()))
        work()
        assert queue.totals() == (0, 1)


def test_an_address_that_apprise_does_not_know_is_said_and_not_shown(app, site, post, work):
    with app.app_context():
        changes.choose(site.id, {"chat_urls": "nonsense://s3cret", "chat_events": "all"})
    post()
    work()
    with app.app_context():
        (job,) = queue.dead()
        assert job.fault == "Number 1 of chat_urls is no address that Apprise knows."


def test_a_chat_is_told_of_reports_and_when_it_wants_all_of_changes(
    app, site, room, post, client, work
):
    secret = {"Origin": "https://blog.example", "Authorization": "Bearer " + "a" * 43}
    with app.app_context():
        changes.choose(site.id, {"policy": "publish"})
    one = post("Buy my boat.", headers=secret).json["comment"]["id"]
    work()
    client.post(
        f"/api/v1/comments/{one}/report",
        json={"reason": "spam"},
        headers={"Origin": "https://blog.example"},
    )
    work()
    assert [said["title"] for said in room.messages] == [
        "Ada on blog.example/first-post was reported"
    ]
    with app.app_context():
        changes.choose(site.id, {"chat_events": "all"})
    client.patch(f"/api/v1/comments/{one}", json={"text": "Changed."}, headers=secret)
    work()
    with app.app_context():
        actions.remove([one], by="owner@blog.example")
    work()
    assert [said["title"].rpartition(" was ")[2] for said in room.messages[1:]] == [
        "changed",
        "removed",
    ]


def test_a_chat_that_wants_all_is_told_of_an_answer_once(app, site, room, post, work):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish", "chat_events": "all"})
    first = post(title="First post").json["comment"]["id"]
    post("I agree.", parent=first, author={"name": "Bob"})
    work()
    assert [said["title"] for said in room.messages] == [
        "Ada on First post",
        "Bob answered Ada on First post",
    ]


def test_a_chat_that_wants_answers_is_told_of_those_to_moderators(
    app, site, room, post, work, desk
):
    with app.app_context():
        changes.choose(site.id, {"policy": "publish", "chat_events": "replies"})
    first = post(title="First post").json["comment"]["id"]
    post("I agree.", parent=first, author={"name": "Bob"})
    desk.reply(first, "Thank you.")
    with app.app_context():
        hers = db.session.scalars(db.select(Comment).where(Comment.is_moderator)).one().id
    post("You are welcome.", parent=hers)
    work()
    assert [said["title"] for said in room.messages] == ["Ada answered Hanna on First post"]


def test_a_call_that_comes_late_says_nothing_that_is_over(
    app, site, hooked, internet, post, work, desk
):
    server = internet.serve("hooks.example", answer(status=503))
    comment = post("Soon gone.").json["comment"]["id"]
    work()
    server.respond = answer()
    with app.app_context():
        actions.remove([comment], by="owner@blog.example")
        due_now()
    work()
    said = [json.loads(body)["type"] for _, body in calls(server)]
    assert said == ["comment.visible", "comment.removed"], "the first was refused, and is over"


def test_a_removal_that_was_taken_back_is_told_no_more(app, hooked, internet, post, work):
    server = internet.serve("hooks.example", answer())
    comment = post("It stays.").json["comment"]["id"]
    work()
    server.respond = answer(status=503)
    with app.app_context():
        actions.remove([comment], by="owner@blog.example")
    work()
    server.respond = answer()
    with app.app_context():
        actions.restore([comment], by="owner@blog.example")
        due_now()
    work()
    said = [json.loads(body)["type"] for _, body in calls(server)]
    assert said == ["comment.visible", "comment.removed", "comment.visible"]
