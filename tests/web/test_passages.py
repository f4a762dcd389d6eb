"""Comments on words of the page: kept with what stands around them, to be found again."""

from __future__ import annotations

import io

import pytest

from afterword.core.db import db
from afterword.sites import changes
from afterword.transfer import export
from afterword.transfer.run import run
from tests.conftest import BLOG

pytestmark = pytest.mark.slow

PASSAGE = {"exact": "the old bridge", "prefix": "we crossed ", "suffix": " at dawn"}


def test_the_words_are_kept_with_what_stands_around_them(post, thread):
    assert post("Which one?", quote=PASSAGE).status_code == 201
    (comment,) = thread()["comments"]
    assert comment["quote"] == "the old bridge"
    assert comment["selector"] == {
        "type": "TextQuoteSelector",
        "exact": "the old bridge",
        "prefix": "we crossed",
        "suffix": "at dawn",
    }


def test_bare_words_are_taken_as_before(post, thread):
    post("Which one?", quote="the old bridge")
    (comment,) = thread()["comments"]
    assert (comment["quote"], comment["selector"]) == ("the old bridge", None)


def test_long_surroundings_are_cut_where_they_are_farthest_away(post, thread):
    post("Long.", quote={"exact": "x", "prefix": "p" * 99 + "near", "suffix": "near" + "s" * 99})
    (comment,) = thread()["comments"]
    assert comment["selector"]["prefix"].endswith("near")
    assert comment["selector"]["suffix"].startswith("near")
    assert len(comment["selector"]["prefix"]) == len(comment["selector"]["suffix"]) == 64


@pytest.mark.parametrize("odd", [{}, {"exact": " "}, {"exact": 3}, {"prefix": "a"}, 7, ["a"]])
def test_a_quotation_without_words_is_refused(post, odd):
    answer = post("About nothing.", quote=odd)
    assert answer.status_code == 400
    assert answer.json["code"] == "bad_request"


@pytest.mark.usefixtures("context")
def test_they_survive_an_export_and_an_import(post, site, thread):
    post("Which one?", quote=PASSAGE)
    before = thread()["comments"][0]["selector"]
    exported = io.BytesIO()
    export.write(site, exported)
    changes.remove(site.id)
    db.session.expunge_all()
    run("native", io.BytesIO(exported.getvalue()), site=changes.add(BLOG), dry_run=False)
    assert thread()["comments"][0]["selector"] == before


@pytest.mark.usefixtures("context")
def test_an_owner_can_switch_them_off(post, site, thread):
    assert thread()["site"]["passages"] is True
    changes.choose(site.id, {"passages": "no"})
    assert "passages" not in thread()["site"]
