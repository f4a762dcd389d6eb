"""The look of threads, chosen while one sees it; the widget is the real one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_admin import desk, log_in, rows

__all__ = ["desk", "rows"]


def open_look(page: Page, service) -> None:
    log_in(page, service)
    page.goto(f"{service.url}/admin/sites/1/look")
    expect(page.frame_locator("#preview").get_by_text("Three things to bring")).to_be_visible()


def test_what_is_typed_is_seen_at_once_and_kept_by_a_press(page, desk):
    open_look(page, desk)
    shown = page.frame_locator("#preview")
    link = shown.get_by_role("link", name="a chart")
    page.get_by_label("Accent").fill("#b3541e")
    expect(link).to_have_css("color", "rgb(179, 84, 30)")
    page.get_by_label("Accent").fill("#b354")
    expect(page.locator("#preview-problem")).to_contain_text("must be a colour like #b3541e")
    page.get_by_label("Accent").fill("#12f")
    expect(link).to_have_css("color", "rgb(17, 34, 255)")
    page.get_by_text("Words", exact=True).click()
    page.get_by_label("Reply", exact=True).fill("Answer this")
    expect(shown.get_by_text("Answer this").first).to_be_visible()
    expect(page.locator("#preview-problem")).to_be_empty()
    page.get_by_label("Reply", exact=True).fill("")
    expect(shown.get_by_text("Answer this")).to_have_count(0)
    expect(link).to_have_css("color", "rgb(17, 34, 255)")
    page.get_by_label("Reply", exact=True).fill("Answer this")
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_role("status").first).to_have_text("Your choices are kept.")
    expect(shown.get_by_text("Answer this").first).to_be_visible()


def test_without_javascript_at_the_desk_a_press_shows_it(page, desk):
    page.route("**/admin/look.js", lambda route: route.abort())
    open_look(page, desk)
    page.get_by_label("Accent").fill("#b3541e")
    page.get_by_role("button", name="Show me first").click()
    link = page.frame_locator("#preview").get_by_role("link", name="a chart")
    expect(link).to_have_css("color", "rgb(179, 84, 30)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_screen_is_accessible_and_fits(browser, desk, assert_accessible, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    open_look(page, desk)
    page.get_by_text("Words", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    context.close()
