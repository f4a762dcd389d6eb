"""Answers by mail in the widget: asked for with the comment, confirmed by a link, marked after."""

from __future__ import annotations

import json
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests import mailbox as far
from tests.browser.blog import Blog
from tests.browser.conftest import box as text_box
from tests.browser.conftest import comment, send, visit, widget, write
from tests.mailbox import Mailbox
from tests.running import Service

EMAIL = "grace@reader.example"


@pytest.fixture
def told(told: dict[str, str], box: Mailbox) -> dict[str, str]:
    return {**told, "smtp_url": box.url}


def answer(blog: Blog, service: Service, parent: str, text: str) -> None:
    """As somebody else, from another browser."""
    body = {"url": blog.page(), "text": text, "parent": parent, "author": {"name": "Bob"}}
    headers = {"Origin": blog.url, "Content-Type": "application/json"}
    asked = urllib.request.Request(
        f"{service.url}/api/v1/comments", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(asked) as response:
        assert response.status == 201


@pytest.mark.parametrize("width", [360, 1280])
def test_answers_are_asked_for_with_a_tick_and_arrive(
    page: Page, blog: Blog, service: Service, mail_server: Mailbox, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, blog.page())
    write(page, "What do you think?")
    widget(page).get_by_label("E-mail").fill(EMAIL)
    widget(page).get_by_label("Mail me replies").check()
    assert Axe().run(page).violations_count == 0
    send(page)
    own = comment(page, "What do you think?")
    expect(own).to_be_visible()
    mail_server.wait_for(1)
    page.goto(service.url + far.link(mail_server.letters[0], "/me/link/"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("confirmed")
    assert Axe().run(page).violations_count == 0
    visit(page, blog.page())
    expect(comment(page, "What do you think?")).to_contain_text("Verified")
    parent = (comment(page, "What do you think?").get_attribute("id") or "").removeprefix(
        "comment-"
    )
    answer(blog, service, parent, "I think so.")
    mail_server.wait_for(2)
    assert mail_server.letters[1]["Subject"].startswith("Bob answered you on")


def test_who_wants_mail_and_gives_no_address_is_asked_for_one(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Hello.")
    widget(page).get_by_label("Mail me replies").check()
    send(page)
    expect(widget(page).get_by_label("E-mail")).to_be_focused()
    expect(widget(page)).to_contain_text("Please write the e-mail address")
    expect(text_box(page)).to_have_value("Hello.")


def test_that_answers_are_to_be_mailed_is_kept_with_what_waits_to_be_sent(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Written in a tunnel.")
    widget(page).get_by_label("E-mail").fill(EMAIL)
    widget(page).get_by_label("Mail me replies").check()
    page.context.set_offline(True)
    send(page)
    expect(widget(page).get_by_text("sent as soon as you are back")).to_be_visible()
    # Else it may be sent before the page is left.
    page.route("**/api/v1/comments", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto("about:blank")
    page.unroute("**/api/v1/comments")
    with page.expect_request("**/api/v1/comments") as asked:
        visit(page, blog.page())
    assert asked.value.post_data_json["notify"] is True


def test_without_a_mail_server_none_are_offered(page: Page, blog: Blog, service: Service) -> None:
    page.route("**/api/v1/thread?*", without_mail)
    visit(page, blog.page())
    write(page, "Hello.")
    expect(widget(page).get_by_label("Mail me replies")).to_be_hidden()


def without_mail(route) -> None:
    """As a service answers that has no mail server."""
    response = route.fetch()
    thread = response.json()
    assert thread["site"]["can_mail"] is True
    thread["site"]["can_mail"] = False
    route.fulfill(response=response, json=thread)
