"""Names that belong to someone else."""
# ruff: noqa: RUF001 - letters that look alike are what this is about

import pytest

from afterword.identity import moderators
from afterword.spam.assess import assess
from afterword.spam.checks.impersonation import impersonation
from afterword.spam.verdict import Level, Writer
from tests.service.drafts import judged

NAMES = ("Ada Lovelace", "The Engine Blog")


def verdict(name, **changed):
    return impersonation(*judged(name=name, names=NAMES, **changed))


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace",
        "ada lovelace",
        "AdaLovelace",
        "Аdа Lоvеlасе",
        "Ada Love1ace",
        "Ada Lovelace (admin)",
        "Moderator Ada Lovelace",
        "The Engine BIog",
        "the engine blog team",
    ],
)
def test_a_strangers_name_that_can_be_taken_for_a_moderators_or_the_sites_waits(name):
    found = verdict(name)
    assert found.level is Level.HOLD
    assert "Ada Lovelace" in found.reason or "The Engine Blog" in found.reason


@pytest.mark.parametrize("name", ["Ada", "Ada L.", "Eda Lovelace", "Admin", "", "The Moderator"])
def test_other_names_pass(name):
    assert verdict(name).level is Level.PASS


def test_a_known_author_may_bear_the_name():
    assert verdict("Ada Lovelace", writer=Writer(id="1", approved=1)).level is Level.PASS


def test_moderators_themselves_pass():
    draft, context = judged(name=NAMES[0], names=NAMES, is_moderator=True)
    assert assess(draft, context).level is Level.PASS


def test_the_names_of_moderators_and_of_the_site_are_known(app, post):
    with app.app_context():
        moderators.add("grace@blog.example", password="correct horse battery", name="Grace")
    assert post(author={"name": "Grасe"}).status_code == 202
    assert post(author={"name": "A  Blog"}).status_code == 202
    assert post(author={"name": "Hopper"}).status_code == 201
