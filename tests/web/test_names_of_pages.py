"""What readers know a page by: what is said of it with comments that they see."""

from __future__ import annotations

import pytest

from afterword.core.db import db
from afterword.moderation import actions, moves, places
from afterword.sites import changes
from afterword.threads import pages
from afterword.threads.models import Comment
from tests.conftest import BLOG, PAGE

LURE = "BUY PILLS at evil.example"


@pytest.fixture
def holds(app, site):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})


@pytest.fixture
def approve(app):
    def act(answer):
        with app.app_context():
            actions.approve([answer.json["comment"]["id"]], by="test")

    return act


@pytest.fixture
def remove(app):
    def act(answer):
        with app.app_context():
            actions.remove([answer.json["comment"]["id"]], by="test")

    return act


@pytest.mark.usefixtures("holds")
def test_nobody_names_a_page_in_public_by_a_comment_that_waits(post, thread, client):
    post(title=LURE, url="http://blog.example/first-post?redirect=//evil.example")
    page = thread()["page"]
    assert (page["title"], page["url"]) == (None, PAGE)
    for path in ("/thread", "/feeds/page.atom", "/feeds/page.json"):
        answer = client.get(path, query_string={"url": PAGE})
        assert answer.status_code == 200
        assert LURE not in answer.text
        assert "evil.example" not in answer.text


@pytest.mark.usefixtures("holds")
def test_a_page_is_called_what_the_first_approved_comment_calls_it(post, thread, approve):
    post(title=LURE, url=f"{PAGE}?redirect=//evil.example")
    approve(post(title="First post", url="http://blog.example/first-post/?utm_source=x"))
    page = thread()["page"]
    assert (page["title"], page["url"]) == ("First post", f"{PAGE}/")


@pytest.mark.usefixtures("holds")
def test_the_desk_says_what_a_comment_that_waits_calls_its_page(post, app):
    post(title=LURE)
    other = post(title="First post").json["comment"]["id"]
    with app.app_context():
        waiting = {one.id: one.title_of_page for one in db.session.query(Comment)}
    assert waiting[other] == "First post"
    assert set(waiting.values()) == {LURE, "First post"}


def test_a_page_that_was_named_without_javascript_gets_the_next_title(post, thread):
    post(title=None)
    assert thread()["page"]["title"] is None
    post(title="First post")
    post(title="Something else")
    assert thread()["page"]["title"] == "First post"


def test_a_page_is_named_anew_when_the_comments_that_named_it_are_gone(post, thread, remove):
    remove(post(title=LURE, page="one", url=f"{BLOG}/lure?x=1"))
    assert thread(page="one")["page"]["title"] is None
    post(title="First post", page="one", url=f"{BLOG}/view.php?id=1")
    page = thread(page="one")["page"]
    assert (page["title"], page["url"]) == ("First post", f"{BLOG}/view.php?id=1")


@pytest.mark.usefixtures("holds")
def test_what_waited_while_another_named_the_page_names_it_when_that_one_is_gone(
    post, thread, approve, remove
):
    lure = post(title=LURE)
    approve(lure)
    waits = post(title="First post")
    remove(lure)
    approve(waits)
    assert thread()["page"]["title"] == "First post"


@pytest.mark.usefixtures("holds")
def test_what_its_owner_calls_a_page_stays(post, thread, app, approve):
    waits = post(title=LURE)
    with app.app_context():
        places.call(PAGE, "First post", by="test")
    assert thread()["page"]["title"] == "First post"
    approve(waits)
    assert thread()["page"]["title"] == "First post"


@pytest.mark.parametrize("path", ["/feeds/page.atom", "/thread"])
def test_a_name_given_while_the_page_is_read_is_not_missed_until_the_next(
    post, client, app, monkeypatch, path
):
    """What was read before the version was asked is not kept under the version."""
    post(title="Typo")
    ask = pages.version

    def after_a_change(*of):
        monkeypatch.setattr(pages, "version", ask)
        with app.app_context():
            places.call(PAGE, "First post", by="test")
        return ask(*of)

    monkeypatch.setattr(pages, "version", after_a_change)
    for _ in range(2):
        text = client.get(path, query_string={"url": PAGE}).text
    assert "First post" in text
    assert "Typo" not in text


def test_a_comment_links_to_its_page_without_what_its_visitor_had_in_the_address(post, client):
    comment = post(url=f"{PAGE}?redirect=//evil.example").json["comment"]["id"]
    assert client.get(f"/c/{comment}").headers["Location"] == f"{PAGE}#comment-{comment}"


def test_a_page_that_moved_is_not_called_back_by_a_comment_from_where_it_was(
    post, thread, app, holds, approve
):
    waits = post()
    with app.app_context():
        moves.follow(moves.one(PAGE, f"{BLOG}/new"), by="test")
    approve(waits)
    assert thread(f"{BLOG}/new")["page"]["url"] == f"{BLOG}/new"
