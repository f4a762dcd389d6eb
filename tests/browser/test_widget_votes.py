"""Votes and reactions in the widget: what a reader sees and does."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import comment, visit, widget
from tests.running import Service

Say = Callable[..., str]


@pytest.fixture
def voted(blog: Blog, service: Service) -> Callable[[str, int], None]:
    """Let some other reader vote on a comment."""

    def vote(comment_id: str, value: int) -> None:
        request = urllib.request.Request(
            f"{service.url}/api/v1/comments/{comment_id}/vote",
            json.dumps({"value": value}).encode(),
            {"Content-Type": "application/json", "Origin": blog.url},
            method="PUT",
        )
        urllib.request.urlopen(request).close()

    return vote


def choose(service: Service, blog: Blog, *options: str) -> None:
    made = running.command(service.data, "sites", "set", blog.url, *options)
    assert made.returncode == 0, made.stderr


def test_readers_can_put_the_best_first(
    page: Page, blog: Blog, said: Say, voted: Callable[[str, int], None]
) -> None:
    said("The worst")
    voted(said("The best"), 1)
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The worst")
    widget(page).get_by_label("Sort").select_option("Best first")
    expect(widget(page).get_by_role("article").first).to_contain_text("The best")
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The best")
    expect(comment(page, "The worst")).to_be_visible()


def test_without_votes_there_is_no_best(
    page: Page, blog: Blog, service: Service, said: Say
) -> None:
    choose(service, blog, "votes=off")
    said("One")
    said("Another")
    visit(page, blog.page())
    expect(widget(page).get_by_label("Sort").get_by_role("option")).to_have_text(
        ["Oldest first", "Newest first"]
    )
