"""A hundred comments are decided by keys alone in under a minute, and the focus is never lost."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from afterword.core.db import db
from afterword.moderation import queue
from afterword.threads.models import Page as BlogPage
from afterword.threads.models import State
from tests import make
from tests.browser.test_admin import desk, inside, log_in, rows

__all__ = ["desk", "rows"]

MANY = 100
KEYS = "asd"
TO = {"a": State.VISIBLE, "s": State.SPAM, "d": State.REMOVED}


def fill() -> None:
    """As many more as a hundred needs, with the four that are there."""
    page = db.session.query(BlogPage).one()
    for number in range(MANY - 4):
        make.comment(page, minute=10 + number, name=f"Guest {number}", state=State.PENDING)


def test_a_queue_of_a_hundred_is_empty_within_a_minute_by_keys(page, rows, desk, spoken):
    inside(rows, fill)
    log_in(page, desk)
    expect(page.get_by_role("link", name="Pending")).to_contain_text("100")
    started = time.monotonic()
    page.keyboard.press("j")
    for pressed in range(MANY):
        focused = page.locator(".comment:focus")
        expect(focused).to_have_count(1)
        expect(focused).not_to_have_class(re.compile("leaving"), timeout=30_000)
        page.keyboard.press(KEYS[pressed % 3])
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible(timeout=60_000)
    taken = time.monotonic() - started
    decided = inside(rows, queue.totals)
    assert {state: decided[state] for state in TO.values()} == {
        state: len([n for n in range(MANY) if KEYS[n % 3] == key]) for key, state in TO.items()
    }
    assert taken < 60
