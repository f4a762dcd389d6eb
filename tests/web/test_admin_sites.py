"""Sites at the desk: addresses, choices, the tag to paste."""

from __future__ import annotations

import html

import pytest

from afterword.sites import changes, directory
from afterword.sites.options import REACTIONS, Policy, Votes, written
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

SITE = "/admin/sites/1"


@pytest.fixture
def known(context, site):
    return site


def only():
    (site,) = directory.every()
    return site


def test_the_first_site_is_made_with_the_policy_that_is_recommended(desk, context):  # noqa: F811
    text = desk.get("/admin/sites/first")
    assert 'value="hold-first" checked' in text
    sent = {"origin": "https://blog.example/", "policy": "hold-first", "name": "A blog"}
    answer = desk("/admin/sites/first", **sent)
    assert answer.headers["Location"] == "/admin/sites/1?done=first"
    assert (only().options.policy, only().name) == (Policy.HOLD_FIRST, "A blog")


@pytest.mark.parametrize("origin", ["", "not an address", "ftp://blog.example", "https://"])
def test_an_address_that_is_none_is_told_and_all_is_kept(desk, context, origin):  # noqa: F811
    sent = {"origin": origin, "policy": "publish", "name": "A blog & more"}
    for path in ("/admin/sites/first", "/admin/sites"):
        answer = desk(path, **sent)
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.text
        assert f'value="{origin}"' in answer.text
        assert 'value="A blog &amp; more"' in answer.text
    assert 'value="publish" checked' in desk("/admin/sites/first", **sent).text
    assert directory.every() == []


def test_a_site_shows_the_tag_and_the_line_for_a_strict_policy(desk, known):  # noqa: F811
    text = html.unescape(desk.get(SITE))
    assert '<script src="http://localhost:8000/embed.js" async></script>' in text
    assert (
        '<noscript><a href="http://localhost:8000/thread" '
        'referrerpolicy="no-referrer-when-downgrade">Comments</a></noscript>'
    ) in text
    assert "script-src http://localhost:8000; connect-src http://localhost:8000" in text
    assert '<script src="http' not in desk.get(SITE), "shown, not run"


def test_choices_are_kept_ticks_and_numbers_and_the_policy(desk, known):  # noqa: F811
    sent = {
        **written(known.options),
        "policy": "hold-all",
        "max_links": "7",
        "require_email": "on",
    }
    del sent["require_name"]  # a box without its tick is not sent
    answer = desk(f"{SITE}/options", **sent)
    assert answer.headers["Location"] == "/admin/sites/1?done=saved"
    chosen = only().options
    assert (chosen.policy, chosen.max_links) == (Policy.HOLD_ALL, 7)
    assert (chosen.require_email, chosen.require_name) == (True, False)
    assert 'value="hold-all" checked' in desk.get(SITE)


def test_which_votes_and_reactions_a_site_takes_is_chosen(desk, known):  # noqa: F811
    assert '<option value="on" selected>' in desk.get(SITE)
    sent = {**written(known.options), "votes": "up", "reactions": "like, love like"}
    assert desk(f"{SITE}/options", **sent).status_code == 303
    assert (only().options.votes, only().options.reactions) == (Votes.UP, "like love")
    assert '<option value="up" selected>' in desk.get(SITE)
    for wrong in ({"votes": "sometimes"}, {"reactions": "like hate"}, {"votes": ""}):
        assert desk(f"{SITE}/options", **{**sent, **wrong}).status_code == 400
    seven = " ".join(list(REACTIONS)[:7])
    assert "at most 6" in desk(f"{SITE}/options", **{**sent, "reactions": seven}).text


def test_each_wrong_choice_is_told_beside_its_field_and_none_is_kept(desk, known):  # noqa: F811
    sent = {**written(known.options), "max_links": "many", "max_length": "5", "policy": "hold-all"}
    answer = desk(f"{SITE}/options", **sent)
    assert answer.status_code == 400
    assert "a whole number from 0 to 20" in answer.text
    assert "a whole number from 100 to 8192" in answer.text
    for kept in ('value="many"', 'value="5"', 'value="hold-all" checked'):
        assert kept in answer.text
    assert only().options.policy is Policy.PUBLISH


def test_an_address_joins_a_site_and_leaves_it(desk, known):  # noqa: F811
    desk(f"{SITE}/origins", origin="https://www.blog.example")
    assert only().origins == ("https://blog.example", "https://www.blog.example")
    desk(f"{SITE}/origins/remove", origin="https://blog.example")
    assert only().origins == ("https://www.blog.example",)


def test_an_address_may_be_said_without_its_scheme(desk, known):  # noqa: F811
    desk(f"{SITE}/origins", origin="www.blog.example")
    assert only().origins == ("https://blog.example", "https://www.blog.example")
    assert desk("/admin/sites", origin="other.example").status_code == 303
    assert directory.of_url("https://other.example").key == "other.example"


def test_the_last_address_of_a_site_stays(desk, known):  # noqa: F811
    answer = desk(f"{SITE}/origins/remove", origin="https://blog.example")
    assert answer.status_code == 400
    assert "A site needs at least one address." in answer.text
    assert only().origins == ("https://blog.example",)


def test_a_wrong_address_for_a_site_is_told_and_kept(desk, known):  # noqa: F811
    answer = desk(f"{SITE}/origins", origin="www blog")
    assert answer.status_code == 400
    assert 'value="www blog"' in answer.text


def test_an_address_of_another_site_is_not_taken_from_it(desk, known):  # noqa: F811
    other = changes.add("https://other.example", name="Another blog")
    answer = desk(f"{SITE}/origins", origin="https://other.example")
    assert answer.status_code == 400
    assert "belongs to Another blog" in answer.text
    assert directory.of_url("https://other.example").id == other.id


def test_a_name_that_is_markup_is_shown_as_text(desk, known):  # noqa: F811
    evil = "<img src=x onerror=alert(1)>"
    changes.choose(known.id, {"name": evil})
    for path in ("/admin/sites", SITE):
        assert evil not in desk.get(path)
        assert html.escape(evil) in desk.get(path)


def test_a_site_that_does_not_exist_is_not_found(desk, context):  # noqa: F811
    assert desk("/admin/sites/9/options").status_code == 404


def test_every_choice_of_a_site_has_words_of_its_own_in_the_desk():
    from afterword.sites import options
    from afterword.web.admin.sites import LABELS

    assert set(LABELS) == {name for name, _, _ in options.table()}


def test_what_is_wrong_with_a_site_to_add_is_said_at_each_field(desk, context, site):  # noqa: F811
    page = desk("/admin/sites", origin="https://second.example", name="x" * 500).text
    assert 'id="name-hint" role="alert">This must' in page
    assert 'id="origin-hint" role="alert"' not in page
    page = desk("/admin/sites", origin="https://blog.example", name="x" * 500).text
    assert 'id="name-hint" role="alert"' in page
    assert 'id="origin-hint" role="alert">This address belongs to' in page
