"""Many comments in a few minutes."""

import pytest

from afterword.spam.checks.burst import MOST_BY_ALL, MOST_BY_ONE, burst
from afterword.spam.verdict import Level, Writer
from tests.service.drafts import earlier, judged

ADA = Writer(id="ada")


def many(count, **said):
    return tuple(earlier(minutes=n % 4, **said) for n in range(count))


@pytest.mark.parametrize("sender", [{"author_id": "ada"}, {"network": "n1"}])
def test_a_senders_sixth_comment_on_a_page_is_challenged_and_the_eleventh_waits(sender):
    told = {"writer": ADA, "networks": ("n1",), "page_id": 1}
    assert burst(*judged(recent=many(MOST_BY_ONE - 1, **sender), **told)).level is Level.PASS
    verdict = burst(*judged(recent=many(MOST_BY_ONE, **sender), **told))
    assert (verdict.level, verdict.suspicion > 0) == (Level.CHALLENGE, True)
    assert "5 comments" in verdict.reason
    assert burst(*judged(recent=many(2 * MOST_BY_ONE, **sender), **told)).level is Level.HOLD


def test_other_pages_older_comments_and_other_people_do_not_count():
    told = {"writer": ADA, "networks": ("n1",), "page_id": 1}
    others = (
        *many(9, author_id="ada", page_id=2),
        *(earlier(minutes=6, author_id="ada") for _ in range(9)),
        *many(9, author_id="bob", network="n2"),
        *many(9),
    )
    assert burst(*judged(recent=others, **told)).level is Level.PASS


def test_a_known_author_may_hold_a_conversation():
    told = {"writer": Writer(id="ada", approved=1), "page_id": 1}
    assert burst(*judged(recent=many(14, author_id="ada"), **told)).level is Level.PASS
    assert burst(*judged(recent=many(15, author_id="ada"), **told)).level is Level.CHALLENGE


def test_in_a_flood_strangers_are_challenged_and_known_authors_are_not():
    flood = tuple(earlier(author_id=str(n), network=str(n)) for n in range(MOST_BY_ALL))
    assert burst(*judged(recent=flood, page_id=1)).level is Level.CHALLENGE
    known = Writer(id="ada", approved=1)
    assert burst(*judged(recent=flood, page_id=1, writer=known)).level is Level.PASS


def test_a_page_without_comments_has_no_burst():
    assert burst(*judged(recent=many(50), page_id=None)).level is Level.PASS
