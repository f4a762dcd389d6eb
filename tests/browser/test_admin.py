"""The desk as an owner uses it: in a browser, by mouse, by keys, and without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from afterword.app import opened
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.identity.models import Session
from afterword.markup.render import render
from afterword.sites import changes, directory
from afterword.spam.traces import Trace
from afterword.threads import pages
from afterword.threads.models import Comment, State
from tests import make, running
from tests.running import Service

EMAIL, PASSWORD = "hanna@blog.example", "a boat that was a table"
ORIGIN = "https://blog.example"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A data folder whose rows a test makes before the service starts."""
    data = tmp_path / "desk"
    running.installed(data, ORIGIN, name="A blog")
    return data


def inside(data: Path, act: Callable[[], object]) -> object:
    """Run ``act`` over a service's data."""
    with opened(config.read(running.environment(data))):
        return act()


def seed() -> None:
    """A moderator, and four comments that wait, the newest by Dilek."""
    moderators.add(EMAIL, password=PASSWORD, name="Hanna")
    page = make.page(changes.add(ORIGIN))
    for minute, name in enumerate(("Piet", "Rosalind", "Jonas", "Dilek")):
        text = f"**{name}** was [here](https://boat.example/{name})."
        make.comment(
            page,
            minute=minute,
            name=name,
            email=f"{name.lower()}@example.org",
            text=text,
            html=render(text),
            state=State.PENDING,
            reasons=["It is the author's first comment here."],
        )


@pytest.fixture
def desk(rows: Path, told: dict[str, str]) -> Iterator[Service]:
    """A service with comments that wait."""
    inside(rows, seed)
    with running.serving(rows, **told) as service:
        yield service


def log_in(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Pending")).to_be_visible()
    page.wait_for_load_state()  # until then the script has not run, and keys do nothing


def names(page: Page) -> list[str]:
    return page.locator(".comment .author").all_inner_texts()


def shows(page: Page, names: list[str]) -> None:
    """Wait until the comments are by these."""
    expect(page.locator(".comment .author")).to_have_text(names, use_inner_text=True)


def article(page: Page, name: str):
    return page.locator(".comment").filter(has=page.locator(".author", has_text=name))


def test_an_owner_comes_from_the_printed_link_to_the_tag(
    page, tmp_path, told, spoken, assert_accessible
):
    data = tmp_path / "fresh"
    assert running.command(data, "sites", "list").returncode == 0
    with running.serving(data, **told) as service:
        token = inside(data, moderators.set_up_token)
        page.goto(f"{service.url}/admin/setup#{token}")
        expect(page.get_by_label("One-time token")).to_have_value(str(token))
        assert page.url == f"{service.url}/admin/setup", "the token stays in no history"
        assert_accessible(page)
        page.get_by_label("Your name").fill("Hanna")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("radio", name="Hold first comments")).to_be_checked()
        assert_accessible(page)
        page.get_by_label("Address of your blog").fill(ORIGIN)
        page.get_by_role("button", name="Add the blog").click()
        expect(page.get_by_role("status")).to_contain_text("All set.")
        tag = page.get_by_label("Paste this where the comments belong")
        assert f'<script src="{service.url}/embed.js" async></script>' in tag.input_value()
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("link", name="Comments", exact=True).click()
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        assert_accessible(page)


def test_comments_are_decided_by_keys_and_the_focus_goes_on(page, desk, spoken, assert_accessible):
    log_in(page, desk)
    assert_accessible(page)
    page.keyboard.press("j")
    expect(article(page, "Dilek")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#notice")).to_contain_text("1 comment approved.")
    expect(page.locator("#said")).to_have_text("1 comment approved.")
    expect(article(page, "Jonas")).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.press("d")  # without waiting: the next one has the focus already
    expect(page.locator(".comment")).to_have_count(1)
    shows(page, ["Piet"])
    page.keyboard.press("u")
    expect(page.locator(".comment")).to_have_count(2)
    shows(page, ["Rosalind", "Piet"])
    page.get_by_role("link", name="Visible").click()
    shows(page, ["Dilek"])
    page.get_by_role("link", name="Spam").click()
    shows(page, ["Jonas"])
    assert_accessible(page)


def test_keys_do_nothing_while_somebody_types_or_turned_them_off(page, desk, spoken):
    log_in(page, desk)
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_label("Your reply, as Hanna").fill("")
    page.keyboard.type("as a sad jest")
    expect(page.get_by_label("Your reply, as Hanna")).to_have_value("as a sad jest")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator(".comment")).to_have_count(4)
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_label("Use these keys in this browser").uncheck()
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("main input:checked")).to_have_count(0)
        page.reload()
    expect(page.locator(".comment")).to_have_count(4)


