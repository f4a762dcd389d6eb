"""One's own comment that others, or another tab, change while one is about to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from afterword.moderation import actions
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, visit, widget
from tests.browser.test_admin import inside
from tests.browser.test_widget_live import follow
from tests.browser.test_widget_own import EDITING, act, change, mine
from tests.running import Service

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("settled")]
MEANWHILE = "This comment was changed meanwhile"


def save(page: Page) -> None:
    form(page, EDITING).get_by_role("button", name="Save").click()


def redact(service: Service, page: Page, text: str) -> None:
    """Have a moderator put other words in the place of the one comment that is there."""
    found = widget(page).get_by_role("article").get_attribute("id") or ""
    said = found.removeprefix("comment-")
    inside(service.data, lambda: actions.edit(said, text, by="test", limit=5000))


def test_what_a_moderator_made_of_it_is_what_its_author_edits(
    page: Page, blog: Blog, service: Service
) -> None:
    mine(page, blog, "Call me: 555.")
    follow(page, blog)
    redact(service, page, "Call me: [taken out].")
    expect(comment(page, "[taken out]")).to_be_visible()
    act(page, "Edit").click()
    expect(box(page, EDITING)).to_have_value("Call me: [taken out].")


@pytest.mark.parametrize("by", ["moderator", "tab"])
def test_a_text_that_was_made_from_an_older_one_takes_its_place_only_when_that_is_meant(
    page: Page, blog: Blog, service: Service, by: str
) -> None:
    mine(page, blog, "Call me: 555.")
    act(page, "Edit").click()
    box(page, EDITING).fill("Call me today: 555.")
    if by == "moderator":
        redact(service, page, "Call me: [taken out].")
    else:
        other = page.context.new_page()
        visit(other, blog.page())
        change(other, "Call me: [taken out].")
        expect(comment(other, "[taken out]")).to_be_visible()
    save(page)
    expect(form(page, EDITING).get_by_role("alert")).to_contain_text(MEANWHILE)
    expect(form(page, EDITING).get_by_text("Call me: [taken out].")).to_be_visible()
    expect(box(page, EDITING)).to_have_value("Call me today: 555.")
    save(page)
    expect(comment(page, "Call me today: 555.")).to_be_focused()


def test_a_draft_that_was_made_from_an_older_text_says_so(
    page: Page, blog: Blog, service: Service
) -> None:
    mine(page, blog, "Call me: 555.")
    act(page, "Edit").click()
    box(page, EDITING).fill("Call me today: 555.")
    form(page, EDITING).get_by_role("button", name="Cancel").click()
    redact(service, page, "Call me: [taken out].")
    for _ in range(2):
        visit(page, blog.page())
        act(page, "Edit").click()
        expect(box(page, EDITING)).to_have_value("Call me today: 555.")
        expect(form(page, EDITING).get_by_role("alert")).to_contain_text(MEANWHILE)
