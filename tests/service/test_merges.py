"""Pages made one: nothing of either thread is lost, and it can be taken back whole."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from afterword.core.db import db, transaction
from afterword.core.errors import Conflict, NotFound
from afterword.moderation import merges, moves
from afterword.moderation.models import Act
from afterword.sites import changes, directory
from afterword.threads import pages, since, subscriptions
from afterword.threads.models import Comment, Follows, Page, PageAlias, State, Subscription
from afterword.transfer import export
from tests import make
from tests.conftest import BLOG

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]
OLD, NEW = f"{BLOG}/old", f"{BLOG}/new"


@pytest.fixture
def two(site):
    """Two pages of one site with a thread each."""
    old, new = make.page(site, OLD, is_open=False), make.page(site, NEW)
    root = make.comment(old, minute=1)
    make.comment(old, root, minute=2)
    make.comment(old, minute=3, state=State.PENDING)
    make.comment(new, minute=4)
    return old, new


def exported(site):
    db.session.expire_all()
    out = io.BytesIO()
    export.write(directory.by_id(site.id), out)
    return out.getvalue()


def test_all_comments_come_over_and_the_address_leads_there(site, two):
    old, new = two
    merges.merge(old.id, new.id, by="test")
    left = db.session.query(Page).one()
    assert (left.key, left.count) == ("blog.example/new", 3)
    assert {one.page_id for one in db.session.query(Comment)} == {left.id}
    assert pages.find(site.id, "blog.example/old").id == left.id
    assert db.session.query(Act).one().note == f"{OLD} into {NEW}"


def test_who_has_read_the_page_is_told_of_what_came_over(site, two):
    old, new = two
    make.comment(new, minute=5)
    make.comment(new, minute=6)
    seen = new.version
    assert seen > old.version  # at a version that the other has had, who knows which was read?
    merges.merge(old.id, new.id, by="test")
    place = (site.id, "blog.example/new")
    told = since.look([(place, seen)])[place, seen]
    assert (len(told.new), told.count) == (2, 5)


def test_a_preview_says_what_would_come_and_changes_nothing(site, two):
    before = exported(site)
    plan = merges.preview(two[0].id, two[1].id)
    assert plan.states == {State.VISIBLE: 2, State.PENDING: 1}
    assert exported(site) == before


def test_what_was_merged_can_be_parted_without_a_trace(site, two):
    old, new = two
    moves.follow(moves.one(NEW, f"{BLOG}/newer"), by="test")
    with transaction():
        db.session.add(PageAlias(site_id=site.id, page_id=old.id, key="blog.example/older"))
    before = exported(site)
    noted = merges.merge(old.id, new.id, by="test")
    assert exported(site) != before
    merges.undo(noted.id, by="test")
    assert exported(site) == before


def test_what_came_meanwhile_stays_but_for_replies(site, two):
    old, new = two
    root = db.session.query(Comment).filter_by(page_id=old.id, root_id=None).first()
    noted = merges.merge(old.id, new.id, by="test")
    into = db.session.get(Page, new.id)
    make.comment(into, minute=10, text="To the page.")
    make.comment(into, db.session.get(Comment, root.id), minute=11, text="To the comment.")
    again = merges.undo(noted.id, by="test")
    texts = {
        one.text: one.page_id for one in db.session.query(Comment).filter(Comment.text != "Hello.")
    }
    assert texts == {"To the page.": new.id, "To the comment.": again.id}
    assert (again.count, db.session.get(Page, new.id).count) == (3, 2)


def test_who_follows_both_pages_follows_the_one_that_is_left_once(site, two):
    old, new = two
    with transaction():
        for page in two:
            subscriptions.add("ada@mail.example", Follows.THREAD, site_id=site.id, page_id=page.id)
        subscriptions.add("bo@mail.example", Follows.THREAD, site_id=site.id, page_id=old.id)
    noted = merges.merge(old.id, new.id, by="test")
    active = db.session.query(Subscription).filter(Subscription.ended.is_(None))
    assert sorted((one.email, one.page_id) for one in active) == [
        ("ada@mail.example", new.id),
        ("bo@mail.example", new.id),
    ]
    again = merges.undo(noted.id, by="test")
    assert sorted((one.email, one.page_id) for one in active) == sorted(
        [
            ("ada@mail.example", new.id),
            ("ada@mail.example", again.id),
            ("bo@mail.example", again.id),
        ]
    )


@pytest.mark.parametrize("by", [0, 1])
def test_who_ended_the_mails_of_merged_pages_gets_none_when_they_are_parted(site, two, by):
    with transaction():
        for page in two:
            subscriptions.add("ada@mail.example", Follows.THREAD, site_id=site.id, page_id=page.id)
    links = [
        subscriptions.token(db.session.query(Subscription).filter_by(page_id=page.id).one())
        for page in two
    ]
    noted = merges.merge(two[0].id, two[1].id, by="test")
    with transaction():
        for one in subscriptions.find(links[by]):
            subscriptions.end(one)
    merges.undo(noted.id, by="test")
    assert db.session.query(Subscription).filter(Subscription.ended.is_(None)).all() == []


def test_pins_without_room_go_and_come_back(site, two):
    old, new = two
    for minute in range(20, 22):
        make.comment(old, minute=minute, is_pinned=True)
        make.comment(new, minute=minute, is_pinned=True)
    assert merges.preview(old.id, new.id).unpinned == 1
    noted = merges.merge(old.id, new.id, by="test")
    pinned = db.session.query(Comment).filter(Comment.is_pinned)
    assert pinned.count() == 3
    merges.undo(noted.id, by="test")
    assert pinned.count() == 4


def test_a_page_is_not_merged_with_itself_nor_with_one_of_another_site(site, two):
    other = make.page(
        directory.by_id(changes.add("https://two.example").id), "https://two.example/a"
    )
    with pytest.raises(Conflict):
        merges.merge(two[0].id, two[0].id, by="test")
    with pytest.raises(Conflict):
        merges.merge(two[0].id, other.id, by="test")


def test_a_merge_is_taken_back_once(site, two):
    noted = merges.merge(two[0].id, two[1].id, by="test")
    merges.undo(noted.id, by="test")
    with pytest.raises(NotFound):
        merges.undo(noted.id, by="test")


def test_an_address_that_has_another_thread_by_now_is_said(site, two):
    old, new = two
    noted = merges.merge(old.id, new.id, by="test")
    other = make.page(site, f"{BLOG}/third")
    make.comment(other)
    with transaction():  # as a later move of that page does it
        db.session.query(PageAlias).filter_by(key="blog.example/old").delete()
        db.session.get(Page, other.id).key = "blog.example/old"
    with pytest.raises(Conflict, match="move that one first"):
        merges.undo(noted.id, by="test")


def test_a_page_that_took_the_address_of_the_other_is_said(site, two):
    old, new = two
    noted = merges.merge(old.id, new.id, by="test")
    moves.follow(moves.one(NEW, OLD), by="test")
    with pytest.raises(Conflict, match="move that one first"):
        merges.undo(noted.id, by="test")


def test_a_star_behind_a_query_moves_no_page_at_all(site, two):
    for begins in (f"{BLOG}/?p=*", f"{BLOG}/?*"):
        with pytest.raises(moves.WrongMoves):
            moves.table([f"{begins},{BLOG}/blog/"])


@bounded(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(list(State)), st.integers(-1, 5)), max_size=12
    )
)
def test_merged_and_parted_any_two_threads_export_the_same(site, said):
    with transaction():
        for table in (Subscription, Comment, PageAlias, Page):
            db.session.query(table).delete()
    made = [make.page(site, OLD), make.page(site, NEW)]
    threads = {True: [], False: []}
    for minute, (is_old, state, above) in enumerate(said):
        own = threads[is_old]
        parent = own[above % len(own)] if own and above >= 0 else None
        own.append(make.comment(made[not is_old], parent, minute=minute, state=state))
    before = exported(site)
    noted = merges.merge(made[0].id, made[1].id, by="test")
    assert db.session.query(Comment).count() == len(said)
    merges.undo(noted.id, by="test")
    assert exported(site) == before