def test_comments_are_decided_by_mouse_one_many_and_back(page, desk, spoken, assert_accessible):
    log_in(page, desk)
    article(page, "Jonas").get_by_role("button", name="Remove").click()
    expect(page.locator(".comment")).to_have_count(3)
    page.get_by_label("Select all").check()
    page.locator(".bulk").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("3 comments approved.")
    assert_accessible(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".comment")).to_have_count(3)
    page.get_by_label("Tick the comment by Piet").check()
    expect(page.get_by_label("1 selected")).to_be_visible()
    article(page, "Dilek").get_by_role("button", name="Approve").click()
    expect(page.locator(".comment")).to_have_count(2)
    expect(page.get_by_label("Tick the comment by Piet")).to_be_checked()


def test_a_service_that_is_gone_loses_no_decision_silently(page, desk):
    log_in(page, desk)
    desk.kill()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    expect(page.locator(".comment")).to_have_count(4)
    expect(page.locator(".leaving")).to_have_count(0)


def test_editing_and_replying_show_their_work(page, desk, spoken, assert_accessible):
    log_in(page, desk)
    article(page, "Dilek").get_by_role("link", name="Edit").click()
    assert_accessible(page)
    page.get_by_label("Text").fill("Edited *words*.")
    page.get_by_role("button", name="Keep the change").click()
    expect(article(page, "Dilek").locator("em")).to_have_text("words")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_contain_text("given its earlier text back")
    expect(article(page, "Dilek").locator("strong")).to_contain_text(["Dilek", "Dilek"])
    article(page, "Dilek").get_by_role("link", name="Reply").click()
    assert_accessible(page)
    page.get_by_label("Your reply, as Hanna").fill("Thank you.")
    page.get_by_role("button", name="Approve and reply").click()
    expect(page.locator("#notice")).to_contain_text("Your reply is on the page.")
    page.get_by_role("link", name="Visible").click()
    expect(page.locator(".comment")).to_have_count(2)
    expect(article(page, "Hanna").get_by_text("Author of this site")).to_be_visible()


def test_the_essential_acts_need_no_javascript(browser, desk):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, desk)
    article(page, "Dilek").get_by_role("button", name="Approve").click()
    expect(page.locator("#notice")).to_contain_text("1 comment approved.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".comment")).to_have_count(4)
    page.get_by_label("Tick the comment by Piet").check()
    page.get_by_label("Tick the comment by Jonas").check()
    page.keyboard.press("Enter")  # in a box, which presses the form's first button
    expect(page.locator("#notice")).to_contain_text("Nothing was done")
    page.get_by_label("Tick the comment by Piet").check()
    page.get_by_label("Tick the comment by Jonas").check()
    page.locator(".bulk").get_by_role("button", name="Spam").click()
    expect(page.locator("#notice")).to_contain_text("2 comments marked as spam.")
    article(page, "Rosalind").get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply, as Hanna").fill("Thank you.")
    page.get_by_role("button", name="Approve and reply").click()
    expect(page.locator("#notice")).to_contain_text("Your reply is on the page.")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    context.close()


def test_an_undo_right_after_an_act_takes_back_that_act(page, desk, spoken):
    log_in(page, desk)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(".comment")).to_have_count(3)
    # The next act's answer is slow: what can be undone until then is still the one before.
    page.route("**/admin/comments", lambda route: (page.wait_for_timeout(500), route.continue_()))
    page.keyboard.press("a")
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_contain_text("put back as before")
    shows(page, ["Jonas", "Rosalind", "Piet"])


def test_a_range_is_ticked_and_the_lists_are_changed_by_keys(page, desk, spoken):
    log_in(page, desk)
    for key in ("j", "x", "j", "j", "X"):
        page.keyboard.press(key)
    expect(page.locator("[name=ids]:checked")).to_have_count(3)
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("group", name="All ticked comments").get_by_role("button", name="Spam").click()
    expect(page.locator("#notice")).to_contain_text("3 comments marked as spam.")
    page.keyboard.press("4")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Spam")
    shows(page, ["Dilek", "Jonas", "Rosalind"])
    page.wait_for_load_state()  # until then the script has not run, and keys do nothing
    page.keyboard.press("1")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Pending")
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Piet")).to_be_visible()


