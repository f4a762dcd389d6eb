"""The tag on a real page, in a real browser: what a reader and an owner see."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from afterword.spam.checks.burst import MOST_BY_ALL
from tests.browser.blog import Blog
from tests.browser.conftest import box, choose, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared
POISON = (
    '<img src=x onerror="alert(1)"><p onclick="alert(2)">word</p>'
    '<a href="javascript:alert(3)">bad</a><script>alert(4)</script>'
)
POSTS = re.compile(r"/api/v1/comments\??$")


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The addresses that the page has asked for."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    return addresses


def test_the_tag_alone_shows_the_thread(
    page: Page, blog: Blog, said: Callable[..., str], spoken: list[str]
) -> None:
    first = said("Lovely post.")
    said("Thank you!", name="Hanna", parent=first)
    visit(page, blog.page())
    expect(widget(page).get_by_role("heading", name="2 comments")).to_be_visible()
    expect(comment(page, "Lovely post.")).to_be_visible()
    expect(widget(page).locator("li li").get_by_text("Thank you!")).to_be_visible()
    assert not [line for line in spoken if line.startswith("warning")]


def test_each_comment_is_named_after_who_wrote_it(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    """So that screen readers, which go from article to article, say whose the next one is."""
    said("Thank you!", name="Hanna", parent=said("Lovely post."))
    visit(page, blog.page())
    named = widget(page).get_by_role("article", name="Ada", exact=True)
    expect(named).to_contain_text("Lovely post.")
    expect(widget(page).get_by_role("article", name="Hanna", exact=True)).to_have_count(1)


def test_a_comment_that_is_sent_appears_with_the_focus_on_it_and_stays(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Hello from a **browser**.")
    send(page)
    expect(comment(page, "Hello from a browser.")).to_be_focused()
    expect(widget(page).get_by_role("status")).to_contain_text("published")
    expect(box(page)).to_have_value("")
    page.reload()
    visit(page, blog.page())
    expect(comment(page, "Hello from a browser.")).to_have_count(1)


def test_ctrl_enter_sends(page: Page, blog: Blog, service: Service) -> None:
    visit(page, blog.page())
    write(page, "By the keyboard.")
    page.keyboard.press("Control+Enter")
    expect(comment(page, "By the keyboard.")).to_be_visible()


def test_a_reply_is_written_and_shown_below_its_comment(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").click()
    reply = form(page, "Replying to Ada")
    expect(box(page, "Replying to Ada")).to_be_focused()
    box(page, "Replying to Ada").fill("An answer.")
    reply.get_by_label("Name").fill("Grace")
    reply.get_by_role("button", name="Send reply").click()
    expect(widget(page).locator("li li").get_by_role("article")).to_be_focused()
    expect(widget(page).locator("li li").get_by_text("An answer.")).to_be_visible()
    expect(reply).to_have_count(0)


def test_escape_leaves_an_empty_reply_and_gives_the_focus_back(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    visit(page, blog.page())
    opener = widget(page).get_by_role("button", name="Reply to Ada")
    opener.click()
    expect(box(page, "Replying to Ada")).to_be_focused()
    page.keyboard.press("Escape")
    expect(form(page, "Replying to Ada")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_draft_survives_a_reload(page: Page, blog: Blog, service: Service) -> None:
    visit(page, blog.page())
    write(page, "Half a thou")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('draft'))")
    visit(page, blog.page())
    expect(box(page)).to_have_value("Half a thou")
    expect(widget(page).get_by_text("Your unsent text is back.")).to_be_visible()


def test_a_name_is_remembered_only_when_asked(page: Page, blog: Blog, service: Service) -> None:
    for is_ticked, expected in ((False, ""), (True, "Grace")):
        visit(page, blog.page())
        write(page, f"Remember me: {is_ticked}")
        widget(page).get_by_label("Remember me").set_checked(is_ticked)
        send(page)
        expect(comment(page, f"Remember me: {is_ticked}")).to_be_visible()
        visit(page, blog.page())
        box(page).focus()
        expect(widget(page).get_by_label("Name")).to_have_value(expected)


def test_a_name_is_forgotten_as_soon_as_nobody_is_to_be_remembered(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "I was here.")
    widget(page).get_by_label("Remember me").check()
    send(page)
    expect(comment(page, "I was here.")).to_be_visible()
    box(page).focus()
    widget(page).get_by_label("Remember me").uncheck()
    visit(page, blog.page())
    box(page).focus()
    expect(widget(page).get_by_label("Name")).to_have_value("")
    expect(widget(page).get_by_label("Remember me")).not_to_be_checked()


@pytest.mark.parametrize(
    ("fail", "why"),
    [
        (lambda route: route.abort(), "could not be reached"),
        (lambda route: route.fulfill(status=502, body="<h1>Bad gateway"), "has a problem"),
        (
            lambda route: route.fulfill(
                status=429,
                headers={
                    "Retry-After": "7",
                    "Access-Control-Allow-Origin": "*",
                    "Access-Control-Expose-Headers": "Retry-After",
                },
                json={"code": "rate_limited", "detail": "Slow down."},
            ),
            "try again in 7 s",
        ),
    ],
    ids=["no connection", "a broken proxy", "too fast"],
)
def test_a_failed_send_keeps_the_text_and_says_why(
    page: Page, blog: Blog, service: Service, fail: Callable[[Route], None], why: str
) -> None:
    visit(page, blog.page())
    write(page, "Precious words")
    page.route(POSTS, fail)
    send(page)
    expect(widget(page).get_by_text(why)).to_be_visible()
    expect(box(page)).to_have_value("Precious words")
    page.unroute(POSTS)
    send(page)
    expect(comment(page, "Precious words")).to_have_count(1)


def test_a_send_whose_answer_was_lost_is_stored_once(
    page: Page, blog: Blog, service: Service
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    visit(page, blog.page())
    write(page, "Only once")
    page.route(POSTS, lose)
    send(page)
    expect(widget(page).get_by_text("could not be reached")).to_be_visible()
    page.unroute(POSTS)
    send(page)
    expect(comment(page, "Only once")).to_have_count(1)
    visit(page, blog.page())
    expect(comment(page, "Only once")).to_have_count(1)


def test_what_is_missing_is_said_at_its_field(page: Page, blog: Blog, service: Service) -> None:
    visit(page, blog.page())
    write(page, "No name", name="")
    send(page)
    name = form(page).get_by_label("Name")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("Please write your name.")


def test_a_thread_far_below_the_fold_asks_for_nothing(
    page: Page, blog: Blog, service: Service, asked: list[str]
) -> None:
    page.goto(blog.page("long"), wait_until="networkidle")
    expect(widget(page)).to_have_count(1)
    assert [url for url in asked if url.startswith(service.url)] == [f"{service.url}/embed.js"]


def test_the_first_view_costs_the_script_and_one_request(
    page: Page, blog: Blog, service: Service, asked: list[str], said: Callable[..., str]
) -> None:
    said("Hello")
    visit(page, blog.page())
    expect(comment(page, "Hello")).to_be_visible()
    page.wait_for_load_state("networkidle")
    ours = [url for url in asked if url.startswith(service.url)]
    assert len(ours) == 2, ours
    assert "/api/v1/thread?" in ours[1]


def test_a_page_with_the_strictest_policy_needs_no_exception(
    page: Page, blog: Blog, said: Callable[..., str], spoken: list[str]
) -> None:
    said("Under **strict** rules, [a link](https://example.org/)", page="strict-csp")
    visit(page, blog.page("strict-csp"))
    expect(comment(page, "Under strict rules").locator("strong")).to_have_text("strict")
    expect(
        comment(page, "Under strict rules").get_by_role("link", name="a link")
    ).to_have_attribute("rel", "nofollow ugc noopener noreferrer")
    write(page, "Posted under strict rules.")
    send(page)
    expect(comment(page, "Posted under strict rules.")).to_be_visible()
    assert not spoken


@pytest.mark.parametrize("page_name", ["plain", "strict-csp"])
def test_without_the_browsers_sanitiser_comments_are_still_shown(
    page: Page, blog: Blog, said: Callable[..., str], page_name: str
) -> None:
    said("A **bold** word, [a link](https://example.org/x)", page=page_name)
    page.add_init_script("delete Element.prototype.setHTML")
    # What a compromised service would send: no gate of the browser's is left but ours.
    page.route("**/api/v1/thread?*", _poison)
    visit(page, blog.page(page_name))
    shown = comment(page, "word")
    expect(shown).to_contain_text("https://example.org/x" if page_name != "plain" else "a link")
    expect(shown.locator("img, script, [onclick], [href^=javascript]")).to_have_count(0)
    expect(shown.locator("a[href='https://example.org/x']")).to_have_attribute(
        "rel", "nofollow ugc noopener noreferrer"
    )


def _poison(route: Route) -> None:
    _add(route, POISON)


def _add(route: Route, html: str) -> None:
    answer = route.fetch()
    thread: Any = answer.json()
    thread["comments"][0]["html"] += html
    route.fulfill(response=answer, json=thread)


@pytest.mark.parametrize("is_old", [False, True], ids=["sanitiser", "no sanitiser"])
def test_of_what_is_not_on_our_list_only_the_words_are_shown(
    page: Page, blog: Blog, said: Callable[..., str], asked: list[str], is_old: bool
) -> None:
    said("A **bold** word.")
    if is_old:
        page.add_init_script("delete Element.prototype.setHTML")
    more = (
        "<section>One <span class=wide id=x>two</span></section>"
        '<svg><a href="https://example.org/drawn"><text>three</text></a></svg>'
        '<code class="language-py wide">four</code><ol start=3 class=wide><li>five</ol>'
        '<p><template shadowrootmode=open><img src="/seen/x"></template>six</p>'
    )
    page.route("**/api/v1/thread?*", lambda route: _add(route, POISON + more))
    visit(page, blog.page())
    text = comment(page, "word").locator(".text")
    expect(text).to_contain_text(re.compile("One two.*three.*four.*five.*six", re.DOTALL))
    kept = text.evaluate(
        """(text) => [...text.querySelectorAll('*')].map(({tagName, attributes}) =>
          [tagName, ...[...attributes].map(({name}) => name)].join(' '))"""
    )
    assert kept[:7] == ["P", "STRONG", "P", "A", "CODE", "OL start", "LI"]
    assert set(kept[7:]) == {"P"}
    hidden = "(text) => [...text.querySelectorAll('*')].some(({shadowRoot}) => shadowRoot)"
    assert not text.evaluate(hidden)
    assert not [url for url in asked if url.endswith("/x")]


def test_html_that_no_way_can_read_is_shown_as_its_words(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Fine.")
    # A field of this name stands in the way of what a script asks of the form.
    clobbering = "<form><input name=childNodes>Some words</form>"
    page.route("**/api/v1/thread?*", lambda route: _add(route, POISON + clobbering))
    visit(page, blog.page())
    expect(comment(page, "Fine.")).to_contain_text("Some words")
    expect(comment(page, "Fine.").locator("form, img, script")).to_have_count(0)


def test_a_form_around_the_whole_page_is_not_submitted(
    page: Page, blog: Blog, service: Service
) -> None:
    url = blog.page("outer-form")
    visit(page, url)
    write(page, "Inside a form")
    form(page).get_by_label("Name").press("Enter")
    expect(comment(page, "Inside a form")).to_be_visible()
    assert page.url == url


def test_a_pages_hotkeys_do_not_steal_what_is_typed(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page("hotkeys"))
    box(page).press_sequentially("a/b j s,f ok?")
    expect(box(page)).to_have_value("a/b j s,f ok?")
    assert page.evaluate("hot") == []


def test_an_unknown_site_is_told_the_command_that_allows_it(
    page: Page, blog: Blog, service: Service
) -> None:
    page.goto(blog.page().replace("localhost", "127.0.0.1"))
    widget(page).scroll_into_view_if_needed()
    expect(widget(page).get_by_text("afterword sites add")).to_be_visible()
    expect(box(page)).to_be_hidden()


def test_a_thread_that_does_not_load_can_be_tried_again(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Hello")
    page.route("**/api/v1/thread?*", lambda route: route.abort())
    visit(page, blog.page())
    expect(widget(page).get_by_text("could not be loaded")).to_be_visible()
    page.unroute("**/api/v1/thread?*")
    widget(page).get_by_role("button", name="Try again").click()
    expect(comment(page, "Hello")).to_be_visible()


def test_a_permalink_scrolls_to_its_comment_and_focuses_it(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    ids = [said(f"Comment number {n}.") for n in range(12)]
    page.goto(f"{blog.page()}#comment-{ids[9]}")
    expect(comment(page, "Comment number 9.")).to_be_focused()
    expect(comment(page, "Comment number 9.")).to_be_in_viewport()
    page.evaluate(f"location.hash = 'comment-{ids[2]}'")
    expect(comment(page, "Comment number 2.")).to_be_focused()
    expect(comment(page, "Comment number 2.")).to_be_in_viewport()


@pytest.mark.parametrize("scrolling", ["auto", "smooth"])
def test_a_permalink_leads_past_conversations_that_are_longer_than_they_were_thought(
    page: Page, blog: Blog, said: Callable[..., str], scrolling: str
) -> None:
    for n in range(4):
        first = said(f"Conversation {n}.")
        for answer in range(6):
            said(f"A long answer. {answer}\n\n" * 4, parent=first)
    sought = said("What is sought.")
    for n in range(3):
        said(f"After it, {n}.\n\n" * 5)
    source = blog.html("plain", blog.page())
    rules = f"<style>html {{ scroll-behavior: {scrolling} }}</style></head>"
    blog.held["plain"] = source.replace("</head>", rules)
    page.goto(f"{blog.page()}#comment-{sought}")
    expect(comment(page, "What is sought.")).to_be_focused()
    expect(comment(page, "What is sought.")).to_be_in_viewport()
    page.wait_for_function(
        """() => {
          const {shadowRoot} = document.querySelector('afterword-thread')
          const {top} = shadowRoot.activeElement.getBoundingClientRect()
          return top > 0 && top < 200
        }"""
    )


def test_a_permalink_opens_what_the_thread_is_folded_in(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    sought = said("What is sought.")
    folded = "</article><details><summary>Comments</summary><afterword-thread></afterword-thread>"
    blog.held["plain"] = blog.html("plain", blog.page()).replace("</article>", folded)
    page.goto(f"{blog.page()}#comment-{sought}")
    expect(comment(page, "What is sought.")).to_be_focused()
    expect(comment(page, "What is sought.")).to_be_in_viewport()


def test_a_permalink_stays_in_its_tab_where_a_page_has_links_open_another(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    sought = said("What is sought.")
    blog.held["plain"] = blog.html("plain", blog.page()).replace(
        "<head>", "<head><base target='_blank'>"
    )
    visit(page, blog.page())
    comment(page, "What is sought.").locator(".time").click()
    page.wait_for_url(f"{blog.page()}#comment-{sought}")
    assert page.context.pages == [page]


def test_permalinks_do_not_say_where_their_reader_came_from(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sought = said("What is sought.")
    asked = f"{blog.page()}?utm_source=letter&a=1&fbclid=2"
    visit(page, asked)
    link = comment(page, "What is sought.").locator(".time")
    wanted = f"{blog.page()}?a=1#comment-{sought}"
    expect(link).to_have_attribute("href", wanted)
    widget(page).get_by_role("button", name="More about Ada").click()
    widget(page).get_by_role("button", name="Copy link").click()
    expect(widget(page).get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == wanted
    page.evaluate("window.isSame = true")
    for _ in "followed", "once more":
        link.click()
        expect(comment(page, "What is sought.")).to_be_focused()
        widget(page).get_by_role("heading", name="1 comment").focus()
    assert page.url == f"{asked}#comment-{sought}"
    assert page.evaluate("isSame")


def test_a_repaint_keeps_a_half_typed_reply(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("The first")
    said("The second", name="Bo")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").click()
    reply = box(page, "Replying to Ada")
    reply.fill("Half a reply")
    kept = reply.element_handle()
    assert kept
    reply.evaluate("(box) => box.setSelectionRange(2, 6)")
    widget(page).get_by_label("Sort").select_option("newest")
    expect(widget(page).get_by_role("article").first).to_contain_text("The second")
    write(page, "A third", name="Cy")
    send(page)
    expect(comment(page, "A third")).to_be_visible()
    assert reply.evaluate("(box, kept) => box === kept", kept)
    expect(reply).to_have_value("Half a reply")
    assert reply.evaluate("(box) => [box.selectionStart, box.selectionEnd]") == [2, 6]


def test_the_order_is_remembered(page: Page, blog: Blog, said: Callable[..., str]) -> None:
    said("The first")
    said("The second")
    visit(page, blog.page())
    widget(page).get_by_label("Sort").select_option("newest")
    visit(page, blog.page())
    expect(widget(page).get_by_role("article").first).to_contain_text("The second")


def test_long_threads_and_conversations_are_loaded_piece_by_piece(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    first = said("Root number 0")
    for n in range(6):
        said(f"Reply number {n}", parent=first)
    for n in range(1, 54):
        said(f"Root number {n}")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="More replies").click()
    expect(widget(page).locator("li li").get_by_role("article")).to_have_count(6)
    expect(comment(page, "Reply number 3")).to_be_focused()
    widget(page).get_by_role("button", name="More comments").click()
    expect(comment(page, "Root number 50")).to_be_focused()
    expect(comment(page, "Root number 53")).to_be_visible()


def test_the_element_shows_another_page_when_its_address_changes(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("On the long page", page="long")
    visit(page, blog.page())
    page.evaluate(f"document.querySelector('afterword-thread').dataset.url = '{blog.page('long')}'")
    expect(comment(page, "On the long page")).to_be_visible()


def test_a_script_pasted_twice_makes_one_thread(page: Page, blog: Blog, service: Service) -> None:
    visit(page, blog.page())
    page.add_script_tag(url=f"{service.url}/embed.js")
    expect(widget(page)).to_have_count(1)


def test_links_with_counts_cost_one_request(
    page: Page, blog: Blog, service: Service, said: Callable[..., str], asked: list[str]
) -> None:
    said("One")
    links = "".join(
        f'<a data-afterword-count href="{blog.page(name)}#comments">?</a>'
        for name in ("plain", "long", "dark")
    )
    blog.attributes = f'data-target="none"></script>{links}<script>'
    page.goto(blog.page("long"))
    expect(page.locator("a[data-afterword-count]")).to_have_text(
        ["1 comment", "0 comments", "0 comments"]
    )
    assert len([url for url in asked if "/counts?" in url]) == 1


@pytest.mark.parametrize("is_long", [False, True], ids=["many addresses", "long ones"])
def test_links_to_more_pages_than_one_request_may_name_all_have_their_count(
    page: Page,
    blog: Blog,
    service: Service,
    said: Callable[..., str],
    asked: list[str],
    is_long: bool,
) -> None:
    said("One")
    begin = blog.page("plain") if is_long else blog.url
    links = "".join(
        f'<a data-afterword-count href="{address}">?</a>'
        for address in (blog.page("plain"), *(f"{begin}/{n}" for n in range(129)))
    )
    blog.attributes = f'data-target="none"></script>{links}<script>'
    page.goto(blog.page("long"))
    expect(page.locator("a[data-afterword-count]")).to_have_text(
        ["1 comment", *["0 comments"] * 129]
    )
    assert len([url for url in asked if "/counts?" in url]) == 2


def test_counts_cost_one_request_where_a_router_says_once_more_that_the_page_is_there(
    page: Page, blog: Blog, service: Service, said: Callable[..., str], asked: list[str]
) -> None:
    said("One")
    link = f'<a data-afterword-count href="{blog.page()}">?</a>'
    blog.attributes = f'data-target="none"></script>{link}<script>'
    held: list[Route] = []
    page.route("**/api/v1/counts?**", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/api/v1/counts?**"):
        page.goto(blog.page("long"))
    page.evaluate("document.dispatchEvent(new CustomEvent('turbo:load'))")
    # What was to be asked has been by then.
    page.evaluate("new Promise((done) => setTimeout(done))")
    held[0].continue_()
    expect(page.locator("a[data-afterword-count]")).to_have_text("1 comment")
    assert len([url for url in asked if "/counts?" in url]) == 1


def test_the_page_hears_of_what_happens(page: Page, blog: Blog, service: Service) -> None:
    page.add_init_script(
        "window.heard = []; for (const name of ['ready', 'posted', 'error'])"
        " addEventListener('afterword:' + name, (event) => heard.push(event.type))"
    )
    visit(page, blog.page())
    write(page, "Heard")
    send(page)
    expect(comment(page, "Heard")).to_be_visible()
    assert page.evaluate("heard") == ["afterword:ready", "afterword:posted"]


@pytest.mark.parametrize("page_name", ["plain", "dark", "all-unset"])
def test_axe_finds_nothing(
    page: Page,
    blog: Blog,
    said: Callable[..., str],
    page_name: str,
) -> None:
    first = said("A `word`\n\n> quoted\n\n[link](https://example.org)", page=page_name)
    said("An answer", page=page_name, name="Bo", parent=first)
    visit(page, blog.page(page_name))
    widget(page).get_by_role("button", name="Reply to Ada").click()
    write(page, "Too anonymous", name="")
    send(page)
    expect(widget(page).get_by_text("Please write your name.").first).to_be_visible()
    # Ours alone: these pages have faults of their own.
    found = Axe().run(page, context="afterword-thread")
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_stored_before_a_reader_writes_and_no_cookie_ever(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("Hello")
    visit(page, blog.page())
    assert page.evaluate("Object.keys(localStorage)") == []
    write(page, "Cookies?")
    send(page)
    expect(comment(page, "Cookies?")).to_be_visible()
    assert page.context.cookies() == []


@pytest.mark.alone
@pytest.mark.parametrize("told", [{"form_checks": "off", "rate_limits": "off"}])
def test_a_comment_that_waits_is_shown_to_its_author_alone(
    page: Page, blog: Blog, service: Service
) -> None:
    choose(service, blog, "policy=hold-all")
    visit(page, blog.page())
    write(page, "Please approve")
    send(page)
    expect(comment(page, "Please approve")).to_contain_text("only you can see this")
    visit(page, blog.page())
    expect(comment(page, "Please approve")).to_contain_text("only you can see this")
    page.evaluate("localStorage.clear()")
    visit(page, blog.page())
    expect(comment(page, "Please approve")).to_have_count(0)


@pytest.mark.alone
@pytest.mark.parametrize("told", [{"rate_limits": "off"}])
@pytest.mark.parametrize("page_name", ["plain", "strict-csp"])
def test_a_suspicious_comment_appears_after_a_moments_work(
    page: Page, blog: Blog, said: Callable[..., str], told: dict[str, str], page_name: str
) -> None:
    for number in range(MOST_BY_ALL):  # in a flood a stranger's is challenged
        said(f"Waits, since it came without a form: number {number}.", page=page_name)
    visit(page, blog.page(page_name))
    write(page, "I am a person.")
    answers: list[int] = []
    page.on(
        "response",
        lambda answer: answer.request.method == "POST" and answers.append(answer.status),
    )
    send(page)
    expect(comment(page, "I am a person.")).to_be_visible(timeout=15_000)
    expect(widget(page).get_by_role("status")).to_contain_text("published")
    assert answers == [428, 201]


def test_what_a_thread_tells_leaves_the_pages_own_shadow_root(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A word.")
    blog.attributes = 'data-target="none"'
    page.goto(blog.page())
    count = page.evaluate(
        """() => new Promise((done) => {
          addEventListener('afterword:ready', ({detail}) => done(detail.count))
          const box = document.body.appendChild(document.createElement('div'))
          Afterword.mount(box.attachShadow({mode: 'open'}), {eager: ''})
        })"""
    )
    assert count == 1
