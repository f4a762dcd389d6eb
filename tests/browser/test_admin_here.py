"""The small window for one comment: it acts, and the page that opened it hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from afterword.identity import moderators
from tests.browser.conftest import comment, visit
from tests.browser.test_admin import EMAIL, PASSWORD, inside

LISTEN = """([url]) => {
  window.heard = []
  addEventListener('message', (event) => heard.push([event.origin, event.data]))
  window.open(url, 'moderate', 'popup,width=480,height=640')
}"""


@pytest.fixture
def desk(service):
    """The service with a moderator."""
    inside(service.data, lambda: moderators.add(EMAIL, password=PASSWORD, name="Hanna"))
    return service


def log_in(page, service) -> None:
    page.goto(f"{service.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Pending")).to_be_visible()


def test_the_blog_page_hears_that_something_changed_and_nothing_else(
    page, desk, blog, said, assert_accessible
):
    comment_id = said("A word.")
    log_in(page, desk)
    page.goto(blog.page())
    with page.expect_popup() as opened:
        page.evaluate(LISTEN, [f"{desk.url}/admin/comments/{comment_id}/here"])
    window = opened.value
    button = window.get_by_role("button", name="Remove")
    expect(button).to_be_enabled()
    assert_accessible(window)
    button.click()
    expect(window.get_by_role("status")).to_have_text("1 comment removed.")
    page.wait_for_function("heard.length", polling=50)
    assert page.evaluate("heard") == [[desk.url, {"afterword": "moderated", "id": comment_id}]]
    window.get_by_role("button", name="Undo").click()
    expect(window.get_by_text("Visible", exact=True)).to_be_visible()
    page.wait_for_function("heard.length == 2", polling=50)


def test_a_page_that_is_not_the_sites_hears_nothing(page, desk, blog, said):
    comment_id = said("A word.")
    log_in(page, desk)
    page.goto(blog.page().replace("localhost", "127.0.0.1"))
    with page.expect_popup() as opened:
        page.evaluate(LISTEN, [f"{desk.url}/admin/comments/{comment_id}/here"])
    # Whose script may still be on its way.
    opened.value.wait_for_load_state()
    opened.value.get_by_role("button", name="Remove").click()
    expect(opened.value.get_by_role("status")).to_have_text("1 comment removed.")
    opened.value.wait_for_load_state("networkidle")
    assert page.evaluate("heard") == []


def test_a_moderator_removes_a_comment_where_it_is_read(page, desk, blog, said, spoken):
    said("A word to stay.")
    said("A word to go.")
    visit(page, blog.page())
    more = comment(page, "A word to go.").locator("[name=menu]")
    more.click()
    thread = page.locator("afterword-thread")
    expect(thread.get_by_role("button", name="Copy link")).to_be_visible()
    expect(thread.get_by_role("button", name="Moderate")).to_have_count(0)
    log_in(page, desk)
    visit(page, f"{blog.page()}#afterword-moderate")
    more.click()
    with page.expect_popup() as opened:
        thread.get_by_role("button", name="Moderate").click()
    # Whose script may still be on its way.
    opened.value.wait_for_load_state()
    opened.value.get_by_role("button", name="Remove").click()
    expect(opened.value.get_by_role("status")).to_have_text("1 comment removed.")
    expect(comment(page, "A word to go.")).to_have_count(0)
    expect(comment(page, "A word to stay.")).to_be_visible()
    stored = page.evaluate("JSON.stringify({...localStorage})")
    assert "afterword:moderate" in stored, "it is remembered on this blog, in this browser"
