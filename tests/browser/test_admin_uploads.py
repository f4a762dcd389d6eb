"""A file sent to the desk from a browser, brought in by a service that is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import running
from tests.browser.test_admin import ORIGIN, desk, log_in, rows  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser
MANY = 3000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """More than one part of it, packed or not: words that hardly repeat."""
    path = tmp_path / "comments.jsonl"
    said = {"type": "comment", "author": {"name": "Ada"}, "created": "2026-01-01T00:00:00Z"}
    path.write_text(
        "".join(
            json.dumps(
                said
                | {
                    "id": f"c{number}",
                    "page_url": f"{ORIGIN}/post-{number % 50}",
                    "text": os.urandom(40).hex(),
                }
            )
            + "\n"
            for number in range(MANY)
        )
    )
    return path


def look_through(page, desk, file):  # noqa: F811
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1")
    page.get_by_role("link", name="Bring comments in").click()
    page.get_by_label("The file that your present system exported").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible(timeout=60_000)


def test_a_file_is_sent_looked_through_and_brought_in(page, desk, file):  # noqa: F811
    look_through(page, desk, file)
    page.get_by_role("button", name="Bring 3,000 comments in").click()
    expect(page.get_by_role("heading", name="The comments are in")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="To the pages").click()
    expect(page.get_by_role("link", name=f"{ORIGIN}/post-49", exact=True)).to_be_visible()


def importing(desk):  # noqa: F811
    """The process that works on an upload of this service, None without one."""
    found = subprocess.run(
        ["pgrep", "-f", "-g", str(desk.process.pid), "import-upload"],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(found.stdout.split()[0]) if found.stdout else None


def test_an_import_whose_process_is_killed_ends_as_if_it_had_not_been(page, desk, file):  # noqa: F811
    look_through(page, desk, file)
    page.get_by_role("button", name="Bring 3,000 comments in").click()
    until = time.monotonic() + 30
    while (process := importing(desk)) is None:
        assert time.monotonic() < until
    os.kill(process, signal.SIGKILL)
    expect(page.get_by_role("heading", name="The comments are in")).to_be_visible(timeout=60_000)
    told = running.command(desk.data, "pages", "list", "--json")
    # The four that the desk's own page waits with are not visible.
    assert sum(one["count"] for one in json.loads(told.stdout)) == MANY


def test_a_service_that_starts_anew_meanwhile_is_waited_for(page, desk, file):  # noqa: F811
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1/import")
    lost = iter(range(2))

    def lose(route):
        if next(lost, None) is None:
            route.continue_()
        else:
            route.abort()

    page.route("**/parts", lose)
    page.get_by_label("The file that your present system exported").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Bring 3,000 comments in")).to_be_visible()


def test_who_was_logged_out_meanwhile_is_told_so(page, desk, file):  # noqa: F811
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1/import")
    page.context.clear_cookies()
    page.get_by_label("The file that your present system exported").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()
    expect(page.get_by_role("alert")).to_contain_text("You were logged out meanwhile")
    expect(page.get_by_role("button", name="Look through it")).to_be_enabled()
