"""What the widget costs a page: requests and bytes, time of the main thread, layout.

Run it with ``python -m tests.bench.widget [ROUNDS]``. A real Chromium shows pages of a blog with
50, 100 and 1,000 comments, texts as people write them. Main-thread time is that of all tasks of the
page's process from the script's first statement until the last comment is drawn and painted, on a
processor four times slower (Chromium's own throttle), over the local network; said is the median of
the rounds. Beside it stands what the same elements take that stand in a page as HTML, without any
script: nobody is faster. Layout is the longest single one while 1,000 comments are drawn, without
the throttle.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from afterword.app import close, create_app
from afterword.core import config
from afterword.markup.render import render
from afterword.sites import directory
from tests import make, running
from tests.bench import texts
from tests.browser import chromium
from tests.browser.blog import Blog

SLOWER = 4
TRACED = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
]
SIZES = (50, 100, 1000)
# Asks for more until all are there; the mark is where the time ends: their frame has been made.
DRAWN = """(many) => new Promise((done) => {
  const look = () => {
    const root = document.querySelector('afterword-thread')?.shadowRoot
    const shown = root?.querySelectorAll('.comment').length ?? 0
    const more = root?.querySelector('.comments ~ .wide:not([hidden])')
    if (shown < many && shown % 100 === 0) more?.click()
    if (shown < many) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => done(performance.mark('drawn'))))
  }
  look()
})"""


# What a thread is made of, and a page that has the same in it from the start.
MADE = """() => {
  const {shadowRoot} = document.querySelector('afterword-thread')
  const rules = shadowRoot.adoptedStyleSheets.flatMap(({cssRules}) => [...cssRules])
  return [rules.map(({cssText}) => cssText).join(''), shadowRoot.innerHTML]
}"""
BARE = "<!doctype html><meta charset=utf-8><article><p>A post.</p></article>"
WHOLE = BARE + "<div><template shadowrootmode=open><style>{}</style>{}</template></div>"
FRAME = """() => new Promise((done) => requestAnimationFrame(
  () => setTimeout(() => done(performance.mark('drawn')))))"""


@dataclass(frozen=True)
class Task:
    """One task of the page's main thread, in ms."""

    began: float
    took: float


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
            browser = playwright.chromium.launch(**chromium.launching())
            first_view(browser, blog, 50)
            main_thread(browser, blog, 100, rounds)
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
    page.goto(address(blog, size))
    page.evaluate(DRAWN, size)
    page.wait_for_timeout(500)
    total = sum(count for _, count in asked)
    print(f"first view, {size} comments: {len(asked)} requests, {total / 1000:.1f} kB with headers")
    for url, count in asked:
        print(f"  {count:6} B {url.removeprefix(blog.service_url).partition('?')[0]}")
    page.close()


def main_thread(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print how long the main thread is busy until a thread is painted."""
    busy, longest = [], []
    for _ in range(rounds):
        tasks = until_drawn(browser, address(blog, size), size, slower=SLOWER)[0]
        busy.append(sum(task.took for task in tasks))
        longest.append(max(task.took for task in tasks))
    print(
        f"{size} comments at {SLOWER}x: {statistics.median(busy):.0f} ms of the main thread "
        f"({min(busy):.0f}-{max(busy):.0f}), longest task {statistics.median(longest):.0f} ms "
        f"({min(longest):.0f}-{max(longest):.0f})"
    )


def without_script(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print what the elements of a thread take by themselves."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address(blog, size))
    page.evaluate(DRAWN, size)
    whole = WHOLE.format(*page.evaluate(MADE))
    page.close()
    # In turn, round by round: a shared machine's speed drifts.
    took = [[_shown(browser, document) for document in (BARE, whole)] for _ in range(rounds)]
    print(
        f"the same as HTML: {statistics.median(with_it - bare for bare, with_it in took):.0f} ms "
        "more than the page without it"
    )


def _shown(browser: Browser, document: str) -> float:
    """Ms of the main thread from nothing to a painted document."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.route("**", lambda route: route.fulfill(body=document, content_type="text/html"))
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(page=page, categories=TRACED)
    page.goto("https://blog.example/")
    page.evaluate(FRAME)
    here, end = _of_the_page(browser.stop_tracing())
    page.close()
    return sum(
        one.get("dur", 0) / 1000 for one in here if one["name"] == "RunTask" and one["ts"] < end
    )


def layout(browser: Browser, blog: Blog, size: int, rounds: int) -> None:
    """Print the longest layout while very many comments are drawn."""
    found = [until_drawn(browser, address(blog, size), size)[1] for _ in range(rounds)]
    print(
        f"{size} comments: longest layout {statistics.median(found):.1f} ms "
        f"({min(found):.1f}-{max(found):.1f})"
    )


def until_drawn(
    browser: Browser, url: str, size: int, *, slower: float = 1
) -> tuple[list[Task], float]:
    """The tasks of the main thread until the last comment is there, and the longest layout."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    browser.start_tracing(page=page, categories=TRACED)
    page.goto(url)
    page.evaluate(DRAWN, size)
    here, end = _of_the_page(browser.stop_tracing())
    page.close()
    start = min(one["ts"] for one in here if one["name"] == "EvaluateScript" and _is_ours(one))
    tasks = [
        Task((one["ts"] - start) / 1000, one.get("dur", 0) / 1000)
        for one in here
        if one["name"] == "RunTask" and start < one["ts"] + one.get("dur", 0) and one["ts"] < end
    ]
    layouts = [one["dur"] / 1000 for one in here if one["name"] == "Layout" and "dur" in one]
    return tasks, max(layouts)


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
