"""What could not be sent is kept, sent later and once, and dropped when its author says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
POSTS = "**/api/v1/comments"
Say = Callable[..., str]


def write_in_a_tunnel(page: Page, blog: Blog) -> None:
    """Send a comment without a network: it is kept, to be sent later."""
    visit(page, blog.page())
    write(page, "Written in a tunnel.")
    page.context.set_offline(True)
    send(page)
    expect(form(page).get_by_text("sent as soon as you are back")).to_be_visible()


def test_what_was_written_without_a_network_is_sent_when_there_is_one(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    expect(box(page)).to_have_value("Written in a tunnel.")
    page.context.set_offline(False)
    expect(comment(page, "Written in a tunnel.")).to_be_visible()
    expect(box(page)).to_have_value("")


def test_what_somebody_is_typing_is_not_sent_before_they_pause(
    page: Page, blog: Blog, service: Service
) -> None:
    page.clock.install()
    write_in_a_tunnel(page, blog)
    box(page).focus()
    box(page).press("End")
    box(page).press_sequentially(" And")
    page.context.set_offline(False)
    page.clock.run_for(4000)
    box(page).press_sequentially(" after it.")
    with page.expect_request(POSTS) as sent:
        page.clock.run_for(6000)
    assert sent.value.post_data_json["text"] == "Written in a tunnel. And after it."
    expect(comment(page, "And after it.")).to_be_visible()


def test_what_somebody_is_typing_is_sent_at_once_when_they_say_so(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    page.route(POSTS, lambda route: route.abort(), times=1)
    page.context.set_offline(False)
    expect(form(page).get_by_text("is kept here and is sent again in")).to_be_visible()
    box(page).fill("Written in a tunnel, and after it.")
    with page.expect_request(POSTS):
        form(page).get_by_role("button", name="Try now").click()
    expect(comment(page, "Written in a tunnel, and after it.")).to_be_visible(timeout=3000)


def test_it_is_sent_after_a_reload_as_well_and_once(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").click()
    box(page, "Replying to Ada").fill("An answer from a tunnel.")
    form(page, "Replying to Ada").get_by_label("Name").fill("Grace")
    page.context.set_offline(True)
    form(page, "Replying to Ada").get_by_role("button", name="Send reply").click()
    expect(form(page, "Replying to Ada").get_by_text("as soon as you are back")).to_be_visible()
    page.context.set_offline(False)
    # The page may be gone before the network is back: only what is kept counts.
    visit(page, blog.page())
    expect(widget(page).locator("li li").get_by_text("An answer from a tunnel.")).to_have_count(1)
    visit(page, blog.page())
    expect(widget(page).locator("li li").get_by_text("An answer from a tunnel.")).to_have_count(1)


def test_all_that_was_written_without_a_network_is_sent_after_a_reload(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    said("Another one?", name="Piet")
    visit(page, blog.page())
    for name in ("Ada", "Piet"):
        widget(page).get_by_role("button", name=f"Reply to {name}").click()
        box(page, f"Replying to {name}").fill(f"For {name}.")
        form(page, f"Replying to {name}").get_by_label("Name").fill("Grace")
    write(page, "For all.")
    page.context.set_offline(True)
    for name in ("Ada", "Piet"):
        answer = form(page, f"Replying to {name}")
        answer.get_by_role("button", name="Send reply").click()
        expect(answer.get_by_text("as soon as you are back")).to_be_visible()
    send(page)
    expect(form(page).get_by_text("as soon as you are back")).to_be_visible()
    page.context.set_offline(False)
    visit(page, blog.page())
    for text in ("For Ada.", "For Piet.", "For all."):
        expect(comment(page, text).last).to_be_visible()
    expect(widget(page).get_by_role("heading", name="5 comments")).to_be_visible()
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.includes('queued'))")


def test_an_answer_whose_comment_cannot_be_looked_for_waits_for_the_next_visit(
    page: Page, blog: Blog, said: Say
) -> None:
    for number in range(60):
        said(f"Number {number}.")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="More comments").click()
    last = comment(page, "Number 59.")
    last.get_by_role("button", name="Reply to Ada").click()
    box(page, "Replying to Ada").fill("An answer from a tunnel.")
    form(page, "Replying to Ada").get_by_label("Name").fill("Grace")
    page.context.set_offline(True)
    form(page, "Replying to Ada").get_by_role("button", name="Send reply").click()
    expect(form(page, "Replying to Ada").get_by_text("as soon as you are back")).to_be_visible()
    # Else it may be sent before the page is left.
    page.route(POSTS, lambda route: route.abort())
    page.route("**/thread?*around=*", lambda route: route.abort(), times=1)
    page.context.set_offline(False)
    with page.expect_event("requestfailed", lambda request: "around=" in request.url):
        page.reload()
        widget(page).scroll_into_view_if_needed()
    assert waiting(page)
    page.unroute(POSTS)
    visit(page, blog.page())
    expect(widget(page).get_by_text("An answer from a tunnel.")).to_be_visible()
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.includes('queued'))")


def test_what_is_to_be_sent_is_tried_until_it_has_arrived(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    page.route(POSTS, lambda route: route.abort(), times=2)
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        page.context.set_offline(False)
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        pass  # by itself
    # Sooner when the network goes and comes back.
    page.context.set_offline(True)
    page.context.set_offline(False)
    expect(comment(page, "Written in a tunnel.")).to_be_visible(timeout=3000)
    expect(box(page)).to_have_value("")


def reply_in_a_tunnel(page: Page, blog: Blog, name: str = "Ada") -> None:
    """Answer somebody without a network: it is kept, to be sent later."""
    visit(page, blog.page())
    answer_in_a_tunnel(page, name)


def answer_in_a_tunnel(page: Page, name: str = "Ada") -> None:
    widget(page).get_by_role("button", name=f"Reply to {name}").click()
    reply = form(page, f"Replying to {name}")
    box(page, f"Replying to {name}").fill("An answer from a tunnel.")
    reply.get_by_label("Name").fill("Grace")
    page.context.set_offline(True)
    reply.get_by_role("button", name="Send reply").click()
    expect(reply.get_by_text("as soon as you are back")).to_be_visible()


def waiting(page: Page) -> bool:
    """Whether something is kept to be sent."""
    return bool(page.evaluate("Object.keys(localStorage).some((key) => key.includes('queued'))"))


def test_an_answer_in_a_conversation_that_was_folded_meanwhile_is_sent(
    page: Page, blog: Blog, said: Say
) -> None:
    said("An answer.", name="Piet", parent=said("A question?"))
    reply_in_a_tunnel(page, blog, "Piet")
    widget(page).get_by_role("button", name="Hide 1 reply").click()
    expect(form(page, "Replying to Piet")).to_have_count(0)
    page.context.set_offline(False)
    expect(widget(page).get_by_text("Your comment is published.")).to_be_visible()
    fold = widget(page).get_by_role("button", name="Show 2 replies")
    expect(fold).to_be_focused()  # nobody is taken away from what they do
    fold.click()
    expect(comment(page, "An answer from a tunnel.")).to_be_visible()
    expect(form(page, "Replying to Piet")).to_have_count(0)


def stand_beside(page: Page) -> Locator:
    """Have the focus in a field of the page's own."""
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('input'), {id: 'own'}))"
    )
    own = page.locator("#own")
    own.focus()
    return own


