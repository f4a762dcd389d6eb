"""What choices would have done, tried from the desk before they are kept."""

from __future__ import annotations

import base64
import html

import pytest

from afterword.core.db import db
from afterword.markup.render import render
from afterword.moderation.models import Act
from afterword.sites import directory
from afterword.sites.options import Policy, written
from afterword.web.admin import sites
from tests import make
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

TRY = "/admin/sites/1/rehearse"
SECRET = f"whsec_{base64.b64encode(b'w' * 24).decode()}"


@pytest.fixture
def known(context, site):
    page = make.page(site)
    for minute, text in enumerate(("Hello.", "A <b>kestrel</b>, they say.", "A kestrel & more.")):
        make.comment(page, text=text, html=render(text), minute=minute, form_age=60.0)
    return site


def sent(typed):
    """What a browser sends of these choices: no box without its tick."""
    return {name: text for name, text in typed.items() if text != "off" or name in sites.CHOICES}


def typed_with(site, **changed):
    return {**sent(written(site.options)), **changed}


def tried(desk, site, **changed):  # noqa: F811
    answer = desk(TRY, **typed_with(site, **changed))
    return answer, html.unescape(answer.text)


def test_it_says_what_they_would_have_done_and_keeps_the_typed_ones_in_the_form(desk, known):  # noqa: F811
    answer, text = tried(desk, known, hold_words="kestrel", policy="hold-links")
    assert answer.status_code == 200
    assert "With the last 3 comments on this site." in text
    assert "2 would be treated differently than by your present choices" in text
    assert "<strong>Would wait.</strong> It appears by your present choices." in text
    assert text.count("It has “kestrel” from your list of words.") == 2
    assert 'value="hold-links" checked' in text
    assert "\nkestrel</textarea>" in text
    assert 'form="options">Keep these choices' in text
    assert "<b>kestrel</b>" not in answer.text


def test_a_secret_that_was_typed_is_asked_for_once_more_and_one_to_remove_stays_ticked(desk, known):  # noqa: F811
    desk(f"/admin/sites/{known.id}/options", **typed_with(known, sso_secret="s" * 40))
    secrets = {"webhook_secret": SECRET, "drop": "sso_secret"}
    for changed in ({}, {"max_links": "many"}):
        page = tried(desk, known, **secrets, **changed)[1]
        assert page.count("Please type it again") == 1
        # Beside the button that would keep the rest, which stands far above the field.
        assert page.count("is kept only if you type it again below") == 1
        assert 'id="webhook_secret-hint">Not kept yet' in page
        assert 'value="sso_secret" checked' in page
        assert SECRET not in page
    assert "Please type it again" not in desk.get(f"/admin/sites/{known.id}")


def test_nothing_is_kept_by_trying(desk, known):  # noqa: F811
    tried(desk, known, policy="hold-all")
    directory.forget()
    assert directory.by_id(known.id).options.policy is Policy.PUBLISH
    assert db.session.query(Act).count() == 0


def test_a_wrong_choice_is_told_beside_its_field(desk, known):  # noqa: F811
    answer, text = tried(desk, known, max_links="many")
    assert answer.status_code == 400
    assert "Not kept yet: 1 of your choices needs another look." in text
    assert "What this would have done" not in text


def test_a_site_without_comments_says_so(desk, context, site):  # noqa: F811
    _, text = tried(desk, site)
    assert "There is no comment on this site yet to try it with." in text


def test_a_long_list_is_cut_and_says_where_the_rest_is(desk, known, monkeypatch):  # noqa: F811
    monkeypatch.setattr(sites, "MOST_LISTED", 2)
    _, text = tried(desk, known, policy="hold-all")
    assert text.count("<strong>Would wait.</strong>") == 2
    assert "And 1 more." in text


def test_only_moderators_try_and_only_by_a_form_of_theirs(desk, known, client):  # noqa: F811
    sent = written(known.options)
    assert client.post(TRY, data=sent).status_code == 400
    assert client.post(TRY, data={**sent, "csrf": "x"}).status_code == 400
    assert client.get(TRY).status_code == 405
    assert desk("/admin/sites/99/rehearse", **sent).status_code == 404
    client.delete_cookie("afterword")
    assert "/admin/login" in client.post(TRY, data=sent).headers["Location"]


def test_a_secret_that_is_typed_is_not_shown_again(desk, known):  # noqa: F811
    answer, _ = tried(desk, known, akismet_key="0123456789ab")
    assert answer.status_code == 200
    assert "0123456789ab" not in answer.text
