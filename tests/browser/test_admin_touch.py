"""The desk in the hand: all that keys and a mouse do is done by a finger too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from afterword.moderation import queue
from afterword.threads.models import State
from tests.browser.test_admin import article, desk, inside, log_in, rows, shows

__all__ = ["desk", "rows"]

FINGER = 44  # px, what a fingertip covers (WCAG 2.2, 2.5.5)
# What can be pressed, but for links in a sentence, and is lower than a finger. A box counts with
# its label. The button that is not seen is for the Enter key.
LOW = """(least) => [...document.querySelectorAll('button, .button, nav a, summary, select, input')]
  .map((one) => one.closest('label') ?? one)
  .filter((one) => one.checkVisibility() && !one.matches('.unseen'))
  .filter((one) => one.getBoundingClientRect().height < least - 0.5)
  .map((one) => `${one.outerHTML.slice(0, 99)} ${one.getBoundingClientRect().height}`)"""


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """A page on a phone: a finger, no mouse."""
    return new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    ).new_page()


def test_comments_are_decided_chosen_together_and_taken_back_by_a_finger(phone, rows, desk):
    log_in(phone, desk)
    article(phone, "Dilek").get_by_role("button", name="Approve").tap()
    expect(phone.locator(".comment")).to_have_count(3)
    phone.get_by_role("button", name="Undo").tap()
    expect(phone.locator(".comment")).to_have_count(4)
    for name in ("Piet", "Jonas"):
        article(phone, name).get_by_role("checkbox").tap()
    phone.get_by_role("group", name="All ticked comments").get_by_role("button", name="Spam").tap()
    expect(phone.locator(".comment")).to_have_count(2)
    shows(phone, ["Dilek", "Rosalind"])
    assert inside(rows, queue.totals)[State.SPAM] == 2
    phone.get_by_role("button", name="Undo").tap()
    expect(phone.locator(".comment")).to_have_count(4)


def test_an_answer_is_written_by_a_finger(phone, desk):
    log_in(phone, desk)
    article(phone, "Piet").get_by_text("Reply").tap()
    phone.get_by_label("Reply").fill("Welcome.")
    phone.get_by_role("button", name="Reply").tap()
    expect(phone.get_by_role("status")).to_be_visible()


def test_what_is_pressed_is_as_high_as_a_finger(phone, desk):
    log_in(phone, desk)
    low = {}
    for path in ("", "?state=visible", "overview", "pages", "sites", "bans", "log", "account"):
        phone.goto(f"{desk.url}/admin/{path}")
        low[path] = phone.evaluate(LOW, FINGER)
    assert not any(low.values()), low


def test_every_state_and_its_count_is_seen_at_once(phone, desk):
    log_in(phone, desk)
    tabs = phone.get_by_role("navigation", name="By state")
    tabs.locator(".count").evaluate_all(
        "(all) => all.forEach((count) => (count.textContent = '1,204'))"
    )
    cut = tabs.evaluate(
        """(tabs) => [...tabs.querySelectorAll('a')].filter((one) => {
          const {left, right} = one.getBoundingClientRect()
          return left < 0 || right > innerWidth || one.scrollWidth > one.clientWidth
        }).map(({textContent}) => textContent)"""
    )
    assert cut == []