def test_what_is_sent_later_leaves_the_focus_where_it_is(page: Page, blog: Blog, said: Say) -> None:
    said("A question?", name="Ada")
    reply_in_a_tunnel(page, blog)
    own = stand_beside(page)
    page.context.set_offline(False)
    expect(comment(page, "An answer from a tunnel.")).to_be_visible()
    expect(form(page, "Replying to Ada")).to_have_count(0)
    expect(own).to_be_focused()


def test_what_is_refused_later_leaves_the_focus_where_it_is(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    own = stand_beside(page)
    refusal = {"code": "too_long", "detail": "", "fields": {"text": "9 characters too long."}}
    shared = {"Access-Control-Allow-Origin": "*"}
    page.route(POSTS, lambda route: route.fulfill(status=422, json=refusal, headers=shared))
    page.context.set_offline(False)
    expect(form(page)).to_contain_text("9 characters too long.")
    expect(own).to_be_focused()


def test_an_earlier_text_that_is_found_later_leaves_the_focus_where_it_is(
    page: Page, blog: Blog, service: Service
) -> None:
    send_and_lose_the_answer(page, blog)
    write(page, "My first words.")
    page.context.set_offline(True)
    send(page)
    expect(form(page).get_by_text("sent as soon as you are back")).to_be_visible()
    own = stand_beside(page)
    page.context.set_offline(False)
    expect(form(page).get_by_role("alert")).to_have_text("An earlier version of it had arrived.")
    expect(comment(page, "My frist words.")).to_be_visible()
    expect(form(page).get_by_role("button", name="Change it to this")).to_be_visible()
    expect(own).to_be_focused()


def test_with_a_thread_that_has_left_the_page_nothing_is_sent(
    page: Page, blog: Blog, said: Say
) -> None:
    said("An answer.", name="Piet", parent=said("A question?"))
    reply_in_a_tunnel(page, blog, "Piet")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("document.querySelector('afterword-thread').remove()")
    page.context.set_offline(False)
    with page.expect_request("**/marker"):
        page.evaluate("fetch('/marker')")
    assert len(asked) == 1


def assert_only_this_is_sent(page: Page, text: str, *, count: str) -> None:
    """Send something else: whatever was to be sent before would have been sent by then."""
    write(page, text)
    send(page)
    expect(comment(page, text)).to_be_visible()
    expect(widget(page).get_by_role("heading", name=count)).to_be_visible()


def test_an_answer_that_was_cancelled_is_not_sent_and_its_text_is_kept(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A question?")
    reply_in_a_tunnel(page, blog)
    form(page, "Replying to Ada").get_by_role("button", name="Cancel").click()
    page.context.set_offline(False)
    visit(page, blog.page())
    assert_only_this_is_sent(page, "Something else.", count="2 comments")
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="2 comments")).to_be_visible()
    widget(page).get_by_role("button", name="Reply to Ada").click()
    expect(box(page, "Replying to Ada")).to_have_value("An answer from a tunnel.")


