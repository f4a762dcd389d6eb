"""Whom readers can sign in with is set up at the desk, and secrets are shown nowhere."""

from __future__ import annotations

import pytest

from afterword.core.db import db
from afterword.sites import directory
from afterword.sites.models import Provider
from tests import desk as desks

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(app):
    desks.moderator(app, "hanna@blog.example")
    return desks.of(app, "hanna@blog.example")


def ways(thread):
    return thread()["site"].get("sign_in", {"ways": []})["ways"]


GITHUB = {"label": "GitHub", "client_id": "Iv1.abc", "client_secret": "s3cr3t-of-github"}


def test_a_provider_is_offered_on_every_site_once_its_keys_are_kept(desk, thread):
    assert ways(thread) == []
    form = desk.get("/admin/sign-in/new/github")
    assert "http://localhost:8000/auth/github/callback" in form.text
    answer = desk.post("/admin/sign-in/new/github", **GITHUB)
    assert answer.status_code == 303
    assert "can sign in with it now" in desk.get(answer.headers["Location"]).text
    assert ways(thread) == [{"name": "github", "label": "GitHub"}]


def test_a_secret_is_shown_nowhere_and_stays_when_nothing_is_typed(app, desk):
    desk.post("/admin/sign-in/new/github", **GITHUB)
    for path in ("/admin/sign-in", "/admin/sign-in/github", "/admin/sites"):
        assert GITHUB["client_secret"] not in desk.get(path).text
    desk.post("/admin/sign-in/github", **{**GITHUB, "label": "Hub", "client_secret": ""})
    with app.app_context():
        held = db.session.get(Provider, "github")
        assert (held.label, held.client_secret) == ("Hub", GITHUB["client_secret"])


@pytest.mark.parametrize(
    ("kind", "changed", "words"),
    [
        ("github", {"client_id": ""}, "gives you an id"),
        ("github", {"client_secret": ""}, "gives you a secret"),
        ("oidc", {"issuer": ""}, "starts with"),
        ("oidc", {"issuer": "http://id.example.org"}, "An issuer is an address"),
        ("oidc", {"issuer": "https://id.example.org/?x=1"}, "An issuer is an address"),
        ("oidc", {"issuer": "https://id.example.org", "label": " "}, "what readers are to call"),
    ],
)
def test_what_cannot_work_is_said_at_its_field(desk, kind, changed, words):
    answer = desk.post(f"/admin/sign-in/new/{kind}", **{**GITHUB, **changed})
    assert answer.status_code == 400
    assert words in answer.text
    assert GITHUB["client_secret"] not in answer.text
    was_typed = "client_secret" not in changed
    assert ("Please type it again" in answer.text) == was_typed


def test_mastodon_needs_no_keys(desk, thread):
    desk.post("/admin/sign-in/new/mastodon", label="Mastodon")
    assert ways(thread) == [{"name": "mastodon", "label": "Mastodon"}]


def test_two_of_a_kind_have_addresses_of_their_own(desk, thread):
    for label in ("Work", "Club", "Club"):
        said = {**GITHUB, "label": label, "issuer": f"https://{label.lower()}.example"}
        desk.post("/admin/sign-in/new/oidc", **said)
    names = {way["name"] for way in ways(thread)}
    assert names == {"work", "club", "club-2"}


def test_what_is_removed_is_offered_no_more(desk, thread):
    desk.post("/admin/sign-in/new/github", **GITHUB)
    desk.post("/admin/sign-in/github/remove")
    assert ways(thread) == []
    assert desk.post("/admin/sign-in/github", **GITHUB).status_code == 404


def test_a_self_hosted_one_is_believed_about_addresses_only_when_the_owner_says_so(app, desk):
    said = {**GITHUB, "issuer": "https://git.example.org"}
    desk.post("/admin/sign-in/new/gitlab", **said)
    desk.post("/admin/sign-in/new/github", **GITHUB)
    with app.app_context():
        assert db.session.get(Provider, "gitlab").trusts_email is False
        assert db.session.get(Provider, "github").trusts_email is True
        directory.forget()


def test_there_is_no_provider_of_a_kind_that_nobody_knows(desk):
    assert desk.post("/admin/sign-in/new/facebook").status_code == 400
