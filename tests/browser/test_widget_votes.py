"""Votes and reactions in the widget: what a reader sees and does."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests import running
from tests.browser.blog import Blog
from tests.browser.conftest import box, choose, comment, send, visit, widget, write
from tests.running import Service

Say = Callable[..., str]


@pytest.fixture
def voted(blog: Blog, service: Service) -> Callable[[str, int], None]:
    """Let some other reader vote on a comment."""

    def vote(comment_id: str, value: int) -> None:
        request = urllib.request.Request(
            f"{service.url}/api/v1/comments/{comment_id}/vote",
            json.dumps({"value": value}).encode(),
            {"Content-Type": "application/json", "Origin": blog.url},
            method="PUT",
        )
        urllib.request.urlopen(request).close()

    return vote


@pytest.fixture
def told(told: dict[str, str]) -> dict[str, str]:
    """A browser may show what it holds for so long while it asks anew: here it asks first."""
    return {**told, "stale_seconds": "0"}


# How many votes the service has answered.
ANSWERED = """() =>
  performance.getEntriesByType('resource').filter(({name}) => name.endsWith('/vote')).length"""


def test_readers_can_put_the_best_first(
    page: Page, blog: Blog, said: Say, voted: Callable[[str, int], None]
) -> None:
    said("The worst")
    voted(said("The best"), 1)
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The worst")
    widget(page).get_by_label("Sort").select_option("Best first")
    expect(widget(page).get_by_role("article").first).to_contain_text("The best")
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The best")
    expect(comment(page, "The worst")).to_be_visible()


def test_without_votes_there_is_no_best(
    page: Page, blog: Blog, service: Service, said: Say
) -> None:
    choose(service, blog, "votes=off")
    said("One")
    said("Another")
    visit(page, blog.page())
    expect(widget(page).get_by_label("Sort").get_by_role("option")).to_have_text(
        ["Oldest first", "Newest first"]
    )


def test_who_chose_the_best_first_sees_the_oldest_first_where_nobody_votes(
    page: Page, blog: Blog, service: Service, said: Say, voted: Callable[[str, int], None]
) -> None:
    said("The oldest")
    voted(said("The best"), 1)
    visit(page, blog.page())
    widget(page).get_by_label("Sort").select_option("Best first")
    expect(widget(page).get_by_role("article").first).to_contain_text("The best")
    choose(service, blog, "votes=off")
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The oldest")
    expect(widget(page).get_by_label("Sort")).to_have_value("")


def test_the_order_that_is_shown_is_said_when_votes_end_while_somebody_reads(
    page: Page, blog: Blog, service: Service, said: Say
) -> None:
    said("The first")
    said("The second")
    choose(service, blog, "votes=on")
    visit(page, blog.page())
    order = widget(page).get_by_label("Sort")
    expect(order).to_contain_text("Best first")
    choose(service, blog, "votes=off")
    order.select_option("Best first")
    expect(order).to_have_value("")
    expect(widget(page).get_by_role("article").first).to_contain_text("The first")


def sign(page: Page, name: str):
    return widget(page).get_by_role("button", name=name)


def test_who_presses_again_is_not_taken_back_by_a_late_answer(
    page: Page, blog: Blog, said: Say, voted: Callable[[str, int], None]
) -> None:
    voted(said("A word."), 1)
    visit(page, blog.page("plain"))
    held: list[Route] = []
    page.route("**/vote", lambda route: held.append(route) if len(held) < 2 else route.continue_())
    with page.expect_request("**/vote"):
        sign(page, "Vote for it").click()
    sign(page, "Vote against it").click()
    with page.expect_request("**/vote"):  # is sent once the first is answered
        held[0].continue_()
    expect(sign(page, "Vote for it, score 0")).to_be_visible()
    expect(sign(page, "Vote against it")).to_have_attribute("aria-pressed", "true")
    sign(page, "Vote against it").click()
    expect(sign(page, "Vote for it, score 1")).to_have_attribute("aria-pressed", "false")
    with page.expect_response(lambda answer: answer.request.post_data == '{"value":0}'):
        held[1].continue_()
    expect(sign(page, "Vote for it, score 1")).to_have_attribute("aria-pressed", "false")
    expect(sign(page, "Vote against it")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("on", ["plain", "strict-csp"])
def test_a_vote_counts_at_once_stays_after_a_reload_and_is_taken_back(
    page: Page,
    blog: Blog,
    said: Say,
    voted: Callable[[str, int], None],
    spoken: list[str],
    assert_accessible,
    on: str,
) -> None:
    voted(said("A word.", page=on), 1)
    visit(page, blog.page(on))
    expect(sign(page, "Vote for it, score 1")).to_have_attribute("aria-pressed", "false")
    sign(page, "Vote for it").click()
    expect(sign(page, "Vote for it, score 2")).to_have_attribute("aria-pressed", "true")
    expect(sign(page, "Vote for it")).to_be_focused()
    if on == "plain":
        assert_accessible(page)
    sign(page, "Vote against it").press("Enter")
    expect(sign(page, "Vote for it, score 0")).to_have_attribute("aria-pressed", "false")
    sign(page, "Vote against it").press("Enter")
    expect(sign(page, "Vote for it, score 1")).to_be_visible()
    sign(page, "Vote for it").click()
    running.wait_until(lambda: page.evaluate(ANSWERED) == 4)
    # How many they are may come from a cache for some seconds, what is one's own does not.
    visit(page, blog.page(on))
    expect(sign(page, "Vote for it")).to_have_attribute("aria-pressed", "true")


def test_a_vote_counts_though_its_reader_goes_on_at_once(
    page: Page, blog: Blog, service: Service, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    with page.expect_response("**/parts/*/own.js"):
        sign(page, "Vote for it").hover()
    sign(page, "Vote for it").evaluate("vote => { vote.click(); location = 'about:blank' }")
    page.wait_for_url("about:blank")
    asked = f"{service.url}/api/v1/thread?" + urllib.parse.urlencode({"url": blog.page()})

    def counted() -> bool:
        with urllib.request.urlopen(asked) as answer:
            return bool(json.load(answer)["comments"][0]["up"] == 1)

    running.wait_until(counted)


def test_a_vote_counts_though_a_router_goes_on_at_once(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    visit(page, blog.page())
    with page.expect_response("**/parts/*/own.js"):
        sign(page, "Vote for it").hover()
    held: list[Route] = []
    page.route("**/vote", lambda route: held.append(route), times=1)  # noqa: PLW0108
    with page.expect_request("**/vote"):
        sign(page, "Vote for it").click()
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/vote")):
        page.evaluate("document.querySelector('afterword-thread').remove()")
        held[0].continue_()
    visit(page, blog.page())
    expect(sign(page, "Vote for it, score 1")).to_be_visible()


def test_a_vote_that_cannot_be_sent_goes_back_and_says_why(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    page.context.set_offline(True)
    sign(page, "Vote for it").click()
    expect(widget(page).get_by_text("You are offline.")).to_be_visible()
    expect(sign(page, "Vote for it, score 0")).to_have_attribute("aria-pressed", "false")


def test_votes_that_cannot_be_sent_lead_back_to_what_is_counted(
    page: Page, blog: Blog, said: Say
) -> None:
    said("A word.")
    visit(page, blog.page())
    with page.expect_response("**/parts/*/own.js"):
        sign(page, "Vote for it").hover()
    page.route("**/vote", lambda route: route.abort())
    sign(page, "Vote for it").evaluate("vote => vote.click()")
    sign(page, "Vote for it").evaluate("vote => vote.click()")
    expect(widget(page).get_by_role("alert")).to_contain_text("could not be reached")
    expect(sign(page, "Vote for it, score 0")).to_have_attribute("aria-pressed", "false")


@pytest.mark.usefixtures("settled")
def test_a_vote_is_known_in_the_readers_other_tab(
    page: Page, blog: Blog, said: Say, service: Service
) -> None:
    said("A word.")
    other = page.context.new_page()
    for tab in (page, other):
        with tab.expect_request("**/api/v1/stream?**"):
            visit(tab, blog.page())
    sign(page, "Vote for it").click()
    expect(sign(other, "Vote for it, score 1")).to_have_attribute("aria-pressed", "true")
    sign(other, "Vote for it").click()
    expect(sign(other, "Vote for it, score 0")).to_have_attribute("aria-pressed", "false")
    expect(sign(page, "Vote for it, score 0")).to_have_attribute("aria-pressed", "false")


def test_who_votes_too_often_is_told_for_how_long(page: Page, blog: Blog, said: Say) -> None:
    said("A word.")
    visit(page, blog.page())
    refusal = {"code": "rate_limited", "detail": "Too often."}
    page.route(
        "**/vote",
        lambda route: route.fulfill(status=429, json=refusal, headers={
            "Retry-After": "7",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
        }),
    )  # fmt: skip
    sign(page, "Vote for it").click()
    expect(widget(page).get_by_role("alert")).to_contain_text("in 7 s.")


def test_a_site_without_votes_shows_none_and_with_reactions_those(
    page: Page, blog: Blog, service: Service, said: Say
) -> None:
    choose(service, blog, "votes=off", "reactions=like love")
    said("A word.")
    visit(page, blog.page())
    expect(sign(page, "👍")).to_be_visible()
    expect(sign(page, "Vote for it")).to_have_count(0)
    with page.expect_response("**/reactions/like"):
        sign(page, "👍").click()
    expect(sign(page, "👍 1")).to_have_attribute("aria-pressed", "true")
    visit(page, blog.page())
    expect(sign(page, "👍")).to_have_attribute("aria-pressed", "true")


class TestTooOften:
    @pytest.fixture
    def told(self) -> dict[str, str]:
        return {"form_checks": "off", "post_limit": "1 per minute"}

    def test_the_seconds_until_one_may_send_again_go_by(
        self, page: Page, blog: Blog, service: Service
    ) -> None:
        visit(page, blog.page())
        write(page, "First.")
        send(page)
        expect(comment(page, "First.")).to_be_visible()
        write(page, "Second.")
        send(page)
        refusal = widget(page).get_by_role("alert").filter(has_text="Please try again in")
        expect(refusal).to_be_visible()
        before = refusal.inner_text()
        expect(refusal).not_to_have_text(before)
        left = [int("".join(filter(str.isdigit, text))) for text in (before, refusal.inner_text())]
        assert left[0] > left[1] > 0
        expect(box(page)).to_have_value("Second.")


def test_ones_own_comment_shows_only_the_reactions_that_others_gave(
    page: Page, blog: Blog, service: Service
) -> None:
    choose(service, blog, "reactions=like love")
    visit(page, blog.page())
    write(page, "My own words.")
    send(page)
    own = comment(page, "My own words.")
    expect(own.get_by_role("button", name="Remove")).to_be_visible()
    expect(own).not_to_contain_text("👍")
    write(page, "My own words, loved.")
    send(page)
    loved = comment(page, "My own words, loved.")
    expect(loved).to_be_visible()
    its_id = str(loved.get_attribute("id")).removeprefix("comment-")
    request = urllib.request.Request(
        f"{service.url}/api/v1/comments/{its_id}/reactions/love",
        json.dumps({"on": True}).encode(),
        {"Content-Type": "application/json", "Origin": blog.url},
        method="PUT",
    )
    urllib.request.urlopen(request).close()
    visit(page, blog.page())
    expect(loved.get_by_role("button", name="Remove")).to_be_visible()
    expect(loved).to_contain_text("❤️ 1")
    expect(loved).not_to_contain_text("👍")
