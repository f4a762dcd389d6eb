"""What changed since a version: for pages that hold a thread already."""

from __future__ import annotations

import pytest

from afterword.core.db import db
from afterword.moderation import actions, merges
from afterword.threads.models import Page
from tests.conftest import BLOG, PAGE


def version(thread):
    return thread()["page"]["version"]


def test_only_what_came_or_changed_since_is_told(post, thread):
    post("Old and left alone.")
    before = version(thread)
    post("New.")
    told = thread(since=before)
    assert [comment["html"] for comment in told["comments"]] == ["<p>New.</p>\n"]
    assert told["gone"] == []
    assert told["page"]["count"] == 2


def test_a_reply_comes_flat_with_its_parent_named(post, thread):
    parent = post("A question?").json["comment"]["id"]
    before = version(thread)
    post("An answer.", parent=parent)
    (reply,) = thread(since=before)["comments"]
    assert reply["parent"] == parent


@pytest.mark.usefixtures("context")
def test_what_was_not_shown_before_is_told_apart_from_what_changed(post, thread):
    changed = post("Said at first.").json["comment"]["id"]
    approved = post("Written long ago, and approved now.").json["comment"]["id"]
    actions.spam([approved], by="command")
    before = version(thread)
    actions.edit(changed, "Said otherwise.", by="command", limit=5000)
    actions.approve([approved], by="command")
    came = post("New.").json["comment"]["id"]
    told = thread(since=before)
    assert {comment["id"] for comment in told["comments"]} == {changed, approved, came}
    assert told["new"] == [approved, came]


@pytest.mark.usefixtures("context")
def test_what_is_not_shown_any_more_is_named(post, thread):
    comment = post("Soon gone.").json["comment"]["id"]
    before = version(thread)
    actions.spam([comment], by="command")
    told = thread(since=before)
    assert told["comments"] == []
    assert told["gone"] == [comment]


def test_nothing_is_told_where_nothing_changed(post, thread):
    post("As it was.")
    told = thread(since=version(thread))
    assert (told["comments"], told["gone"]) == ([], [])


def test_the_whole_thread_comes_where_another_copy_of_the_data_was_put_back(post, thread):
    post("From before.")
    told = thread(since=version(thread) + 50)
    assert len(told["comments"]) == 1
    assert "gone" not in told


@pytest.mark.usefixtures("context")
def test_the_whole_thread_comes_to_who_knew_a_page_that_was_merged_or_parted(post, thread):
    other = f"{BLOG}/another-post"
    for at in (PAGE, PAGE, PAGE, other, other):
        post(f"At {at}", url=at)
    before = thread(url=other)["page"]["version"]
    one, two = (db.session.query(Page).filter_by(url=url).one() for url in (other, PAGE))
    merged = merges.merge(one.id, two.id, by="test")
    told = thread(url=other, since=before)
    assert len(told["comments"]) == 5
    assert "gone" not in told
    post("Since then.")
    now = thread()["page"]["version"]
    assert thread(since=now - 1)["gone"] == []
    merges.undo(merged.id, by="test")
    for url, comments in ((PAGE, 4), (other, 2)):
        told = thread(url=url, since=now)
        assert len(told["comments"]) == comments
        assert "gone" not in told


def test_a_page_that_nobody_commented_on_is_an_empty_thread(thread):
    assert thread(since=3)["comments"] == []


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("odd", ["-1", "x", "1" * 10, "½"])
def test_what_is_no_version_is_refused(client, odd):
    answer = client.get("/api/v1/thread", query_string={"url": PAGE, "since": odd})
    assert answer.status_code == 400
    assert answer.json["fields"] == {"since": "not a version"}
