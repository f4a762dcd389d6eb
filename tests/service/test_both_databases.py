"""The data layer on SQLite and on PostgreSQL: the same answers, the same safety under races."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
import threading
from contextlib import nullcontext

import pyotp
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.core.errors import BadRequest, RateLimited
from afterword.identity import confirmations, lockout, moderators, totp
from afterword.identity.lockout import Guess
from afterword.identity.models import Confirmation, Moderator, ModeratorSite
from afterword.jobs import queue
from afterword.moderation import account, actions, audit, listing, moves, permissions, places, team
from afterword.moderation.models import Act
from afterword.operate import migrate
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from afterword.sites.models import Site
from afterword.spam import digests, networks, state, traces
from afterword.spam.sketch import likeness, plain, sketch
from afterword.threads import counts, read, slices
from afterword.threads.models import Comment, State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import make
from tests.conftest import BLOG, PAGE

# Servers and processes of their own: every change is proved on SQLite by the tests beside these.
pytestmark = pytest.mark.slow

ADDRESS = "SQLALCHEMY_DATABASE_URI"


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path):
    """The application over each of the databases that we support."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_FORM_CHECKS": "off"}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    yield app
    close(app)


def post(text="Hello.", **said):
    key = said.pop("key", None)
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **said}
    return submit(read_draft(body), key=key).comment


@pytest.mark.usefixtures("context", "site")
def test_a_thread_is_written_read_and_decided_over():
    site = directory.of_url(PAGE)
    root = post()
    reply = post("And to you.", parent=root.id)
    deep = post("And you.", parent=reply.id)
    actions.remove([reply.id], by="test")
    thread = read.thread(site, "blog.example/first-post", url=PAGE, slice=slices.Slice())
    assert thread.page["count"] == 2
    tombstone = thread.comments[0]["replies"][0]
    assert (tombstone["state"], tombstone["replies"][0]["id"]) == ("removed", deep.id)
    actions.restore([reply.id], by="test")
    assert [one.id for one in listing.newest(site_id=site.id, state=State.VISIBLE, limit=2)] == [
        deep.id,
        reply.id,
    ]
    moves.follow(moves.one(PAGE, f"{BLOG}/moved"), by="test")
    assert counts.of_pages({(site.id, "blog.example/first-post")}) == {
        (site.id, "blog.example/first-post"): 3
    }


@pytest.mark.usefixtures("context")
def test_a_page_that_moved_to_and_fro_goes_back_move_by_move(site):
    page = make.page(site)
    for old, new in ((PAGE, f"{BLOG}/b"), (f"{BLOG}/b", PAGE), (PAGE, f"{BLOG}/c")):
        moves.follow(moves.one(old, new), by="test")
    back = [moves.return_page(page.id, by="test").new for _ in range(3)]
    assert back == [PAGE, f"{BLOG}/b", PAGE]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("sort", ["oldest", "newest", "best"])
def test_slices_follow_one_another_without_gap_or_repeat(site, sort):
    page = make.page(site)
    made = {make.comment(page, minute=n % 4, up=n % 3).id for n in range(17)}
    root = make.comment(page, minute=9)
    replies = [make.comment(page, root, minute=10 + n).id for n in range(7)]
    walked, after = [], None
    while True:
        asked = slices.read(sort=sort, after=after, limit="5")
        part = read.thread(site, page.key, url=page.url, slice=asked)
        walked += [comment["id"] for comment in part.comments]
        shown = next((c for c in part.comments if c["id"] == root.id), None)
        if shown:
            assert [reply["id"] for reply in shown["replies"]] == replies[:3]
            rest = read.replies(root.id, after=slices.cursor(shown["replies_next"]), limit=50)
            assert [reply["id"] for reply in rest["comments"]] == replies[3:]
        if part.next is None:
            break
        after = part.next
    assert len(walked) == len(set(walked)) == 18
    assert made < set(walked)


@pytest.mark.usefixtures("context")
def test_what_comments_leave_behind_is_found_again(site):
    names = networks.pseudonyms("2001:4860::1")
    comment = submit(
        read_draft({"url": PAGE, "text": "Hello.", "author": {"name": "Ada"}}),
        sender=Sender(address="2001:4860:0:ffff::2"),
    ).comment
    (found,) = traces.recent(site.id, now=clock.now())
    assert (found.network, found.page_id) == (names[0], comment.page_id)
    assert likeness(found.sketch, sketch(plain("hello"))) == 1


