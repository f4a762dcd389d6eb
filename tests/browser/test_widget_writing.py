"""What somebody who writes is given: marks, links, a preview, quotations."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.blog import Blog
from tests.browser.conftest import box, comment, form, send, visit, widget, write
from tests.running import Service

pytestmark = pytest.mark.shared


@pytest.fixture
def writing(page: Page, blog: Blog, service: Service) -> Page:
    """A page with the form open and nothing in it."""
    visit(page, blog.page())
    box(page).focus()
    expect(form(page).get_by_label("Name")).to_be_visible()
    return page


def select(page: Page, start: int, end: int) -> None:
    box(page).evaluate("(box, [start, end]) => box.setSelectionRange(start, end)", [start, end])


def test_what_the_email_is_for_is_said_with_its_field(writing: Page) -> None:
    email = form(writing).get_by_label("E-mail")
    expect(email).to_have_accessible_description(re.compile("^For answers by mail"))
    write(writing, "Something.")
    email.fill("nowhere")
    send(writing)
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(
        re.compile("^For answers by mail.+else. .*address")
    )


def test_fields_stand_in_a_line_however_long_their_labels_are(
    page: Page, blog: Blog, service: Service
) -> None:
    blog.attributes = "data-lang=de"
    page.set_viewport_size({"width": 540, "height": 800})
    visit(page, blog.page())
    widget(page).get_by_role("textbox").first.focus()
    expect(widget(page).locator("[autocomplete=email]")).to_be_visible()
    name, email, _ = (
        label.bounding_box() for label in widget(page).locator(".writer .label").all()
    )
    assert email["height"] > 1.5 * name["height"]
    name, email, _ = (field.bounding_box() for field in widget(page).locator(".writer input").all())
    assert name["y"] == email["y"]


@pytest.mark.parametrize(
    ("name", "key", "becomes"),
    [
        ("Bold", "b", "one **two** three"),
        ("Italic", "i", "one *two* three"),
        ("Code", "e", "one `two` three"),
        ("Link", "k", "one [two](https://) three"),
    ],
)
def test_selected_words_are_marked_by_a_button_or_a_key(
    writing: Page, name: str, key: str, becomes: str
) -> None:
    for mark in (
        lambda: form(writing).get_by_role("button", name=name).click(),
        lambda: writing.keyboard.press(f"Control+{key}"),
    ):
        box(writing).fill("one two three")
        select(writing, 4, 7)
        mark()
        expect(box(writing)).to_have_value(becomes)
        expect(box(writing)).to_be_focused()


def test_a_mark_is_taken_off_again_and_can_be_undone(writing: Page) -> None:
    box(writing).press_sequentially("word")
    select(writing, 0, 4)
    writing.keyboard.press("Control+b")
    expect(box(writing)).to_have_value("**word**")
    writing.keyboard.press("Control+b")
    expect(box(writing)).to_have_value("word")
    writing.keyboard.press("Control+z")
    expect(box(writing)).to_have_value("**word**")


def test_bold_and_italic_words_lose_each_alone(writing: Page) -> None:
    box(writing).fill("word")
    select(writing, 0, 4)
    for key, becomes in [
        ("b", "**word**"),
        ("i", "***word***"),
        ("b", "*word*"),
        ("b", "***word***"),
        ("i", "**word**"),
        ("b", "word"),
    ]:
        writing.keyboard.press(f"Control+{key}")
        expect(box(writing)).to_have_value(becomes)


@pytest.mark.parametrize(
    ("text", "start", "end", "becomes"),
    [
        ("one\ntwo", 0, 7, "> one\n> two\n\nMine."),
        ("one\ntwo\nthree", 4, 7, "one\n> two\n\nMine.three"),
        ("one\ntwo\n\nthree", 5, 8, "one\n> two\n\nMine.three"),
        ("hello world again\ntwo", 6, 11, "> hello world again\n\nMine.two"),
        ("hello world\ntwo", 6, 6, "> hello Mine.world\n\ntwo"),
        ("", 0, 0, "> Mine.\n\n"),
    ],
)
def test_lines_are_quoted_whole_and_none_that_follows(
    writing: Page, text: str, start: int, end: int, becomes: str
) -> None:
    box(writing).press_sequentially(text)
    select(writing, start, end)
    form(writing).get_by_role("button", name="Quote").click()
    writing.keyboard.type("Mine.")
    expect(box(writing)).to_have_value(becomes)
    # The quotation goes by one step; of what is typed, Chromium takes as much as came at once.
    for _ in "Mine.":
        if box(writing).input_value() != becomes.replace("Mine.", ""):
            writing.keyboard.press("Control+z")
    expect(box(writing)).to_have_value(becomes.replace("Mine.", ""))
    writing.keyboard.press("Control+z")
    expect(box(writing)).to_have_value(text)


def test_an_address_pasted_over_words_becomes_their_link(writing: Page) -> None:
    box(writing).fill("see here please")
    select(writing, 4, 8)
    box(writing).evaluate("""(box) => {
      const data = new DataTransfer()
      data.setData('text/plain', 'https://example.org/a_b')
      const paste = {clipboardData: data, bubbles: true, cancelable: true}
      box.dispatchEvent(new ClipboardEvent('paste', paste))
    }""")
    expect(box(writing)).to_have_value("see [here](https://example.org/a_b) please")


def test_tab_stops_once_at_the_marks_and_arrows_go_on(writing: Page) -> None:
    writing.keyboard.press("Tab")
    expect(form(writing).get_by_role("button", name="Bold")).to_be_focused()
    writing.keyboard.press("ArrowRight")
    expect(form(writing).get_by_role("button", name="Italic")).to_be_focused()
    writing.keyboard.press("Tab")
    expect(form(writing).get_by_role("button", name="Preview")).to_be_focused()


def test_where_lines_run_from_right_to_left_the_arrows_go_where_they_point(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page("right-to-left"))
    widget(page).get_by_role("textbox").focus()
    marks = widget(page).get_by_role("toolbar").get_by_role("button")
    marks.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(marks.nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(marks.first).to_be_focused()


def test_the_preview_shows_what_the_service_makes_of_the_text(writing: Page) -> None:
    box(writing).fill("A **bold** word.")
    form(writing).get_by_role("button", name="Preview").click()
    shown = form(writing).get_by_role("region", name="Preview")
    expect(shown.locator("strong")).to_have_text("bold")
    expect(shown).to_be_focused()  # so that it is read out
    expect(box(writing)).to_be_hidden()
    form(writing).get_by_role("button", name="Write").click()
    expect(box(writing)).to_have_value("A **bold** word.")
    expect(box(writing)).to_be_focused()


def test_a_preview_that_fails_says_why_and_keeps_the_text(writing: Page) -> None:
    writing.route("**/api/v1/preview", lambda route: route.abort())
    box(writing).fill("Mine.")
    form(writing).get_by_role("button", name="Preview").click()
    expect(form(writing).get_by_text("could not be reached")).to_be_visible()
    form(writing).get_by_role("button", name="Write").click()
    expect(box(writing)).to_have_value("Mine.")


def test_a_mark_leads_back_from_the_preview_to_the_text(writing: Page) -> None:
    box(writing).fill("word")
    select(writing, 0, 4)
    form(writing).get_by_role("button", name="Preview").click()
    expect(form(writing).get_by_role("region", name="Preview")).to_have_text("word")
    form(writing).get_by_role("button", name="Bold").click()
    expect(box(writing)).to_be_focused()
    expect(box(writing)).to_have_value("**word**")
    expect(form(writing).get_by_role("button", name="Preview")).to_be_visible()


def test_the_characters_that_are_left_are_told_near_the_end_and_more_can_be_typed(
    writing: Page,
) -> None:
    box(writing).fill("x" * 4600)
    expect(form(writing).get_by_text("400 characters left")).to_be_visible()
    box(writing).fill("x" * 5003)
    expect(form(writing).get_by_text("3 characters too many")).to_be_visible()


def test_ears_are_told_of_a_mistake_as_long_as_there_is_one(writing: Page) -> None:
    send(writing)
    expect(box(writing)).to_have_attribute("aria-invalid", "true")
    expect(box(writing)).to_have_accessible_description("Please write something.")
    box(writing).fill("x" * 5003)
    expect(box(writing)).to_have_accessible_description("3 characters too many")
    expect(box(writing)).to_have_attribute("aria-invalid", "true")
    box(writing).fill("Something.")
    expect(box(writing)).to_have_accessible_description("")
    expect(form(writing).locator("textarea[aria-invalid]")).to_have_count(0)


QUOTED = "> The first half. The second half.\n\n"


def answer_selected(page: Page) -> None:
    """Select all of a comment, and go to the answer."""
    # By hand: what a script selects, every browser tells.
    place = comment(page, "The first half").locator(".text").bounding_box()
    assert place
    page.mouse.move(place["x"] + 1, place["y"] + 10)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] - 1, place["y"] + 10)
    page.mouse.up()
    widget(page).get_by_role("button", name="Reply to Ada").press("Enter")


@pytest.mark.parametrize(
    "browser_lacks",
    [
        "null",
        pytest.param("ShadowRoot.prototype.getSelection", id="as Safari tells it"),
        pytest.param(
            "ShadowRoot.prototype.getSelection, delete Selection.prototype.getComposedRanges",
            id="as nobody tells it",
        ),
    ],
)
def test_selected_words_of_a_comment_are_quoted_in_the_answer(
    page: Page, blog: Blog, said: Callable[..., str], browser_lacks: str
) -> None:
    page.add_init_script(f"delete {browser_lacks}")
    said("The first half. The second half.")
    visit(page, blog.page())
    answer_selected(page)
    is_told = "Composed" not in browser_lacks
    expect(box(page, "Replying to Ada")).to_have_value(QUOTED if is_told else "")


def test_selected_words_are_quoted_behind_what_the_answer_says_already(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("The first half. The second half.")
    visit(page, blog.page())
    answer = box(page, "Replying to Ada")
    answer_selected(page)
    answer.fill("No.")
    answer_selected(page)
    expect(answer).to_have_value(f"No.\n\n{QUOTED}")
    page.keyboard.type("Yes.")
    expect(answer).to_have_value(f"No.\n\n{QUOTED}Yes.")
    form(page, "Replying to Ada").get_by_role("button", name="Cancel").click()
    answer_selected(page)
    expect(answer).to_be_focused()
    page.keyboard.type("No!")
    expect(answer).to_have_value(f"No.\n\n{QUOTED}Yes.\n\n{QUOTED}No!")


def test_escape_leaves_an_answer_that_only_quotes_and_no_other(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("The first half. The second half.")
    visit(page, blog.page())
    answer = box(page, "Replying to Ada")
    widget(page).get_by_role("button", name="Reply to Ada").click()
    expect(answer).to_be_focused()
    for _ in "quoted when it was open", "opened by it":
        answer_selected(page)
        expect(answer).to_have_value(QUOTED)
        page.keyboard.press("Escape")
        expect(answer).to_have_count(0)
    answer_selected(page)
    expect(answer).to_be_focused()
    page.keyboard.type("Yes.")
    page.keyboard.press("Escape")
    expect(answer).to_have_value(f"{QUOTED}Yes.")


def test_a_form_that_cannot_be_had_says_so_and_comes_with_the_next_try(
    page: Page, blog: Blog, service: Service
) -> None:
    page.route("**/parts/**/write.js", lambda route: route.abort())
    visit(page, blog.page())
    box(page).fill("Typed all the same.")
    expect(form(page).get_by_text("could not be reached")).to_be_visible()
    page.unroute("**/parts/**/write.js")
    box(page).blur()
    box(page).focus()
    expect(form(page).get_by_label("Name")).to_be_visible()
    expect(box(page)).to_have_value("Typed all the same.")


def test_what_is_sent_is_signed_as_its_own_form_says(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    visit(page, blog.page())
    write(page, "For all.", name="Grace")
    widget(page).get_by_role("button", name="Reply to Ada").click()
    reply = form(page, "Replying to Ada")
    box(page, "Replying to Ada").fill("For Ada.")
    reply.get_by_label("Name").fill("Pseudonym")
    send(page)
    expect(comment(page, "For all.").locator(".author")).to_have_text("Grace")
    expect(reply.get_by_label("Name")).to_have_value("Pseudonym")
    reply.get_by_role("button", name="Send reply").click()
    expect(comment(page, "For Ada.").locator(".author")).to_have_text("Pseudonym")
    widget(page).get_by_role("button", name="Reply to Grace").click()
    expect(form(page, "Replying to Grace").get_by_label("Name")).to_have_value("Pseudonym")


def test_what_is_being_sent_is_not_cancelled_any_more(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    held: list[Route] = []
    page.route("**/api/v1/comments", lambda route: held.append(route), times=1)  # noqa: PLW0108
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").click()
    answer = form(page, "Replying to Ada")
    box(page, "Replying to Ada").fill("An answer.")
    answer.get_by_label("Name").fill("Grace")
    with page.expect_request("**/api/v1/comments"):
        answer.get_by_role("button", name="Send reply").click()
    cancel = answer.get_by_role("button", name="Cancel")
    expect(cancel).to_be_disabled()
    cancel.dispatch_event("click")
    expect(answer).to_be_visible()
    held[0].continue_()
    expect(comment(page, "An answer.")).to_be_focused()
    expect(answer).to_have_count(0)


def test_keys_of_an_input_method_neither_send_nor_leave_what_is_not_whole(
    page: Page, blog: Blog, said: Callable[..., str]
) -> None:
    said("A question?")
    visit(page, blog.page())
    widget(page).get_by_role("button", name="Reply to Ada").click()
    answer = box(page, "Replying to Ada")
    compose = """(box, key) => box.dispatchEvent(new KeyboardEvent(
      'keydown', {key, isComposing: true, ctrlKey: true, bubbles: true, composed: true}))"""
    answer.evaluate(compose, "Escape")
    expect(answer).to_have_count(1)
    answer.fill("An answ")
    form(page, "Replying to Ada").get_by_label("Name").fill("Grace")
    answer.evaluate(compose, "Enter")
    answer.press("End")
    page.keyboard.type("er.")
    page.keyboard.press("Control+Enter")
    expect(comment(page, "An answer.")).to_be_visible()


def test_an_answer_that_arrives_closes_no_other_form(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "A question?")
    send(page)
    held: list[Route] = []
    reply = widget(page).get_by_role("button", name="Reply to Grace")
    reply.click()
    page.route("**/api/v1/comments", lambda route: held.append(route), times=1)  # noqa: PLW0108
    box(page, "Replying to Grace").fill("An answer.")
    with page.expect_request("**/api/v1/comments"):
        form(page, "Replying to Grace").get_by_role("button", name="Send reply").click()
    widget(page).get_by_role("button", name="Edit").click()
    form(page, "Edit your comment").get_by_role("button", name="Cancel").click()
    reply.click()
    box(page, "Replying to Grace").fill("Another one.")
    held[0].continue_()
    expect(comment(page, "An answer.")).to_be_visible()
    expect(box(page, "Replying to Grace")).to_have_value("Another one.")


def test_a_draft_is_put_before_what_was_typed_until_it_came(
    page: Page, blog: Blog, service: Service
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit(page, blog.page())
    write(page, "Yesterday's draft.")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('draft:'))")
    page.route("**/parts/**/write.js", hold)
    with page.expect_request("**/parts/**/write.js"):
        visit(page, blog.page())
    box(page).press_sequentially("More.")
    held[0].continue_()
    expect(box(page)).to_have_value("Yesterday's draft.\nMore.")
    expect(form(page).get_by_text("Your unsent text is back.")).to_be_visible()


def test_what_was_typed_last_before_a_reload_is_there_after_it(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Half a sentence")
    # In one go: no timer runs between the last key and the reload.
    box(page).evaluate("""(box) => {
      box.value += ' and its end.'
      box.dispatchEvent(new InputEvent('input', {bubbles: true}))
      location.reload()
    }""")
    expect(form(page).get_by_text("Your unsent text is back.")).to_be_visible()
    expect(box(page)).to_have_value("Half a sentence and its end.")


def write_in_two_tabs(page: Page, blog: Blog, here: str, there: str) -> Page:
    """Write in two tabs, each with a form of its own; answers the other one."""
    other = page.context.new_page()
    for tab in (page, other):
        visit(tab, blog.page())
        box(tab).focus()
        expect(form(tab).get_by_label("Name")).to_be_visible()
    write(page, here)
    write(other, there)
    return other


def test_what_one_tab_sends_leaves_the_draft_of_another(
    page: Page, blog: Blog, service: Service
) -> None:
    other = write_in_two_tabs(page, blog, "Sent from here.", "Not sent yet.")
    send(page)
    expect(comment(page, "Sent from here.")).to_be_visible()
    expect(box(other)).to_have_value("Not sent yet.")
    is_kept = "Object.values(localStorage).some((kept) => kept.includes('Not sent yet.'))"
    other.wait_for_function(is_kept)
    visit(other, blog.page())
    expect(box(other)).to_have_value("Not sent yet.")


def test_a_draft_that_another_tab_took_for_its_own_is_kept_again(
    page: Page, blog: Blog, service: Service
) -> None:
    """Browsers tell a tab late what another one has stored."""
    other = write_in_two_tabs(page, blog, "Sent from here.", "Not sent yet.")
    is_kept = "Object.values(localStorage).some((kept) => kept.includes('Not sent yet.'))"
    page.wait_for_function(is_kept)
    page.evaluate(
        "Object.keys(localStorage).filter((key) => key.includes('draft:')).forEach((key) => "
        "localStorage.removeItem(key))"
    )
    other.wait_for_function(is_kept)
    expect(box(other)).to_have_value("Not sent yet.")


def test_a_text_that_one_tab_has_sent_is_no_draft_in_another(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Once is enough.")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('draft:'))")
    other = page.context.new_page()
    visit(other, blog.page())
    expect(box(other)).to_have_value("Once is enough.")
    send(page)
    expect(comment(page, "Once is enough.")).to_be_visible()
    expect(box(other)).to_have_value("")


def test_only_a_text_that_was_changed_is_said_to_be_back(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "My words.")
    send(page)
    edit = widget(page).get_by_role("button", name="Edit")
    edited = form(page, "Edit your comment")
    text = box(page, "Edit your comment")
    edit.click()
    edited.get_by_role("button", name="Cancel").click()
    edit.click()
    expect(text).to_have_value("My words.")
    expect(edited.get_by_text("Your unsent text is back.")).to_have_count(0)
    text.fill("My other words.")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.includes('draft:'))")
    edited.get_by_role("button", name="Cancel").click()
    edit.click()
    expect(text).to_have_value("My other words.")
    expect(edited.get_by_text("Your unsent text is back.")).to_be_visible()


def test_who_writes_before_the_thread_is_there_sees_the_comment(
    page: Page, blog: Blog, service: Service
) -> None:
    page.route("**/api/v1/thread?*", lambda route: None)
    with page.expect_request("**/api/v1/thread?*"):
        page.goto(blog.page())
        widget(page).scroll_into_view_if_needed()
    write(page, "Faster than the thread.")
    expect(form(page).get_by_label("Name")).to_have_accessible_name("Name")
    send(page)
    expect(comment(page, "Faster than the thread.")).to_be_visible()
    expect(box(page)).to_have_value("")


@pytest.mark.alone
@pytest.mark.parametrize("told", [{"rate_limits": "off"}])
def test_what_is_written_sooner_than_people_write_waits_instead_of_being_held(
    page: Page, blog: Blog, service: Service
) -> None:
    visit(page, blog.page())
    write(page, "Good morning.")
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/comments")
    ) as got:
        send(page)
    assert got.value.status == 201
    expect(comment(page, "Good morning.")).to_be_visible()
