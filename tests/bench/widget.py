"""What the widget costs a page: requests and bytes, time of the main thread, layout.

Run it with ``python -m tests.bench.widget [ROUNDS]``. A real Chromium shows pages of a blog with
50, 100 and 1,000 comments, texts as people write them. Main-thread time is that of all tasks of the
page's process from the script's first statement on, with a processor four times slower (Chromium's
own throttle), over the local network; said is the median of the rounds. It ends twice: with the
frame that paints all that can be seen of the thread, the comments down to the window's lower edge,
and when the last comment is drawn and painted. It is taken twice as well: with a script that comes
at once, so that the page's own first frame is among them, and with one that comes when the page
has been painted, as over a network. Beside it stands what the same elements take that stand in a
page as HTML, without any script, all of them and those that can be seen: nobody is faster. Machines
differ more than widgets: said as well is what the throttle makes of this one, and what the thread
takes with that which makes it as fast as a reader's phone (``phones``). Layout is the longest
single one while 1,000 comments are drawn, without the throttle.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from afterword.app import close, create_app
from afterword.core import config
from afterword.markup.render import render
from afterword.sites import directory
from tests import make, running
from tests.bench import phones, texts
from tests.browser import chromium
from tests.browser.blog import Blog

SLOWER = 4
TRACED = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
]
SIZES = (50, 100, 1000)
# Set up before the page is there, and idle until the thread says that it is: who looks again and
# again takes time itself. Asks for more until all are there. The marks are where the time ends:
# within the frame that paints what can be seen, and when that of the last comment has been made.
WATCH = """(many) => addEventListener('afterword:ready', ({target}) => {
  const {shadowRoot} = target
  let isSeen = false
  const look = () => {
    const shown = shadowRoot.querySelectorAll('.comment').length
    const below = shadowRoot.querySelector('.comments').getBoundingClientRect().bottom
    if (!isSeen && (below >= innerHeight || shown >= many)) isSeen = !!performance.mark('seen')
    const more = shadowRoot.querySelector('.comments ~ .wide:not([hidden])')
    if (shown < many && shown % 100 === 0) more?.click()
    if (shown < many) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => console.info(performance.mark('drawn').name)))
  }
  requestAnimationFrame(look)
}, {once: true})"""


# What a thread is made of, all of it and as far down as can be seen, and a page that has the same
# in it from the start.
MADE = """() => {
  const {shadowRoot} = document.querySelector('afterword-thread')
  const rules = shadowRoot.adoptedStyleSheets.flatMap(({cssRules}) => [...cssRules])
  const all = shadowRoot.innerHTML
  for (const root of [...shadowRoot.querySelectorAll('.comments > li')]) {
    if (root.getBoundingClientRect().top >= innerHeight) root.remove()
  }
  return [rules.map(({cssText}) => cssText).join(''), all, shadowRoot.innerHTML]
}"""
BARE = "<!doctype html><meta charset=utf-8><article><p>A post.</p></article>"
WHOLE = BARE + "<div><template shadowrootmode=open><style>{}</style>{}</template></div>"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@dataclass(frozen=True)
class Drawn:
    """How long each task of the main thread took until a thread was there, in ms."""

    until_seen: list[float]
    until_all: list[float]
    longest_layout: float


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.widget", description=__doc__)
    words.add_argument("rounds", nargs="?", type=int, default=5)
    rounds = words.parse_args().rounds
    told = {"form_checks": "off", "rate_limits": "off"}
    with Blog.running() as blog, tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        running.installed(data, blog.url, name="A blog")
        fill(data, blog)
        with running.serving(data, **told) as service, sync_playwright() as playwright:
            blog.service_url, blog.attributes = service.url, "data-eager"
            browser = playwright.chromium.launch(**chromium.launching(whole=True))
            first_view(browser, blog, 50)
            main_thread(browser, blog, 100, rounds)
            main_thread(browser, blog, 100, rounds, is_painted=True)
            on_phones(browser, blog, 100, rounds)
            without_script(browser, blog, 100, rounds)
            layout(browser, blog, 1000, rounds)
            browser.close()


def fill(data: Path, blog: Blog) -> None:
    """Put comments on a page for each of the sizes; every second answers the one before it."""
    app = create_app(config.read({"AFTERWORD_DATA": str(data)}))
    with app.app_context():
        site = directory.of_url(blog.url)
        for size in SIZES:
            page = make.page(site, address(blog, size))
            written = texts.comments(size)
            above = None
            for number in range(size):
                text = next(written)
                said = {"name": f"Reader {number % 37}", "text": text, "html": render(text)}
                made = make.comment(page, above, minute=number, **said)
                above = None if above else made
    close(app)


def address(blog: Blog, size: int) -> str:
    return blog.page("plain", f"/{size}")


def first_view(browser: Browser, blog: Blog, size: int) -> None:
    """Print what a first visit asks the service for, until the thread is there."""
    page = browser.new_page()
    asked: list[tuple[str, int]] = []

    def note(request: Any) -> None:
        if request.url.startswith(blog.service_url):
            sizes = request.sizes()
            asked.append((request.url, sizes["responseBodySize"] + sizes["responseHeadersSize"]))

    page.on("requestfinished", note)
    show(page, address(blog, size), size)
    page.wait_for_timeout(500)
    total = sum(count for _, count in asked)
    print(f"first view, {size} comments: {len(asked)} requests, {total / 1000:.1f} kB with headers")
    for url, count in asked:
        print(f"  {count:6} B {url.removeprefix(blog.service_url).partition('?')[0]}")
    page.close()


def show(page: Page, url: str, size: int) -> None:
    """Go there and wait until all of the thread is drawn."""
    page.add_init_script(f"({WATCH})({size})")
    with page.expect_console_message(lambda said: said.text == "drawn"):
        page.goto(url, wait_until="commit")


def main_thread(
    browser: Browser,
    blog: Blog,
    size: int,
    rounds: int,
    *,
    slower: float = SLOWER,
    is_painted: bool = False,
) -> None:
    """Print how long the main thread is busy until a thread can be seen, and until all is drawn."""
    url = address(blog, size)
    found = [
        until_drawn(browser, url, size, slower=slower, is_painted=is_painted) for _ in range(rounds)
    ]
    print(f"{size} comments at {slower:.3g}x, {'painted page' if is_painted else 'page and all'}:")
    for said, taken in (
        ("what can be seen is painted", [one.until_seen for one in found]),
        ("the last comment is drawn", [one.until_all for one in found]),
    ):
        busy = _median([sum(tasks) for tasks in taken])
        print(
            f"  until {said}: {busy} of the main thread, "
            f"longest task {_median([max(tasks) for tasks in taken])}"
        )


def _median(found: list[float]) -> str:
    return f"{statistics.median(found):.0f} ms ({min(found):.0f}-{max(found):.0f})"


def on_phones(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print how fast this machine is, and how long a thread takes on phones that readers have."""
    page = browser.new_page()
    print(f"BenchmarkIndex of this machine: {phones.index(page):.0f}")
    rates = {phone: phones.throttle(page, index) for phone, index in phones.PHONES.items()}
    page.close()
    for phone, rate in rates.items():
        print(f"{phone}: {'slower than this machine' if rate else 'this machine is slower'}")
        main_thread(browser, blog, size, rounds, slower=rate or 1, is_painted=True)


