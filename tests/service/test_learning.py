"""What moderators' acts teach the filter, and how exactly it is taken back."""

from __future__ import annotations

import datetime as dt
import json
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.moderation import actions, audit
from afterword.spam import digests, learn, state
from afterword.spam.models import Feature, Lesson, Taught
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, State
from tests import make
from tests.conftest import PAGE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]

SPAM = "Cheap pills, click here: https://pills.example"


@pytest.fixture
def page(site):
    return make.page(site)


def waiting(page, text="Hello.", **changed):
    return make.comment(page, text=text, state=State.PENDING, **changed)


def counts(site, feature=digests.COMMENTS):
    db.session.expire_all()
    row = db.session.get(Feature, (site.id, feature))
    return (row.spam, row.good) if row else (0, 0)


def everything(site):
    db.session.expire_all()
    return state.write(site.id)["features"]


def lessons():
    db.session.expire_all()
    return {one.comment_id: one.taught for one in db.session.scalars(select(Lesson))}


def probability(site, text, **said):
    draft = Draft(url=PAGE, text=text, **said)
    return learn.opinion(draft, site_id=site.id, form_age=None).probability


@pytest.mark.parametrize(
    ("verb", "before", "taught"),
    [
        ("approve", State.PENDING, Taught.GOOD),
        ("approve", State.VISIBLE, Taught.GOOD),
        ("approve", State.SPAM, Taught.GOOD),
        ("spam", State.PENDING, Taught.SPAM),
        ("spam", State.VISIBLE, Taught.SPAM),
        ("spam", State.SPAM, Taught.SPAM),
        ("remove", State.PENDING, Taught.UNWANTED),
        ("remove", State.VISIBLE, None),
        ("remove", State.SPAM, None),
        ("restore", State.VISIBLE, None),
    ],
)
def test_an_act_teaches_at_once(page, verb, before, taught):
    comment = make.comment(page, state=before)
    getattr(actions, verb)([comment.id], by="owner")
    assert lessons() == ({comment.id: taught} if taught else {})


def test_what_was_decided_changes_what_is_thought_of_the_next(site, page):
    before = probability(site, SPAM)
    for number in range(4):
        actions.spam([waiting(page, f"{SPAM}/{number}").id], by="owner")
        actions.approve([waiting(page, f"I read chapter {number} twice.").id], by="owner")
    assert probability(site, SPAM) > max(before, 0.9)
    assert probability(site, "I read it twice.") < 0.3


def test_a_decision_of_one_site_is_none_of_another(site, page):
    actions.spam([waiting(page, SPAM).id], by="owner")
    assert learn.opinion(Draft(url=PAGE, text=SPAM), site_id=site.id + 1, form_age=None) == (
        learn.opinion(Draft(url=PAGE, text=SPAM), site_id=site.id + 2, form_age=None)
    )


def test_removing_takes_back_an_approval_and_leaves_spam_spam(page):
    approved, marked = waiting(page, "One."), waiting(page, "Two.")
    actions.approve([approved.id], by="owner")
    actions.spam([marked.id], by="owner")
    actions.remove([approved.id, marked.id], by="owner")
    assert lessons() == {marked.id: Taught.SPAM}


def test_the_same_decision_again_teaches_nothing_more(site, page):
    comment = waiting(page, SPAM)
    actions.spam([comment.id], by="owner")
    once = everything(site)
    for _ in range(3):
        actions.spam([comment.id, comment.id], by="owner")
    assert everything(site) == once


def test_another_decision_takes_the_place_of_the_first(site, page):
    comment = waiting(page, SPAM)
    actions.spam([comment.id], by="owner")
    actions.approve([comment.id], by="owner")
    assert counts(site) == (0, 1)
    actions.spam([comment.id], by="owner")
    assert counts(site) == (1, 0)


@pytest.mark.parametrize("verb", ["approve", "spam", "remove"])
def test_undo_leaves_nothing_of_what_was_learned(site, page, verb):
    for text in ("First of all.", SPAM):
        actions.approve([waiting(page, text).id], by="owner")
    before = everything(site)
    comment = waiting(page, f"{SPAM} and more of it.")
    moved = getattr(actions, verb)([comment.id], by="owner")
    assert everything(site) != before
    actions.undo(audit.last_moves(moved), by="owner")
    assert everything(site) == before


@pytest.mark.parametrize("verb", ["spam", "remove"])
def test_undo_brings_back_what_the_decision_before_had_taught(site, page, verb):
    comment = waiting(page, SPAM)
    actions.approve([comment.id], by="owner")
    before = everything(site)
    moved = getattr(actions, verb)([comment.id], by="owner")
    actions.undo(audit.last_moves(moved), by="owner")
    assert everything(site) == before
    getattr(actions, verb)([comment.id], by="owner")
    actions.restore([comment.id], by="owner")
    assert everything(site) == before


def test_undoing_an_undo_teaches_again(site, page):
    comment = waiting(page, SPAM)
    moved = actions.spam([comment.id], by="owner")
    learned = everything(site)
    moved = actions.undo(audit.last_moves(moved), by="owner")
    actions.undo(audit.last_moves(moved), by="owner")
    assert everything(site) == learned


