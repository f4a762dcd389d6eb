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
