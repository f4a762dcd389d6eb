"""What happens while somebody reads, and what has happened since they read last."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIResponse, Page, Route, expect

from afterword.moderation import pins
from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, send, visit, widget, write
from tests.browser.test_admin import inside
from tests.running import Service

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("settled")]
POSTING = re.compile(r"/api/v1/comments\??$")


def follow(page: Page, blog: Blog, address: str = "") -> None:
    """Read a page until its events are heard."""
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        visit(page, address or blog.page())


def vote(blog: Blog, service: Service, comment_id: str) -> None:
    """Have some other reader vote for a comment."""
    request = urllib.request.Request(
        f"{service.url}/api/v1/comments/{comment_id}/vote",
        json.dumps({"value": 1}).encode(),
        {"Content-Type": "application/json", "Origin": blog.url},
        method="PUT",
    )
    urllib.request.urlopen(request).close()


def test_new_comments_are_announced_to_eyes_and_ears_and_shown_when_asked_for(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.")
    follow(page, blog)
    said("Came meanwhile.", name="Grace")
    news = widget(page).get_by_role("button", name="1 new comment")
    expect(news).to_be_visible(timeout=15_000)
    expect(comment(page, "Came meanwhile.")).to_have_count(0)
    expect(widget(page).get_by_role("heading", name="2 comments")).to_be_visible()
    spoken = widget(page).locator("[aria-live=polite]").filter(has_text="1 new comment")
    expect(spoken).to_have_count(1)
    news.click()
    expect(comment(page, "Came meanwhile.")).to_be_focused()
    expect(news).to_have_count(0)
    expect(spoken).to_have_count(0)


def test_that_there_is_something_new_can_be_read_on_a_dark_page(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.", page="dark")
    follow(page, blog, blog.page("dark"))
    said("Came meanwhile.", page="dark", name="Grace")
    news = widget(page).get_by_role("button", name="1 new comment")
    expect(news).to_be_visible(timeout=15_000)
    found = Axe().run(page, context={"fromShadowDom": ["afterword-thread", ".news"]})
    assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}


def test_a_new_comment_in_a_folded_conversation_is_gone_to(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    root = said("A question?")
    said("An answer.", parent=root)
    follow(page, blog)
    widget(page).get_by_role("button", name="Hide 1 reply").click()
    said("Another answer.", name="Grace", parent=root)
    widget(page).get_by_role("button", name="1 new comment").click(timeout=15_000)
    expect(comment(page, "Another answer.")).to_be_focused()


def test_a_new_comment_below_one_that_is_not_here_is_fetched_and_gone_to(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    for n in range(50):
        said(f"Root {n}.")
    last = said("The last root.")
    follow(page, blog)
    said("An answer far down.", name="Grace", parent=last)
    widget(page).get_by_role("button", name="1 new comment").click(timeout=15_000)
    expect(comment(page, "An answer far down.")).to_be_focused()


@pytest.mark.parametrize("has_stream", [True, False], ids=["told", "looked for"])
def test_an_old_comment_that_is_not_here_is_no_news_when_somebody_votes_for_it(
    page: Page, blog: Blog, service: Service, said: Callable[..., str], has_stream: bool
) -> None:
    for n in range(50):
        said(f"Root {n}.")
    last = said("The last root.")
    if has_stream:
        follow(page, blog)
    else:
        page.clock.install()
        page.route("**/api/v1/stream?**", lambda route: route.fulfill(status=429, body="{}"))
        visit(page, blog.page())
        with page.expect_response("**/api/v1/stream?**"):
            page.clock.run_for(10_000)
    vote(blog, service, last)
    said("Came meanwhile.", name="Grace")
    if not has_stream:
        page.clock.run_for(61_000)
    expect(widget(page).get_by_role("heading", name="52 comments")).to_be_visible()
    news = widget(page).get_by_role("button", name="new comment")
    expect(news).to_have_text("1 new comment")
    news.click()
    expect(comment(page, "Came meanwhile.")).to_be_focused()
    expect(comment(page, "The last root.")).to_have_count(0)


@pytest.mark.parametrize("has_stream", [True, False], ids=["told", "looked for"])
def test_after_more_than_can_be_told_the_thread_is_read_anew_when_asked_for(
    page: Page, blog: Blog, said: Callable[..., str], has_stream: bool
) -> None:
    first = said("There before.")
    said("An answer to it.", parent=first)

    def be_late(route: Route) -> None:
        for n in range(101):
            said(f"Came meanwhile {n}.", name="Grace")
        if has_stream:
            route.continue_()
        else:
            route.fulfill(status=429, body="{}")

    page.route("**/api/v1/stream?**", be_late, times=1)
    if not has_stream:
        page.clock.install()
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").first.click()
    box(page, "Replying to Ada").fill("Half an answer.")
    if not has_stream:
        with page.expect_response("**/api/v1/stream?**"):
            page.clock.run_for(10_000)
        page.clock.run_for(61_000)
    news = widget(page).get_by_role("button", name="Show all comments")
    expect(news).to_be_visible()
    expect(widget(page).get_by_role("heading", name="103 comments")).to_be_visible()
    expect(widget(page).get_by_role("article")).to_have_count(2)
    expect(widget(page).get_by_role("button", name="More replies")).to_have_count(0)
    news.click()
    expect(comment(page, "Came meanwhile 48.")).to_be_visible()
    expect(widget(page).get_by_role("button", name="More comments")).to_be_visible()
    expect(news).to_have_count(0)
    expect(widget(page).get_by_role("button", name="49 new comments")).to_be_visible()
    expect(box(page, "Replying to Ada")).to_have_value("Half an answer.")


def test_what_a_moderator_removes_goes_without_moving_the_rest(
    page: Page, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    said("Stays.")
    gone = said("Goes.")
    follow(page, blog)
    running.command(service.data, "comments", "spam", gone)
    expect(comment(page, "Goes.")).to_have_count(0, timeout=15_000)
    expect(widget(page).get_by_text("This comment was removed.")).to_be_visible()


@pytest.mark.parametrize("asked", ["news", "order"])
def test_a_comment_that_is_pinned_stays_where_it_is_read_until_the_reader_asks(
    page: Page, blog: Blog, service: Service, said: Callable[..., str], asked: str
) -> None:
    ids = [said(f"Number {n}. " + "More words. " * 60) for n in range(12)]
    follow(page, blog)
    comment(page, "Number 9.").evaluate("here => here.scrollIntoView()")
    before = comment(page, "Number 9.").bounding_box()
    inside(service.data, lambda: pins.set_pinned(ids[9], is_pinned=True, by="test"))
    said("Told after it.")
    news = widget(page).get_by_role("button", name="1 new comment")
    expect(news).to_be_visible()
    assert comment(page, "Number 9.").bounding_box() == before
    if asked == "news":
        news.click()
    else:
        widget(page).get_by_label("Sort").select_option("newest")
    first = widget(page).get_by_role("article").first
    expect(first).to_contain_text("Number 9.")
    expect(first).to_contain_text("Pinned")


def test_the_focus_goes_on_when_there_is_nothing_new_any_more(
    page: Page, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    for n in range(12):
        said(f"Number {n}. " + "More words. " * 60)
    follow(page, blog)
    comment(page, "Number 6.").evaluate("here => here.scrollIntoView()")
    before = comment(page, "Number 6.").bounding_box()
    gone = said("Goes.")
    news = widget(page).get_by_role("button", name="1 new comment")
    news.focus()
    running.command(service.data, "comments", "spam", gone)
    expect(news).to_be_hidden()
    expect(comment(page, "Number 6.")).to_be_focused()
    assert comment(page, "Number 6.").bounding_box() == before


def test_what_changes_of_a_comment_leaves_the_way_to_its_other_replies(
    page: Page, blog: Blog, service: Service, said: Callable[..., str]
) -> None:
    root = said("A question?")
    for n in range(6):
        said(f"Answer {n}.", parent=root)
    follow(page, blog)
    vote(blog, service, root)
    expect(comment(page, "A question?").get_by_role("button", name="score 1")).to_be_visible(
        timeout=15_000
    )
    widget(page).get_by_role("button", name="More replies").click()
    expect(comment(page, "Answer 5.")).to_be_visible()


@pytest.mark.parametrize("is_lost", [False, True], ids=["late", "lost"])
def test_ones_own_comment_is_no_news_however_late_its_answer_comes(
    page: Page, blog: Blog, said: Callable[..., str], is_lost: bool
) -> None:
    said("There before.")
    follow(page, blog)
    other = page.context.new_page()
    follow(other, blog)
    held: list[tuple[Route, APIResponse]] = []
    page.route(POSTING, lambda route: held.append((route, route.fetch())), times=1)
    write(page, "My own.")
    send(page)
    for tab in (page, other):
        news = widget(tab).get_by_role("button", name="1 new comment")
        expect(news).to_be_visible(timeout=15_000)
    route, answer = held[0]
    if is_lost:
        route.abort()
        expect(form(page).get_by_text("could not be reached")).to_be_visible()
        send(page)
    else:
        route.fulfill(response=answer)
    for tab in (page, other):
        expect(comment(tab, "My own.")).to_have_count(1)
        expect(comment(tab, "My own.")).not_to_have_class(re.compile("new"))
        expect(widget(tab).get_by_role("button", name="new comment")).to_have_count(0)
        expect(widget(tab).get_by_role("heading", name="2 comments")).to_be_visible()


def test_two_tabs_of_one_reader_agree(page: Page, blog: Blog, said: Callable[..., str]) -> None:
    said("There before.")
    follow(page, blog)
    other = page.context.new_page()
    follow(other, blog)
    write(other, "Written in the other tab.")
    send(other)
    told = comment(page, "Written in the other tab.")
    expect(told).to_be_visible(timeout=15_000)
    expect(told.get_by_role("button", name="Edit")).to_be_visible()


def test_what_is_written_is_counted_in_all_tabs_and_links_also_where_nothing_is_told(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.")
    link = f'<a data-afterword-count href="{blog.page()}#comments">?</a>'
    blog.attributes = f'data-live="off"></script>{link}<script>'
    other = page.context.new_page()
    for tab in (page, other):
        with tab.expect_request("**/parts/**/live.js"):
            visit(tab, blog.page())
        expect(widget(tab).locator(".news")).to_be_attached()
    write(other, "Written in the other tab.")
    send(other)
    for tab in (page, other):
        expect(comment(tab, "Written in the other tab.")).to_be_visible()
        expect(widget(tab).get_by_role("heading", name="2 comments")).to_be_visible()
        expect(tab.locator("a[data-afterword-count]")).to_have_text("2 comments")
    comment(other, "Written in the other tab.").get_by_role("button", name="Remove").click()
    for tab in (page, other):
        expect(widget(tab).get_by_role("heading", name="1 comment")).to_be_visible()
        expect(tab.locator("a[data-afterword-count]")).to_have_text("1 comment")


def test_where_no_stream_is_to_be_had_the_thread_is_looked_at_from_time_to_time(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.")
    page.clock.install()
    page.route("**/api/v1/stream?**", lambda route: route.fulfill(status=429, body="{}"))
    visit(page, blog.page())
    with page.expect_response("**/api/v1/stream?**"):
        page.clock.run_for(10_000)
    said("Came meanwhile.", name="Grace")
    with page.expect_response("**/api/v1/thread?**since=**"):
        page.clock.run_for(61_000)
    expect(widget(page).get_by_role("button", name="1 new comment")).to_be_visible()


def test_where_a_stream_is_had_after_all_nothing_is_looked_at_any_more(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.")
    page.clock.install()
    page.route("**/api/v1/stream?**", lambda route: route.fulfill(status=429, body="{}"), times=1)
    looks: list[Route] = []
    page.route("**/api/v1/thread?**since=**", lambda route: looks.append(route))  # noqa: PLW0108
    visit(page, blog.page())
    with page.expect_response("**/api/v1/stream?**"):
        page.clock.run_for(10_000)
    with page.expect_request("**/api/v1/thread?**since=**"):
        page.clock.run_for(61_000)
    with page.expect_request("**/api/v1/stream?**"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    with page.expect_event("requestfinished", lambda request: "since=" in request.url):
        looks[0].continue_()
    page.clock.run_for(130_000)
    said("Came meanwhile.", name="Grace")
    expect(widget(page).get_by_role("button", name="1 new comment")).to_be_visible()
    assert len(looks) == 1


def test_nothing_is_held_open_by_a_tab_that_nobody_sees_or_where_the_page_says_off(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("There before.")
    blog.attributes = 'data-live="off"'
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request("**/parts/**/live.js", timeout=20_000):
        visit(page, blog.page())
    expect(comment(page, "There before.")).to_be_visible()
    assert not [url for url in asked if "/stream" in url]


def test_what_came_since_the_last_visit_is_marked_and_gone_to_in_turn(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Read already.")
    with page.expect_request("**/api/v1/stream?**", timeout=20_000):
        visit(page, blog.page())
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('seen:'))")
    said("New one.", name="Grace")
    said("New two.", name="Hanna")
    follow(page, blog)
    widget(page).get_by_role("button", name="2 new comments").click()
    expect(comment(page, "New one.")).to_be_focused()
    widget(page).get_by_role("button", name="1 new comment").click()
    expect(comment(page, "New two.")).to_be_focused()
    expect(widget(page).get_by_role("button", name="new comment")).to_have_count(0)


@pytest.mark.parametrize("where", ["thread", "conversation"])
def test_what_came_since_the_last_visit_is_told_also_where_it_is_not_loaded(
    page: Page, blog: Blog, said: Callable[..., str], where: str
) -> None:
    root = said("The first root.")
    parent = root if where == "conversation" else None
    for n in range(3 if parent else 50):
        said(f"Read before {n}.", parent=parent)
    asked: list[str] = []
    page.on("request", lambda request: "/thread?" in request.url and asked.append(request.url))
    for _ in range(2):
        follow(page, blog)
    assert not [url for url in asked if "since=" in url], "nothing has changed"
    said("New one.", name="Grace", parent=parent)
    said("New two.", name="Hanna", parent=parent)
    follow(page, blog)
    expect(widget(page).get_by_role("button", name="2 new comments")).to_be_visible()
    widget(page).get_by_role("button", name=re.compile("^More (comments|replies)$")).click()
    for text in ("New one.", "New two."):
        expect(comment(page, text)).to_have_class(re.compile(r"\bnew\b"))
    widget(page).get_by_role("button", name="2 new comments").click()
    expect(comment(page, "New one.")).to_be_focused()


def test_a_visit_that_shows_only_older_comments_forgets_none_that_were_read(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Read first.")
    for n in range(50):
        said(f"Read too {n}.")
    page.add_init_script("localStorage['afterword:sort'] = '\"newest\"'")
    follow(page, blog)
    page.add_init_script("localStorage['afterword:sort'] = '\"oldest\"'")
    follow(page, blog)
    page.add_init_script("localStorage['afterword:sort'] = '\"newest\"'")
    follow(page, blog)
    expect(comment(page, "Read too 49.")).not_to_have_class(re.compile("new"))
    expect(widget(page).get_by_role("button", name="new comment")).to_have_count(0)


@pytest.mark.parametrize(("host", "side"), [("plain", "left"), ("right-to-left", "right")])
def test_the_bar_of_what_is_new_is_where_its_lines_begin_and_moves_nothing(
    page: Page, blog: Blog, said: Callable[..., str], host: str, side: str
) -> None:
    said("Read already.", page=host)
    page.emulate_media(forced_colors="active")
    follow(page, blog, blog.page(host))
    said("New one.", page=host, name="Grace")
    follow(page, blog, blog.page(host))
    new, old = comment(page, "New one."), comment(page, "Read already.")
    expect(new).to_have_css(f"border-{side}-style", "solid")
    boxes = [one.locator(".text").bounding_box() for one in (new, old)]
    assert boxes[0]["x"] == pytest.approx(boxes[1]["x"], abs=0.1)
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=0.1)
