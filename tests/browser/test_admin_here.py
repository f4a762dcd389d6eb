"""The small window for one comment: it acts, and the page that opened it hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from afterword.identity import moderators
from tests.browser.conftest import box, comment, visit, widget
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


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("live", ["on", "off"])
def test_a_moderator_who_decides_stays_where_they_read_and_write(page, desk, blog, said, live):
    blog.attributes = f'data-live="{live}"'
    for n in range(12):
        said(f"Number {n}. " + "More words. " * 60)
    log_in(page, desk)
    with page.expect_request("**/parts/**/live.js"):
        visit(page, f"{blog.page()}#afterword-moderate")
    comment(page, "Number 8.").get_by_role("button", name="Reply").click()
    box(page, "Replying to Ada").fill("Half an answer.")
    comment(page, "Number 9.").locator("[name=menu]").click()
    with page.expect_popup() as opened:
        widget(page).get_by_role("button", name="Moderate").click()
    comment(page, "Number 8.").evaluate("here => here.scrollIntoView()")
    before = comment(page, "Number 8.").bounding_box()
    # Whose script may still be on its way.
    opened.value.wait_for_load_state()
    opened.value.get_by_role("button", name="Remove").click()
    expect(comment(page, "Number 9.")).to_have_count(0)
    expect(box(page, "Replying to Ada")).to_have_value("Half an answer.")
    assert comment(page, "Number 8.").bounding_box() == before


@pytest.mark.usefixtures("settled")
def test_what_a_moderator_pins_stands_first(page, desk, blog, said):
    for n in range(3):
        said(f"Number {n}.")
    log_in(page, desk)
    with page.expect_request("**/api/v1/stream?**"):
        visit(page, f"{blog.page()}#afterword-moderate")
    comment(page, "Number 1.").locator("[name=menu]").click()
    with page.expect_popup() as opened:
        widget(page).get_by_role("button", name="Moderate").click()
    # Whose script may still be on its way.
    opened.value.wait_for_load_state()
    opened.value.get_by_role("button", name="Pin").click()
    first = widget(page).get_by_role("article").first
    expect(first).to_contain_text("Number 1.")
    expect(first).to_contain_text("Pinned")
