"""Take the README's pictures from the running demo: ``make screenshots``. Look at them after."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright
from tests import running
from tests.running import Service

HERE = Path(__file__).parent
IMAGES = HERE / "images"
CHROMIUM = HERE.parent / "tests" / "browser" / "install-chromium.sh"
EMAIL, PASSWORD = "hanna@blog.example", "a table is a boat"
WIDTH, MARGIN = 860, 14
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What waits at the desk: sent without the form, which is one of the things that look odd.
WAITING = (
    ("Noor", "We tried the soup in mugs. Nobody ever wants a bowl again."),
    ("Best Deals", "Great post! https://a.example https://b.example https://c.example"),
)


def main() -> None:
    """Write every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    found = subprocess.run(["bash", str(CHROMIUM)], capture_output=True, text=True, check=True)  # noqa: S603, S607
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
        path = found.stdout.strip().splitlines()[-1]
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, text in WAITING:
            _post(browser, service, name=name, text=text)
        for scheme in SCHEMES:
            _take_thread(browser, service, scheme)
        _set_up(browser, link)
        for scheme in SCHEMES:
            _take_desk(browser, service, scheme)
        browser.close()


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
    page.goto(f"{service.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("article.comment").first.wait_for()
    _shoot(
        page,
        f"desk-{scheme}",
        first=page.locator("body"),
        last=page.locator("article.comment").nth(len(WAITING) - 1),
    )


def _shoot(page: Page, name: str, *, first: Locator, last: Locator) -> None:
    """The page's whole width, from the top of one element to the bottom of another."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    top, bottom = (
        float(element.evaluate(f"(element) => element.getBoundingClientRect().{edge}"))
        for element, edge in ((first, "top"), (last, "bottom"))
    )
    y = max(0, top - MARGIN)
    height = bottom + MARGIN - y
    clip: FloatRect = {"x": 0, "y": y, "width": WIDTH, "height": height}
    page.screenshot(path=IMAGES / f"{name}.png", clip=clip)
    page.close()


if __name__ == "__main__":
    main()
