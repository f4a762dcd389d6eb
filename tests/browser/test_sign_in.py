"""Signing in beside a form: from the click through the window to the comment, in a real browser."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from urllib.parse import quote, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import expect

from afterword.app import close, create_app
from afterword.core import config
from afterword.sites import changes, directory, providers
from afterword.sites.models import ProviderKind
from afterword.sites.providers import Setup
from tests import running
from tests.browser import conftest
from tests.browser.conftest import box, comment, form, send, visit, widget
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
def offered(service, blog, keyring):
    """The service, where one can sign in with Keyring and by mail."""
    hosts = {"AFTERWORD_PROVIDER_HOSTS": urlsplit(keyring.url).netloc}
    app = create_app(config.read({**running.environment(service.data), **hosts}))
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
    wait_until_told(service, blog)
    return service


def wait_until_told(service, blog):
    """The running service looks at what another process changed once a second."""
    asked = f"{service.url}/api/v1/thread?url={quote(blog.page('plain'), safe='')}"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with urllib.request.urlopen(asked) as answer:
            if "sign_in" in json.load(answer)["site"]:
                return
        time.sleep(0.05)
    raise AssertionError("the service does not offer it")


@pytest.fixture
def there(page, blog, offered):
    visit(page, blog.page("plain"))
    box(page).focus()
    return page


def choose(page, way):
    form(page).get_by_role("button", name="Sign in", exact=True).click()
    form(page).get_by_role("button", name=way, exact=True).click()


def signed_in(page, name="Ada Lovelace"):
    expect(form(page).get_by_text(f"Signed in as {name}")).to_be_visible()


def by_keyring(page):
    with page.expect_popup() as opened:
        choose(page, "Keyring")
    opened.value.get_by_role("link", name="I agree").click()
    signed_in(page)
    return opened.value


def test_from_the_click_to_the_comment(there, context, spoken):
    page = there
    window = by_keyring(page)
    assert window.is_closed()
    expect(form(page).get_by_label("Name")).to_be_hidden()
    expect(form(page).get_by_label("E-mail")).to_be_hidden()
    box(page).fill("Signed with my name.")
    send(page)
    expect(comment(page, "Signed with my name.")).to_contain_text("Ada Lovelace")
    assert context.cookies() == [], "neither on the blog nor in the window"


def test_one_stays_signed_in_and_signs_out(there, blog, spoken):
    page = there
    by_keyring(page)
    visit(page, blog.page("plain"))
    box(page).focus()
    signed_in(page)
    form(page).get_by_role("button", name="Sign out").click()
    expect(form(page).get_by_role("button", name="Sign in", exact=True)).to_be_focused()
    expect(form(page).get_by_label("Name")).to_be_visible()
    visit(page, blog.page("plain"))
    box(page).focus()
    expect(form(page).get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_who_was_signed_out_elsewhere_is_told_why_nothing_was_sent(there, blog, offered):
    page = there
    by_keyring(page)
    secret = page.evaluate(
        "JSON.parse(localStorage[Object.keys(localStorage).find((key) => key.includes('secret:'))])"
    )
    headers = {"Authorization": f"Bearer {secret}", "Origin": blog.url}
    urllib.request.urlopen(
        urllib.request.Request(f"{offered.url}/api/v1/sign-in", b"", headers, method="DELETE")
    ).close()
    box(page).fill("Who am I?")
    send(page)
    expect(form(page).get_by_role("alert").filter(has_text="name")).to_be_visible()
    expect(box(page)).to_have_value("Who am I?")


def test_who_has_signed_in_without_an_address_is_mailed_nothing(there):
    page = there

    def without_address(route):
        answer = route.fetch()
        said = answer.json()
        said["author"]["has_email"] = False
        route.fulfill(response=answer, json=said)

    page.route("**/api/v1/sign-in", without_address)
    form(page).get_by_label("Mail me replies").check()
    by_keyring(page)
    box(page).fill("No mail, please.")
    with page.expect_request("**/api/v1/comments") as asked:
        send(page)
    assert asked.value.post_data_json["notify"] is False
    expect(comment(page, "No mail, please.")).to_be_visible()


def test_all_forms_of_a_page_know_who_has_signed_in(there, blog, said, spoken):
    page = there
    said("A question?")
    visit(page, blog.page("plain"))
    box(page).focus()
    widget(page).get_by_role("button", name="Reply to Ada").click()
    reply = form(page, "Replying to Ada")
    by_keyring(page)
    expect(reply.get_by_text("Signed in as Ada Lovelace")).to_be_visible()
    expect(reply.get_by_label("Name")).to_be_hidden()
    reply.get_by_role("button", name="Sign out").click()
    expect(reply.get_by_role("button", name="Sign in", exact=True)).to_be_focused()
    expect(form(page).get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(form(page).get_by_label("Name")).to_be_visible()


def test_a_form_that_was_folded_away_knows_who_has_signed_in_since(there, blog, said, context):
    page = there
    said("An answer.", name="Piet", parent=said("A question?"))
    visit(page, blog.page("plain"))
    widget(page).get_by_role("button", name="Reply to Piet").click()
    widget(page).get_by_role("button", name="Hide 1 reply").click()
    box(page).focus()
    by_keyring(page)
    widget(page).get_by_role("button", name="Show 1 reply").click()
    expect(form(page, "Replying to Piet").get_by_text("Signed in as Ada Lovelace")).to_be_visible()


def heard(page):
    """How many of the page listen to what other tabs keep."""
    devtools = page.context.new_cdp_session(page)
    window = devtools.send("Runtime.evaluate", {"expression": "window"})["result"]["objectId"]
    all_of_it = devtools.send("DOMDebugger.getEventListeners", {"objectId": window})["listeners"]
    return [listener["type"] for listener in all_of_it].count("storage")


def test_a_form_that_is_closed_hears_of_other_tabs_no_more(there, blog, said):
    page = there
    said("A question?")
    visit(page, blog.page("plain"))
    box(page).focus()
    expect(form(page).get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    before = heard(page)
    widget(page).get_by_role("button", name="Reply to Ada").click()
    reply = form(page, "Replying to Ada")
    expect(reply.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert heard(page) > before
    reply.get_by_role("button", name="Cancel").click()
    expect(reply).to_have_count(0)
    assert heard(page) == before


def test_a_window_that_was_parted_from_the_page_leads_back_to_it(there, spoken):
    """As the pages of some providers do it, by Cross-Origin-Opener-Policy."""
    page = there
    with page.expect_popup() as opened:
        choose(page, "Keyring")
    window = opened.value
    window.get_by_role("link", name="I agree").wait_for()
    window.evaluate("window.opener = null")
    window.add_init_script("window.opener = null")
    window.get_by_role("link", name="I agree").click()
    signed_in(window)
    assert "afterword-sign-in" not in window.url
    signed_in(page)


def test_who_does_not_agree_is_told_in_the_window(there, keyring):
    page = there
    keyring.agrees = False
    with page.expect_popup() as opened:
        choose(page, "Keyring")
    opened.value.get_by_role("link", name="I agree").click()
    expect(opened.value.get_by_role("alert")).to_contain_text("You did not agree there")
    expect(opened.value.get_by_role("link", name="Try again")).to_be_visible()


def test_what_goes_wrong_in_the_window_is_said_in_the_readers_language(offered, new_context):
    page = new_context(locale="de-DE").new_page()
    page.route("**/auth/keyring/begin", lambda route: route.abort())
    page.goto(f"{offered.url}/auth/")
    page.get_by_role("button", name="Keyring").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Die Kommentare sind gerade nicht erreichbar."
    )


def test_the_code_in_the_mail_signs_in_without_leaving_the_page(there, letters):
    page = there
    choose(page, "E-mail")
    form(page).get_by_label("Your e-mail address").fill("ada@reader.example")
    form(page).get_by_role("button", name="Mail me a code").click()
    letters.wait_for(1)
    code = re.match(r"\d{6}", letters.only()["Subject"])[0]
    field = form(page).get_by_label("The six digits in the mail")
    field.fill(f"{(int(code) + 1) % 1_000_000:06}")
    field.press("Enter")
    expect(form(page).get_by_text("This is not the code in the mail.")).to_be_visible()
    field.fill(code)
    field.press("Enter")
    expect(form(page).get_by_text("Signed in", exact=True)).to_be_visible()
    expect(form(page).locator(".signed")).to_be_focused()  # so that it is read out
    form(page).get_by_label("Name").fill("Ada")
    box(page).fill("By mail.")
    send(page)
    expect(comment(page, "By mail.")).to_contain_text("Verified")


def test_a_code_that_is_asked_for_twice_at_once_is_mailed_once(there, letters):
    page = there
    choose(page, "E-mail")
    form(page).get_by_label("Your e-mail address").fill("ada@reader.example")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    form(page).get_by_role("button", name="Mail me a code").dblclick()
    letters.wait_for(1)
    field = form(page).get_by_label("The six digits in the mail")
    field.fill(letters.only()["Subject"][:6])
    field.press("Enter")
    expect(form(page).get_by_text("Signed in", exact=True)).to_be_visible()
    assert [name for name in asked if name in ("email", "code")] == ["email", "code"]


def test_who_signs_out_by_two_clicks_is_the_guest_of_before(there, blog):
    page = there
    box(page).fill("As a guest.")
    form(page).get_by_label("Name").fill("Grace")
    send(page)
    expect(comment(page, "As a guest.")).to_be_visible()
    box(page).focus()
    by_keyring(page)
    held = []

    def abort_both(route):
        held.append(route)
        if len(held) == 2:
            held[0].abort()
            held[1].abort()

    page.route("**/api/v1/sign-in", abort_both)
    form(page).get_by_role("button", name="Sign out").dblclick()
    expect(form(page).get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    visit(page, blog.page("plain"))
    expect(comment(page, "As a guest.").get_by_role("button", name="Edit")).to_be_visible()


@pytest.mark.usefixtures("settled")
def test_what_is_ones_own_is_another_after_signing_in_or_out_in_all_tabs(there, blog, offered):
    page = there
    by_keyring(page)
    box(page).fill("Mine.")
    send(page)
    expect(comment(page, "Mine.")).to_be_visible()
    conftest.choose(offered, blog, "policy=hold-all")
    box(page).fill("Mine and held.")
    send(page)
    expect(comment(page, "Mine and held.")).to_be_visible()
    other = page.context.new_page()
    with other.expect_response("**/me/comments?**"):
        visit(other, blog.page("plain"))
    tabs = (page, other)
    for tab in tabs:
        expect(comment(tab, "Mine.").get_by_role("button", name="Edit")).to_be_visible()
        expect(comment(tab, "Mine and held.")).to_be_visible()
    box(page).focus()
    form(page).get_by_role("button", name="Sign out").click()
    for tab in tabs:
        expect(comment(tab, "Mine and held.")).to_have_count(0)
        expect(comment(tab, "Mine.")).to_be_visible()
        expect(comment(tab, "Mine.").get_by_role("button", name="Edit")).to_have_count(0)
        expect(comment(tab, "Mine.").get_by_role("button", name="Reply")).to_be_visible()
    by_keyring(page)
    for tab in tabs:
        expect(comment(tab, "Mine.").get_by_role("button", name="Edit")).to_be_visible()
        expect(comment(tab, "Mine and held.")).to_be_visible()


def test_the_blog_itself_signs_its_users_in(page, blog, offered, spoken):
    now = int(time.time())
    said = {"sub": "7", "name": "Ada of the blog", "jti": "once", "aud": offered.url}
    token = jwt.encode(
        {"alg": "HS256"},
        {**said, "iat": now, "exp": now + 300},
        OctKey.import_key(BLOGS_SECRET),
    )
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        f"document.querySelector('script[src*=embed]').dataset.sso = '{token}'}})"
    )
    visit(page, blog.page("plain"))
    box(page).focus()
    signed_in(page, "Ada of the blog")
    box(page).fill("From within.")
    send(page)
    expect(comment(page, "From within.")).to_contain_text("Ada of the blog")


def test_a_message_of_another_window_signs_nobody_in(there):
    page = there
    form(page).get_by_role("button", name="Sign in", exact=True).click()
    page.evaluate("postMessage({afterword: 'signed-in', code: 'x'.repeat(43)}, '*')")
    expect(form(page).get_by_role("button", name="Keyring")).to_be_visible()
    assert widget(page).get_by_text("too old").count() == 0


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
    # The page before has the same link: pressed there, it would call the parting off.
    expect(page.get_by_text("E-mail: ada@work.example")).to_be_visible()
    expect(page.get_by_role("button", name="Part from it ada@keyring.example")).to_have_count(0)
    page.get_by_role("link", name="Another way to sign in").click()
    page.get_by_role("button", name="Add Keyring").click()
    page.get_by_role("link", name="I agree").click()
    expect(page.get_by_text("Say yes only if both are yours.")).to_be_visible()
    page.get_by_role("button", name="Yes, both are mine").click()
    page.get_by_role("link", name="Your profile").click()
    again = page.get_by_role("button", name="Part from it ada@keyring.example")
    expect(again).to_be_visible()
