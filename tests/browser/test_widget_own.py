"""One's own comments in the widget: changed in place, taken away, brought back."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
EDITING = "Edit your comment"


def mine(page: Page, blog: Blog, text: str = "Good mornig.", *, on: str = "plain") -> Locator:
    """A comment that this reader has just sent."""
    visit(page, blog.page(on))
    write(page, text)
    send(page)
    expect(comment(page, text)).to_be_visible()
    return comment(page, text)


def act(page: Page, name: str) -> Locator:
    return widget(page).get_by_role("button", name=name)


def change(page: Page, text: str) -> None:
    act(page, "Edit").click()
    expect(box(page, EDITING)).to_be_focused()
    box(page, EDITING).fill(text)
    form(page, EDITING).get_by_role("button", name="Save").click()


@pytest.mark.parametrize("on", ["plain", "strict-csp"])
def test_a_comment_is_edited_where_it_stands(
    page: Page, blog: Blog, service: Service, spoken: list[str], on: str
) -> None:
    own = mine(page, blog, on=on)
    act(page, "Edit").click()
    expect(box(page, EDITING)).to_have_value("Good mornig.")
    expect(own.get_by_text("Good mornig.")).to_be_hidden()
    box(page, EDITING).fill("Good *morning*.")
    page.keyboard.press("Control+Enter")
    expect(comment(page, "Good morning.")).to_be_focused()
    expect(comment(page, "Good morning.")).to_contain_text("edited")
    expect(widget(page).get_by_role("status")).to_contain_text("published")
    expect(form(page, EDITING)).to_have_count(0)
    visit(page, blog.page(on))
    expect(comment(page, "Good morning.")).to_have_count(1)


def test_on_paper_a_comment_that_is_being_edited_says_what_it_said(
    page: Page, blog: Blog, service: Service
) -> None:
    own = mine(page, blog)
    act(page, "Edit").click()
    expect(own.get_by_text("Good mornig.")).to_be_hidden()
    page.emulate_media(media="print")
    expect(own.get_by_text("Good mornig.")).to_be_visible()
    expect(widget(page).locator("form:visible, button:visible")).to_have_count(0)


def test_the_time_left_to_edit_is_said_also_after_a_reload_and_ends(
    page: Page, blog: Blog, service: Service
) -> None:
    page.clock.install()
    mine(page, blog)
    expect(act(page, "Edit (15 min left)")).to_be_visible()
    page.clock.run_for("03:10")
    expect(act(page, "Edit (12 min left)")).to_be_visible()
    visit(page, blog.page())
    expect(act(page, "Edit (12 min left)")).to_be_visible()
    page.clock.run_for("12:30")
    expect(act(page, "Reply to Grace")).to_be_visible()
    expect(act(page, "Edit")).to_have_count(0)
    expect(act(page, "Remove")).to_have_count(0)


def test_what_was_just_sent_stays_ones_own_when_the_service_cannot_be_asked(
    page: Page, blog: Blog, service: Service
) -> None:
    page.clock.install()
    page.route("**/api/v1/me/comments?*", lambda route: route.abort())
    mine(page, blog)
    with page.expect_event("requestfailed", lambda request: "me/comments" in request.url):
        page.clock.run_for("00:10")
    page.clock.run_for("03:00")
    expect(act(page, "Edit (12 min left)")).to_be_visible()


def test_the_focus_stays_when_the_time_to_edit_ends(
    page: Page, blog: Blog, service: Service
) -> None:
    page.clock.install()
    own = mine(page, blog)
    act(page, "Edit").focus()
    page.clock.run_for("16:00")
    expect(act(page, "Edit")).to_have_count(0)
    expect(own).to_be_focused()


def test_nobody_edits_what_others_wrote(page: Page, blog: Blog, said: Callable[..., str]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said("Somebody else's")
    visit(page, blog.page())
    expect(act(page, "Reply to Ada")).to_be_visible()
    expect(act(page, "Edit")).to_have_count(0)
    expect(act(page, "Remove")).to_have_count(0)
    assert not [url for url in asked if "/me/" in url], "without a secret there is nothing to ask"


def test_an_edit_that_fails_keeps_the_text_and_says_why(
    page: Page, blog: Blog, service: Service
) -> None:
    mine(page, blog)
    page.route("**/api/v1/comments/*", lambda route: route.abort())
    change(page, "Precious words")
    expect(form(page, EDITING).get_by_text("could not be reached")).to_be_visible()
    expect(box(page, EDITING)).to_have_value("Precious words")
    page.unroute("**/api/v1/comments/*")
    form(page, EDITING).get_by_role("button", name="Save").click()
    expect(comment(page, "Precious words")).to_be_visible()


def posted(service: Service, blog: Blog) -> dict[str, Any]:
    """Somebody else's new comment, as they are told of it."""
    told = {"Content-Type": "application/json", "Origin": blog.url}
    said = {"url": blog.page("other"), "text": uuid.uuid4().hex, "author": {"name": "Piet"}}
    body = json.dumps(said).encode()
    request = urllib.request.Request(
        f"{service.url}/api/v1/comments",
        body,
        {
            **told,
            "Authorization": f"Bearer {uuid.uuid4().hex * 2}",
            "Idempotency-Key": uuid.uuid4().hex,
        },
    )
    with urllib.request.urlopen(request) as answer:
        comment: dict[str, Any] = json.load(answer)["comment"]
    return comment


