"""A real Chromium, a real service, and a blog on another origin."""

from __future__ import annotations

import itertools
import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Error, Locator, Page, Response, expect

from tests import running
from tests.browser import chromium
from tests.browser.blog import Blog
from tests.running import Service

HERE = Path(__file__).parent
# No test proves by it that something is quick; a machine may pause for seconds.
expect.set_options(timeout=30_000)
# Of a site's `max_length`, each given once.
LENGTHS = itertools.count(1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium, which a script finds or installs; without one the tests fail."""
    return chromium.launching()


@pytest.fixture(scope="session", autouse=True)
def _blogs_are_asked_again() -> Iterator[None]:
    """The tests' own blog has reset a connection twice in some hundred thousand, for no reason that
    could be found: a page of it is asked for once more then. The service has no such favour."""
    goto = Page.goto

    def patient(page: Page, url: str, **told: Any) -> Response | None:
        try:
            return goto(page, url, **told)
        except Error as fault:
            if "ERR_CONNECTION_RESET" not in fault.message or not url.startswith(tuple(Blog.all)):
                raise
            page.wait_for_url("chrome-error://chromewebdata/")
            return goto(page, url, **told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "goto", patient)
        yield


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: tests say whole addresses. (The plugin's own fixture warns under pytest 9.)"""


@pytest.fixture
def context(new_context: Callable[[], BrowserContext]) -> BrowserContext:
    """The browser's, not the application's, which has this name outside of this folder."""
    return new_context()


# What a thread waits for before it tells what others write (SETTLED in thread.js), cut short.
SOON = """(() => {
  const later = setTimeout
  window.setTimeout = (act, ms, ...said) => later(act, ms === 4000 ? 300 : ms, ...said)
})()"""


@pytest.fixture
def settled(context: BrowserContext) -> None:
    """Readers are told of what others write as soon as the thread is there: tests need not wait."""
    context.add_init_script(SOON)


@pytest.fixture
def blog(request: pytest.FixtureRequest) -> Blog:
    """A blog without any site's permission; ``service`` allows it.

    Under the mark ``shared`` one blog and one service serve all tests, each on pages of its own:
    for those that change nothing of the site.
    """
    if _is_shared(request):
        blog: Blog = request.getfixturevalue("house")[0]
        blog.begin(f"/{uuid.uuid4().hex}")
    else:
        blog = request.getfixturevalue("own_blog")
        blog.begin()
    return blog


@pytest.fixture(scope="session")
def own_blog() -> Iterator[Blog]:
    """The blog of tests that have a service each; to the next test it is new again."""
    with Blog.running() as blog:
        yield blog


@pytest.fixture
def told() -> dict[str, str]:
    """Settings of the service under test; a module may override it."""
    return {"form_checks": "off", "rate_limits": "off"}


@pytest.fixture
def service(
    request: pytest.FixtureRequest, tmp_path: Path, blog: Blog, told: dict[str, str]
) -> Iterator[Service]:
    """The service as an owner runs it, with the blog as its site."""
    if _is_shared(request):
        yield request.getfixturevalue("house")[1]
    else:
        with _serving(tmp_path / "data", blog, told) as service:
            yield service


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Blog, Service]]:
    """What tests with the mark ``shared`` share: a site that takes votes."""
    told = {"form_checks": "off", "rate_limits": "off"}
    data = tmp_path_factory.mktemp("house") / "data"
    with Blog.running() as blog, _serving(data, blog, told, "votes=on") as service:
        yield blog, service


def _is_shared(request: pytest.FixtureRequest) -> bool:
    node = request.node
    return bool(node.get_closest_marker("shared") and not node.get_closest_marker("alone"))


@contextmanager
def _serving(data: Path, blog: Blog, told: dict[str, str], *options: str) -> Iterator[Service]:
    running.installed(data, blog.url, name="A blog")
    if options:
        key = blog.url.partition("//")[2]
        made = running.command(data, "sites", "set", key, *options, **told)
        assert made.returncode == 0, made.stderr
    with running.serving(data, **told) as service:
        blog.service_url = service.url
        yield service


@pytest.fixture
def spoken(page: Page) -> Iterator[list[str]]:
    """What the page's console says; a test that leaves an error there fails."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    yield said
    assert not [line for line in said if line.startswith("error")], said


@pytest.fixture
def assert_accessible() -> Any:
    """Fail on any violation that axe-core finds on the page."""

    def check(page: Page) -> None:
        page.wait_for_load_state()  # a link that was pressed: half a page has no heading yet
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def said(blog: Blog, service: Service) -> Callable[..., str]:
    """Put a comment on a page of the blog; answers its id."""

    def say(text: str, *, page: str = "plain", name: str = "Ada", parent: str | None = None) -> str:
        comment = {"url": blog.page(page), "text": text, "author": {"name": name}}
        request = urllib.request.Request(
            f"{service.url}/api/v1/comments",
            json.dumps({**comment, "parent": parent}).encode(),
            {
                "Content-Type": "application/json",
                "Origin": blog.url,
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )
        with urllib.request.urlopen(request) as answer:
            return str(json.load(answer)["comment"]["id"])

    return say


def choose(service: Service, blog: Blog, *options: str) -> None:
    """Give the site these choices, and return when the service knows them, as all that is told."""
    known = blog.page("plain", f"/{uuid.uuid4().hex}")
    most = next(LENGTHS)
    said = (*options, f"max_length={most}")
    made = running.command(service.data, "sites", "set", blog.url, *said)
    assert made.returncode == 0, made.stderr

    def is_known() -> bool:
        with urllib.request.urlopen(f"{service.url}/api/v1/thread?url={known}") as answer:
            return bool(json.load(answer)["site"]["max_length"] == most)

    running.wait_until(is_known)


def widget(page: Page) -> Locator:
    return page.locator("afterword-thread")


def comment(page: Page, text: str) -> Locator:
    return widget(page).get_by_role("article").filter(has_text=text)


def visit(page: Page, url: str) -> None:
    """Open a page and look at its comments."""
    page.goto(url)
    widget(page).scroll_into_view_if_needed()
    expect(widget(page).get_by_text("Loading comments")).to_have_count(0)


def form(page: Page, name: str = "Write a comment") -> Locator:
    return widget(page).get_by_role("form", name=name)


def box(page: Page, name: str = "Write a comment") -> Locator:
    return form(page, name).get_by_role("textbox", name=name)


def write(page: Page, text: str, *, name: str = "Grace") -> None:
    """Fill in the form at the top."""
    box(page).fill(text)
    form(page).get_by_label("Name").fill(name)


def send(page: Page) -> None:
    widget(page).get_by_role("button", name="Send comment").click()
