"""The password once more, before what a screen that was left open should not let anyone do."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine

from afterword.core import clock
from afterword.identity import moderators
from afterword.sites import changes, directory
from tests import desk
from tests.desk import PASSWORD

pytestmark = pytest.mark.slow

EMAIL = "hanna@blog.example"
INVITED = {"email": "eve@blog.example", "name": "Eve", "role": "moderator", "sites": ["1", "2"]}


@pytest.fixture
def later(app, site):
    """A session in which the password was said eleven minutes ago."""
    with app.app_context():
        changes.add("https://second.example")
    desk.moderator(app, EMAIL, name="Hanna")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        made = desk.of(app, EMAIL)
        traveller.shift(dt.timedelta(minutes=11))
        yield made


def kept(page):
    """What a page keeps in hidden fields, each with all its values."""
    found: dict[str, list[str]] = {}
    for name, text in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page):
        if name != "csrf":
            found.setdefault(name, []).append(text)
    return found


def invited(app):
    with app.app_context():
        return moderators.find("eve@blog.example") is not None


def test_a_form_asks_for_the_password_and_then_goes_on_as_it_was(app, later):
    asked = later.post("/admin/moderators", **INVITED)
    assert asked.status_code == 403
    assert "Your password, please" in asked.text
    assert not invited(app)
    fields = kept(asked.text)
    assert fields == {
        "email": ["eve@blog.example"],
        "name": ["Eve"],
        "role": ["moderator"],
        "sites": ["1", "2"],
    }
    wrong = later.post("/admin/moderators", **fields, again="wrong")
    assert wrong.status_code == 400
    assert "This is not your password." in wrong.text
    assert kept(wrong.text) == fields
    assert not invited(app)
    assert later.post("/admin/moderators", **fields, again=PASSWORD).status_code == 200
    assert invited(app)


def test_for_ten_minutes_nothing_more_is_asked(app, later):
    later.post("/admin/moderators", **INVITED, again=PASSWORD)
    assert later.get("/admin/log.csv").mimetype == "text/csv"


def test_a_file_to_keep_asks_and_then_comes(later):
    asked = later.get("/admin/log.csv?verb=approve")
    assert asked.status_code == 403
    fields = kept(asked.text)
    assert fields == {"next": ["/admin/log.csv?verb=approve"]}
    wrong = later.post("/admin/confirm", **fields, again="wrong")
    assert wrong.status_code == 400
    assert kept(wrong.text) == fields
    answer = later.post("/admin/confirm", **fields, again=PASSWORD)
    assert answer.headers["Location"] == "/admin/log.csv?verb=approve"
    assert later.get(answer.location).mimetype == "text/csv"


def test_the_way_on_leads_nowhere_else(later):
    answer = later.post("/admin/confirm", next="https://evil.example/", again=PASSWORD)
    assert answer.headers["Location"] == "/admin/"


def test_choices_are_free_and_secrets_are_not(app, later):
    place = "/admin/sites/1/options"
    plain = later.post(place, policy="hold-all", max_length="2000")
    assert plain.status_code != 403
    said = {"hook_secret": "s" * 32, "policy": "hold-all"}
    assert later.post(place, **said).status_code == 403
    assert later.post(place, drop="hook_secret").status_code == 403
    with app.app_context():
        assert directory.by_id(1).options.hook_secret == ""


def test_a_new_session_is_fresh(app, later):
    assert desk.of(app, EMAIL).get("/admin/log.csv").mimetype == "text/csv"


@pytest.mark.parametrize("act", ["", "/link", "/remove"])
def test_nobody_is_changed_or_removed_without_the_password(app, later, act):
    desk.moderator(app, "ada@blog.example")
    assert later.post(f"/admin/moderators/2{act}", role="owner").status_code == 403
    with app.app_context():
        assert moderators.find("ada@blog.example") is not None


def test_guesses_at_it_are_slowed_down(later):
    answers = [later.post("/admin/moderators", again="wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "30"