def without_script(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print what the elements of a thread take by themselves."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    show(page, address(blog, size), size)
    rules, *drawn = page.evaluate(MADE)
    page.close()
    documents = [BARE, *(WHOLE.format(rules, elements) for elements in drawn)]
    # In turn, round by round: a shared machine's speed drifts.
    took = [[_shown(browser, document) for document in documents] for _ in range(rounds)]
    for at, what in ((1, "the same as HTML"), (2, "what can be seen of it as HTML")):
        more = _median([each[at] - each[0] for each in took])
        print(f"{what}: {more} more than the page without it")


def _shown(browser: Browser, document: str) -> float:
    """Ms of the main thread from nothing to a painted document."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.route("**", lambda route: route.fulfill(body=document, content_type="text/html"))
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(page=page, categories=TRACED)
    page.goto("https://blog.example/")
    page.evaluate(PAINTED)
    page.evaluate("performance.mark('drawn') && null")
    here, end = _of_the_page(browser.stop_tracing())
    page.close()
    return sum(
        one.get("dur", 0) / 1000 for one in here if one["name"] == "RunTask" and one["ts"] < end
    )


def layout(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print the longest layout while very many comments are drawn."""
    url = address(blog, size)
    found = [until_drawn(browser, url, size).longest_layout for _ in range(rounds)]
    print(
        f"{size} comments: longest layout {statistics.median(found):.1f} ms "
        f"({min(found):.1f}-{max(found):.1f})"
    )


def until_drawn(
    browser: Browser, url: str, size: int, *, slower: float = 1, is_painted: bool = False
) -> Drawn:
    """Show a thread; ``is_painted`` holds the script back until the page itself is there."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    if is_painted:
        page.route("**/embed.js", _after_the_page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    browser.start_tracing(page=page, categories=TRACED)
    show(page, url, size)
    here, end = _of_the_page(browser.stop_tracing())
    page.close()
    start = min(one["ts"] for one in here if one["name"] == "EvaluateScript" and _is_ours(one))
    (seen,) = (one["ts"] for one in here if one["name"] == "seen")
    return Drawn(
        until_seen=_tasks(here, start, seen),
        until_all=_tasks(here, start, end),
        longest_layout=max(
            one["dur"] / 1000 for one in here if one["name"] == "Layout" and "dur" in one
        ),
    )


def _after_the_page(route: Route) -> None:
    route.request.frame.evaluate(PAINTED)
    route.continue_()


def _tasks(here: list[dict[str, Any]], start: int, end: int) -> list[float]:
    """How long each took, that at the start and that at the end included, in ms."""
    return [
        one.get("dur", 0) / 1000
        for one in here
        if one["name"] == "RunTask" and start < one["ts"] + one.get("dur", 0) and one["ts"] < end
    ]


def _of_the_page(trace: bytes) -> tuple[list[dict[str, Any]], int]:
    """What happened in the main thread of the page that was drawn, and when it was."""
    events = json.loads(trace)["traceEvents"]
    (end,) = (one for one in events if one["name"] == "drawn")
    here = [one for one in events if (one["pid"], one["tid"]) == (end["pid"], end["tid"])]
    return here, end["ts"]


def _is_ours(event: dict[str, Any]) -> bool:
    return str(event["args"].get("data", {}).get("url", "")).endswith("/embed.js")


if __name__ == "__main__":
    main()
