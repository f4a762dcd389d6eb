"""A rough way: slow answers, late ones, none at all, and browsers that lack something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, choose, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
Say = Callable[..., str]
FOCUSED = "() => document.querySelector('afterword-thread').shadowRoot.activeElement?.localName"


@pytest.fixture
def waiting(page: Page) -> list[Route]:
    """Answers to questions for a thread in an order of its own: held until a test lets them go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/thread?*sort=newest*", hold)
    return held


def test_what_was_typed_into_a_form_that_never_came_is_there_at_the_next_visit(
    page: Page, blog: Blog, service: Service
) -> None:
    page.route("**/parts/**/write.js*", lambda route: route.abort())
    visit(page, blog.page())
    box(page).fill("Typed all the same.")
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    page.unroute("**/parts/**/write.js*")
    visit(page, blog.page())
    expect(form(page).get_by_label("Name")).to_be_visible()
    expect(box(page)).to_have_value("Typed all the same.")


@pytest.mark.parametrize("leave", ["elsewhere", "by a router", "anew"])
def test_what_was_typed_while_the_form_was_on_its_way_is_there_at_the_next_visit(
    page: Page, blog: Blog, service: Service, leave: str
) -> None:
    held: list[Route] = []
    page.route("**/parts/**/write.js*", lambda route: held.append(route), times=1)  # noqa: PLW0108
    visit(page, blog.page())
    with page.expect_request("**/parts/**/write.js*"):
        box(page).press_sequentially("Typed all the same.")
    if leave == "by a router":
        page.evaluate("document.querySelector('afterword-thread').remove()")
    elif leave == "anew":
        page.evaluate("document.querySelector('afterword-thread').reload()")
        held[0].continue_()
        expect(box(page)).to_have_value("Typed all the same.")
        expect(form(page).get_by_label("Name")).to_be_visible()
    visit(page, blog.page())
    expect(form(page).get_by_label("Name")).to_be_visible()
    expect(box(page)).to_have_value("Typed all the same.")


def test_a_draft_and_what_was_typed_into_a_form_that_never_came_are_both_kept(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    box(page).fill("An old thought.")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('draft'))")
    page.route("**/parts/**/write.js*", lambda route: route.abort())
    visit(page, blog.page())
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    box(page).fill("A new one.")
    page.unroute("**/parts/**/write.js*")
    visit(page, blog.page())
    expect(box(page)).to_have_value("An old thought.A new one.")


