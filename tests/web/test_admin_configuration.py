"""A site's configuration as one file: no secret leaves by it, and nothing comes in unseen."""

from __future__ import annotations

import json

import pytest

from afterword.core.errors import BadRequest
from afterword.moderation import bans, configuration
from afterword.moderation.bans import Terms
from afterword.sites import changes, directory
from tests.service.test_check_hook import SECRET as SIGNING
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture
from tests.web.test_admin_undo import undo

pytestmark = pytest.mark.slow

CHOSEN = {"policy": "hold-all", "hold_words": "casino*", "look_accent": "#b3541e"}
KEPT = {
    "akismet_key": "0123456789ab",
    "hook_url": "https://checker.example/",
    "hook_secret": SIGNING,
}


@pytest.fixture
def site(context, site):
    return changes.choose(site.id, {**CHOSEN, **KEPT})


@pytest.fixture
def other(site):
    made = changes.add("https://other.example")
    return changes.choose(made.id, {"max_links": "5", "akismet_key": "abcdefghijkl"})


def chosen(site):
    directory.forget()
    return directory.by_id(site.id).options


def test_the_file_holds_what_was_chosen_and_no_secret(desk, client, site):  # noqa: F811
    bans.add(bans.read("spam.example"), Terms(by=EMAIL, site_id=site.id, note="Robots"))
    bans.add(bans.read("203.0.113.0/24"), Terms(by=EMAIL, site_id=site.id, days=3))
    answer = client.get(f"/admin/sites/{site.id}/configuration/file")
    said = json.loads(answer.text)
    assert said["options"] == {**CHOSEN, "name": "A blog"}
    assert said["bans"] == [{"who": "spam.example", "why": "Robots"}]
    assert not any(secret in answer.text for secret in KEPT.values())
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_file_is_shown_first_brought_in_and_taken_back_by_one_press(desk, site, other):  # noqa: F811
    bans.add(bans.read("spam.example"), Terms(by=EMAIL, site_id=site.id))
    text, path = configuration.write(site), f"/admin/sites/{other.id}/configuration"
    shown = desk(path, configuration=text).text
    assert "casino*" in shown
    assert "spam.example" in shown
    assert chosen(other).policy.value == "publish"
    answer = desk(path, configuration=text, act="bring")
    now = chosen(other)
    assert (now.policy.value, now.max_links, now.akismet_key) == ("hold-all", 2, "abcdefghijkl")
    assert len(bans.of_sites(frozenset({other.id}))) == 1
    assert "from a file: " in desk.get("/admin/log?verb=configure")
    undo(desk, desk.get(answer.headers["Location"]))
    assert (chosen(other).policy.value, chosen(other).max_links) == ("publish", 5)
    assert bans.of_sites(frozenset({other.id})) == []


def test_what_is_so_already_is_told(desk, site):  # noqa: F811
    path = f"/admin/sites/{site.id}/configuration"
    text = configuration.write(site)
    assert "Nothing: all is so already." in desk(path, configuration=text).text
    answer = desk(path, configuration=text, act="bring")
    assert "All was so already." in desk.get(answer.headers["Location"])


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("{", "no JSON (line 1)"),
        ("[" * 50_000, "no JSON"),
        ("[]", "no configuration"),
        ('{"afterword_configuration": 2}', "no configuration"),
        ({"sites": []}, "no part “sites”"),
        ({"options": {"polcy": "publish"}}, "Did you mean policy"),
        ({"options": {"policy": "sometimes"}}, "policy must be"),
        ({"options": {"max_links": 3}}, "names and texts"),
        ({"options": []}, "names and texts"),
        ({"options": {"akismet_key": "0123456789ab"}}, "akismet_key is set at the site alone"),
        ({"options": {"hook_url": "https://evil.example/"}}, "hook_url is set at the site alone"),
        ({"bans": {}}, "must be a list"),
        ({"bans": [{"who": "spam.example"}, {"who": "bob"}]}, "Ban 2: Say an e-mail address"),
        ({"bans": ["spam.example"]}, 'Ban 1 needs "who"'),
        ({"bans": [{"who": "0.0.0.0/0"}]}, "large part of all networks"),
        ("x" * 60_001, "60,000 characters"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole_with_its_place(desk, site, part, says):  # noqa: F811
    text = part if isinstance(part, str) else json.dumps({"afterword_configuration": 1, **part})
    with pytest.raises(BadRequest) as refused:
        configuration.bring_in(site, text, by=EMAIL)
    assert says in refused.value.detail
    assert chosen(site).policy.value == "hold-all"


def test_a_refusal_is_shown_beside_what_was_pasted(desk, site):  # noqa: F811
    answer = desk(f"/admin/sites/{site.id}/configuration", configuration="<b>")
    assert answer.status_code == 400
    assert "This is no JSON (line 1)." in answer.text
    assert "&lt;b&gt;</textarea>" in answer.text
