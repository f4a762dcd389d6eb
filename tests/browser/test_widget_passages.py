"""Comments on words of the page: offered, quoted, marked, found again."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("settled")]
WORDS = "nothing but comments"
# Whether the browser has been left alone for a while.
QUIET = "window.before === (window.before = kept.length)"
# How long the browser was kept, in ms, each time that it had nothing else to do.
WATCH_IDLE = """
window.kept = []
const wait = window.requestIdleCallback
window.requestIdleCallback = (work) => wait(() => {
  const from = performance.now()
  work()
  kept.push(performance.now() - from)
})
"""


def read(page: Page, blog: Blog, name: str = "plain") -> None:
    """Read a page until its events are heard, which is when passages are looked after."""
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        visit(page, blog.page(name))


def select(page: Page, words: str = WORDS) -> None:
    page.evaluate(
        """(words) => {
          const article = document.querySelector('article')
          const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT)
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const start = node.data.indexOf(words)
            if (start >= 0) getSelection().setBaseAndExtent(node, start, node, start + words.length)
          }
        }""",
        words,
    )


def marked(page: Page) -> list[str]:
    return page.evaluate("[...(CSS.highlights.get('afterword') ?? [])].map(String)")


def quote(service: Service, blog: Blog, exact: str, **more: str) -> None:
    """Put a comment on words of the page."""
    selector = {"exact": exact, "prefix": "A page that wants ", "suffix": " below"}
    said = {
        "url": blog.page(),
        "text": "Really?",
        "author": {"name": "Ada"},
        "quote": selector,
        **more,
    }
    headers = {
        "Content-Type": "application/json",
        "Origin": blog.url,
        "Idempotency-Key": uuid.uuid4().hex,
    }
    address = f"{service.url}/api/v1/comments"
    with urllib.request.urlopen(
        urllib.request.Request(address, json.dumps(said).encode(), headers)
    ):
        pass


def test_a_thread_that_has_left_the_page_takes_no_words_from_the_next_one(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the whole of it.")
    held: list[Route] = []
    page.route("**/parts/**/passages.js", lambda route: held.append(route))  # noqa: PLW0108
    read(page, blog)
    with page.expect_request("**/parts/**/passages.js"):
        select(page)
    page.evaluate("getSelection().removeAllRanges()")
    page.evaluate("""
      window.gone = document.querySelector('afterword-thread')
      gone.remove()
    """)
    with page.expect_event("requestfinished", lambda request: "passages" in request.url):
        held[0].continue_()
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        page.evaluate("Afterword.mount(document.querySelector('article'), {eager: ''})")
    select(page)
    expect(widget(page).get_by_role("button", name="Comment on this")).to_be_visible()


def test_selected_words_are_commented_on_and_marked(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the whole of it.")
    read(page, blog)
    select(page)
    widget(page).get_by_role("button", name="Comment on this").click()
    expect(form(page).locator("blockquote")).to_have_text(WORDS)
    expect(box(page)).to_be_focused()
    write(page, "Is that so?")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        send(page)
    quoted = json.loads(sent.value.post_data or "")["quote"]
    assert quoted["exact"] == WORDS
    assert quoted["prefix"].endswith("A page that wants ")
    assert quoted["suffix"].startswith(" below its words.")
    expect(comment(page, "Is that so?").locator("blockquote")).to_have_text(WORDS)
    expect(form(page).locator("blockquote")).to_have_count(0)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    assert marked(page) == [WORDS]


def test_who_selects_words_comes_to_the_offer_by_tab_and_takes_it_by_enter(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the whole of it.")
    read(page, blog)
    select(page)
    offer = widget(page).get_by_role("button", name="Comment on this")
    expect(offer).to_be_visible()
    page.keyboard.press("Tab")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    expect(form(page).locator("blockquote")).to_have_text(WORDS)
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize(
    ("name", "words", "side"),
    [("plain", WORDS, "left"), ("right-to-left", "كلمات قبل", "right")],
)
def test_the_offer_stands_where_its_words_begin(
    page: Page, blog: Blog, said: Callable[..., str], name: str, words: str, side: str
) -> None:
    said("On the whole of it.", page=name)
    read(page, blog, name)
    select(page, words)
    page.wait_for_function(
        """(side) => {
          const {shadowRoot} = document.querySelector('afterword-thread')
          const offer = shadowRoot.querySelector('.offer')
          const begin = getSelection().getRangeAt(0).getBoundingClientRect()[side]
          return offer?.matches(':popover-open')
            && Math.abs(offer.getBoundingClientRect()[side] - begin) < 1
        }""",
        arg=side,
    )


def test_marked_words_and_their_comment_lead_to_one_another(
    page: Page, blog: Blog, service: Service
) -> None:
    quote(service, blog, WORDS)
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    at = page.evaluate("[...CSS.highlights.get('afterword')][0].getClientRects()[0].toJSON()")
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    expect(comment(page, "Really?")).to_be_focused()


def test_a_click_on_what_lies_above_marked_words_goes_nowhere(
    page: Page, blog: Blog, service: Service
) -> None:
    quote(service, blog, WORDS)
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend',
          '<div id=above style="position: fixed; inset: 0; background: #0008"></div>')"""
    )
    at = page.evaluate("[...CSS.highlights.get('afterword')][0].getClientRects()[0].toJSON()")
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    expect(comment(page, "Really?")).not_to_be_focused()
    page.evaluate("document.querySelector('#above').remove()")
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    expect(comment(page, "Really?")).to_be_focused()


