"""Pages that close by their age."""

from __future__ import annotations

import datetime as dt

import pytest

from afterword.core import clock
from afterword.core.db import transaction
from afterword.core.errors import Closed
from afterword.moderation import places
from afterword.sites import changes, directory
from afterword.threads import read, slices, view
from afterword.threads.models import State
from tests import make
from tests.conftest import PAGE
from tests.service.posts import send


@pytest.fixture
def told():
    return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}


@pytest.fixture
def old_page(context, site):
    """A page of ten days ago on a site that closes pages after seven."""
    changes.choose(site.id, {"close_after_days": "7"})
    return make.page(site, created=clock.now() - dt.timedelta(days=10))


def about():
    site = directory.of_url(PAGE)
    return read.thread(site, site.page_key(PAGE), url=PAGE, slice=slices.Slice()).page


def test_an_old_page_is_closed_to_readers_and_not_to_moderators(old_page):
    from afterword.posting.submit import submit
    from afterword.threads.draft import Draft

    assert about()["is_open"] is False
    assert about()["closes"] == clock.text(old_page.created + dt.timedelta(days=7))
    with pytest.raises(Closed):
        send()
    own = Draft(url=PAGE, text="Still here.", name="Hanna", is_moderator=True)
    assert submit(own).comment.state is State.VISIBLE


def test_a_page_that_is_opened_again_has_as_many_days_more(old_page):
    places.set_open(PAGE, is_open=True, by="test")
    assert about()["is_open"] is True
    assert send().state is State.VISIBLE
    places.set_open(PAGE, is_open=False, by="test")
    assert about()["is_open"] is False


@pytest.mark.usefixtures("context", "site")
def test_a_young_page_says_when_it_closes_and_an_unknown_one_is_open():
    site = directory.of_url(PAGE)
    changes.choose(site.id, {"close_after_days": "7"})
    assert (about()["is_open"], about()["closes"]) == (True, None)
    send()
    assert about()["is_open"] is True
    assert about()["closes"] > clock.text(clock.now() + dt.timedelta(days=6))


def test_without_the_choice_pages_stay_open(old_page):
    changes.choose(old_page.site_id, {"close_after_days": "0"})
    assert (about()["is_open"], about()["closes"]) == (True, None)
    assert send().state is State.VISIBLE


def test_the_page_without_javascript_shows_no_form_on_a_closed_page(old_page, client):
    text = client.get("/thread", query_string={"url": PAGE}).text
    assert "<textarea" not in text


def test_what_an_older_import_dated_at_the_end_of_the_calendar_never_closes(old_page):
    changes.choose(old_page.site_id, {"edit_minutes": "60"})
    end = dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)
    comment = make.comment(old_page, created=end)
    with transaction():
        old_page.reopened = end
    assert (about()["is_open"], about()["closes"]) == (True, None)
    options = directory.by_id(old_page.site_id).options
    assert view.own(comment, options=options)["edit_until"] is None
