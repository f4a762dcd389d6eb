"""Search in the desk as an owner uses it: by its key, without a mouse, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_admin import desk, log_in, rows, shows

__all__ = ["desk", "rows"]


def test_a_key_leads_to_the_field_and_nothing_fires_while_one_types(
    page, desk, spoken, assert_accessible
):
    log_in(page, desk)
    page.keyboard.press("j")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search comments")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("jonas")  # its letters are keys of the desk: j, a, s
    page.keyboard.press("Enter")
    expect(page.locator(".comment")).to_have_count(1)
    shows(page, ["Jonas"])
    expect(field).to_have_value("jonas")
    assert page.url.endswith("?q=jonas")
    assert_accessible(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("search")


def test_an_act_keeps_the_search_and_undo_comes_back_to_it(page, desk):
    log_in(page, desk)
    page.keyboard.press("/")
    page.keyboard.type("author:jonas")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=author**")
    expect(page.locator(".comment")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.get_by_text("Nothing was found.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Spam 1").last).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".comment")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("author:jonas")
    assert "q=author:jonas" in page.url


def test_filters_are_chosen_and_taken_away_by_the_keyboard_alone(page, desk, assert_accessible):
    log_in(page, desk)
    page.locator(".narrowing summary").focus()
    page.keyboard.press("Enter")
    assert_accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    chip = page.get_by_role("link", name="Take away Reason It is the author's first comment here.")
    expect(chip).to_be_visible()
    expect(page.locator(".comment")).to_have_count(4)
    assert_accessible(page)
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_searching_needs_no_javascript_at_any_width(
    browser, desk, width, scheme, assert_accessible
):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    log_in(page, desk)
    page.get_by_role("searchbox").fill('was "here" -piet has:links')
    page.get_by_role("button", name="Search").click()
    shows(page, ["Dilek", "Jonas", "Rosalind"])
    page.get_by_role("link", name="Take away Without piet").click()
    shows(page, ["Dilek", "Jonas", "Rosalind", "Piet"])
    page.locator(".comment").filter(has_text="Jonas").get_by_role(
        "link", name="Jonas", exact=True
    ).click()
    shows(page, ["Jonas"])
    page.get_by_text("What you can search for").click()
    expect(page.get_by_text("these words in this order")).to_be_visible()
    context.close()
    looking = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = looking.new_page()
    log_in(page, desk)
    page.goto(
        f"{desk.url}/admin/?q=was+ip:x&links=1&reason=It+is+the+author%27s+first+comment+here."
    )
    page.get_by_text("What you can search for").click()
    page.locator(".narrowing summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    looking.close()