def test_the_same_post_from_many_at_once_is_one_comment(app):
    with app.app_context():
        changes.add(BLOG)
    start, ids, wrong = threading.Barrier(8), [], []

    def send() -> None:
        with app.app_context():
            start.wait()
            try:
                ids.append(post(key="0123456789abcdef").id)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(ids) == 8
    assert len(set(ids)) == 1
    with app.app_context():
        assert db.session.query(Comment).count() == 1


def test_many_at_once_on_a_new_page_are_all_counted(app):
    with app.app_context():
        site = changes.add(BLOG)
    start, wrong = threading.Barrier(8), []

    def send(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                for n in range(5):
                    post(f"{number}-{n}")
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with app.app_context():
        page = read.thread(site, "blog.example/first-post", url=PAGE, slice=slices.Slice()).page
        assert (page["count"], page["version"]) == (40, 40)


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_writer_waits_for_no_other_of_its_process_that_writes_something_else(app):
    wrote = threading.Event()

    def write():
        with app.app_context():
            changes.add("https://other.example")
        wrote.set()

    writer = threading.Thread(target=write)
    with app.app_context():
        changes.add(BLOG)
        with transaction() as session:
            session.query(Site).update({"version": Site.version + 1})
            writer.start()
            was_free = wrote.wait(10)
        writer.join()
        assert was_free
        assert len(directory.every()) == 2


def test_guesses_at_the_same_time_count_like_guesses_in_a_row(app):
    with app.app_context():
        changes.add(BLOG)
    passed, refused = at_once(
        app, 12, lambda: lockout.count(Guess(email="a@blog.example", network="203.0.113.9"))
    )
    assert (passed, {type(error) for error in refused}) == (5, {RateLimited})


def test_a_code_that_two_send_at_once_lets_one_in(app):
    with app.app_context():
        hanna = moderators.add("hanna@blog.example", password="a boat that was a table")
        secret = totp.new_secret()
        earlier = clock.now() - dt.timedelta(seconds=30)
        account.turn_on_second_step(hanna, secret, code=pyotp.TOTP(secret).at(earlier))
        code, number = pyotp.TOTP(secret).at(clock.now()), hanna.id
    passed, refused = at_once(app, 6, lambda: totp.use(db.session.get_one(Moderator, number), code))
    assert (passed, {type(error) for error in refused}) == (1, {BadRequest})


def test_a_moderator_has_sites_until_they_or_the_sites_go(app):
    with app.app_context():
        here, there = changes.add(BLOG), changes.add("https://other.example")
        moderators.add("hanna@blog.example", password="a boat that was a table")
        ada = team.invite("ada@blog.example", sites=frozenset({here.id, there.id}), by="test")
        assert permissions.sites_of(ada) == {here.id, there.id}
        places.set_open_by_id(make.page(there).id, is_open=False, by="test")
        team.assign(ada, frozenset({here.id}), by="test")
        team.assign(ada, frozenset({here.id, there.id}), by="test")
        changes.remove(there.id)
        db.session.expire_all()
        assert permissions.sites_of(ada) == {here.id}
        closed = select(Act.site_id, Act.by).where(Act.verb == "close")
        assert db.session.execute(closed).all() == [(None, "test")]
        team.remove(ada, by="test")
        assert db.session.query(ModeratorSite).count() == 0


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # SQLite has one writer
def test_another_process_that_mails_an_address_is_waited_for(app):
    """Else each would count before the other adds, and the address get one mail too many."""
    with app.app_context(), db.engine.connect() as other:
        taken = text("SELECT pg_advisory_xact_lock(hashtextextended('mail a@mail.example', 0))")
        other.execute(taken)
        asking = threading.Thread(target=lambda: in_turn(app))
        asking.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while other.scalar(waiting) != 1:
            assert asking.is_alive()
        assert db.session.query(Confirmation).count() == 0
        other.rollback()
        asking.join(10)
        db.session.rollback()
        assert db.session.query(Confirmation).count() == 1


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # SQLite has one writer
def test_a_job_that_is_enough_for_what_is_not_committed_yet_is_not_begun(app, monkeypatch):
    """Else its worker would look before that can be seen, and nobody after it."""
    monkeypatch.setattr("afterword.core.db._writer", nullcontext())  # as of two processes
    with app.app_context():
        with transaction():
            queue.add("none", {}, once="the same")
        with transaction():
            queue.add("none", {}, once="the same")
            with app.app_context():
                assert queue.claim() is None
        assert queue.totals() == (1, 0)
        assert queue.claim() is not None


@pytest.mark.usefixtures("context")
def test_of_a_job_that_one_is_enough_of_two_may_be_wanted_at_once(app, monkeypatch):
    monkeypatch.setattr("afterword.core.db._writer", nullcontext())
    with transaction():
        queue.add("none", {}, once="the same")
    passed, refused = at_once(app, 6, want)
    assert (passed, refused) == (6, [])
    assert queue.totals() == (1, 0)


def want():
    with transaction():
        queue.add("none", {}, once="the same")


def in_turn(app):
    with app.app_context(), transaction():
        assert confirmations.may_ask("a@mail.example")
        confirmations.mark_sent(confirmations.ask("a@mail.example"))


def at_once(app, many, act):
    """Do the same in so many threads; how often it worked, and what was said else."""
    start, passed, refused = threading.Barrier(many), [], []

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                passed.append(act())
            except Exception as error:
                refused.append(error)

    threads = [threading.Thread(target=go) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed), refused


def test_decisions_at_the_same_time_are_all_learned(app):
    with app.app_context():
        page = make.page(changes.add(BLOG))
        waiting = [
            make.comment(page, text=f"Cheap pills, click here {n}.", state=State.PENDING).id
            for n in range(24)
        ]
    start, wrong = threading.Barrier(6), []

    def decide(number: int) -> None:
        with app.app_context():
            mine = waiting[number::6]
            start.wait()
            try:
                actions.spam(mine, by="test")
                actions.approve(mine[1:], by="test")
                moved = actions.remove(mine[2:], by="test")
                actions.undo(audit.last_moves(moved), by="test")
                actions.spam(mine[:1] + waiting[:1], by="test")  # all of them the first as well
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with app.app_context():
        found = state.write(directory.of_url(BLOG).id)
        assert found["learned_from"] == {"spam": 6, "good": 18}
        word = found["features"][str(digests.of("pair:click here"))]
        assert word == [6, 18]


def test_processes_that_decide_at_the_same_time_lose_no_count(app, tmp_path):
    with app.app_context():
        page = make.page(changes.add(BLOG))
        waiting = [
            make.comment(page, text=f"Cheap pills, click here {n}.", state=State.PENDING).id
            for n in range(12)
        ]
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_DATABASE_URL": app.config[ADDRESS]}
    words = [sys.executable, "-m", "afterword", "comments", "spam"]
    # Each decides over some of its own and some that others decide over as well, in another order.
    shares = [waiting[:8], waiting[4:][::-1], waiting[::2], waiting[::-3]]
    deciding = [
        subprocess.Popen([*words, *ids], env={**os.environ, **told}, stdout=subprocess.DEVNULL)
        for ids in shares
    ]
    assert [one.wait(timeout=60) for one in deciding] == [0, 0, 0, 0]
    with app.app_context():
        found = state.write(directory.of_url(BLOG).id)
        assert found["learned_from"] == {"spam": 12, "good": 0}
        assert found["features"][str(digests.of("word:pills"))] == [12, 0]


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_while_another_process_learns_for_a_site_a_decision_waits(app):
    with app.app_context():
        comment = make.comment(make.page(changes.add(BLOG)), state=State.PENDING)
        name = db.engine.url.database
        with db.engine.connect() as other:
            other.exec_driver_sql(f"ALTER DATABASE {name} SET lock_timeout = '100ms'")
            other.commit()
        db.session.remove()
        db.engine.dispose()  # the next connections are those that wait no longer than this
        with db.engine.connect() as other:
            other.execute(select(Site.id).with_for_update(key_share=True))
            with pytest.raises(OperationalError, match="lock timeout"):
                actions.spam([comment.id], by="test")
        actions.spam([comment.id], by="test")


@pytest.mark.usefixtures("context")
def test_an_export_goes_in_again_unchanged(site):
    root = post("Grüße 🎈")
    post("And to you.", parent=root.id)
    out = io.BytesIO()
    export.write(site, out)
    changes.remove(site.id)
    db.session.expunge_all()
    out.seek(0)
    report = run("native", out, site=changes.add(BLOG))
    again = io.BytesIO()
    export.write(directory.of_url(BLOG), again)
    assert report.inserted == 2
    assert again.getvalue().splitlines()[1:] == out.getvalue().splitlines()[1:]
