"""Keys and secrets of a site are shown nowhere, and no file decides whom comments are sent to."""

from __future__ import annotations

import io
import json

import pytest

from afterword.core.db import db
from afterword.sites import changes, directory, options
from afterword.sites.models import Site
from afterword.sites.options import SECRET, STAYING, WrongOption
from afterword.transfer import export
from afterword.transfer.run import run
from tests.service.test_check_hook import SECRET as SIGNING
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture

KEY = "0123456789ab"
CHAT = "json://s3cret@chat.example/"
SHARED = "shared with the blog, and with nobody else"
SAID = {
    "akismet_key": KEY,
    "hook_url": "https://checker.example/",
    "hook_secret": SIGNING,
    "webhook_secret": SIGNING,
    "chat_urls": CHAT,
    "sso_secret": SHARED,
}


@pytest.fixture
def asking(context, site):
    return changes.choose(site.id, SAID)


def told(text):
    return any(secret in text for secret in (KEY, SIGNING, CHAT, SHARED))


def test_what_is_shown_of_options_has_no_secret(asking):
    assert {name for name in SAID if not name.endswith("_url")} == SECRET
    assert not told(repr(asking))
    assert not told(json.dumps(options.written(asking.options)))
    assert options.held(asking.options) == SECRET
    assert asking.options.akismet_key == KEY


def test_what_everybody_is_sent_does_not_hang_on_a_secret(asking):
    """A stamp of 48 bits could be guessed by whoever knows the rest."""
    before = directory._stamp(_row(asking.id))
    row = _row(asking.id)
    row.options = {**row.options, "akismet_key": "another0key1"}
    assert directory._stamp(row) == before
    row.options = {**row.options, "policy": "hold-all"}
    assert directory._stamp(row) != before


def _row(site_id):
    return db.session.get(Site, site_id)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("akismet_key", "two words"),
        ("akismet_key", "short"),
        ("hook_secret", "whsec_c2hvcnQ="),
        ("hook_secret", SIGNING.removeprefix("whsec_")),
        ("hook_secret", "whsec_nothing*base64*nothing*base64*at*all"),
    ],
)
def test_a_wrong_secret_is_not_repeated(name, wrong):
    with pytest.raises(WrongOption) as refused:
        options.change({}, {name: wrong})
    assert wrong not in str(refused.value)


@pytest.mark.parametrize("wrong", ["ftp://a.example/", "https://u:p@a.example/", "a.example"])
def test_an_address_of_a_checker_is_one(wrong):
    with pytest.raises(WrongOption, match="hook_url must be an address"):
        options.change({}, {"hook_url": wrong})


def test_an_export_carries_none_and_an_import_takes_none_and_loses_none(asking):
    written = io.BytesIO()
    export.write(asking, written)
    text = written.getvalue().decode()
    assert not told(text)
    header = json.loads(text.splitlines()[0])
    assert not header["site"]["options"].keys() & STAYING
    theirs = {"hook_url": "https://evil.example/", "hook_secret": SIGNING, "akismet_key": "x" * 12}
    header["site"]["options"] |= {**theirs, "policy": "hold-all"}
    report = run("native", io.BytesIO(json.dumps(header).encode()), site=asking, dry_run=False)
    assert str(report.warnings).count("only its owner sets it") == 3
    directory.forget()
    kept = directory.by_id(asking.id).options
    assert (kept.hook_url, kept.akismet_key) == (SAID["hook_url"], KEY)
    assert kept.policy == "hold-all"


def test_the_desk_says_that_one_is_set_keeps_it_changes_it_and_removes_it(desk, site, app):  # noqa: F811
    def chosen():
        with app.app_context():
            directory.forget()
            return directory.by_id(site.id).options

    shown = options.written(chosen())
    address = f"/admin/sites/{site.id}"
    assert 'class="badge">Set' not in desk.get(address)
    sent = {**shown, **SAID}
    assert desk(f"{address}/options", **sent).status_code == 303
    page = desk.get(address)
    assert not told(page)
    assert page.count(">Set</span>") == len(SECRET)
    empty = {**sent, "akismet_key": "", "hook_secret": ""}
    assert desk(f"{address}/options", **empty).status_code == 303
    assert (chosen().akismet_key, chosen().hook_secret) == (KEY, SIGNING)
    wrong = desk(f"{address}/options", **{**sent, "akismet_key": "wrong key", "max_links": "x"})
    assert wrong.status_code == 400
    assert "wrong key" not in wrong.text
    assert not told(wrong.text)
    assert desk(f"{address}/options", **empty, drop="akismet_key").status_code == 303
    assert (chosen().akismet_key, chosen().hook_secret) == ("", SIGNING)
