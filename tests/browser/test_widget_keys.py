"""Reading by keys, where the page's author wants it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, visit

pytestmark = pytest.mark.shared


@pytest.fixture
def thread(page: Page, blog: Blog, said: Callable[..., str]) -> Page:
    first = said("The first.")
    said("Its answer.", parent=first, name="Grace")
    said("The last.")
    blog.attributes = "data-keys"
    with page.expect_response("**/parts/**/keys.js"):
        visit(page, blog.page())
    return page


def test_j_and_k_go_from_comment_to_comment_and_stop_at_the_ends(thread: Page) -> None:
    comment(thread, "The first.").get_by_role("button", name="Reply to Ada").focus()
    thread.keyboard.press("j")
    expect(comment(thread, "Its answer.")).to_be_focused()
    thread.keyboard.press("j")
    expect(comment(thread, "The last.")).to_be_focused()
    thread.keyboard.press("j")
    expect(comment(thread, "The last.")).to_be_focused()
    for _ in range(3):
        thread.keyboard.press("k")
    expect(comment(thread, "The first.")).to_be_focused()


def test_they_need_nothing_that_a_browser_of_some_years_ago_lacks(thread: Page) -> None:
    thread.add_init_script("delete Element.prototype.checkVisibility")
    with thread.expect_response("**/parts/**/keys.js"):
        thread.reload()
    comment(thread, "The first.").get_by_role("button", name="Reply to Ada").focus()
    thread.keyboard.press("j")
    expect(comment(thread, "Its answer.")).to_be_focused()


def test_who_types_is_left_alone(thread: Page) -> None:
    box(thread).fill("")
    box(thread).press("j")
    thread.keyboard.press("k")
    expect(box(thread)).to_have_value("jk")
    expect(box(thread)).to_be_focused()


def test_what_is_folded_is_passed_over(thread: Page) -> None:
    comment(thread, "The first.").get_by_role("button", name="Hide 1 reply").click()
    thread.keyboard.press("j")
    expect(comment(thread, "The last.")).to_be_focused()


def test_without_the_attribute_they_are_letters_like_any(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Alone.")
    visit(page, blog.page())
    comment(page, "Alone.").get_by_role("button", name="Reply to Ada").focus()
    page.keyboard.press("k")
    expect(comment(page, "Alone.").get_by_role("button", name="Reply to Ada")).to_be_focused()