def erase_one() -> None:
    """A removed comment, an erased one and another removed one."""
    page = make.page(changes.add(ORIGIN), f"{ORIGIN}/erased")
    for minute, text in enumerate(("One.", "", "Two.")):
        make.comment(page, minute=minute, text=text, html=text, state=State.REMOVED)


def test_a_range_is_ticked_across_a_comment_that_is_erased(page, rows, desk, assert_accessible):
    inside(rows, erase_one)
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/?state=removed")
    page.wait_for_load_state()
    for key in ("j", "x", "j", "x", "j", "X"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 selected")).to_be_visible()
    expect(page.get_by_text("This comment was erased")).to_be_visible()
    assert_accessible(page)


def flood() -> None:
    """Twelve comments of one network wait, and one of another."""
    page = make.page(changes.add(ORIGIN), f"{ORIGIN}/flooded")
    for minute in range(12):
        made = make.comment(page, minute=10 + minute, name="Deals", state=State.PENDING)
        trace = {"site_id": made.site_id, "created": made.created, "sketch": b""}
        db.session.add(Trace(comment_id=made.id, cluster="one network", **trace))
    db.session.commit()


def test_a_flood_is_one_row_that_one_key_decides_and_one_takes_back(
    page, rows, desk, spoken, assert_accessible
):
    inside(rows, flood)
    log_in(page, desk)
    shows(page, ["Deals", "Dilek", "Jonas", "Rosalind", "Piet"])
    page.get_by_text("11 more like it").click()
    expect(page.locator(".alike li").first).to_contain_text("Deals")
    assert_accessible(page)
    page.keyboard.press("k")  # the focus is inside of it
    expect(article(page, "Deals")).to_be_focused()
    page.keyboard.press("S")
    expect(page.locator("#notice")).to_contain_text("12 comments marked as spam.")
    expect(article(page, "Dilek")).to_be_focused()
    shows(page, ["Dilek", "Jonas", "Rosalind", "Piet"])
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_contain_text("12 comments put back as before.")
    assert names(page)[0] == "Deals"


@pytest.mark.parametrize("width", [360, 1280])
def test_choices_are_tried_and_then_kept_without_javascript(browser, desk, width):
    size = {"width": width, "height": 800}
    context = browser.new_context(java_script_enabled=False, viewport=size)
    page = context.new_page()
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1")
    page.get_by_label("Hold all comments").check()
    page.get_by_role("button", name="What would this have done?").click()
    tried = page.get_by_role("region", name="What this would have done")
    expect(tried).to_be_in_viewport()
    expect(tried.locator(".outcomes li").nth(1)).to_contain_text("4 would wait now: 4 pending")
    box = tried.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.get_by_role("button", name="Keep these choices").first.click()
    expect(page.get_by_role("status")).to_contain_text("Your choices are kept.")
    expect(page.get_by_label("Hold all comments")).to_be_checked()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_choices_would_have_done_is_read_by_everybody(page, desk, assert_accessible, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1")
    page.get_by_label("Akismet key").fill("0123456789ab")
    page.get_by_role("button", name="Keep these choices").click()
    expect(page.get_by_text("Set", exact=True)).to_be_visible()
    page.get_by_label("Words that a comment is refused for").fill("boat*")
    page.get_by_role("button", name="What would this have done?").click()
    tried = page.get_by_role("region", name="What this would have done")
    expect(tried.get_by_text("Would be refused.")).to_have_count(4)
    assert_accessible(page)


def test_the_log_is_narrowed_down_read_and_taken_back_without_javascript(browser, desk):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, desk)
    article(page, "Dilek").get_by_role("button", name="Spam").click()
    article(page, "Jonas").get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.locator(".log > li")).to_have_count(2)
    page.get_by_text("Narrow it down").click()
    page.get_by_label("Did what").select_option("Marked as spam")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".log > li")).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save these as CSV").click()
    assert saved.value.suggested_filename == "afterword-log.csv"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_have_text("It was put back as before.")
    expect(page.get_by_label("Did what")).to_have_value("spam")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_log_is_accessible_and_fits(page, desk, assert_accessible, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, desk)
    article(page, "Dilek").get_by_role("link", name="Edit").click()
    page.get_by_label("Text").fill("x" * 200)
    page.get_by_role("button", name="Keep the change").click()
    page.goto(f"{desk.url}/admin/log?by={EMAIL}")
    page.get_by_text("What was changed").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def write_ada() -> None:
    """A comment that waits, with an address."""
    page = make.page(changes.add(ORIGIN), f"{ORIGIN}/ada")
    make.comment(page, name="Ada", email="ada@reader.example", state=State.PENDING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_an_authors_data_are_erased_for_the_password(
    page, rows, desk, assert_accessible, width, scheme
):
    inside(rows, write_ada)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, desk)
    article(page, "Ada").get_by_role("link", name="Author Ada").click()
    page.get_by_role("link", name="Hand out or erase").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Erase it for good").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was erased")
    assert_accessible(page)
    page.get_by_label("All of it is to go").check()
    page.get_by_role("button", name="Erase it for good").click()
    expect(page.get_by_text("1 comment of one person")).to_be_visible()
    page.goto(f"{desk.url}/admin/?state=pending")
    expect(article(page, "Ada")).to_have_count(0)