# Whether the offer stands below the selected words, as far as the window is seen.
BELOW = """() => {
  const offer = document.querySelector('afterword-thread').shadowRoot.querySelector('.offer')
  const words = getSelection().getRangeAt(0).getBoundingClientRect()
  const {left, top, height} = offer?.getBoundingClientRect() ?? {}
  const gap = top - words.bottom
  return height > 0 && Math.abs(left - words.left) < 1 && gap > 0 && gap < 20
}"""


def test_the_offer_stays_below_its_words_where_a_page_is_zoomed_and_scrolled(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the whole of it.")
    read(page, blog)
    page.add_style_tag(content="html { zoom: 1.5 } body { min-height: 200vh }")
    page.evaluate("scrollTo(0, 0)")
    select(page)
    page.wait_for_function(BELOW)
    page.evaluate("scrollTo(0, 60)")
    page.wait_for_function(f"scrollY === 60 && ({BELOW})()")


def test_where_a_browser_has_no_popovers_nothing_is_offered_and_words_are_marked(
    page: Page, blog: Blog, service: Service, spoken: list[str]
) -> None:
    quote(service, blog, WORDS)
    page.add_init_script(
        "for (const name of ['showPopover', 'hidePopover']) delete HTMLElement.prototype[name]"
    )
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    select(page)
    # Chromium hides what it cannot show; others would not.
    expect(widget(page).locator(".offer")).to_have_count(0)


def test_the_way_from_a_comment_to_its_words_is_open_to_keys(
    page: Page, blog: Blog, service: Service
) -> None:
    quote(service, blog, WORDS)
    page.set_viewport_size({"width": 800, "height": 200})
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    # What has been answered draws the comment no more, and takes no focus along.
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        comment(page, "Really?").get_by_role("button", name="Vote for it").click()
    expect(comment(page, "Really?").get_by_role("button", name="score 1")).to_be_visible()
    expect(page.locator("main > article p")).not_to_be_in_viewport()
    comment(page, "Really?").get_by_role("button", name="Vote for it").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    quoted = comment(page, "Really?").get_by_role("link", name=WORDS)
    expect(quoted).to_be_focused()
    page.keyboard.press("Tab")
    expect(quoted).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main > article p")).to_be_in_viewport()


def test_a_quotation_of_words_that_are_gone_leads_nowhere(
    page: Page, blog: Blog, service: Service
) -> None:
    quote(service, blog, WORDS)
    quote(service, blog, "a sentence that the author took out of the page again")
    read(page, blog)
    expect(widget(page).get_by_role("link", name=WORDS)).to_have_css("cursor", "pointer")
    gone = widget(page).locator("blockquote", has_text="took out")
    expect(gone).to_have_css("cursor", "auto")
    expect(gone).not_to_have_attribute("role", "link")


def test_words_that_were_changed_since_are_found_and_those_that_are_gone_stay_quoted(
    page: Page, blog: Blog, service: Service
) -> None:
    quote(service, blog, "nothing but some comments")
    quote(service, blog, "a sentence that the author took out of the page again")
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    assert marked(page)[0] in WORDS
    expect(widget(page).get_by_text("took out of the page")).to_be_visible()


def test_changed_words_are_found_on_a_page_whose_scripts_replace_what_is_built_in(
    page: Page, blog: Blog, service: Service
) -> None:
    old = blog.page("old-scripts")
    quote(service, blog, "long enough to wrap on any small screen", url=old)
    read(page, blog, "old-scripts")
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    assert "long enough to wrap on a small screen" in marked(page)[0]


def test_words_that_are_gone_are_searched_for_without_stopping_the_page_and_once(
    page: Page, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    article = "".join(
        f"<p>{' '.join(f'word{n * m % 997}' for m in range(90))}.</p>" for n in range(1, 101)
    )
    plain = blog.html("plain", blog.page())
    blog.held["plain"] = plain.replace("</article>", f"{article}</article>")
    for n in range(5):
        quote(service, blog, f"zq{n} gone words of an older version " * 8)
    page.add_init_script(WATCH_IDLE)
    read(page, blog)
    # As long as it takes: what was changed a little is found after all that was not.
    quote(service, blog, "nothing but some comments")
    widget(page).get_by_role("button", name="1 new comment").click(timeout=15_000)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1", timeout=15_000)
    page.wait_for_function(QUIET, polling=500)
    kept = page.evaluate("kept")
    assert max(kept) < 100
    said("Came meanwhile.")
    expect(widget(page).get_by_role("button", name="1 new comment")).to_be_visible(timeout=15_000)
    page.wait_for_function(QUIET, polling=500)
    assert page.evaluate("kept.length") - len(kept) < 5


def test_the_page_itself_is_not_touched(page: Page, blog: Blog, service: Service) -> None:
    quote(service, blog, WORDS)
    page.goto(blog.page())
    before = page.locator("main > article").evaluate("(element) => element.innerHTML")
    read(page, blog)
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 1")
    select(page)
    expect(widget(page).get_by_role("button", name="Comment on this")).to_be_visible()
    assert page.locator("main > article").evaluate("(element) => element.innerHTML") == before


def test_a_quotation_can_be_dropped_again(page: Page, blog: Blog, said: Callable[..., str]) -> None:
    said("On the whole of it.")
    read(page, blog)
    select(page)
    widget(page).get_by_role("button", name="Comment on this").click()
    form(page).get_by_role("button", name="Not about these words").click()
    expect(form(page).locator("blockquote")).to_have_count(0)
    expect(box(page)).to_be_focused()


def two_threads(blog: Blog, service: Service, page: str) -> None:
    """Hold a page with the threads ``soup`` and ``bread``, each with a quotation."""
    for name in ("soup", "bread"):
        own = f"{name}{blog.branch}"
        page = page.replace(f"id={name}", f"id={name} data-page={own}")
        quote(service, blog, f"some words about {name}", page=own)
    blog.held["plain"] = (
        f"<!doctype html><html lang=en><title>Two</title><body>{page}"
        f"<script src='{service.url}/embed.js' async></script>"
    )


APART = """<main><article><p>Here are some words about soup.</p>
<afterword-thread id=soup></afterword-thread></article>
<article><p>Here are some words about bread.</p>
<afterword-thread id=bread></afterword-thread></article></main>"""
TOGETHER = """<main><article><p>Here are some words about soup.</p>
<afterword-thread id=soup></afterword-thread>
<p>Here are some words about bread.</p>
<afterword-thread id=bread></afterword-thread>
<p>The end.</p></article></main>"""


def read_both(page: Page, blog: Blog) -> None:
    page.goto(blog.page())
    page.wait_for_function("CSS.highlights.get('afterword')?.size === 2", timeout=20_000)


def test_two_threads_of_a_page_mark_their_words_side_by_side(
    page: Page, blog: Blog, service: Service
) -> None:
    two_threads(blog, service, APART)
    read_both(page, blog)
    assert sorted(marked(page)) == ["some words about bread", "some words about soup"]
    page.evaluate("document.querySelector('#bread').remove()")
    assert marked(page) == ["some words about soup"]


@pytest.mark.parametrize(
    ("words", "taker"),
    [("words about soup", "soup"), ("words about bread", "bread"), ("The end", "bread")],
)
def test_of_two_threads_the_one_that_follows_the_words_takes_comments_on_them(
    page: Page, blog: Blog, service: Service, words: str, taker: str
) -> None:
    two_threads(blog, service, TOGETHER)
    read_both(page, blog)
    select(page, words)
    offer = page.get_by_role("button", name="Comment on this")
    expect(offer).to_have_count(1)
    offer.click()
    thread = page.locator(f"#{taker}")
    expect(thread.locator("form blockquote")).to_have_text(words)
