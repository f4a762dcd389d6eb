"""Many who act on one comment at the same moment, on both databases: nothing counts twice.

Writers of one process queue up before the database. That lock is taken away here, as if each
thread were a process of its own: the database alone has to keep them apart.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

import pytest

from afterword.core.db import db
from afterword.core.errors import NotFound, TooLate
from afterword.identity.models import Author
from afterword.moderation import actions
from afterword.moderation.models import Act, Reason, Report
from afterword.posting.draft import read as read_draft
from afterword.posting.edit import edit
from afterword.posting.react import react
from afterword.posting.reader import Reader
from afterword.posting.remove import remove, restore
from afterword.posting.report import Complaint, report
from afterword.posting.submit import submit
from afterword.posting.vote import vote
from afterword.sites import changes
from afterword.threads import score
from afterword.threads.models import Comment, Page, Reaction, State, Vote
from tests.conftest import BLOG, PAGE
from tests.processes import application

pytestmark = pytest.mark.slow

MANY = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path):
    is_there = request.param == "postgresql"
    address = request.getfixturevalue("postgresql") if is_there else ""
    with application(tmp_path / "data", address) as app:
        yield app


@pytest.fixture
def comment_id(app) -> str:
    with app.app_context():
        changes.choose(changes.add(BLOG).id, {"reactions": "like love"})
        return say()


def at_once(app, act) -> None:
    """Let many threads do this, each with its number, from the same moment on."""
    start, wrong = threading.Barrier(MANY), []

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                act(number)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def say(text="Hello.", token="a" * 43, **said) -> str:
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **said}
    return submit(read_draft(body), token=token).comment.id


def stored(app, comment_id) -> Comment:
    with app.app_context():
        return db.session.get(Comment, comment_id, populate_existing=True)


def test_one_reader_who_votes_from_many_windows_has_one_vote(app, comment_id):
    at_once(app, lambda _: vote(comment_id, 1, reader=Reader(token="r" * 43)))
    comment = stored(app, comment_id)
    assert (comment.up, comment.down) == (1, 0)
    with app.app_context():
        assert db.session.query(Vote).count() == 1
        assert db.session.query(Author).count() == 2, "the author and the reader"


def test_every_vote_of_many_readers_counts_through_changes_of_mind(app, comment_id):
    def change_mind(number: int) -> None:
        reader = Reader(token=f"{number:043}")
        for value in (1, -1, 0, 1, -1 if number % 2 else 1):
            vote(comment_id, value, reader=reader)

    at_once(app, change_mind)
    comment = stored(app, comment_id)
    assert (comment.up, comment.down) == (MANY // 2, MANY // 2)
    assert comment.best == score.best(comment.up, comment.down)
    with app.app_context():
        values = Counter(db.session.scalars(db.select(Vote.value)))
    assert values == {1: comment.up, -1: comment.down}


def test_a_comment_that_many_report_at_once_waits_once(app, comment_id):
    def complain(number: int) -> None:
        reader = Reader(token=f"{number:043}")
        with suppress(NotFound):  # it waits already
            report(comment_id, Complaint(Reason.SPAM), reader=reader)

    at_once(app, complain)
    assert stored(app, comment_id).state is State.PENDING
    with app.app_context():
        assert db.session.query(Act).filter_by(comment_id=comment_id, verb="hold").count() == 1
        assert db.session.query(Page).one().count == 0
        assert db.session.query(Report).count() == 3


def test_every_reaction_of_many_readers_counts(app, comment_id):
    def give(number: int) -> None:
        reader = Reader(token=f"{number:043}")
        for name, on in (("like", True), ("love", True), ("like", False), ("like", True)):
            react(comment_id, name, on=on, reader=reader)

    at_once(app, give)
    assert stored(app, comment_id).reactions == {"like": MANY, "love": MANY}
    with app.app_context():
        assert db.session.query(Reaction).count() == 2 * MANY


def test_the_count_is_right_when_author_and_moderators_decide_at_once(app, comment_id):
    author = Reader(token="a" * 43)
    with app.app_context():
        others = [say(f"Number {n}.", parent=comment_id) for n in range(3)]

    def decide(number: int) -> None:
        for _ in range(3):
            if number % 4 == 0:
                remove(comment_id, reader=author) if removable() else None
            elif number % 4 == 1:
                with suppress(TooLate):
                    restore(comment_id, reader=author)
            elif number % 4 == 2:
                actions.approve([*others, comment_id], by="test")
            else:
                actions.spam([comment_id, *reversed(others)], by="test")
            vote_on(others[number % 3], f"{number:043}")

    def removable() -> bool:
        return db.session.get(Comment, comment_id).state is not State.REMOVED

    def vote_on(of: str, token: str) -> None:
        with suppress(NotFound):
            vote(of, 1, reader=Reader(token=token))

    at_once(app, decide)
    with app.app_context():
        visible = db.session.query(Comment).filter_by(state=State.VISIBLE).count()
        assert db.session.query(Page).one().count == visible
        votes = db.session.query(Vote).count()
        assert sum(db.session.scalars(db.select(Comment.up))) == votes


def test_edits_that_meet_leave_one_of_the_texts_and_a_line_for_each_change(app, comment_id):
    author = Reader(token="a" * 43)
    at_once(app, lambda number: edit(comment_id, f"Text {number}.", reader=author))
    comment = stored(app, comment_id)
    assert comment.text in {f"Text {number}." for number in range(MANY)}
    assert comment.text.rstrip(".") in comment.html
    with app.app_context():
        before = list(db.session.scalars(db.select(Act.text_before).order_by(Act.id)))
    assert before[0] == "Hello."
    assert sorted([*before, comment.text]) == sorted(
        ["Hello."] + [f"Text {n}." for n in range(MANY)]
    )
