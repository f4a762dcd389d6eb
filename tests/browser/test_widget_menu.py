"""A comment's menu: its link, what it answers, a report."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.blog import Blog
from tests.browser.conftest import comment, visit, widget

pytestmark = pytest.mark.shared


def menu(page: Page, name: str = "Ada") -> Locator:
    return widget(page).get_by_role("group", name=f"More about {name}")


def open_menu(page: Page, name: str = "Ada") -> None:
    widget(page).get_by_role("button", name=f"More about {name}").first.click()
    expect(menu(page, name)).to_be_visible()


def test_the_link_is_copied(page: Page, blog: Blog, said: Callable[..., str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wanted = f"{blog.page()}#comment-{said('Quote me.')}"
    visit(page, blog.page())
    open_menu(page)
    menu(page).get_by_role("button", name="Copy link").click()
    expect(menu(page).get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == wanted


def test_where_nothing_can_be_copied_the_link_is_shown(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    wanted = f"{blog.page()}#comment-{said('Quote me.')}"
    page.add_init_script("delete Navigator.prototype.clipboard")
    visit(page, blog.page())
    open_menu(page)
    menu(page).get_by_role("button", name="Copy link").click()
    expect(menu(page).get_by_role("textbox", name="Copy link")).to_have_value(wanted)


def test_the_comment_that_is_answered_is_gone_to(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("An answer.", name="Grace", parent=said("A question?"))
    visit(page, blog.page())
    open_menu(page, "Grace")
    menu(page, "Grace").get_by_role("button", name="What it answers").click()
    expect(comment(page, "A question?")).to_be_focused()


def test_a_report_says_why_and_is_thanked_for(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Buy my watches.")
    visit(page, blog.page())
    open_menu(page)
    menu(page).get_by_role("button", name="Report").click()
    asked = widget(page).get_by_role("form", name="Report Ada")
    asked.get_by_label("It is spam").check()
    asked.get_by_label("In a few words").fill("Watches again.")
    with page.expect_request("**/report") as sent:
        asked.get_by_role("button", name="Report it").click()
    assert json.loads(sent.value.post_data or "") == {"reason": "spam", "note": "Watches again."}
    expect(menu(page).get_by_text("Thank you.")).to_be_visible()
    expect(menu(page).get_by_role("button", name="Close")).to_be_focused()


def test_escape_takes_away_no_report_that_says_something_and_ctrl_enter_sends_it(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Buy my watches.")
    visit(page, blog.page())
    open_menu(page)
    menu(page).get_by_role("button", name="Report").click()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    open_menu(page)
    menu(page).get_by_role("button", name="Report").click()
    note = widget(page).get_by_label("In a few words")
    note.fill("Watches again.")
    page.keyboard.press("Escape")
    note.fill("")
    widget(page).get_by_label("It is spam").check()
    page.keyboard.press("Escape")
    note.fill("Watches again.")
    with page.expect_request("**/report") as sent:
        note.press("Control+Enter")
    assert json.loads(sent.value.post_data or "") == {"reason": "spam", "note": "Watches again."}
    expect(menu(page).get_by_text("Thank you.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)


def test_a_report_that_cannot_be_sent_says_why(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Buy my watches.")
    page.route("**/report", lambda route: route.abort())
    visit(page, blog.page())
    open_menu(page)
    menu(page).get_by_role("button", name="Report").click()
    widget(page).get_by_label("Something else").check()
    widget(page).get_by_role("button", name="Report it").click()
    expect(widget(page).get_by_role("alert").get_by_text("could not be reached")).to_be_visible()


def test_escape_closes_it_and_gives_the_focus_back(
    page: Page, blog: Blog, said: Callable[..., str], assert_accessible: Callable[[Page], None]
) -> None:
    said("Something.")
    visit(page, blog.page())
    open_menu(page)
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    opener = widget(page).get_by_role("button", name="More about Ada")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_replies_fold_away_and_a_link_into_them_unfolds(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    first = said("A question?")
    answer = said("An answer.", name="Grace", parent=first)
    said("Thanks!", parent=answer)
    visit(page, blog.page())
    fold = widget(page).get_by_role("button", name="Hide 2 replies")
    fold.click()
    expect(comment(page, "An answer.")).to_be_hidden()
    expect(widget(page).get_by_role("button", name="Show 2 replies")).to_be_focused()
    page.evaluate(f"location.hash = 'comment-{answer}'")
    expect(comment(page, "An answer.")).to_be_focused()
