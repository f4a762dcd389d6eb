"""The widget on pages of many kinds: readable, untouched by the page's rules, in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.blog import PAGES, Blog
from tests.browser.conftest import comment, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
HOSTS = sorted(path.stem for path in PAGES.glob("*.html"))
# Where the page's own policy refuses the checker's script, or its own scripts break it.
UNCHECKED = {"strict-csp", "old-scripts"}
# Whose rules reach for everything.
HOSTILE = [
    "all-unset",
    "heavy-theme",
    "newspaper",
    "quirks",
    "reset-all",
    "right-to-left",
    "shouting",
]
MOST_SHIFT = 0.05
# Controls by what they are: each page is spoken to in its own language.
NAME = "[autocomplete=name]"
SEND = "form .primary"

WATCH_SHIFTS = """
window.shift = 0
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value
}).observe({type: 'layout-shift', buffered: true})
"""
# What no page may change of any of our elements: what depends on neither its colours nor its sizes.
RULES = [
    *("textTransform", "letterSpacing", "wordSpacing", "textIndent", "textShadow", "whiteSpace"),
    *("userSelect", "fontVariantCaps", "fontStyle", "listStyleType", "float", "position"),
    *("display", "boxSizing", "visibility", "webkitTextStrokeWidth", "textDecorationLine"),
    *("wordBreak", "hyphens", "quotes", "tabSize", "cursor", "columnCount", "borderTopStyle"),
]
READ_RULES = """(host, rules) => [...host.shadowRoot.querySelectorAll('*')].map((element) => {
  const style = getComputedStyle(element)
  return element.className + ' ' + rules.map((rule) => style[rule]).join(' ')
})"""

# The contrast of each edge against what is behind the thread, as WCAG 2.2 (1.4.11) counts it.
READ_EDGES = """(host) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d')
  const light = (...colors) => {
    for (const color of colors) {
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
    }
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = [getComputedStyle(host).colorScheme === 'dark' ? '#121212' : 'white']
  for (let at = host; at; at = at.parentElement) {
    behind.splice(1, 0, getComputedStyle(at).backgroundColor)
  }
  const edged = host.shadowRoot.querySelectorAll('.input:not([hidden]), [aria-pressed=true]')
  return [...edged].map((element) => {
    const {boxShadow, borderTopColor} = getComputedStyle(element)
    const edge = boxShadow === 'none' ? borderTopColor : boxShadow.split(' 0px')[0]
    const [one, other] = [light(...behind), light(...behind, edge)].sort((a, b) => a - b)
    return [element.outerHTML.slice(0, 60), (other + 0.05) / (one + 0.05)]
  })
}"""
EDGE = 3


def thorough(*values: object) -> Any:
    """A case that ``make test-all`` runs, and ``make test`` has no time for."""
    return pytest.param(*values, marks=pytest.mark.thorough)


@pytest.fixture
def thread(said: Callable[..., str]) -> Callable[[str], None]:
    """Put the same small thread on a page."""

    def put(page: str) -> None:
        first = said("A **clear** post, with `code`.", page=page)
        said("Thanks for saying so.", page=page, name="Grace", parent=first)
        said("> A clear post\n\n- and\n- a list", page=page, name="Hanna")

    return put


@pytest.mark.parametrize(
    ("host", "width"),
    # Each page at one width, the others with all that there is no time for each time.
    [(host, (360, 1280)[at % 2]) for at, host in enumerate(HOSTS)]
    + [thorough(host, (1280, 360)[at % 2]) for at, host in enumerate(HOSTS)],
)
def test_it_is_readable_and_moves_nothing(
    page: Page, blog: Blog, thread: Callable[[str], None], host: str, width: int
) -> None:
    thread(host)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(WATCH_SHIFTS)
    visit(page, blog.page(host))
    expect(widget(page).get_by_role("article")).to_have_count(3)
    assert page.evaluate("window.shift") < MOST_SHIFT
    assert widget(page).bounding_box()["width"] > 0.6 * min(width, 300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not errors
    widget(page).get_by_role("textbox").first.focus()
    expect(widget(page).locator(NAME)).to_be_visible()
    vote = widget(page).locator("[aria-pressed]").first
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "true")
    edges = widget(page).evaluate(READ_EDGES)
    assert len(edges) > 4
    assert [edge for edge in edges if edge[1] < EDGE] == []
    if host not in UNCHECKED:
        found = Axe().run(page, context="afterword-thread")
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    "host", [*HOSTILE, *(thorough(host) for host in HOSTS if host not in {"plain", *HOSTILE})]
)
def test_no_rule_of_the_page_gets_in(
    page: Page, blog: Blog, thread: Callable[[str], None], host: str
) -> None:
    read: list[list[str]] = []
    for name in ("plain", host):
        thread(name)
        visit(page, blog.page(name))
        expect(widget(page).get_by_role("article")).to_have_count(3)
        read.append(widget(page).evaluate(READ_RULES, RULES))
    assert read[0] == read[1]


@pytest.mark.parametrize(
    "host", ["old-scripts", "quirks", "right-to-left", "shouting", "transformed", "xhtml"]
)
def test_comments_can_be_written(page: Page, blog: Blog, service: Service, host: str) -> None:
    visit(page, blog.page(host))
    widget(page).get_by_role("textbox").first.fill("Written here.")
    widget(page).locator(NAME).fill("Grace")
    widget(page).locator(SEND).click()
    expect(comment(page, "Written here.")).to_be_focused()


def test_text_stays_readable_when_a_page_turns_dark(
    page: Page, blog: Blog, thread: Callable[[str], None]
) -> None:
    thread("documentation")
    visit(page, blog.page("documentation"))
    page.evaluate("document.body.dataset.scheme = 'slate'")
    expect(widget(page).locator(".text").first).to_have_css("color", "rgb(207, 211, 220)")
    found = Axe().run(page, context="afterword-thread")
    assert found.violations_count == 0, found.generate_report()


def test_a_thread_follows_a_router_that_changes_the_address(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the first page.", page="router")
    visit(page, blog.page("router"))
    expect(comment(page, "On the first page.")).to_be_visible()
    page.get_by_role("link", name="Second").click()
    expect(widget(page).get_by_text("No comments yet.")).to_be_visible()
    page.go_back()
    expect(comment(page, "On the first page.")).to_be_visible()


def test_a_body_that_is_taken_for_another_has_its_own_thread(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the first page.", page="swapped")
    visit(page, blog.page("swapped"))
    expect(comment(page, "On the first page.")).to_be_visible()
    page.evaluate("(address) => swap(address)", blog.page("swapped", "/second"))
    widget(page).scroll_into_view_if_needed()
    expect(widget(page).get_by_text("No comments yet.")).to_be_visible()
    assert page.locator("afterword-thread").count() == 1
    page.evaluate("(address) => swap(address)", blog.page("swapped"))
    widget(page).scroll_into_view_if_needed()
    expect(comment(page, "On the first page.")).to_be_visible()


# Whose children are as wide as what they have in them.
SHRINKING = [
    "<dialog open style='position: static'>{}</dialog>",
    "<table><tr><td>{}</table>",
    "<div style='display: flex; flex-direction: column; align-items: center'><div>{}</div></div>",
    "<div style='display: flex; justify-content: center'><div>{}</div></div>",
    "<ul><li style='display: flex'>{}</ul>",
    "<div style='float: left'>{}</div>",
]


@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_as_wide_as_there_is_room_where_others_would_shrink(
    page: Page, blog: Blog, thread: Callable[[str], None], width: int
) -> None:
    thread("plain")
    source = blog.html("plain", blog.page())
    threads = [
        around.format("<afterword-thread data-eager></afterword-thread>") for around in SHRINKING
    ]
    blog.held["plain"] = source.replace("</article>", "</article>" + "".join(threads))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(blog.page())
    expect(comment(page, "Thanks for saying so.")).to_have_count(len(threads))
    widths = [found.bounding_box()["width"] for found in widget(page).all()]
    assert min(widths) > 0.75 * min(width, 800), widths
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# What text stands on where no element says its colour, and text that can be read there.
UNKNOWN = {
    "a gradient": "body { background: linear-gradient(#123, #312); color: #eee }",
    "a pane of glass": "html { background: linear-gradient(#223, #112) }"
    "body { color: #fff } main { background: rgb(255 255 255 / .1) }",
    "a layer": "body { color: #eee } body::before"
    "{ content: ''; position: fixed; inset: 0; z-index: -1; background: #222 }",
}


def dress(blog: Blog, look: str) -> None:
    """Give the plain page another look than its own."""
    source = blog.html("plain", blog.page())
    blog.held["plain"] = re.sub("<style>.*</style>", look, source, flags=re.DOTALL)


@pytest.mark.parametrize("rules", UNKNOWN.values(), ids=UNKNOWN)
def test_light_text_on_a_ground_that_nothing_says_is_left_light(
    page: Page, blog: Blog, thread: Callable[[str], None], rules: str
) -> None:
    thread("plain")
    dress(blog, f"<style>{rules}</style>")
    visit(page, blog.page())
    shown = page.evaluate("getComputedStyle(document.body).color")
    expect(widget(page).locator(".text").first).to_have_css("color", shown)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_as_the_system_has_it_where_a_page_leaves_it_to_that(
    page: Page, blog: Blog, thread: Callable[[str], None], scheme: Any
) -> None:
    thread("plain")
    dress(blog, "<meta name=color-scheme content='light dark'>")
    page.emulate_media(color_scheme=scheme)
    visit(page, blog.page())
    shown = {"light": "rgb(0, 0, 0)", "dark": "rgb(255, 255, 255)"}[scheme]
    expect(widget(page).locator(".text").first).to_have_css("color", shown)


FADING = "body { background: #fff; color: #222; transition: background-color .3s, color .3s }"
DARK = "() => Object.assign(document.body.style, {backgroundColor: '#111', color: '#eee'})"


def test_text_stays_readable_when_a_page_fades_into_the_dark(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page("plain"))
    page.add_style_tag(content=FADING)
    page.evaluate(DARK)
    expect(widget(page).get_by_role("heading")).to_have_css("color", "rgb(238, 238, 238)")


def test_a_router_that_leads_to_a_page_without_the_tag_brings_no_thread(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page("swapped"))
    page.evaluate(
        """() => {
          const body = document.createElement('body')
          body.innerHTML = '<main><h1>Home</h1></main>'
          history.pushState({}, '', '/home')
          document.body.replaceWith(body)
          document.dispatchEvent(new CustomEvent('turbo:load'))
        }"""
    )
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    expect(widget(page)).to_have_count(0)


LATER = """(isNew) => {
  history.pushState({}, '', location.pathname + '/second')
  const thread = document.querySelector('afterword-thread')
  if (isNew) thread.replaceWith(document.createElement('afterword-thread'))
  requestAnimationFrame(() => {
    document.title = 'The second'
    document.querySelector('link[rel=canonical]').href = location.href
  })
}"""


@pytest.mark.parametrize("is_new", [False, True], ids=["the same element", "a new one"])
def test_a_thread_follows_a_canonical_link_that_comes_after_the_address(
    page: Page, blog: Blog, service: Service, said: Callable[..., str], is_new: bool
) -> None:
    said("On the first page.")
    blog.held["plain"] = (
        f"<!doctype html><title>The first</title><link rel=canonical href='{blog.page()}'>"
        "<main><article><h1>A post</h1></article><afterword-thread></afterword-thread></main>"
        f"<script src='{service.url}/embed.js' async></script>"
    )
    visit(page, blog.page())
    expect(comment(page, "On the first page.")).to_be_visible()
    page.evaluate(LATER, is_new)
    expect(comment(page, "On the first page.")).to_have_count(0)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        write(page, "On the second.")
        send(page)
    said_with = sent.value.post_data_json
    assert (said_with["url"], said_with["title"]) == (f"{blog.page()}/second", "The second")


def test_threads_are_mounted_taken_out_and_shown_anew_by_a_page_that_asks(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Already here.")
    visit(page, blog.page())
    page.evaluate("Afterword.mount(document.querySelector('article'), {page: 'soup', eager: ''})")
    expect(page.locator("article afterword-thread").get_by_text("No comments yet.")).to_be_visible()
    page.evaluate("Afterword.unmount(document.querySelector('article'))")
    expect(widget(page)).to_have_count(1)
    said("Came later.")
    page.evaluate("Afterword.reload()")
    expect(comment(page, "Came later.")).to_be_visible()


def test_every_kind_of_page_is_there() -> None:
    assert len(HOSTS) >= 16
    for host in HOSTS:
        assert "<!-- COMMENTS-TAG -->" in Path(PAGES / f"{host}.html").read_text(), host