def test_a_comment_that_is_not_to_be_sent_any_more_is_a_draft_again(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    form(page).get_by_role("button", name="Do not send it").click()
    expect(form(page).get_by_text("as soon as you are back")).to_have_count(0)
    expect(box(page)).to_be_focused()
    page.context.set_offline(False)
    visit(page, blog.page())
    expect(box(page)).to_have_value("Written in a tunnel.")
    expect(form(page).get_by_text("Your unsent text is back.")).to_be_visible()
    assert_only_this_is_sent(page, "Something else.", count="1 comment")


def test_a_text_that_was_emptied_is_not_waited_with(
    page: Page, blog: Blog, service: Service
) -> None:
    write_in_a_tunnel(page, blog)
    box(page).fill("")
    expect(form(page).get_by_role("alert")).to_have_count(0)
    page.context.set_offline(False)
    assert_only_this_is_sent(page, "Something else.", count="1 comment")


def wait_in_two_tabs(page: Page, blog: Blog) -> Page:
    """Have a comment wait in two tabs, as the service cannot be reached; answers the other one."""
    write_in_a_tunnel(page, blog)
    page.context.route(POSTS, lambda route: route.abort())
    page.context.set_offline(False)
    other = page.context.new_page()
    visit(other, blog.page())
    for tab in (page, other):
        expect(form(tab).get_by_text("is kept here and is sent again in")).to_be_visible()
    return other


def test_what_is_not_to_be_sent_any_more_is_not_sent_by_another_tab(
    page: Page, blog: Blog, service: Service
) -> None:
    other = wait_in_two_tabs(page, blog)
    form(page).get_by_role("button", name="Do not send it").click()
    expect(form(other).get_by_text("is kept here")).to_have_count(0)
    expect(box(other)).to_have_value("Written in a tunnel.")
    page.context.unroute(POSTS)
    assert_only_this_is_sent(other, "Something else.", count="1 comment")


def test_what_one_tab_has_sent_waits_no_longer_in_the_other(
    page: Page, blog: Blog, service: Service
) -> None:
    other = wait_in_two_tabs(page, blog)
    page.context.unroute(POSTS)
    form(page).get_by_role("button", name="Try now").click()
    expect(comment(page, "Written in a tunnel.")).to_be_visible()
    expect(box(other)).to_have_value("")
    visit(other, blog.page())
    expect(widget(other).get_by_role("heading", name="1 comment")).to_be_visible()


def test_what_is_changed_while_it_waits_is_sent_as_it_stands_by_another_tab_too(
    page: Page, blog: Blog, service: Service
) -> None:
    other = wait_in_two_tabs(page, blog)
    box(page).fill("Written in a tunnel, and after it.")
    expect(box(other)).to_have_value("Written in a tunnel, and after it.")
    page.context.unroute(POSTS)
    form(other).get_by_role("button", name="Try now").click()
    expect(comment(other, "Written in a tunnel, and after it.")).to_be_visible()
    expect(box(page)).to_have_value("")
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_what_somebody_types_in_one_tab_is_not_sent_half_by_another(
    page: Page, blog: Blog, service: Service
) -> None:
    page.context.clock.install()
    other = wait_in_two_tabs(page, blog)
    box(page).press("End")
    box(page).press_sequentially(" And")
    expect(box(other)).to_have_value("Written in a tunnel. And")
    page.context.unroute(POSTS)
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    page.context.clock.run_for(4000)
    box(page).press_sequentially(" after it.")
    with page.context.expect_event("request", is_a_post) as sent:
        page.context.clock.run_for(6000)
    assert sent.value.post_data_json["text"] == "Written in a tunnel. And after it."


def is_a_post(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/comments")


def test_what_is_changed_while_another_tab_sends_it_is_not_lost(
    page: Page, blog: Blog, service: Service
) -> None:
    other = wait_in_two_tabs(page, blog)
    held: list[Route] = []
    other.route(POSTS, lambda route: held.append(route))  # noqa: PLW0108
    with other.expect_request(POSTS):
        form(other).get_by_role("button", name="Try now").click()
    box(page).fill("Changed meanwhile.")
    held[0].continue_()
    expect(comment(other, "Written in a tunnel.")).to_be_visible()
    page.context.unroute(POSTS)
    form(page).get_by_role("button", name="Try now").click()
    expect(form(page).get_by_role("alert")).to_have_text("An earlier version of it had arrived.")
    expect(box(page)).to_have_value("Changed meanwhile.")


def test_what_waits_is_not_written_over_in_another_tab(
    page: Page, blog: Blog, service: Service
) -> None:
    other = page.context.new_page()
    visit(other, blog.page())
    write(other, "From the other tab.")
    write_in_a_tunnel(page, blog)
    send(other)
    expect(form(other).get_by_text("as soon as you are back")).to_be_visible()
    other.close()
    # What stays is only what the browser keeps.
    page.goto("about:blank")
    page.context.set_offline(False)
    visit(page, blog.page())
    expect(comment(page, "Written in a tunnel.")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "could not be reached"),
        ({"status": 502, "body": "Bad gateway"}, "has a problem"),
        ({"status": 503, "json": {"code": "not_ready"}}, "has a problem"),
        (
            {
                "status": 429,
                "json": {"code": "rate_limited", "detail": "That was a lot in a short time."},
                "headers": {"Retry-After": "37"},
            },
            "That was a lot in a short time. Your comment is kept here and is sent again in 3",
        ),
    ],
    ids=["unreachable", "a proxy's fault", "not ready", "too many"],
)
def test_why_something_waits_and_until_when_is_said_with_a_button_to_try_now(
    page: Page, blog: Blog, service: Service, answer: dict[str, object] | None, words: str
) -> None:
    write_in_a_tunnel(page, blog)
    shared = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}

    def fail(route: Route) -> None:
        if answer is None:
            route.abort()
        else:
            route.fulfill(**{**answer, "headers": {**shared, **answer.get("headers", {})}})

    page.route(POSTS, fail)
    page.context.set_offline(False)
    alert = form(page).get_by_role("alert")
    expect(alert).to_contain_text(words)
    expect(alert).to_contain_text("Your comment is kept here and is sent again in")
    page.unroute(POSTS)
    form(page).get_by_role("button", name="Try now").press("Enter")
    expect(comment(page, "Written in a tunnel.")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "detail", "fields"),
    [
        ("banned", "You may not write here.", {}),
        ("rejected", "This comment was refused.", {}),
        ("too_long", "The text is 9 characters too long.", {"text": "9 characters too long."}),
    ],
)
def test_what_is_refused_waits_no_longer_and_says_why(
    page: Page, blog: Blog, service: Service, code: str, detail: str, fields: dict[str, str]
) -> None:
    write_in_a_tunnel(page, blog)
    refusal = {"code": code, "detail": detail, "fields": fields}
    shared = {"Access-Control-Allow-Origin": "*"}
    page.route(POSTS, lambda route: route.fulfill(status=403, json=refusal, headers=shared))
    page.context.set_offline(False)
    expect(form(page)).to_contain_text(fields.get("text", detail))
    expect(form(page).get_by_role("alert")).to_contain_text("Your text stays here.")
    page.unroute(POSTS)
    visit(page, blog.page())
    expect(box(page)).to_have_value("Written in a tunnel.")
    assert_only_this_is_sent(page, "Something else.", count="1 comment")


