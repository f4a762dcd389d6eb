"""A thread is drawn in pieces: what can be seen, then the rest, and nothing before its time."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import comment, visit, widget
from tests.running import Service

pytestmark = pytest.mark.shared
Say = Callable[..., str]

# Notes what is made of the browser's own formats, which take longer to make than a comment to draw.
FORMATS = """
self.made = []
for (const name of ['NumberFormat', 'DateTimeFormat', 'RelativeTimeFormat']) {
  const construct = (of, given) => (made.push(name), new of(...given))
  Intl[name] = new Proxy(Intl[name], {construct})
}
for (const of of [Number, Date]) {
  const say = of.prototype.toLocaleString
  of.prototype.toLocaleString = function (...given) {
    made.push(of.name)
    return say.apply(this, given)
  }
}"""
# How many comments there are after each change of the list, from the first one on.
# Each look at the clock finds it later by what a slow phone takes to draw a comment.
HURRY = "let late = 0; const {now} = Date; Date.now = () => now() + (late += 15)"
CHANGES = """() => {
  self.changes = []
  const {shadowRoot} = document.querySelector('afterword-thread')
  new MutationObserver((changed) => {
    const list = shadowRoot.querySelector('.comments')
    if (changed.some(({target}) => target === list)) changes.push(list.childElementCount)
  }).observe(shadowRoot, {subtree: true, childList: true})
}"""

# How many comments there are when the choice of the order comes.
ORDERED = """() => {
  self.ordered = []
  const {shadowRoot} = document.querySelector('afterword-thread')
  new MutationObserver((changed) => {
    const added = changed.flatMap(({addedNodes}) => [...addedNodes])
    if (added.some((node) => node.matches?.('.sort'))) {
      ordered.push(shadowRoot.querySelectorAll('.comment').length)
    }
  }).observe(shadowRoot, {subtree: true, childList: true})
}"""
# Tells which elements of the thread were changed.
TOUCHED = """() => {
  const {shadowRoot} = document.querySelector('afterword-thread')
  let seen = []
  const watch = new MutationObserver((changed) => seen.push(...changed))
  watch.observe(shadowRoot, {subtree: true, childList: true, attributes: true, characterData: true})
  self.touched = () => [...seen, ...watch.takeRecords()].map(({target}) => target.outerHTML)
}"""


def test_a_thread_is_drawn_without_the_browsers_formats_of_numbers_and_dates(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    page.add_init_script(FORMATS)
    visit(page, blog.page())
    expect(comment(page, "A word.").get_by_text("this minute")).to_be_visible()
    assert page.evaluate("made") == []


def test_when_a_comment_was_written_is_said_exactly_to_whom_points_there(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    with page.expect_response("**/parts/**/live.js"):
        visit(page, blog.page())
    when = comment(page, "A word.").get_by_text("this minute")
    today = datetime.now(UTC)
    expect(when).to_have_attribute("title", re.compile(f"^{today:%Y-%m-}"))
    page.wait_for_function(
        "document.querySelector('afterword-thread').shadowRoot.querySelector('.news')"
    )
    when.hover()
    expect(when).to_have_attribute("title", re.compile(f"{today:%B} .*{today:%Y}"))


def test_the_rest_of_a_long_thread_changes_the_page_a_few_times_only(
    page: Page, blog: Blog, said: Say
) -> None:
    for number in range(40):
        said(f"Comment {number}.")

    def watch(route: Route) -> None:
        page.evaluate(CHANGES)
        route.continue_()

    page.route("**/api/v1/thread?*", watch)
    page.add_init_script(HURRY)
    visit(page, blog.page())
    expect(widget(page).get_by_role("article")).to_have_count(40, timeout=30_000)
    changes = page.evaluate("changes")
    assert changes[0] < 40, changes
    # At least twice as many each time.
    assert len(changes) <= 6, changes


def test_the_choice_of_the_order_comes_after_all_comments(
    page: Page, blog: Blog, said: Say
) -> None:
    for number in range(12):
        said(f"Comment {number}.")

    def watch(route: Route) -> None:
        page.evaluate(ORDERED)
        route.continue_()

    page.route("**/api/v1/thread?*", watch)
    page.add_init_script(HURRY)
    visit(page, blog.page())
    expect(widget(page).get_by_label("Sort")).to_be_visible()
    assert page.evaluate("ordered") == [12]


def test_what_is_to_come_is_drawn_with_the_form_and_not_again_when_it_is_asked_for(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.", page="long")
    page.goto(blog.page("long"))
    expect(widget(page).locator(".bones")).to_be_attached()
    page.evaluate(TOUCHED)
    page.route("**/api/v1/thread?*", lambda route: None)
    with page.expect_request("**/api/v1/thread?*"):
        widget(page).scroll_into_view_if_needed()
    assert page.evaluate("touched()") == []
    # Drawn, that is: its colours come from the text's, which is not to be seen.
    drawn = widget(page).locator(".bones").evaluate("(it) => getComputedStyle(it).backgroundImage")
    faint = [float(alpha) for alpha in re.findall(r"/ ([\d.]+)\)", drawn)]
    assert 0.15 in faint, drawn
    assert 0.07 in faint, drawn


def test_what_is_to_come_begins_where_lines_begin(page: Page, blog: Blog, service: Service) -> None:
    page.route("**/api/v1/thread?*", lambda route: None)
    page.goto(blog.page("right-to-left"))
    bones = widget(page).locator(".bones")
    bones.scroll_into_view_if_needed()
    picture = page.context.new_page()
    picture.set_content(
        f'<img src="data:image/png;base64,{b64encode(bones.screenshot()).decode()}">'
    )
    # A name takes up a part of its line: at which end of it?
    left, right = picture.evaluate(
        """async () => {
          const image = document.images[0]
          await image.decode()
          const {width, height} = image
          const canvas = new OffscreenCanvas(width, height).getContext('2d')
          canvas.drawImage(image, 0, 0)
          const row = [...canvas.getImageData(0, height * (1.4 / 15), width, 1).data]
          const ground = row.slice(width * 2, width * 2 + 3)
          const isInk = (at) => ground.some((value, n) => value !== row[at * 4 + n])
          return [isInk(2), isInk(width - 3)]
        }"""
    )
    assert (left, right) == (False, True)


def test_without_faces_a_comment_has_one_column_and_no_room_for_them(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    style = "afterword-thread::part(avatar) { display: none }"
    shown = comment(page, "A word.")
    parts = (
        "(it) => [...it.querySelectorAll('header, .text, .acts')].map((part) => "
        "part.getBoundingClientRect()).map(({left, top}) => [left, top])"
    )
    beside = shown.evaluate(parts)
    page.add_style_tag(content=style)
    alone = shown.evaluate(parts)
    start = shown.evaluate("(it) => it.getBoundingClientRect().left")
    for lefts in ({left for left, _ in beside}, {left for left, _ in alone}):
        assert len(lefts) == 1
    assert alone[0][0] == start < beside[0][0]
    assert sorted(alone, key=lambda at: at[1]) == alone