def test_an_edit_between_does_not_spoil_what_is_taken_back(site, page):
    comment = waiting(page, SPAM)
    actions.approve([comment.id], by="owner")
    actions.edit(comment.id, "Something else altogether.", by="owner", limit=5000)
    actions.remove([comment.id], by="owner")
    assert everything(site) == {}


def test_a_moderators_own_comment_teaches_nothing(page):
    comment = make.comment(page, is_moderator=True)
    actions.spam([comment.id], by="owner")
    assert lessons() == {}


def test_a_campaign_of_one_text_is_one_example(site, page):
    many = [waiting(page, SPAM) for _ in range(5)]
    actions.spam([comment.id for comment in many], by="owner")
    assert counts(site) == (1, 0)
    assert len(lessons()) == 5
    actions.restore([comment.id for comment in many[:4]], by="owner")
    assert counts(site) == (1, 0)
    actions.restore([many[4].id], by="owner")
    assert everything(site) == {}


def test_visible_comments_speak_for_the_good_where_nothing_is_approved(site, page):
    old = [make.comment(page, text=f"About chapter {n}.", minute=n) for n in range(3)]
    new = make.comment(page, text="Just now.")
    with transaction():
        db.session.get(Comment, new.id).created = clock.now() - dt.timedelta(hours=1)
    marked = make.comment(page, text=SPAM, minute=9)
    actions.spam([marked.id], by="owner")
    taught = lessons()
    assert [taught.get(one.id) for one in old] == [None, Taught.STANDING, Taught.STANDING]
    assert new.id not in taught
    assert counts(site) == (1, 1)
    actions.spam([old[2].id], by="owner")
    assert lessons()[old[2].id] == Taught.SPAM


def test_while_enough_is_approved_nothing_is_learned_unasked(page):
    make.comment(page, text="Nobody looked at this.")
    for number in range(3):
        actions.approve([waiting(page, f"About chapter {number}.").id], by="owner")
    actions.spam([waiting(page, SPAM).id], by="owner")
    assert Taught.STANDING not in lessons().values()


def test_the_oldest_lessons_of_a_kind_are_taken_back(site, page, monkeypatch):
    monkeypatch.setattr(learn, "KEPT", 3)
    good = [waiting(page, f"About chapter {n}.") for n in range(2)]
    actions.approve([comment.id for comment in good], by="owner")
    many = [waiting(page, f"{SPAM}/{'x' * n}") for n in range(6)]
    for comment in many:
        actions.spam([comment.id], by="owner")
    assert set(lessons()) == {comment.id for comment in [*good, *many[3:]]}
    assert counts(site) == (3, 2)
    actions.restore([comment.id for comment in [*many]], by="owner")
    actions.remove([comment.id for comment in good], by="owner")
    assert everything(site) == {}


def test_comments_that_are_gone_leave_their_lessons_without_words(site, page):
    comment = waiting(page, SPAM, name="Ada Lovelace", email="ada@blog.example")
    actions.spam([comment.id], by="owner")
    written = str(state.write(site.id)).lower()
    assert not any(word in written for word in ("pills", "ada", "lovelace", "blog.example"))
    with transaction():
        db.session.execute(delete(Comment).where(Comment.id == comment.id))
    assert lessons() == {}
    assert counts(site) == (1, 0)


def test_the_state_can_be_taken_to_another_place(site, page):
    for number in range(4):
        actions.spam([waiting(page, f"{SPAM}/{number}").id], by="owner")
    written, knows = state.write(site.id), probability(site, SPAM)
    state.forget(site.id)
    assert probability(site, SPAM) < knows
    assert lessons() == {}
    state.read(json.dumps(written), site_id=site.id)
    assert state.write(site.id) == written
    assert probability(site, SPAM) == knows


TEXTS = st.sampled_from(["Hello.", "Hello there.", SPAM, f"{SPAM} now", "Ω https://a.example", ""])
STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["approve", "spam", "remove", "restore", "edit"])),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(TEXTS, min_size=5, max_size=5), STEPS)
def test_after_any_decisions_the_counts_are_those_of_the_lessons(site, texts, steps):
    page = make.page(site, f"https://blog.example/{secrets.token_hex()}")
    comments = [waiting(page, text) for text in texts]
    for number, verb in steps:
        comment = comments[number]
        if verb == "edit":
            actions.edit(comment.id, f"Edited {number}.", by="owner", limit=5000)
        else:
            getattr(actions, verb)([comment.id], by="owner")
    _agree(site)
    with transaction():
        learn.follow((db.session.get(Comment, comment_id), None) for comment_id in lessons())
    assert everything(site) == {}


def _agree(site):
    """That the counts are what one gets by adding up all that is noted as learned."""
    expected: dict[int, list[float]] = {}
    weights = {"good": (0, 1), "standing": (0, 0.5), "spam": (1, 0), "unwanted": (0.25, 0)}
    db.session.expire_all()
    for lesson in db.session.scalars(select(Lesson).where(Lesson.is_counted)):
        spam, good = weights[lesson.taught]
        sizes = {digests.COMMENTS: 1, digests.TEXTS: lesson.text_size}
        for feature in digests.unpacked(lesson.features):
            sizes[feature] = 1
        for feature, size in sizes.items():
            both = expected.setdefault(feature, [0, 0])
            both[0] += spam * size
            both[1] += good * size
    found = {int(feature): both for feature, both in everything(site).items()}
    assert found == {feature: both for feature, both in expected.items() if any(both)}
