"""The widget on a page that holds its comments already: no moment without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import comment, form, visit, widget
from tests.running import Service

Say = Callable[..., str]
pytestmark = pytest.mark.browser


def test_what_was_baked_stays_until_the_thread_is_there(page: Page, blog: Blog, said: Say) -> None:
    said("Fresh words.", page="baked")
    held: list[Route] = []
    page.route("**/api/v1/thread?*", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/api/v1/thread?*"):
        page.goto(blog.page("baked"))
        widget(page).scroll_into_view_if_needed()
    expect(page.get_by_text("Baked words.")).to_be_visible()
    expect(widget(page).get_by_role("form")).to_be_visible()
    held[0].continue_()
    expect(widget(page).get_by_text("Fresh words.")).to_be_visible()
    expect(page.get_by_text("Baked words.")).to_be_hidden()


@pytest.mark.usefixtures("service")
def test_what_was_baked_can_be_read_when_the_service_is_away(page: Page, blog: Blog) -> None:
    page.route("**/api/v1/thread?*", lambda route: route.abort())
    visit(page, blog.page("baked"))
    expect(widget(page).get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("Baked words.")).to_be_visible()


def test_a_baked_thread_is_taken_over_and_only_what_is_newer_is_fetched(
    page: Page, blog: Blog, service: Service, said: Say, tmp_path: Path
) -> None:
    first = said("Baked *for real*.", page="baked")
    said("Answered before.", page="baked", name="Grace", parent=first)
    gone = said("Soon removed.", page="baked")
    built = tmp_path / "built" / "baked" / "index.html"
    built.parent.mkdir(parents=True)
    built.write_text(blog.html("baked", blog.page("baked")), encoding="utf-8")
    key = blog.url.partition("//")[2]
    made = running.command(service.data, "bake", str(tmp_path / "built"), "--site", key)
    assert made.returncode == 0, made.stderr
    said("Came later.", page="baked")
    running.command(service.data, "comments", "spam", gone)
    blog.held["baked"] = built.read_text("utf-8")
    held: list[Route] = []
    page.route("**/api/v1/thread?*", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/api/v1/thread?**since=**"):
        visit(page, blog.page("baked"))
    # Nothing is announced below what stands there already: it would move the page, and once more.
    expect(widget(page).locator(".bones")).to_have_count(0)
    with page.expect_response("**/api/v1/thread?**since=**") as got:
        held[0].continue_()
    assert [one["html"] for one in got.value.json()["comments"]] == ["<p>Came later.</p>\n"]
    expect(widget(page).locator(".comment")).to_have_count(3)
    expect(comment(page, "Baked for real.").locator("em")).to_have_text("for real")
    answer = widget(page).locator("li li .comment").filter(has_text="Answered before.")
    expect(answer).to_be_visible()
    expect(widget(page).get_by_text("Soon removed.")).to_be_hidden()
    expect(widget(page).get_by_role("heading", name="3 comments")).to_be_visible()
    widget(page).get_by_role("button", name="Reply to Grace").click()
    expect(form(page, "Replying to Grace")).to_be_visible()


def test_what_was_baked_is_not_taken_over_for_another_page(
    page: Page, blog: Blog, said: Say
) -> None:
    said("Of the other page.", page="long")
    visit(page, blog.page("baked"))
    expect(widget(page).locator(".comment")).to_have_count(0)
    thread = "document.querySelector('afterword-thread').dataset"
    page.evaluate(f"{thread}.baked = '1'; {thread}.url = '{blog.page('long')}'")
    expect(widget(page).get_by_text("Of the other page.")).to_be_visible()
    expect(page.get_by_text("Baked words.")).to_be_hidden()
