"""Passkeys in a browser, with a device that Chromium makes up: a virtual authenticator."""
# ruff: noqa: F811 - a fixture's argument bears the name that was imported

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_admin import (  # noqa: F401 - fixtures
    EMAIL,
    PASSWORD,
    desk,
    inside,
    log_in,
    rows,
)
from tests.browser.test_admin_accounts import leave_it_open

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# As a browser that offers no passkeys beside fields: the device would take each offer by itself.
NO_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class Device:
    """A device in the place of a page's own."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.id = made["authenticatorId"]

    def keeps(self) -> list[dict[str, object]]:
        """The passkeys on it."""
        said = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(said["credentials"])

    def touch(self, *, by_owner: bool = True) -> None:
        """Whether whoever sits there is the one it knows."""
        self.session.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.id, "isUserVerified": by_owner},
        )


def add(page: Page, desk, name: str = "Laptop") -> None:
    page.goto(f"{desk.url}/admin/account")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is kept")
    expect(page.locator(".origin", has_text=name)).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_label("E-mail")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_passkey_is_added_lets_in_and_is_removed(browser, desk, assert_accessible, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    def look() -> None:
        page.wait_for_load_state()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    page.add_init_script(NO_OFFER)
    device = Device(page)
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/account/passkeys/new")
    expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
    expect(page.locator("[data-no-passkeys]")).to_be_hidden()
    look()
    add(page, desk)
    look()
    [kept] = device.keeps()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"

    device.touch(by_owner=False)
    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".passkey .wrong")).to_have_text(
        "No passkey was given. Try it once more, or use your password."
    )
    look()
    device.touch()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Pending")).to_be_visible()

    page.goto(f"{desk.url}/admin/account")
    expect(page.get_by_text("Not used yet")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed")
    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#problem")).to_contain_text("opens nothing here")
    look()
    assert all("400" in line for line in said), said
    context.close()


def test_the_browser_offers_the_passkey_beside_the_field(page, desk):
    Device(page)
    log_in(page, desk)
    add(page, desk)
    page.get_by_role("button", name="Log out", exact=True).click()
    # The device that Chromium makes up takes the offer by itself, as who picks it from the list.
    expect(page.get_by_role("link", name="Pending")).to_be_visible()


def test_the_keyboard_alone_is_enough(page, desk, rows):
    device = Device(page)
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/account")
    page.get_by_role("link", name="Add a passkey").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Chrome on Linux")
    expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The passkey is kept")
    assert len(device.keeps()) == 1
    inside(rows, leave_it_open)
    page.goto(f"{desk.url}/admin/account/passkeys/new")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A passkey")).to_be_visible()


def test_a_device_keeps_one_for_each_account(page, desk):
    Device(page)
    log_in(page, desk)
    add(page, desk)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".passkey .wrong")).to_have_text(
        "This device has a passkey of yours for this desk already."
    )


def test_a_page_at_another_address_gets_no_passkey(page, desk):
    Device(page)
    log_in(page, desk)
    add(page, desk)
    elsewhere = desk.url.replace("localhost", "127.0.0.1")
    page.goto(f"{elsewhere}/admin/login")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator(".passkey .wrong")).to_have_text(
        "Passkeys work only at the address that this service was set up with."
    )


def test_without_javascript_no_button_is_shown(browser, desk):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.url}/admin/login")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    log_in(page, desk)
    page.goto(f"{desk.url}/admin/account/passkeys/new")
    expect(page.get_by_text("Your browser offers no passkeys here")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
    context.close()
