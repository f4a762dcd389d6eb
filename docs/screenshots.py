"""Take the pictures of the documentation from the running demo: ``make screenshots``.

Look at them after. ``python -m docs.screenshots looks`` takes those of the gallery alone;
``thread``, ``desk`` and ``recipes`` likewise.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from docs.looks import LOOKS, PRESETS, Look
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright
from tests import running
from tests.browser import chromium
from tests.browser.blog import Blog
from tests.running import Service

from afterword.web.admin.recipes import RECIPES

HERE = Path(__file__).parent
IMAGES = HERE / "images"
EMAIL, PASSWORD = "hanna@blog.example", "a table is a boat"
WIDTH, MARGIN = 860, 14
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What waits at the desk: sent without the form, which is one of the things that look odd.
WAITING = (
    ("Noor", "We tried the soup in mugs. Nobody ever wants a bowl again."),
    ("Best Deals", "Great post! https://a.example https://b.example https://c.example"),
)


def main(wanted: set[str]) -> None:
    """Write these pictures anew."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running.serving(Path(folder) / "data", verb="demo") as service,
        sync_playwright() as playwright,
    ):
        link = running.command(
            service.data,
            "moderators",
            "add",
            EMAIL,
            "--owner",
            "--name",
            "Hanna",
            public_url=service.url,
        ).stdout.strip()
        browser = playwright.chromium.launch(**chromium.launching(whole=True))
        for name, text in WAITING:
            _post(browser, service, name=name, text=text)
        if "looks" in wanted:
            _take_looks(browser, service)
        if "thread" in wanted:
            for scheme in SCHEMES:
                _take_thread(browser, service, scheme)
        _set_up(browser, link)
        if "desk" in wanted:
            for scheme in SCHEMES:
                _take_desk(browser, service, scheme)
        if "recipes" in wanted:
            _take_recipes(browser, service)
        browser.close()


def _take_looks(browser: Browser, service: Service) -> None:
    with Blog.running() as blog:
        blog.service_url = service.url
        running.command(service.data, "sites", "add", blog.url, "--to", service.url)
        for look in (*LOOKS, *PRESETS):
            _take_look(browser, blog, look)


def _take_look(browser: Browser, blog: Blog, look: Look) -> None:
    # The thread of the demo, shown in a page of another address.
    blog.attributes = (
        f'data-url="{blog.service_url}/demo" data-site="{blog.service_url}" {look.attributes}'
    )
    page = browser.new_page(
        viewport={"width": 640, "height": 3000},
        locale="en-GB",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    page.goto(blog.page())
    page.add_style_tag(content=look.css)
    page.locator("article.comment").nth(1).wait_for()
    # With words in it the form shows its other fields and the button.
    page.get_by_role("textbox", name="Write a comment").fill(
        "We ate at the door once. Never again."
    )
    _shoot(
        page,
        f"look-{look.key}",
        first=page.locator("main > article > p"),
        last=page.locator("article.comment").nth(1),
        width=640,
    )


def _take_recipes(browser: Browser, service: Service) -> None:
    page = browser.new_page(viewport={"width": 760, "height": 1400}, color_scheme="light")
    _log_in(page, service)
    for recipe in RECIPES:
        page.goto(f"{service.url}/admin/sites/1/tag?for={recipe.key}")
        steps = page.locator("main section").first
        steps.wait_for()
        steps.screenshot(path=IMAGES / f"recipe-{recipe.key}.png")
    page.close()


def _post(browser: Browser, service: Service, *, name: str, text: str) -> None:
    context = browser.new_context(extra_http_headers={"Origin": service.url})
    body = {"url": f"{service.url}/demo", "text": text, "author": {"name": name}}
    answer = context.request.post(f"{service.url}/api/v1/comments", data=body)
    assert answer.status == 202, answer.text()  # noqa: S101 - a picture without it would be wrong
    context.close()


def _page(browser: Browser, scheme: Literal["light", "dark"], height: int) -> Page:
    return browser.new_page(
        color_scheme=scheme,
        viewport={"width": WIDTH, "height": height},
        locale="en-GB",
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )


def _take_thread(browser: Browser, service: Service, scheme: Literal["light", "dark"]) -> None:
    # Tall enough for all of it: comments outside the window are not laid out.
    page = _page(browser, scheme, 3000)
    page.goto(f"{service.url}/demo")
    page.locator("article.comment").nth(3).wait_for()
    _shoot(
        page,
        f"thread-{scheme}",
        first=page.locator("main.blog > article > p").last,
        last=page.locator("article.comment").nth(3),
    )


def _set_up(browser: Browser, link: str) -> None:
    page = _page(browser, "light", 800)
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").last.click()
    page.wait_for_url("**/admin/")
    page.close()


def _take_desk(browser: Browser, service: Service, scheme: Literal["light", "dark"]) -> None:
    page = _page(browser, scheme, 1500)
    _log_in(page, service)
    page.locator("article.comment").first.wait_for()
    _shoot(
        page,
        f"desk-{scheme}",
        first=page.locator("body"),
        last=page.locator("article.comment").nth(len(WAITING) - 1),
    )


def _log_in(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")


def _shoot(page: Page, name: str, *, first: Locator, last: Locator, width: int = WIDTH) -> None:
    """The page's whole width, from the top of one element to the bottom of another."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    top, bottom = (
        float(element.evaluate(f"(element) => element.getBoundingClientRect().{edge}"))
        for element, edge in ((first, "top"), (last, "bottom"))
    )
    y = max(0, top - MARGIN)
    height = bottom + MARGIN - y
    clip: FloatRect = {"x": 0, "y": y, "width": width, "height": height}
    page.screenshot(path=IMAGES / f"{name}.png", clip=clip)
    page.close()


if __name__ == "__main__":
    main(set(sys.argv[1:]) or {"looks", "thread", "desk", "recipes"})
