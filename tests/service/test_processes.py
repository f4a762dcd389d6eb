"""What several processes write at once, over PostgreSQL: nothing that was acknowledged is lost.

On SQLite, and within one process, writers come one after the other.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from afterword.core.db import db, transaction
from afterword.core.errors import BadParent, Conflict, NotFound
from afterword.identity import authors, confirmations, moderators, sessions
from afterword.identity.accounts import Shown
from afterword.identity.errands import Arrived
from afterword.identity.models import Passport, PassportKind, Session
from afterword.moderation import actions, merges, moves, pins, places, sweeps
from afterword.moderation.index import Wanted
from afterword.moderation.models import Act
from afterword.operate import person
from afterword.posting import confirm, sign_in
from afterword.posting.draft import read as read_draft
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.posting.remove import remove, restore
from afterword.posting.submit import submit
from afterword.posting.vote import vote
from afterword.sites import changes
from afterword.threads import counts, read, slices
from afterword.threads.models import Comment, Page, State, Vote
from tests import make
from tests.conftest import BLOG, PAGE
from tests.processes import application, connected, held, other, until_waits
from tests.web.test_sso import SECRET, signed

pytestmark = pytest.mark.slow

ADA, BOB, CY = (Reader(token=letter * 43) for letter in "abc")
ADA_WRITES = {"name": "Ada", "email": "ada@mail.example"}
OTHER, THIRD, MOVED = (f"{BLOG}/{name}" for name in ("second-post", "third-post", "moved"))


@pytest.fixture
def app(tmp_path, postgresql):
    with application(tmp_path / "data", postgresql) as app:
        yield app


@pytest.fixture
def site(app):
    with app.app_context():
        return changes.add(BLOG)


@pytest.fixture
def three(app, site):
    """The numbers of three pages, each with a comment."""
    with app.app_context():
        return [commented(site, url) for url in (PAGE, OTHER, THIRD)]


def commented(site, url):
    page = make.page(site, url)
    make.comment(page)
    return page.id


def say(text="Hello.", url=PAGE, token=ADA.token, **said):
    body = {"url": url, "text": text, "author": {"name": "Ada"}, **said}
    return submit(read_draft(body), token=token).comment


def shown(app, site):
    """What the thread says of its count, and the states of those that it shows."""
    with app.app_context():
        found = read.thread(site, site.page_key(PAGE), url=PAGE, slice=slices.Slice())
        every = [one for root in found.comments for one in (root, *root["replies"])]
        return found.page["count"], [one["state"] for one in every]


def move_page():
    moves.follow(moves.one(PAGE, MOVED), by="test")


def counted(app):
    """How many comments each page says it has, and how many it has."""
    with app.app_context():
        return {
            page.id: (page.count, db.session.query(Comment).filter_by(page_id=page.id).count())
            for page in db.session.query(Page)
        }


def test_a_comment_that_is_posted_while_its_page_is_merged_comes_over(app, three):
    old, new, _ = three
    with held(app, say):
        merge = other(app, lambda: merges.merge(old, new, by="test"))
        until_waits(app, merge)
    merge.result(30)
    assert counted(app)[new] == (3, 3)


def test_a_comment_that_comes_to_a_page_being_merged_goes_to_the_one_that_is_left(app, three):
    old, new, _ = three
    with held(app, lambda: merges.merge(old, new, by="test")):
        post = other(app, say)
        until_waits(app, post)
    assert post.result(30).page_id == new
    assert counted(app)[new] == (3, 3)


def test_a_page_that_is_merged_while_another_is_merged_into_it_takes_all_along(app, three):
    first, second, third = three
    with held(app, lambda: merges.merge(first, second, by="test")):
        onward = other(app, lambda: merges.merge(second, third, by="test"))
        until_waits(app, onward)
    onward.result(30)
    assert counted(app) == {third: (3, 3)}


def close_page():
    places.set_open(PAGE, is_open=False, by="test")


@pytest.mark.parametrize("act", [close_page, move_page])
def test_what_is_done_with_a_page_while_it_is_merged_is_refused(app, three, act):
    old, new, _ = three
    with held(app, lambda: merges.merge(old, new, by="test")):
        late = other(app, act)
        until_waits(app, late)
    assert isinstance(late.exception(30), NotFound)
    assert counted(app)[new] == (2, 2)


def test_a_page_that_moves_while_it_is_merged_is_found_at_both_addresses(app, three, site):
    old, new, _ = three
    with held(app, move_page):
        merge = other(app, lambda: merges.merge(old, new, by="test"))
        until_waits(app, merge)
    merge.result(30)
    assert counted(app)[new] == (2, 2)
    with app.app_context():
        for url in (PAGE, MOVED):
            assert places.find(url).id == new


def test_a_comment_that_is_posted_while_its_page_moves_is_taken(app, three):
    page, _, _ = three
    with connected(app) as somebody:
        row = select(Page).where(Page.id == page)
        somebody.execute(row.with_for_update(key_share=True))
        move = other(app, move_page)
        until_waits(app, move)
        post = other(app, say)
        until_waits(app, move, post)
    move.result(30)
    post.result(30)
    assert counted(app)[page] == (2, 2)


def test_a_merge_that_two_take_back_at_once_is_taken_back_once(app, three):
    old, new, _ = three
    with app.app_context():
        noted = merges.merge(old, new, by="test").id
    with held(app, lambda: merges.undo(noted, by="test")):
        again = other(app, lambda: merges.undo(noted, by="test"))
        until_waits(app, again)
    assert isinstance(again.exception(30), NotFound)
    assert sorted(counted(app).values()) == [(1, 1)] * 3


def test_a_comment_that_is_posted_while_its_page_is_counted_anew_is_counted(app, three):
    page, _, _ = three

    def recount():
        with transaction():
            counts.recount(page)

    with held(app, say):
        counting = other(app, recount)
        until_waits(app, counting)
    counting.result(30)
    assert counted(app)[page] == (2, 2)


def test_an_answer_that_an_import_brings_to_what_is_taken_away_stands_below_a_tombstone(app, site):
    with app.app_context():
        root = say()

    def bring():
        with transaction():
            ids = {"parent_id": root.id, "root_id": root.id, "depth": 1}
            said = {"text": "And you?", "html": "<p>And you?</p>", "state": State.VISIBLE}
            db.session.add(Comment(site_id=site.id, page_id=root.page_id, **ids, **said))
            counts.recount(root.page_id)

    with held(app, lambda: remove(root.id, reader=ADA)):
        importing = other(app, bring)
        until_waits(app, importing)
    importing.result(30)
    assert shown(app, site) == (1, ["removed", "visible"])


BY_AUTHOR = "its author"


@pytest.fixture(params=["a moderator", BY_AUTHOR])
def take_away(request):
    """Take a comment away, by those who may."""
    if request.param == BY_AUTHOR:
        return lambda one: remove(one, reader=ADA)
    return lambda one: actions.remove([one], by="test")


def test_an_answer_to_what_is_taken_away_meanwhile_stands_below_a_tombstone(app, site, take_away):
    with app.app_context():
        root = say().id
    with held(app, lambda: say("And you?", parent=root)):
        removal = other(app, lambda: take_away(root))
        until_waits(app, removal)
    removal.result(30)
    assert shown(app, site) == (1, ["removed", "visible"])


def test_what_was_taken_away_a_moment_ago_is_answered_by_nobody(app, site, take_away):
    with app.app_context():
        root = say().id
    with held(app, lambda: take_away(root)):
        reply = other(app, lambda: say("And you?", parent=root))
        until_waits(app, reply)
    assert isinstance(reply.exception(30), BadParent)
    assert shown(app, site) == (0, [])


def test_an_answer_that_comes_back_as_what_it_answers_goes_stands_below_a_tombstone(app, site):
    with app.app_context():
        root = say().id
        answer = say("And you?", parent=root).id
        remove(answer, reader=ADA)
    with held(app, lambda: restore(answer, reader=ADA)):
        removal = other(app, lambda: remove(root, reader=ADA))
        until_waits(app, removal)
    removal.result(30)
    assert shown(app, site) == (1, ["removed", "visible"])


def test_what_its_author_changes_meanwhile_no_moderator_writes_over(app, site):
    with app.app_context():
        one = say("A bot.")
    seen = actions.as_seen(one)
    with held(app, lambda: edit(one.id, "A boat.", reader=ADA)):
        mending = other(
            app, lambda: actions.edit(one.id, "A robot.", by="test", limit=99, seen=seen)
        )
        until_waits(app, mending)
    assert isinstance(mending.exception(30), Conflict)
    with app.app_context():
        assert db.session.get(Comment, one.id).text == "A boat."


def test_what_its_author_changes_as_its_turn_comes_is_not_decided_over_unread(app, site):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
        one = say("A boat.")
        sweep = sweeps.start("approve", Wanted(state=State.PENDING), by="test").id
    with held(app, lambda: edit(one.id, "Buy a boat.", reader=ADA)):
        turn = other(app, lambda: sweeps.run(sweep))
        until_waits(app, turn)
    turn.result(30)
    with app.app_context():
        assert db.session.get(Comment, one.id).state is State.PENDING


def test_two_edits_of_moderators_at_once_leave_both_texts_from_before_in_the_log(app, site):
    with app.app_context():
        one = say("A bot.").id
    with held(app, lambda: actions.edit(one, "A boat.", by="test", limit=99)):
        mending = other(app, lambda: actions.edit(one, "A robot.", by="test", limit=99))
        until_waits(app, mending)
    mending.result(30)
    with app.app_context():
        before = db.session.scalars(db.select(Act.text_before).order_by(Act.id))
        assert list(before) == ["A bot.", "A boat."]


def test_a_comment_is_pinned_while_a_reader_votes_on_it(app, site):
    with app.app_context():
        one = say()
    with connected(app) as somebody:
        somebody.execute(select(Page).where(Page.id == one.page_id).with_for_update(key_share=True))
        pin = other(app, lambda: pins.set_pinned(one.id, is_pinned=True, by="test"))
        until_waits(app, pin)
        voted = other(app, lambda: vote(one.id, 1, reader=BOB))
        until_waits(app, pin, voted)
    pin.result(30)
    voted.result(30)
    with app.app_context():
        stored = db.session.get(Comment, one.id)
        assert (stored.is_pinned, stored.up) == (True, 1)


def test_a_vote_that_is_given_while_another_voter_is_erased_counts(app, site):
    with app.app_context():
        one = say()
        vote(one.id, 1, reader=BOB)
        bob = person.of_author(authors.find(BOB.token, site_id=site.id).id)
    with held(app, lambda: vote(one.id, 1, reader=CY)):
        erasure = other(app, lambda: person.erase(bob, by="test"))
        until_waits(app, erasure)
    erasure.result(30)
    with app.app_context():
        assert db.session.get(Comment, one.id).up == 1
        assert db.session.query(Vote).count() == 1


def test_an_answer_to_somebody_who_is_erased_meanwhile_stands_below_a_tombstone(app, site):
    with app.app_context():
        root = say().id
        ada = person.of_author(authors.find(ADA.token, site_id=site.id).id)
    with held(app, lambda: say("And you?", token=BOB.token, parent=root)):
        erasure = other(app, lambda: person.erase(ada, by="test"))
        until_waits(app, erasure)
    erasure.result(30)
    assert shown(app, site) == (1, ["removed", "visible"])


def by_provider(app, site):
    shown = Shown(kind=PassportKind.GITHUB, subject="42", label="ada")
    return [lambda: sign_in.arrive(Arrived(shown, waiting=None, account_id=None)).account] * 2


def by_blog(app, site):
    with app.app_context():
        blog = changes.choose(site.id, {"sso_secret": SECRET})
    tokens = (signed(), signed())
    return [lambda token=token: sign_in.by_blog(token, site=blog).account for token in tokens]


def by_mail(app, site):
    with app.app_context(), transaction():
        mails = [confirmations.ask("ada@mail.example") for _ in range(2)]
        for mail in mails:
            confirmations.mark_sent(mail)
        tokens = [confirmations.token(mail) for mail in mails]
    return [lambda token=token: confirm.confirm(token) for token in tokens]


@pytest.mark.parametrize("tabs", [by_provider, by_blog, by_mail])
def test_who_signs_in_for_the_first_time_in_two_tabs_at_once_has_one_profile(app, site, tabs):
    one, another = tabs(app, site)
    with held(app, one, adds=Passport) as first:
        second = other(app, another)
        until_waits(app, second)
    assert first.result(30).id == second.result(30).id


def test_a_session_that_is_ended_while_it_is_used_is_over(app):
    with app.app_context():
        token = sessions.start(moderators.add("hanna@blog.example", password="a boat, a table"))
        with transaction():
            db.session.query(Session).one().seen -= 2 * sessions.NOTE_EVERY

    def end():
        with transaction():
            db.session.delete(db.session.query(Session).one())
            db.session.flush()

    with held(app, end):
        use = other(app, lambda: sessions.find(token))
        until_waits(app, use)
    assert use.result(30) is None


def test_an_address_is_confirmed_while_a_moderator_decides_over_what_came_from_it(app, site):
    with app.app_context():
        first = say(author=ADA_WRITES)
        say("And here.", url=OTHER, author=ADA_WRITES)
        another = say("Me too.", url=OTHER, token=BOB.token)

    def confirmed():
        with transaction():
            confirm.mark(ADA_WRITES["email"], author_id=first.author_id)

    with connected(app) as somebody:
        page = select(Page).where(Page.id == first.page_id)
        somebody.execute(page.with_for_update(key_share=True))
        confirming = other(app, confirmed)
        until_waits(app, confirming)
        decision = other(app, lambda: actions.spam([another.id, first.id], by="test"))
        until_waits(app, confirming, decision)
    confirming.result(30)
    decision.result(30)
    with app.app_context():
        stored = db.session.get(Comment, first.id)
        assert (stored.state, stored.is_verified) == (State.SPAM, True)