def test_what_comes_too_late_for_a_page_that_was_closed_can_be_read_with_the_reason(
    page: Page, blog: Blog, said: Say, service: Service
) -> None:
    said("The last word.")
    write_in_a_tunnel(page, blog)
    closed = running.command(service.data, "pages", "close", blog.page())
    assert closed.returncode == 0, closed.stderr
    page.context.set_offline(False)
    expect(form(page).get_by_role("alert")).to_contain_text("closed")
    visit(page, blog.page())
    expect(box(page)).to_have_value("Written in a tunnel.")
    expect(widget(page).get_by_text("Comments are closed.").first).to_be_visible()


def lose_the_answer(route: Route) -> None:
    """The service takes it, and the connection breaks before it can say so."""
    route.fetch()
    route.abort()


def send_and_lose_the_answer(page: Page, blog: Blog) -> None:
    visit(page, blog.page())
    write(page, "My frist words.")
    page.route(POSTS, lose_the_answer, times=1)
    send(page)
    expect(form(page).get_by_text("could not be reached")).to_be_visible()


def test_a_text_that_had_arrived_is_changed_when_it_is_sent_otherwise(
    page: Page, blog: Blog, service: Service
) -> None:
    send_and_lose_the_answer(page, blog)
    write(page, "My first words.")
    send(page)
    expect(comment(page, "My frist words.")).to_be_visible()
    expect(form(page).get_by_role("alert")).to_have_text("An earlier version of it had arrived.")
    expect(box(page)).to_be_focused()
    form(page).get_by_role("button", name="Change it to this").click()
    expect(comment(page, "My first words.")).to_be_visible()
    expect(box(page)).to_have_value("")
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()
    expect(comment(page, "My first words.")).to_be_visible()


