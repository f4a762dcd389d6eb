"""Reading threads: order, slices, tombstones, and that paging neither repeats nor skips."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from afterword.core.errors import BadRequest, NotFound
from afterword.moderation import actions
from afterword.threads import read, slices
from afterword.threads.models import State
from tests import make

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]


def thread(site, page, **asked):
    return read.thread(site, page.key, url=page.url, slice=slices.read(**asked))


def ids(comments):
    return [comment["id"] for comment in comments]


def walk(site, page, **asked):
    """Every root of a page, slice by slice."""
    found, after = [], None
    while True:
        part = thread(site, page, after=after, **asked)
        found += ids(part.comments)
        if part.next is None:
            return found
        after = part.next


def test_an_unknown_page_is_an_empty_open_thread(site):
    empty = read.thread(
        site, "blog.example/none", url="https://blog.example/none", slice=slices.Slice()
    )
    assert (empty.comments, empty.page["count"], empty.page["is_open"]) == ([], 0, True)


@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_paging_walks_every_root_once_in_order(site, sort):
    page = make.page(site)
    made = [make.comment(page, minute=n % 7, up=n % 5, down=n % 3) for n in range(23)]
    asked = slices.read(sort=sort, limit="4")
    walked = walk(site, page, sort=sort, limit="4")
    assert sorted(walked) == sorted(comment.id for comment in made)
    expected = {
        "oldest": sorted(made, key=lambda c: (c.created, c.id)),
        "newest": sorted(made, key=lambda c: (c.created, c.id), reverse=True),
        "best": sorted(made, key=lambda c: (c.best, c.id), reverse=True),
    }[sort]
    assert walked == [comment.id for comment in expected], asked


@given(
    minutes=st.lists(st.integers(0, 5), min_size=1, max_size=14),
    limit=st.integers(1, 5),
    newest=st.booleans(),
    arrive=st.lists(st.integers(0, 5), max_size=4),
)
@bounded(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_paging_neither_repeats_nor_skips_while_comments_arrive(
    site, minutes, limit, newest, arrive
):
    page = make.page(site, f"https://blog.example/{read.db.session.scalar(_count_pages())}")
    before = {make.comment(page, minute=minute).id for minute in minutes}
    walked, after, arriving = [], None, list(arrive)
    while True:
        part = thread(site, page, after=after, limit=str(limit), sort="newest" if newest else None)
        walked += ids(part.comments)
        if part.next is None:
            break
        after = part.next
        if arriving:
            make.comment(page, minute=arriving.pop())
    assert len(walked) == len(set(walked))
    assert before <= set(walked)


def _count_pages():
    from sqlalchemy import func, select

    from afterword.threads.models import Page

    return select(func.count()).select_from(Page)


def test_a_root_brings_its_first_replies_and_a_cursor_for_the_rest(site):
    page = make.page(site)
    root = make.comment(page)
    replies = [make.comment(page, root, minute=n + 1) for n in range(8)]
    shown = thread(site, page).comments[0]
    assert ids(shown["replies"]) == [reply.id for reply in replies[:3]]
    rest = read.replies(root.id, after=slices.cursor(shown["replies_next"]), limit=3)
    assert ids(rest["comments"]) == [reply.id for reply in replies[3:6]]
    last = read.replies(root.id, after=slices.cursor(rest["next"]), limit=3)
    assert (ids(last["comments"]), last["next"]) == ([reply.id for reply in replies[6:]], None)


def test_nested_replies_hang_below_their_parents(site):
    page = make.page(site)
    root = make.comment(page)
    first = make.comment(page, root, minute=1)
    second = make.comment(page, first, minute=2)
    shown = thread(site, page).comments[0]
    assert shown["replies"][0]["replies"][0]["id"] == second.id


def test_a_reply_dated_before_its_parent_is_still_shown(site):
    page = make.page(site)
    root = make.comment(page, minute=5)
    late = make.comment(page, root, minute=9)
    early = make.comment(page, late, minute=1)
    shown = thread(site, page).comments[0]
    assert ids(shown["replies"]) == [late.id]
    assert ids(shown["replies"][0]["replies"]) == [early.id]


def test_pinned_roots_come_first_and_only_once(site):
    page = make.page(site)
    made = [make.comment(page, minute=n, is_pinned=n == 6) for n in range(9)]
    walked = walk(site, page, limit="3")
    assert walked[0] == made[6].id
    assert sorted(walked) == sorted(comment.id for comment in made)


def test_however_many_are_pinned_each_is_shown(site):
    page = make.page(site)
    with make.transaction():
        for number in range(620):
            make.db.session.add(make._comment(page, None, number, {"is_pinned": True}))
    make.counts.recount(page.id)
    assert len(set(walk(site, page))) == 620


@pytest.mark.parametrize("sort", ["oldest", "newest"])
def test_around_gives_the_slice_that_holds_a_deep_reply(site, sort):
    page = make.page(site)
    roots = [make.comment(page, minute=n) for n in range(30)]
    deep = roots[17]
    chain = [deep := make.comment(page, deep, minute=100 + n) for n in range(6)]
    part = thread(site, page, around=chain[-1].id, limit="5", sort=sort)
    assert part.comments[0]["id"] == roots[17].id
    found = part.comments[0]
    for reply in chain:
        found = next(below for below in found["replies"] if below["id"] == reply.id)


def test_around_something_that_is_not_there_is_the_first_slice(site):
    page = make.page(site)
    made = [make.comment(page, minute=n) for n in range(4)]
    assert ids(thread(site, page, around="0000000000000").comments) == [c.id for c in made]


def test_a_removed_comment_stays_as_a_tombstone_while_it_has_replies(site):
    page = make.page(site)
    root = make.comment(page)
    middle = make.comment(page, root, minute=1)
    leaf = make.comment(page, middle, minute=2)
    actions.remove([root.id, middle.id], by="test")
    shown = thread(site, page).comments[0]
    assert (shown["state"], shown["html"], shown["author"]) == ("removed", "", None)
    assert shown["replies"][0]["replies"][0]["id"] == leaf.id
    actions.remove([leaf.id], by="test")
    assert thread(site, page).comments == []
    actions.restore([leaf.id], by="test")
    assert thread(site, page).comments[0]["replies"][0]["replies"][0]["id"] == leaf.id


@pytest.mark.parametrize("state", [State.PENDING, State.SPAM])
def test_what_waits_or_is_spam_shows_no_word_of_it(site, state):
    page = make.page(site)
    hidden = make.comment(page, state=state, html="<p>secret</p>", name="Mallory")
    make.comment(page, hidden, minute=1)
    shown = str(thread(site, page).as_json())
    assert "secret" not in shown
    assert "Mallory" not in shown
    assert thread(site, page).page["count"] == 1


def test_replies_of_a_comment_that_is_not_there_are_not_found():
    with pytest.raises(NotFound):
        read.replies("0000000000000", after=None, limit=5)


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "random"},
        {"after": "!!!"},
        {"after": "bm90IGEgY3Vyc29y"},
        {"after": "MjAyNi0wMS0wMSAx"},
        {"after": "bmFuIDFtODNqMWs2YWYzcjg", "sort": "best"},
        {"around": "../x"},
        {"limit": "-1"},
        {"limit": "1e9"},
        {"limit": "٣"},
        {"limit": "9" * 5000},
    ],
)
def test_a_slice_that_makes_no_sense_is_refused(asked):
    with pytest.raises(BadRequest):
        slices.read(**asked)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_a_bad_request(text):
    for best in (True, False):
        with contextlib.suppress(BadRequest):
            slices.cursor(text, best=best)


def test_an_absurd_limit_is_bounded():
    assert slices.read(limit="99999").limit == slices.MOST
