"""The widget on paper, in the reader's own colours, without motion, and back from the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from tests.browser import chromium
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, visit, widget
from tests.running import Service

pytestmark = pytest.mark.shared

# What moves, grows or turns, of all that runs in the thread.
MOTION = """(host) => host.shadowRoot.getAnimations()
  .flatMap(({effect}) => effect.getKeyframes().flatMap(Object.keys))
  .filter((name) => !/[cC]olor|^background|^boxShadow|[oO]ffset|easing|composite/.test(name))"""
RUNNING = "(host) => host.shadowRoot.getAnimations().length"


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


def looks(page: Page, name: str) -> bytes:
    """A picture of a control that neither the mouse nor the focus is on, and of what is around."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    at = widget(page).get_by_role("button", name=name).bounding_box()
    assert at
    clip = {"x": at["x"] - 4, "y": at["y"] - 4}
    return page.screenshot(clip={**clip, "width": at["width"] + 8, "height": at["height"] + 8})


def test_what_is_pressed_looks_so_in_the_readers_own_colours(
    page: Page,
    new_context: Callable[[], BrowserContext],
    blog: Blog,
    said: Callable[..., str],
) -> None:
    said("A comment.")
    visit(page, blog.page())
    with page.expect_response("**/vote"):
        widget(page).get_by_role("button", name="Vote against it").click()
    other = new_context().new_page()
    pictures = []
    for reader, is_pressed in ((page, "true"), (other, "false")):
        reader.emulate_media(forced_colors="active")
        visit(reader, blog.page())
        against = widget(reader).get_by_role("button", name="Vote against it")
        expect(against).to_have_attribute("aria-pressed", is_pressed)
        expect(widget(reader).get_by_role("button", name="score -1")).to_be_visible()
        pictures.append(looks(reader, "Vote against it"))
    assert pictures[0] != pictures[1]


def test_the_focus_is_seen_in_the_readers_own_colours(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A comment.")
    page.emulate_media(forced_colors="active")
    visit(page, blog.page())
    for control in (
        box(page),
        widget(page).get_by_role("button", name="Reply to Ada"),
        widget(page).get_by_role("button", name="Vote for it"),
    ):
        control.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(control).to_be_focused()
        expect(control).to_have_css("outline-style", "solid")
        expect(control).to_have_css("outline-width", "2px")


def test_nothing_moves_for_readers_who_want_no_motion(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    for n in range(20):
        said(f"Comment {n}.")
    page.emulate_media(reduced_motion="reduce")
    visit(page, blog.page())
    comment(page, "Comment 19.").get_by_role("link", name="this minute").click()
    expect(comment(page, "Comment 19.")).to_be_in_viewport()
    assert widget(page).evaluate(RUNNING)
    assert widget(page).evaluate(MOTION) == []
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.fixture
def keeping(browser_type: BrowserType) -> Iterator[Browser]:
    """A browser that keeps the pages that one leaves, as those of readers do."""
    off = ["--disable-back-forward-cache"]
    browser = browser_type.launch(**chromium.launching(whole=True), ignore_default_args=off)
    yield browser
    browser.close()


def test_who_comes_back_to_a_page_that_slept_is_told_what_they_missed(
    keeping: Browser, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    said("There before.")
    page = keeping.new_context().new_page()
    page.add_init_script(
        "addEventListener('pageshow', (event) => (window.slept = event.persisted))"
    )
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        visit(page, blog.page())
    page.goto(blog.page("dark"))
    said("Came meanwhile.", name="Grace")
    page.go_back(wait_until="commit")
    expect(widget(page).get_by_role("button", name="1 new comment")).to_be_visible(timeout=15_000)
    assert page.evaluate("slept")