def test_the_tag_is_chosen_and_copied_by_keys_alone(page, desk, spoken):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/sites/1/tag")
    page.get_by_role("link", name="Jekyll").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jekyll")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("Make the file _includes/afterword.html").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f'<script src="{desk.url}/embed.js" data-url="{{{{ page.url')
    page.get_by_text("Browsers are to check").click()
    expect(page.get_by_label("Then paste this in the place of the first")).to_be_visible()


DRAWN = ("visible", "pending")


def write_today() -> None:
    """Three comments that appear, two that wait."""
    page = make.page(changes.add(ORIGIN), f"{ORIGIN}/today")
    for state in (*(State.VISIBLE,) * 3, *(State.PENDING,) * 2):
        make.comment(page, state=state).created = clock.now()
    db.session.commit()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_overviews_chart_is_read_by_everybody(page, rows, desk, assert_accessible, scheme):
    inside(rows, write_today)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, desk)
    page.get_by_role("link", name="Overview").click()
    chart = page.get_by_role("img", name="Comments a day")
    expect(chart).to_have_accessible_description(re.compile("Visible 3, Held 2, Spam 0"))
    drawn = chart.locator("rect.visible").bounding_box()
    assert drawn is not None
    assert drawn["height"] > 50
    fills = {chart.locator(f"rect.{of}").evaluate("e => getComputedStyle(e).fill") for of in DRAWN}
    assert len(fills) == len(DRAWN), "each its own colour"
    page.get_by_text("The same in numbers").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text(re.compile(r"\d{4}\s*3\s*2\s*0"))
    assert_accessible(page)
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("row", include_hidden=True)).to_have_count(8)


def test_a_page_is_moved_and_closed_without_javascript(browser, desk):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, desk)
    page.get_by_role("link", name="Pages", exact=True).click()
    page.get_by_role("link", name="Pages have moved?").click()
    moves = page.get_by_label("One move a line")
    moves.fill(f"{ORIGIN}/first-post,{ORIGIN}/moved\nalone")
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2: needs an old address and a new one")
    moves.fill(f"{ORIGIN}/first-post,{ORIGIN}/moved")
    page.get_by_role("button", name="What would move?").click()
    expect(page.get_by_role("status")).to_have_text("1 thread would move")
    page.get_by_role("button", name="Move them").click()
    expect(page.get_by_role("status")).to_have_text("1 thread has moved")
    page.get_by_role("link", name="Pages", exact=True).first.click()
    page.get_by_text("1 older address leads here").click()
    expect(page.get_by_text("blog.example/first-post", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Close.*First post$")).click()
    expect(page.get_by_role("status")).to_contain_text("takes no more comments")
    expect(page.get_by_role("button", name=re.compile("^Open.*First post$"))).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_post_on_the_fediverse_is_linked_to_a_page(browser, rows, told, assert_accessible, width):
    running.command(rows, "sites", "set", "blog.example", "fediverse=hold")
    inside(rows, seed)
    with running.serving(rows, **told) as service:
        page = browser.new_page(viewport={"width": width, "height": 800})
        log_in(page, service)
        page.get_by_role("link", name="Pages", exact=True).click()
        page.get_by_text("Show replies on the fediverse").click()
        page.get_by_label("Address of the page").fill(f"{ORIGIN}/first-post")
        post = page.get_by_label("Address of your post about it")
        post.fill("https://social.invalid/@hanna")
        page.get_by_role("button", name="Link the post").click()
        expect(page.get_by_role("alert")).to_contain_text("A post's address looks like")
        assert_accessible(page)
        post.fill("https://social.invalid/@hanna/100")
        page.get_by_role("button", name="Link the post").click()
        expect(page.get_by_role("status")).to_contain_text("The post is linked.")
        expect(page.get_by_role("link", name="Post on the fediverse")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("button", name="Unlink the post").click()
        expect(page.get_by_role("status")).to_contain_text("No post is linked")
        page.close()


def write_another(name: str) -> None:
    """What a reader sends while the desk lies open."""
    page = pages.find(directory.of_url(ORIGIN).id, "blog.example/first-post")
    with transaction() as session:
        session.add(
            Comment(
                site_id=page.site_id,
                page_id=page.id,
                name=name,
                text="Just now.",
                html="<p>Just now.</p>",
                state=State.PENDING,
            )
        )


def test_what_comes_meanwhile_is_said_and_moves_nothing(
    page, rows, desk, spoken, assert_accessible
):
    log_in(page, desk)
    before = names(page), page.locator(".comment").first.bounding_box()
    inside(rows, lambda: write_another("Nadia"))
    expect(page.get_by_role("link", name="1 new comment")).to_be_visible()
    expect(page.locator("#said")).to_have_text("1 new comment")
    expect(page).to_have_title(re.compile(r"^\(1\) Pending comments"))
    assert (names(page), page.locator(".comment").first.bounding_box()) == before
    assert_accessible(page)
    inside(rows, lambda: write_another("Olga"))
    expect(page.get_by_role("link", name="2 new comments")).to_be_visible()
    page.get_by_role("link", name="2 new comments").click()
    expect(page.locator(".comment .author").first).to_have_text("Olga")
    expect(page.locator(".arrivals")).to_be_hidden()
    expect(page).to_have_title(re.compile(r"^Pending comments"))


def test_an_act_brings_what_came_meanwhile_and_the_count_starts_anew(page, rows, desk, spoken):
    log_in(page, desk)
    inside(rows, lambda: write_another("Nadia"))
    expect(page.get_by_role("link", name="1 new comment")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(article(page, "Nadia")).to_be_visible()
    expect(page.locator(".arrivals")).to_be_hidden()
    inside(rows, lambda: write_another("Olga"))
    expect(page.get_by_role("link", name="1 new comment")).to_be_visible()


def seed_many() -> None:
    """More comments than a page of the queue shows."""
    moderators.add(EMAIL, password=PASSWORD, name="Hanna")
    page = make.page(changes.add(ORIGIN))
    for minute in range(120):
        make.comment(page, minute=minute, state=State.PENDING)


@pytest.fixture
def full_desk(rows: Path, told: dict[str, str]) -> Iterator[Service]:
    inside(rows, seed_many)
    with running.serving(rows, **told) as service:
        yield service


def test_all_that_match_are_decided_over_and_back_by_keys_alone(
    page, full_desk, spoken, assert_accessible
):
    log_in(page, full_desk)
    page.get_by_role("link", name="All that match").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Decide over all 120 comments")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Mark as spam all 120").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("120 comments marked as spam.")).to_be_visible(timeout=20_000)
    assert_accessible(page)
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("All is as it was before.")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="To the queue").click()
    expect(page.get_by_role("link", name="Pending 120")).to_be_visible()


def test_all_that_match_are_decided_over_without_javascript(browser, full_desk):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{full_desk.url}/admin/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="All that match").click()
    page.get_by_role("button", name="Approve all 120").click()
    expect(page.get_by_text("120 comments approved.")).to_be_visible(timeout=20_000)
    context.close()


def test_a_comment_is_pinned_where_it_stands_and_what_is_ticked_stays_ticked(page, desk, spoken):
    log_in(page, desk)
    page.keyboard.press("j")
    for _ in range(3):
        page.keyboard.press("a")
    page.get_by_role("link", name="Visible 3").click()
    other = page.get_by_role("checkbox", name="Tick the comment by Rosalind")
    other.check()
    article(page, "Dilek").get_by_role("button", name=re.compile("^Pin.*Dilek$")).click()
    expect(page.locator("#said")).to_have_text("The comment stands first on its page.")
    expect(article(page, "Dilek").get_by_role("button", name="Unpin")).to_be_visible()
    expect(other).to_be_checked()
    expect(article(page, "Rosalind")).to_be_visible()


def prove_nothing() -> None:
    """As if everybody's password had been given an hour ago."""
    with transaction() as session:
        session.execute(update(Session).values(proved=clock.now() - dt.timedelta(hours=1)))


def test_many_are_removed_at_once_for_the_password_only(page, rows, full_desk):
    log_in(page, full_desk)
    inside(rows, prove_nothing)
    page.get_by_label("Select all").check()
    page.locator(".bulk").get_by_role("button", name="Remove").click()
    page.locator("[name=again]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("25 comments removed.")
