"""What others say of a page on sites of their own, below the thread and in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import comment, visit, widget

pytestmark = pytest.mark.shared
THERE = "https://friend.example/notes/1"


def mention(kind: str, name: str, html: str = "") -> dict[str, Any]:
    return {
        "id": f"m{kind}",
        "kind": kind,
        "source": f"{THERE}?{kind}",
        "name": name,
        "website": None,
        "avatar": None,
        "html": html,
        "created": "2026-01-31T09:00:00Z",
    }


@pytest.fixture
def answered(page: Page) -> Callable[[Callable[[dict[str, Any]], None]], None]:
    """Let the service's answer be changed on its way, as if others had mentioned the page."""

    def change(by: Callable[[dict[str, Any]], None]) -> None:
        def pass_on(route: Route) -> None:
            answer = route.fetch()
            body = answer.json()
            by(body)
            route.fulfill(response=answer, json=body)

        page.route("**/api/v1/thread?**", pass_on)

    return change


def test_who_points_to_the_page_is_listed_below_the_thread(
    page: Page,
    blog: Blog,
    said: Callable[..., str],
    answered: Any,
    spoken: list[str],
    assert_accessible: Callable[[Page], None],
) -> None:
    said("Here.")
    told = [mention("like", "Grace"), mention("mention", "", "<p>I <em>read</em> this.</p>")]
    answered(lambda body: body["mentions"].extend(told))
    visit(page, blog.page())
    below = widget(page).locator(".elsewhere")
    expect(below.get_by_role("heading", name="Elsewhere")).to_be_visible()
    expect(below.get_by_role("listitem")).to_have_text(
        ["Grace likes this", "Anonymous mentions thisI read this."]
    )
    link = below.get_by_role("link", name="Grace")
    expect(link).to_have_attribute("href", f"{THERE}?like")
    expect(link).to_have_attribute("rel", "nofollow ugc noopener noreferrer")
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()
    assert_accessible(page)
    assert spoken == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "A Grace le gusta esto"),
        ("ja", "Graceさんが「いいね」しました"),
        ("tr", "Grace bunu beğeniyor"),
    ],
)
def test_a_name_stands_where_the_language_puts_it(
    page: Page, blog: Blog, said: Callable[..., str], answered: Any, language: str, words: str
) -> None:
    said("Here.")
    answered(lambda body: body["mentions"].append(mention("like", "Grace")))
    blog.attributes = f'data-lang="{language}"'
    visit(page, blog.page())
    expect(widget(page).locator(".elsewhere").get_by_role("listitem")).to_have_text(words)


def test_replies_on_the_fediverse_stand_there_too_with_the_post_that_they_answer(
    page: Page,
    blog: Blog,
    said: Callable[..., str],
    answered: Any,
    spoken: list[str],
    assert_accessible: Callable[[Page], None],
) -> None:
    said("Here.")
    post = "https://social.example/@owner/100"
    told = {"post": post, "count": 1, "replies": [mention("fediverse", "Grace", "<p>Ahoy.</p>")]}
    answered(lambda body: body.update(fediverse=told))
    visit(page, blog.page())
    below = widget(page).locator(".elsewhere")
    expect(below.get_by_role("link", name="social.example/@owner/100")).to_have_attribute(
        "href", post
    )
    expect(below.get_by_role("listitem")).to_have_text(["Grace friend.exampleAhoy."])
    expect(below.get_by_role("link", name="Grace")).to_have_attribute("href", f"{THERE}?fediverse")
    assert_accessible(page)
    assert spoken == []


def test_a_page_that_nobody_mentions_loads_nothing_for_it(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    said("Here.")
    visit(page, blog.page())
    expect(comment(page, "Here.")).to_be_visible()
    expect(widget(page).locator(".elsewhere")).to_have_count(0)
    assert not [url for url in asked if "elsewhere" in url]


def test_a_reply_from_elsewhere_says_where_it_was_written(
    page: Page, blog: Blog, said: Callable[..., str], answered: Any
) -> None:
    said("Written there.")
    answered(lambda body: body["comments"][0].update(source=THERE))
    visit(page, blog.page())
    link = comment(page, "Written there.").get_by_role("link", name="friend.example")
    expect(link).to_have_attribute("href", THERE)
