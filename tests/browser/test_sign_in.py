"""The window in which readers sign in, in a real browser."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from afterword.app import close, create_app
from afterword.core import config
from afterword.sites import changes, directory, providers
from afterword.sites.models import ProviderKind
from afterword.sites.providers import Setup
from tests.mailbox import mailbox
from tests.provider import CLIENT, SECRET

BLOGS_SECRET = "a secret of the blog that nobody could guess"


@pytest.fixture
def letters():
    with mailbox() as box:
        yield box


@pytest.fixture
def told(keyring, letters):
    return {
        "form_checks": "off",
        "rate_limits": "off",
        "provider_hosts": urlsplit(keyring.url).netloc,
        "smtp_url": letters.url,
    }


@pytest.fixture
def offered(service, keyring):
    """The service, where one can sign in with Keyring and by mail."""
    hosts = {"AFTERWORD_PROVIDER_HOSTS": urlsplit(keyring.url).netloc}
    app = create_app(config.read({"AFTERWORD_DATA": str(service.data), **hosts}))
    with app.app_context():
        providers.save(
            Setup(
                kind=ProviderKind.OIDC,
                label="Keyring",
                issuer=keyring.url,
                client_id=CLIENT,
                client_secret=SECRET,
                trusts_email=True,
            )
        )
        changes.choose(directory.every()[0].id, {"sso_secret": BLOGS_SECRET})
    close(app)
    return service


def test_one_more_way_is_joined_to_a_profile_after_being_asked(page, offered, letters):
    page.goto(f"{offered.url}/auth/")
    page.get_by_role("button", name="Sign in with Keyring").click()
    page.get_by_role("link", name="I agree").click()
    page.get_by_role("link", name="Your profile").click()
    page.get_by_label("One more e-mail address").fill("ada@work.example")
    page.get_by_role("button", name="Mail me a code").click()
    letters.wait_for(1)
    page.get_by_label("The six digits in the mail").fill(letters.only()["Subject"][:6])
    page.get_by_role("button", name="Add the address").click()
    expect(page.get_by_text("E-mail: ada@work.example")).to_be_visible()
    page.get_by_role("button", name="Part from it ada@keyring.example").click()
    page.get_by_role("link", name="Another way to sign in").click()
    page.get_by_role("button", name="Add Keyring").click()
    page.get_by_role("link", name="I agree").click()
    expect(page.get_by_text("Say yes only if both are yours.")).to_be_visible()
    page.get_by_role("button", name="Yes, both are mine").click()
    page.get_by_role("link", name="Your profile").click()
    again = page.get_by_role("button", name="Part from it ada@keyring.example")
    expect(again).to_be_visible()
