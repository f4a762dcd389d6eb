"""What a reader is in the middle of goes on, whatever the page, its router or the clock does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, Page, Route, expect

from tests.browser import chromium
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
Say = Callable[..., str]
# What a reader's system calls a colour.
SYSTEM = """(name) => {
  document.body.style.outlineColor = name
  return getComputedStyle(document.body).outlineColor
}"""
FOCUSED = "() => document.querySelector('afterword-thread').shadowRoot.activeElement?.className"


def button(page: Page, name: str):
    return widget(page).get_by_role("button", name=name)


def test_text_is_kept_when_a_script_cleans_the_address(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, f"{blog.page()}?utm_source=letter&fbclid=1")
    write(page, "Half a thought")
    page.evaluate("history.replaceState({}, '', location.pathname)")
    with page.expect_response("**/api/v1/comments"):
        send(page)
    expect(comment(page, "Half a thought")).to_be_visible()
    visit(page, blog.page())
    expect(button(page, "Remove")).to_be_visible()


def test_a_reply_stays_beside_the_menu(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    visit(page, blog.page())
    button(page, "Reply to Ada").click()
    box(page, "Replying to Ada").fill("A long thought")
    button(page, "More about Ada").click()
    expect(button(page, "Copy link")).to_be_focused()
    expect(box(page, "Replying to Ada")).to_have_value("A long thought")
    page.keyboard.press("Escape")
    expect(button(page, "More about Ada")).to_be_focused()
    expect(box(page, "Replying to Ada")).to_have_value("A long thought")


def test_another_look_closes_nothing(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    visit(page, blog.page())
    button(page, "Reply to Ada").click()
    box(page, "Replying to Ada").fill("A long thought")
    widget(page).evaluate("thread => thread.dataset.theme = 'dark'")
    expect(widget(page).locator(".root.dark")).to_be_visible()
    expect(box(page, "Replying to Ada")).to_have_value("A long thought")


@pytest.fixture
def tab(browser_type: BrowserType) -> Iterator[Page]:
    """Of a browser in which a link opens another one beside it: one without windows may not."""
    browser = browser_type.launch(**chromium.launching(whole=True))
    yield browser.new_context().new_page()
    browser.close()


def test_a_link_to_a_comment_elsewhere_leaves_the_thread_as_it_is(
    tab: Page, blog: Blog, said: Say
) -> None:
    said("One [elsewhere](https://other.example/post#comment-77)")
    tab.context.route("https://other.example/**", lambda route: route.fulfill(body="Elsewhere"))
    visit(tab, blog.page())
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    with tab.context.expect_page():
        widget(tab).get_by_role("link", name="elsewhere").click(modifiers=["ControlOrMeta"])
    expect(comment(tab, "One elsewhere")).to_be_visible()
    assert not [url for url in asked if "/thread?" in url]


def test_how_long_ago_something_was_is_told_anew(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    page.clock.install()
    visit(page, blog.page())
    expect(comment(page, "A word.").get_by_text("this minute")).to_be_visible()
    page.clock.run_for(3 * 60 * 60 * 1000)
    expect(comment(page, "A word.").get_by_text("3 hours ago")).to_be_visible()


def test_why_nothing_could_be_loaded_is_said_until_it_is_tried_again(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    page.clock.install()
    refused: list[Route] = []
    page.route("**/api/v1/thread?**", lambda route: refused.append(route) or route.abort())
    visit(page, blog.page())
    expect(widget(page).get_by_role("alert")).to_contain_text("could not be loaded")
    page.clock.run_for(60_000)
    expect(widget(page).get_by_role("alert")).to_contain_text("could not be loaded")
    page.unroute("**/api/v1/thread?**")
    button(page, "Try again").press("Enter")
    expect(comment(page, "A word.")).to_be_visible()
    expect(widget(page).get_by_role("alert")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "heading"


@pytest.mark.usefixtures("settled")
def test_what_was_taken_away_in_one_tab_is_only_gone_in_the_other(
    page: Page, blog: Blog, service: Service
) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        with tab.expect_request("**/api/v1/stream?**"):
            visit(tab, blog.page())
    write(page, "Too much said.")
    send(page)
    expect(comment(other, "Too much said.")).to_be_visible()
    button(page, "Remove").click()
    expect(button(page, "Undo")).to_be_visible()
    expect(comment(other, "Too much said.")).to_have_count(0)
    expect(button(other, "Undo")).to_have_count(0)


def test_on_a_phone_every_word_of_a_form_can_be_read(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    page.set_viewport_size({"width": 360, "height": 740})
    visit(page, blog.page())
    button(page, "Reply to Ada").click()
    expect(box(page, "Replying to Ada")).to_be_visible()
    cut = (
        widget(page)
        .locator("button:visible, label:visible")
        .evaluate_all(
            """(all) => all.filter(({scrollWidth, clientWidth}) => scrollWidth > clientWidth + 1)
              .map(({outerHTML}) => outerHTML)"""
        )
    )
    assert cut == []


def test_every_control_is_as_wide_as_a_finger_needs_at_least(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    narrow = (
        widget(page)
        .locator("button:visible")
        .evaluate_all(
            """(all) => all.map((one) => [one.textContent, one.getBoundingClientRect()])
          .filter(([, {width, height}]) => width < 24 || height < 24).map(([words]) => words)"""
        )
    )
    assert narrow == []


def test_a_vote_shows_in_the_colours_that_a_reader_has_forced(
    browser: Browser, blog: Blog, said: Say
) -> None:
    page = browser.new_page(forced_colors="active")
    said("A word.")
    visit(page, blog.page())
    button(page, "Vote for it").press("Enter")
    pressed = button(page, "Vote for it, score 1")
    expect(pressed).to_be_focused()
    expect(pressed).to_have_css("forced-color-adjust", "none")  # else, a plate behind its letters
    other = button(page, "Vote against it")
    ground = page.evaluate(SYSTEM, "Highlight")
    expect(pressed).to_have_css("background-color", ground)
    other.focus()
    expect(pressed).to_have_css("background-color", ground)
    expect(other).not_to_have_css("background-color", ground)
    page.close()


def test_a_service_that_does_not_answer_is_not_waited_for_without_end(
    page: Page, blog: Blog, service: Service
) -> None:
    page.add_init_script(
        "const {timeout} = AbortSignal; AbortSignal.timeout = () => timeout.call(AbortSignal, 200)"
    )
    page.route("**/api/v1/thread?**", lambda _route: None)
    visit(page, blog.page())
    expect(widget(page).get_by_role("alert")).to_contain_text("takes too long to answer")
