"""A flood in the queue: comments that belong together stand as one, and are decided as one."""

from __future__ import annotations

import re

import pytest

from afterword.core.db import db
from afterword.jobs.worker import do_next
from afterword.moderation import actions, audit, queue
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.submit import submit
from afterword.sites import changes
from afterword.threads.models import Comment, State
from tests.conftest import PAGE
from tests.web.test_admin_queue import desk, undo_of

pytestmark = pytest.mark.slow

__all__ = ["desk"]

SOLD = "Buy the finest wrist watches of the town in our little shop round the corner, number {}."


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}  # with the forms' checks: without, nothing is compared


@pytest.fixture
def send(context, site):
    """Let a stranger post; what comes without a form waits."""
    changes.choose(site.id, {"policy": "hold-all"})

    def post(text, address, **more):
        body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **more}
        return submit(read_draft(body), sender=Sender(address=address)).comment

    return post


def leads(**asked):
    """The texts that the queue shows, and for how many each stands."""
    found = queue.read(State.PENDING, **asked)
    sizes = {lead: cluster.size for lead, cluster in found.clusters.items()}
    return [(comment.text, sizes.get(comment.id, 1)) for comment in found.comments]


def test_copies_from_many_networks_stand_as_one(send):
    for number in range(5):
        send(SOLD.format(number), f"8.8.{number}.1")
    send("Something else by somebody else, and it is about the post.", "9.9.9.9")
    assert leads() == [
        ("Something else by somebody else, and it is about the post.", 1),
        (SOLD.format(4), 5),
    ]
    assert leads(is_newest_first=False)[0] == (SOLD.format(0), 5)


def test_what_one_network_sends_stands_as_one_whatever_it_says(send):
    for text in ("First a word about watches.", "Then a poem on soup.", "At last a link."):
        send(text, "8.8.4.4")
    assert leads() == [("At last a link.", 3)]


def test_where_all_seem_to_come_from_one_proxy_nobody_is_lumped_together(send):
    for text in ("First a word about watches.", "Then a poem on soup."):
        send(text, "10.0.0.1")
    assert [size for _, size in leads()] == [1, 1]


def test_short_words_that_many_say_are_not_copies(send):
    for number in range(3):
        send("Thank you!", f"8.8.{number}.1")
    assert [size for _, size in leads()] == [1, 1, 1]


def test_what_was_decided_stands_for_nobody(send):
    made = [send(SOLD.format(number), f"8.8.{number}.1") for number in range(4)]
    actions.approve([made[3].id], by="test")
    assert leads() == [(SOLD.format(2), 3)]


def test_sites_do_not_share_a_flood(send, app):
    changes.choose(changes.add("https://other.example").id, {"policy": "hold-all"})
    send("A first word about watches and soup.", "8.8.4.4")
    send("A poem about nothing at all, really.", "8.8.4.4", url="https://other.example/post")
    assert [size for _, size in leads()] == [1, 1]


def test_pages_of_the_queue_skip_nothing_and_repeat_nothing(send):
    for number in range(12):
        send(f"Number {number} says something quite different from all.", f"8.{number}.1.1")
        send(f"Number {number} has another thing to say about soup.", f"8.{number}.1.2")
    seen, after = [], None
    while True:
        found = queue.read(State.PENDING, limit=5, after=after)
        seen += [comment.id for comment in found.comments]
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == len(leads(limit=100))


def test_one_press_decides_over_all_of_them_and_one_undo_takes_it_back(send, desk):
    made = [send(SOLD.format(number), f"8.8.{number}.1").id for number in range(6)]
    page = desk.get("/admin/")
    assert "5 more like it" in page
    lead = re.search(r'name="all" value="spam ([^"]+)"', page)[1]
    answer = desk("/admin/comments", all=f"spam {lead}")
    assert states(made) == {State.SPAM}
    after = desk.get(answer.headers["Location"])
    assert "6 comments marked as spam." in after
    desk("/admin/comments/undo", acts=undo_of(answer, desk))
    assert states(made) == {State.PENDING}


def test_what_came_or_was_changed_since_the_queue_was_shown_is_not_approved_with_it(
    send, desk, monkeypatch
):
    for at_once in (200, 2):  # together, and by a job
        monkeypatch.setattr("afterword.web.admin.comments.AT_ONCE", at_once)
        words = "Buy the finest wrist watches of the town in our shop, number {}."
        made = [send(words.format(n), f"8.8.{n}.1").id for n in range(5)]
        fields = shown_fields(desk.get("/admin/"))
        actions.edit(made[1], "Other words in the meantime.", by="author", limit=5000)
        late = send(words.format(5), "8.8.5.1").id
        answer = desk("/admin/comments", all=f"approve {made[-1]}", **fields)
        work()
        assert states([made[1], late]) == {State.PENDING}
        assert states([made[0], *made[2:]]) == {State.VISIBLE}
        if at_once == 200:
            told = desk.get(answer.headers["Location"])
            assert "1 comment had been decided or changed by someone else" in told
        actions.spam([*made, late], by="test")


def shown_fields(page):
    """What the queue's form tells of what it shows."""
    fields = re.findall(r'name="(until|seen)" value="([^"]+)"', page)
    return {name: [value for other, value in fields if other == name] for name, _ in fields}


def test_a_flood_of_hundreds_is_decided_by_a_job_and_taken_back_as_one(send, desk, monkeypatch):
    monkeypatch.setattr("afterword.web.admin.comments.AT_ONCE", 20)
    made = [send(SOLD.format(number), f"8.8.{number}.1").id for number in range(30)]
    read = actions.as_seen(db.session.get(Comment, made[0]))
    actions.edit(made[0], "Other words in the meantime.", by="author", limit=5000)
    answer = desk("/admin/comments", all=f"spam {made[-1]}", seen=f"{made[0]} {read}")
    path = answer.headers["Location"]
    assert states(made) == {State.PENDING}
    assert 'max="29" value="0"' in desk.get(path)
    work()
    assert "29 comments marked as spam." in desk.get(path)
    assert (states(made[:1]), states(made[1:])) == ({State.PENDING}, {State.SPAM})
    desk(f"{path}/undo")
    work()
    assert states(made) == {State.PENDING}


def work():
    while do_next():
        pass


def test_a_flood_that_is_decided_at_once_is_taken_back_as_one(send, desk, monkeypatch):
    monkeypatch.setattr("afterword.web.admin.queue.MOST_SPELLED", 30)
    made = [send(SOLD.format(number), f"8.8.{number}.1").id for number in range(70)]
    answer = desk("/admin/comments", all=f"spam {made[-1]}")
    assert states(made) == {State.SPAM}
    undo = undo_of(answer, desk)
    assert "-" in undo
    desk("/admin/comments/undo", acts=undo)
    assert states(made) == {State.PENDING}


def test_another_moderator_s_acts_are_not_taken_back_with_a_range(send, desk):
    made = [send(SOLD.format(number), f"8.8.{number}.1").id for number in range(3)]
    moved = actions.spam(made, by="somebody@blog.example")
    acts = audit.last_moves(moved)
    desk("/admin/comments/undo", acts=f"{acts[0].id}-{acts[-1].id}")
    assert states(made) == {State.SPAM}


def states(ids):
    db.session.expire_all()
    return {db.session.get(Comment, one).state for one in ids}
