"""The widget on a page that holds its comments already: no moment without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import visit, widget

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
