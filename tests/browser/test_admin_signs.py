"""Signs that nobody sees, as a moderator sees them in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from afterword.markup.render import render
from afterword.sites import changes
from afterword.threads.models import State
from tests import make
from tests.browser.test_admin import ORIGIN, desk, inside, log_in, rows

__all__ = ["desk", "rows"]


def hide() -> None:
    """A comment with all that hides, by somebody whose name hides as well."""
    text = (
        "Cheap ca\u00adsi\u200bno chips, **free\u2060** " + "\U000e0068\U000e0069" * 40 + " for "
        "all.\n\nמחר\u200f בשש 👩\u200d👩\u200d👧 می\u200cخواهم"  # noqa: RUF001 - Persian
    )
    page = make.page(changes.add(ORIGIN), f"{ORIGIN}/second-post")
    make.comment(
        page, minute=9, name="A\u034fda", text=text, html=render(text), state=State.PENDING
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_marks_are_read_by_all_and_are_no_part_of_what_is_copied(
    browser, rows, desk, width, scheme, assert_accessible
):
    inside(rows, hide)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    log_in(page, desk)
    comment = page.locator(".comment").first
    expect(comment.locator(".sign")).to_have_text(
        ["U+034F", "U+00AD", "U+200B", "U+2060", "80 unseen signs"]
    )
    expect(comment.get_by_title("Zero width space")).to_be_visible()
    comment.locator(".text").evaluate("text => getSelection().selectAllChildren(text)")
    copied = page.evaluate("getSelection().toString()")
    assert copied.startswith("Cheap casino chips, free")
    assert "U+" not in copied
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    context.close()
