"""The widget on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, form, visit, widget

pytestmark = pytest.mark.shared


def test_on_paper_there_are_all_comments_and_nothing_to_press(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    first = said("Comment 0.")
    said("An answer.", parent=first, name="Grace")
    for n in range(1, 30):
        said(f"Comment {n}.")
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        visit(page, blog.page())
    box(page).fill("Half a comment.")
    widget(page).get_by_role("button", name="Reply to Grace").click()
    expect(form(page, "Replying to Grace")).to_be_visible()
    widget(page).get_by_role("button", name="More about Ada").first.click()
    expect(widget(page).locator(".menu")).to_be_visible()
    said("Comes meanwhile.")
    expect(widget(page).get_by_role("button", name="1 new comment")).to_be_visible(timeout=15_000)
    page.emulate_media(media="print")
    expect(widget(page).get_by_role("article")).to_have_count(31)
    for shown in widget(page).get_by_role("article").all():
        expect(shown.locator(".text")).to_be_visible()
    pressed = "form:visible, button:visible, select:visible, .menu:visible"
    expect(widget(page).locator(pressed)).to_have_count(0)