def test_what_was_had_stays_within_reach_when_something_else_cannot_be_had(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    box(page).focus()
    expect(form(page).get_by_label("Name")).to_be_visible()
    page.context.set_offline(True)
    widget(page).get_by_role("button", name="More about Ada").click()
    expect(comment(page, "A word.").get_by_role("alert")).to_be_visible()
    widget(page).get_by_role("button", name="Reply to Ada").click()
    expect(form(page, "Replying to Ada")).to_be_visible()


def test_a_form_that_could_not_be_had_comes_with_the_connection(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    page.context.set_offline(True)
    box(page).fill("Typed in a tunnel.")
    expect(form(page).get_by_text("You are offline.")).to_be_visible()
    page.context.set_offline(False)
    expect(form(page).get_by_label("Name")).to_be_visible()
    expect(box(page)).to_have_value("Typed in a tunnel.")
    expect(box(page)).to_be_focused()


def test_a_part_that_could_not_be_had_is_asked_for_at_another_address(
    page: Page, blog: Blog, said: Say
) -> None:
    """Some browsers keep a failure for as long as the page lives."""
    said("A word.")
    asked: list[str] = []
    page.on("request", lambda request: "/menu.js" in request.url and asked.append(request.url))
    page.route(re.compile(r"/menu\.js$"), lambda route: route.abort())
    visit(page, blog.page())
    more = widget(page).get_by_role("button", name="More about Ada")
    more.click()
    expect(comment(page, "A word.").get_by_role("alert")).to_be_visible()
    more.click()
    expect(widget(page).get_by_role("button", name="Copy link")).to_be_visible()
    assert len(set(asked)) == 2


def test_an_answer_to_a_comment_far_down_is_sent_after_a_reload_and_takes_no_focus(
    page: Page, blog: Blog, said: Say
) -> None:
    for number in range(12):
        said(f"Comment {number}.", name=f"Ada {number}")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada 11").click()
    answer = form(page, "Replying to Ada 11")
    answer.get_by_role("textbox", name="Replying to Ada 11").fill("An answer from a tunnel.")
    answer.get_by_label("Name").fill("Grace")
    page.context.set_offline(True)
    answer.get_by_role("button", name="Send reply").click()
    expect(answer.get_by_text("as soon as you are back")).to_be_visible()
    page.route("**/api/v1/comments", lambda route: route.abort())
    page.context.set_offline(False)
    visit(page, blog.page())
    expect(form(page, "Replying to Ada 11")).to_be_visible()
    assert page.evaluate(FOCUSED) is None
    page.unroute("**/api/v1/comments")
    expect(comment(page, "An answer from a tunnel.").last).to_be_visible()


def test_of_two_orders_that_were_chosen_the_last_is_shown(
    page: Page, blog: Blog, said: Say, waiting: list[Route]
) -> None:
    for number in range(51):
        said(f"Comment {number}.")
    visit(page, blog.page())
    order = widget(page).get_by_label("Sort")
    with page.expect_request("**/api/v1/thread?*sort=newest*"):
        order.select_option("newest")
    order.select_option("")
    with page.expect_response("**/api/v1/thread?*sort=newest*"):
        waiting[0].continue_()
    widget(page).get_by_role("button", name="More comments").click()
    expect(comment(page, "Comment 50.")).to_be_visible()
    expect(widget(page).get_by_role("article").last).to_contain_text("Comment 50.")
    expect(widget(page).get_by_role("alert")).to_have_count(0)


def test_how_long_to_wait_is_said_as_the_service_says_it(
    page: Page, blog: Blog, service: Service
) -> None:
    refusal = json.dumps({"code": "rate_limited", "detail": "Too many."})
    told = {"Retry-After": "7", "Access-Control-Allow-Origin": "*"}
    told["Access-Control-Expose-Headers"] = "Retry-After"
    page.route(
        "**/api/v1/thread?**",
        lambda route: route.fulfill(status=429, body=refusal, headers=told),
    )
    visit(page, blog.page())
    expect(widget(page).get_by_role("alert")).to_contain_text("in 7 s.")


def test_sentences_that_do_not_come_are_not_waited_for_without_end(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    blog.attributes = "data-lang=de"
    page.route("**/messages/de.json", lambda _route: None)
    page.add_init_script(
        "const {timeout} = AbortSignal;"
        "AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms === 5000 ? 200 : ms)"
    )
    page.goto(blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()
    page.unroute("**/messages/de.json")
    page.evaluate("Afterword.reload()")
    expect(widget(page).get_by_role("heading", name="1 Kommentar")).to_be_visible()


@pytest.mark.alone
def test_what_is_typed_before_the_owners_own_words_are_known_stays(
    page: Page, blog: Blog, service: Service
) -> None:
    choose(service, blog, 'texts={"empty": "Say hello."}')
    held: list[Route] = []
    # Once: it is asked for anew with the owner's words.
    page.route("**/api/v1/thread?**", lambda route: held.append(route), times=1)  # noqa: PLW0108
    with page.expect_request("**/api/v1/thread?**"):
        page.goto(blog.page())
        widget(page).scroll_into_view_if_needed()
    box(page).fill("A first thought")
    held[0].continue_()
    expect(widget(page).get_by_text("Say hello.")).to_be_visible()
    expect(box(page)).to_have_value("A first thought")


def test_what_a_router_calls_the_page_a_moment_later_is_its_title(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page("router"))
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    page.evaluate("document.title = 'The second page'")
    write(page, "A word.")
    with page.expect_request("**/api/v1/comments") as asked:
        send(page)
    assert asked.value.post_data_json["title"] == "The second page"


def test_it_works_where_a_browser_cannot_join_signals(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    page.add_init_script("delete AbortSignal.any")
    visit(page, blog.page())
    expect(comment(page, "A word.")).to_be_visible()


@pytest.mark.alone
def test_it_is_shown_again_where_a_script_takes_elements_away_in_its_own_way(
    page: Page, blog: Blog, said: Say
) -> None:
    """As Prototype.js does: what is in no page cannot be taken out of one."""
    said("A word.")
    page.add_init_script(
        "Element.prototype.remove = function () { this.parentNode.removeChild(this); return this }"
    )
    visit(page, blog.page())
    expect(comment(page, "A word.")).to_be_visible()
    with page.expect_response("**/api/v1/thread?**"):
        page.evaluate("location.hash = '#comment-00'")
    expect(widget(page).get_by_role("alert")).to_have_count(0)


def test_a_thread_that_a_page_hides_is_hidden(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    visit(page, blog.page())
    widget(page).evaluate("(thread) => thread.hidden = true")
    expect(widget(page)).to_be_hidden()
    widget(page).evaluate("(thread) => thread.hidden = false")
    expect(comment(page, "A word.")).to_be_visible()


def test_a_browsers_own_knowledge_of_languages_is_not_asked(
    new_context: Callable[..., BrowserContext], blog: Blog, said: Say
) -> None:
    """The first look takes it as long as to draw twenty comments."""
    said("A word.")
    blog.held["plain"] = blog.html("plain", blog.page()).replace(' lang="en"', "")
    page = new_context(locale="pt-AO").new_page()
    page.add_init_script("window.looks = 0; Intl.Locale = class { constructor() { looks++ } }")
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comentário")).to_be_visible()
    assert page.evaluate("looks") == 0


def test_on_a_page_that_is_written_from_top_to_bottom_it_is_too(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    vertical = "<style>html { writing-mode: vertical-rl }</style></head>"
    blog.held["plain"] = blog.html("plain", blog.page()).replace("</head>", vertical)
    visit(page, blog.page())
    field = box(page).bounding_box()
    assert field["height"] > 4 * field["width"]
    assert widget(page).bounding_box()["width"] > 2 * field["width"]
    expect(comment(page, "A word.")).to_be_in_viewport()
