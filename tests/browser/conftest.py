"""A real Chromium, a real service, and a blog on another origin."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests import running
from tests.browser.blog import Blog
from tests.running import Service

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium, which a script finds or installs; without one the tests fail."""
    found = subprocess.run(
        ["bash", str(HERE / "install-chromium.sh")], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {
        "executable_path": found.stdout.strip().splitlines()[-1],
        "args": ["--no-sandbox", "--no-first-run", "--disable-gpu", *quiet],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """None: tests say whole addresses. (The plugin's own fixture warns under pytest 9.)"""


@pytest.fixture
def context(new_context: Callable[[], BrowserContext]) -> BrowserContext:
    """The browser's, not the application's, which has this name outside of this folder."""
    return new_context()


@pytest.fixture
def blog() -> Iterator[Blog]:
    """A blog without any site's permission; ``service`` allows it."""
    with Blog.running() as blog:
        yield blog


@pytest.fixture
def told() -> dict[str, str]:
    """Settings of the service under test; a module may override it."""
    return {"form_checks": "off", "rate_limits": "off"}


@pytest.fixture
def service(tmp_path: Path, blog: Blog, told: dict[str, str]) -> Iterator[Service]:
    """The service as an owner runs it, with the blog as its site."""
    data = tmp_path / "data"
    made = running.command(data, "init", "--site-origin", blog.url, "--site-name", "A blog", **told)
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
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check
