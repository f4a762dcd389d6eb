"""Pages that may be one: found by title and address, never by a short end that many have."""

from __future__ import annotations

import pytest

from afterword.core.db import db
from afterword.core.errors import BadRequest
from afterword.moderation import merges, twins
from afterword.sites import changes, directory
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")


def page(site, path, title=None, many=1, origin=BLOG):
    made = make.page(site, f"{origin}/{path}")
    made.title = title
    db.session.commit()
    for minute in range(many):
        make.comment(made, minute=minute)
    return made


def pairs():
    return [(one.page.key, one.into.key, one.reason) for one in twins.find([])]


def test_pages_of_one_title_are_found_and_the_fuller_stays(site):
    page(site, "a", "Soup  for One", many=2)
    page(site, "b", "soup for one", many=1)
    page(site, "c", "Bread")
    assert pairs() == [("blog.example/b", "blog.example/a", twins.SAME_TITLE)]


def test_pages_whose_addresses_end_alike_are_found(site):
    page(site, "2019/05/soup-for-one", many=3)
    page(site, "soup-for-one")
    page(site, "x/about")
    page(site, "y/about")
    found = ("blog.example/soup-for-one", "blog.example/2019/05/soup-for-one", twins.SAME_END)
    assert pairs() == [found]


def test_pages_of_two_sites_are_never_one(site):
    page(site, "soup-for-one", "Soup")
    other = directory.by_id(changes.add("https://two.example").id)
    page(other, "soup-for-one", "Soup", origin="https://two.example")
    assert pairs() == []


def test_what_is_not_the_same_is_not_asked_again(site):
    one, other = page(site, "a", "Soup"), page(site, "b", "Soup")
    with pytest.raises(BadRequest):
        twins.keep_apart(one.id, one.id, by="test")
    twins.keep_apart(other.id, one.id, by="test")
    twins.keep_apart(one.id, other.id, by="test")
    assert pairs() == []


def test_a_merge_answers_the_question(site):
    one, other = page(site, "a", "Soup"), page(site, "b", "Soup")
    merges.merge(one.id, other.id, by="test")
    assert pairs() == []