def test_or_both_are_sent(page: Page, blog: Blog, service: Service) -> None:
    send_and_lose_the_answer(page, blog)
    write(page, "Something else entirely.")
    send(page)
    form(page).get_by_role("button", name="Send this as well").press("Enter")
    expect(comment(page, "Something else entirely.")).to_be_visible()
    expect(widget(page).get_by_role("heading", name="2 comments")).to_be_visible()


def test_or_it_is_sent_alone_where_the_earlier_one_is_gone(
    page: Page, blog: Blog, service: Service
) -> None:
    made: list[str] = []

    def lose(route: Route) -> None:
        made.append(route.fetch().json()["comment"]["id"])
        route.abort()

    visit(page, blog.page())
    write(page, "My frist words.")
    page.route(POSTS, lose, times=1)
    send(page)
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    gone = running.command(service.data, "comments", "spam", *made)
    assert gone.returncode == 0, gone.stderr
    write(page, "Something else entirely.")
    send(page)
    expect(form(page).get_by_role("alert")).to_have_text("An earlier version of it had arrived.")
    expect(form(page).get_by_role("button", name="Change it to this")).to_have_count(0)
    form(page).get_by_role("button", name="Send this as well").click()
    expect(comment(page, "Something else entirely.")).to_be_visible()
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_a_text_that_had_arrived_is_stored_once_when_it_is_sent_again(
    page: Page, blog: Blog, service: Service
) -> None:
    send_and_lose_the_answer(page, blog)
    send(page)
    expect(comment(page, "My frist words.")).to_be_visible()
    expect(box(page)).to_have_value("")
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_a_text_that_had_not_arrived_is_only_sent_as_it_stands_now(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "My frist words.")
    page.route(POSTS, lambda route: route.abort(), times=1)
    send(page)
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    write(page, "My first words.")
    send(page)
    expect(comment(page, "My first words.")).to_be_visible()
    expect(widget(page).get_by_role("heading", name="1 comment")).to_be_visible()


def test_a_check_that_cannot_be_loaded_leaves_the_text_to_be_sent_again(
    page: Page, blog: Blog, service: Service
) -> None:
    page.route("**/parts/**/challenge.js", lambda route: route.abort())
    visit(page, blog.page())
    write(page, "I am a person.")
    asked = {"code": "challenge_required", "challenge": {"salt": "", "difficulty": 1, "token": ""}}
    shared = {"Access-Control-Allow-Origin": "*"}
    answer = {"status": 428, "json": asked, "headers": shared}
    page.route(POSTS, lambda route: route.fulfill(**answer), times=1)
    send(page)
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    send(page)
    expect(comment(page, "I am a person.")).to_be_visible()