@pytest.mark.alone
def test_the_servers_refusal_of_an_edit_is_a_sentence(
    page: Page, blog: Blog, service: Service
) -> None:
    mine(page, blog)
    act(page, "Edit").click()
    running.command(service.data, "sites", "set", blog.url, "edit_minutes=0")
    running.wait_until(lambda: not posted(service, blog)["can_edit"])
    box(page, EDITING).fill("Too late")
    form(page, EDITING).get_by_role("button", name="Save").click()
    expect(form(page, EDITING).get_by_role("alert")).to_contain_text("not changed after they were")


def test_an_edit_can_be_given_up_and_gives_the_focus_back(
    page: Page, blog: Blog, service: Service
) -> None:
    own = mine(page, blog)
    act(page, "Edit").click()
    expect(box(page, EDITING)).to_be_focused()
    page.keyboard.press("Escape")
    expect(act(page, "Edit")).to_be_focused()
    act(page, "Edit").click()
    box(page, EDITING).fill("Not sent")
    page.keyboard.press("Escape")
    expect(form(page, EDITING)).to_be_visible()
    form(page, EDITING).get_by_role("button", name="Cancel").click()
    expect(own.get_by_text("Good mornig.")).to_be_visible()
    expect(act(page, "Edit")).to_be_focused()


def test_an_edit_that_is_held_waits_and_says_so(page: Page, blog: Blog, service: Service) -> None:
    mine(page, blog)
    change(page, "https://a.example https://b.example https://c.example")
    expect(comment(page, "a.example")).to_contain_text("only you can see this")
    expect(widget(page).get_by_role("status")).to_contain_text("Waiting for approval")
    visit(page, blog.page())
    expect(comment(page, "a.example")).to_contain_text("only you can see this")
    expect(act(page, "Edit")).to_have_text("Edit")


def test_an_answer_that_waits_is_there_after_a_reload_though_what_it_answers_is_not(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    root = said("A question?")
    for number in range(4):  # three of them come with the thread
        said(f"Answer {number}.", parent=root)
    visit(page, blog.page())
    act(page, "More replies").click()
    comment(page, "Answer 3.").get_by_role("button", name="Reply to Ada").click()
    replying = "Replying to Ada"
    box(page, replying).fill("https://a.example https://b.example https://c.example")
    form(page, replying).get_by_label("Name").fill("Grace")
    act(page, "Send reply").click()
    expect(comment(page, "a.example")).to_contain_text("only you can see this")
    visit(page, blog.page())
    expect(comment(page, "Answer 2.")).to_be_visible()
    expect(comment(page, "Answer 3.")).to_have_count(0)
    expect(comment(page, "a.example")).to_contain_text("only you can see this")


def test_a_removal_can_be_undone_for_a_minute(page: Page, blog: Blog, service: Service) -> None:
    page.clock.install()
    own = mine(page, blog)
    act(page, "Remove").focus()
    page.keyboard.press("Enter")
    expect(widget(page).get_by_role("article")).to_contain_text("This comment was removed.")
    expect(own).to_have_count(0)
    expect(act(page, "Undo")).to_be_focused()
    expect(widget(page).get_by_role("heading")).to_have_text("Comments")
    page.keyboard.press("Enter")
    expect(own).to_be_visible()
    expect(act(page, "Remove")).to_be_focused()
    expect(widget(page).get_by_role("heading")).to_have_text("1 comment")
    act(page, "Remove").click()
    expect(act(page, "Undo")).to_be_visible()
    page.clock.run_for("01:05")
    expect(act(page, "Undo")).to_have_count(0)
    expect(widget(page).get_by_role("article")).to_be_focused()
    visit(page, blog.page())
    expect(widget(page).get_by_role("article")).to_have_count(0)


def test_a_second_removal_can_be_undone_for_a_minute_of_its_own(
    page: Page, blog: Blog, service: Service
) -> None:
    page.clock.install()
    mine(page, blog)
    act(page, "Remove").click()
    act(page, "Undo").click()
    expect(act(page, "Remove")).to_be_visible()
    page.clock.run_for("00:40")
    act(page, "Remove").click()
    expect(act(page, "Undo")).to_be_visible()
    page.clock.run_for("00:40")
    act(page, "Undo").click()
    expect(comment(page, "Good mornig.")).to_be_visible()
    expect(act(page, "Remove")).to_be_visible()


def test_a_removal_that_fails_says_why_and_leaves_the_comment(
    page: Page, blog: Blog, service: Service
) -> None:
    def refuse(route: Route) -> None:
        if route.request.method == "DELETE":
            route.abort()
        else:
            route.fallback()

    own = mine(page, blog)
    page.route("**/api/v1/comments/*", refuse)
    act(page, "Remove").click()
    expect(own.get_by_role("alert")).to_contain_text("could not be reached")
    expect(own).to_contain_text("Good mornig.")
    expect(act(page, "Remove")).to_be_focused()


def test_axe_finds_nothing_at_ones_own_comments(page: Page, blog: Blog, service: Service) -> None:
    mine(page, blog, "One")
    write(page, "Two")
    send(page)
    expect(comment(page, "Two")).to_be_visible()
    comment(page, "One").get_by_role("button", name="Remove").click()
    expect(act(page, "Undo")).to_be_visible()
    act(page, "Edit").click()
    expect(form(page, EDITING)).to_be_visible()
    found = Axe().run(page, context="afterword-thread")
    assert found.violations_count == 0, found.generate_report()
