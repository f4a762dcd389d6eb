"""Accounts at the desk, in a browser: the second step, invitations, the password once more."""
# ruff: noqa: F811 - a fixture's argument bears the name that was imported

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import Locator, expect

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators
from afterword.identity.models import Session
from afterword.identity.sessions import FRESH
from tests.browser.test_admin import (  # noqa: F401 - fixtures
    EMAIL,
    PASSWORD,
    desk,
    inside,
    log_in,
    rows,
)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_second_step_is_set_up_and_asked_for_without_javascript(
    browser,
    desk,
    assert_accessible,
    width,
    scheme,
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{desk.url}/admin/account")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code of the secret below")).to_be_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code that it shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn it on").click()
    codes = page.get_by_label("Your codes").input_value().split()
    assert len(codes) == 8
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("8 recovery codes are left")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_label("Code")).to_be_focused()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Pending")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_screens_of_the_second_step_are_accessible_and_fit(
    browser,
    desk,
    assert_accessible,
    width,
    scheme,
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()

    def look(*, once_there_is: Locator) -> None:
        expect(once_there_is).to_be_visible()
        page.wait_for_load_state()  # before that its colours may not be there
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    log_in(page, desk)
    page.goto(f"{desk.url}/admin/account/second-step")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code that it shows now").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    look(once_there_is=page.get_by_role("alert"))
    page.get_by_label("The code that it shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn it on").click()
    look(once_there_is=page.get_by_label("Your codes"))
    page.goto(f"{desk.url}/admin/account")
    look(once_there_is=page.get_by_text("8 recovery codes are left"))
    page.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    look(once_there_is=page.get_by_label("Code"))
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_an_invitation_asks_for_the_password_again_and_leads_in(
    browser,
    rows,
    desk,
    assert_accessible,
    width,
    scheme,
):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/moderators")
    page.get_by_label("E-mail").fill("ada@blog.example")
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("checkbox", name="A blog").check()
    inside(rows, leave_it_open)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="Your password, please")).to_be_visible()
    page.wait_for_load_state()
    assert_accessible(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    link = page.get_by_label("The link").input_value()
    assert re.fullmatch(re.escape(desk.url) + r"/admin/password#[\w-]{43}", link)
    page.wait_for_load_state()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Keep it and log in").click()
    expect(page.get_by_role("link", name="Pending")).to_be_visible()
    expect(page.get_by_role("link", name="Sites")).to_have_count(0)
    page.wait_for_load_state()
    assert_accessible(page)
    page.goto(f"{desk.url}/admin/bans")
    assert_accessible(page)
    context.close()
    assert inside(rows, lambda: moderators.by_email("ada@blog.example").is_owner) is False


def leave_it_open() -> None:
    """As if every session's password had been said long ago."""
    with transaction():
        for held in db.session.query(Session):
            held.proved = clock.now() - 2 * FRESH
