"""One person's data: all of it handed out, or nothing of it left, and threads stay whole."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import inspect, text

from afterword.app import close, create_app
from afterword.core import clock, config
from afterword.core.db import db, transaction
from afterword.core.errors import Banned
from afterword.identity import accounts, authors, confirmations
from afterword.identity.accounts import Shown
from afterword.identity.models import Account, Author, Identity, IdentityKind, PassportKind
from afterword.jobs import queue as jobs
from afterword.jobs import worker
from afterword.mentions.models import Asked, Told
from afterword.moderation import actions, bans, index, queue, search
from afterword.moderation.bans import Target, Terms
from afterword.moderation.models import Act, Ban, BanKind, Reason
from afterword.notify import deliveries
from afterword.operate import migrate, person
from afterword.posting.react import react
from afterword.posting.reader import Reader
from afterword.posting.report import Complaint, report
from afterword.posting.vote import vote
from afterword.sites import changes, directory
from afterword.threads import read, slices, subscriptions
from afterword.threads.models import Comment, Follows, State, Subscription, Vote
from afterword.transfer.uploads.models import Upload
from tests import running
from tests.conftest import PAGE
from tests.far import answer
from tests.service.posts import send

pytestmark = pytest.mark.slow

ADA = {"name": "Zuleika", "email": "zuleika@reader.example", "website": "https://zuleika.example"}
SECRET, OTHER = "a" * 43, "b" * 43
WHSEC = "whsec_" + "A" * 43 + "="
MARKS = ("zuleika", "quicksilver")  # what only she wrote


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, told, tmp_path, box):
    """The application on either database, with mail."""
    told = {**told, "AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_SMTP_URL": box.url}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    settings = config.read(told)
    migrate.upgrade(settings)
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def lived(context, site):
    """What somebody leaves in half a year: in every table that there is."""
    changes.choose(site.id, {"reactions": "like"})
    root = send("I like quicksilver.", token=SECRET, author=ADA, notify="thread")
    answer = send("Do you?", token=OTHER, parent=root.id)
    last = send("More quicksilver!", token=SECRET, author=ADA)
    changes.choose(site.id, {"policy": "hold-all"})
    send("Quicksilver that waits", author=ADA)
    changes.choose(site.id, {"policy": "publish"})
    actions.edit(last.id, "Even more quicksilver!", by="owner@blog.example", limit=5000)
    actions.spam([last.id], by="owner@blog.example")
    vote(answer.id, 1, reader=Reader(token=SECRET))
    react(answer.id, "like", on=True, reader=Reader(token=SECRET))
    complaint = Complaint(Reason.OTHER, "This reads like Zuleika")
    report(answer.id, complaint, reader=Reader(token=SECRET))
    while worker.do_next():
        pass
    with transaction() as session:
        author = authors.find(SECRET, site_id=site.id)
        session.add(Identity(author_id=author.id, kind=IdentityKind.EMAIL, subject=ADA["email"]))
    bans.add(bans.read(ADA["email"]), Terms(by="owner", note=f"{ADA['email']} again"))
    with transaction() as session:
        page = "https://zuleika.example/quicksilver"
        session.get_one(Comment, last.id).source = page
        session.add(Asked(id="1", site_id=site.id, source=page, target=PAGE))
        session.add(Told(comment_id=root.id, target=page))
        session.add(
            Upload(site_id=site.id, by="owner", name="old", chosen={"owners": ADA["email"]})
        )
    deliveries.note(
        "msg_1", event="comment.held", site_id=site.id, comment_id=root.id, came="Zuleika's is down"
    )
    return root


def everything():
    """Each value of each row of each table."""
    names = inspect(db.engine).get_table_names()
    for name in names:
        for row in db.session.execute(text(f'SELECT * FROM "{name}"')):
            yield from ((name, value) for value in row)


def left():
    """Where something of her still stands."""
    return {
        (name, str(value))
        for name, value in everything()
        for mark in MARKS
        if mark in str(value).lower()
    }


def test_what_is_kept_of_somebody_is_handed_out_whole(lived):
    kept = person.written(person.find(ADA["email"]))
    texts = [comment["text"] for comment in kept["comments"]]
    assert texts == ["I like quicksilver.", "Even more quicksilver!", "Quicksilver that waits"]
    assert {comment["email"] for comment in kept["comments"]} == {ADA["email"]}
    assert [one["value"] for one in kept["votes"]] == [1]
    assert [one["name"] for one in kept["reactions"]] == ["like"]
    assert [one["note"] for one in kept["reports"]] == ["This reads like Zuleika"]
    assert [one["follows"] for one in kept["mails"]] == ["thread"]
    assert [one["page"] for one in kept["told"]] == ["https://zuleika.example/quicksilver"]
    assert [one["confirmed"] for one in kept["asked"]] == [None] * 3
    assert len([one for one in kept["asked"] if one["sent"]]) == 1
    assert json.loads(json.dumps(kept)) == kept


def test_nothing_of_others_is_handed_out(lived):
    assert "Do you?" not in json.dumps(person.written(person.find(ADA["email"])))
    assert person.written(person.find("nobody@reader.example"))["comments"] == []


@pytest.fixture
def wished(site, lived):
    """A stranger asked for all mails of the site, to an address that she has confirmed."""
    stranger = authors.find(OTHER, site_id=site.id)
    with transaction():
        subscriptions.add(
            ADA["email"], Follows.SITE, site_id=site.id, page_id=None, waits_for=stranger.id
        )
    return stranger


def test_what_a_stranger_asked_for_is_handed_out_to_them_alone(wished):
    hers, theirs = (
        person.written(found)["mails"]
        for found in (person.find(ADA["email"]), person.of_author(wished.id))
    )
    assert [one["follows"] for one in hers] == ["thread"]
    assert [one["follows"] for one in theirs] == ["site"]


def test_what_somebody_asked_for_goes_with_them_though_they_are_banned(wished):
    with transaction():
        db.session.add(Ban(kind=BanKind.AUTHOR, value=wished.id, by="owner", note=""))
    person.erase(person.of_author(wished.id), by="test")
    assert [one.follows for one in db.session.query(Subscription)] == [Follows.THREAD]


def test_after_an_erasure_nothing_is_left_in_any_table(lived):
    assert left(), "or this test would prove nothing"
    assert person.erase(person.find(ADA["email"]), by="test") == 3
    assert left() == set()


def test_what_follows_on_an_erasure_tells_nobody_of_them(site, lived, internet, box):
    """The outbox too: all that is still to be done, and what it leaves."""
    hooks = internet.serve("hooks.example", answer())
    chosen = {"webhook_url": "https://hooks.example/", "webhook_secret": WHSEC}
    changes.choose(site.id, chosen)
    before = len(box.letters)
    person.erase(person.find(ADA["email"]), by="test")
    assert [job.kind for job in jobs.waiting()].count("event") >= 1
    while worker.do_next():
        pass
    said = b"".join(hooks.requests).lower()
    assert b"comment.removed" in said
    assert not [mark for mark in MARKS if mark.encode() in said]
    assert len(box.letters) == before
    assert left() == set()


def test_a_page_that_was_told_of_a_comment_hears_that_it_is_gone_and_is_forgotten(
    site, lived, internet
):
    changes.choose(site.id, {"webmentions": "on"})
    with transaction() as session:
        session.get_one(Comment, lived.id).is_moderator = True
        session.add(
            Told(comment_id=lived.id, target="https://friend.example/zuleika", at=clock.now())
        )
    place = answer(b'<link rel="webmention" href="/take">', content_type="text/html")
    friend = internet.serve("friend.example", place)
    person.erase(person.find(ADA["email"]), by="test")
    while worker.do_next():
        pass
    assert b"POST /take" in friend.requests[-1]
    assert left() == set()


# PostgreSQL's index is a column of a table, and was looked through above.
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_words_are_gone_from_the_index_too(app, lived):
    person.erase(person.find(ADA["email"]), by="test")
    with transaction() as session:
        session.execute(
            text("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, comment_words, row)")
        )
        terms = set(session.scalars(text("SELECT term FROM temp.terms")))
    assert "do" in terms
    assert not terms & {"zuleika", "quicksilver"}
    db.session.commit()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_files_themselves_hold_nothing_any_more(app, lived, tmp_path):
    """Neither in what is free within them nor in the journal of what was written last."""
    person.erase(person.find(ADA["email"]), by="test")
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert "afterword.db" in {path.name for path in files}
    for path in files:
        held = path.read_bytes().lower()
        assert not [mark for mark in MARKS if mark.encode() in held], path.name


def test_no_thread_that_is_ready_holds_it_any_more_while_the_service_goes_on(app, lived, tmp_path):
    """They lie packed in a file of their own, under versions that nobody asks for again."""
    kept = tmp_path / "data" / "ready.cache"

    def ready():
        asked = app.test_client().get("/api/v1/thread", query_string={"url": PAGE})
        assert asked.status_code == 200
        with closing(sqlite3.connect(kept)) as file:
            return {body for (body,) in file.execute("SELECT body FROM ready")}

    (before,) = ready()
    settings = app.extensions["afterword.settings"]
    told = {"database_url": settings.database_url or ""}
    db.session.commit()
    running.command(settings.data, "erase", "--email", ADA["email"], **told)
    held = b"".join(path.read_bytes() for path in kept.parent.glob("ready.cache*"))
    assert before[-100:] not in held
    (after,) = ready()
    assert after != before


def test_threads_stay_whole_above_an_empty_place(site, lived):
    person.erase(person.find(ADA["email"]), by="test")
    known = directory.by_id(site.id)
    thread = read.thread(known, known.page_key(PAGE), url=PAGE, slice=slices.read())
    (root,) = thread.comments
    assert (root["state"], root["author"], root["html"]) == ("removed", None, "")
    (answer,) = root["replies"]
    assert "Do you?" in answer["html"]
    assert thread.page["count"] == 1
    assert (answer["up"], answer["reactions"]) == (0, {})


def test_nobody_can_bring_it_back(lived):
    act = db.session.query(Act).filter_by(verb="spam").one()
    person.erase(person.find(ADA["email"]), by="test")
    db.session.expire_all()
    assert actions.undo([act], by="test") == []
    assert actions.restore([lived.id], by="test") == []
    assert actions.approve([lived.id], by="test") == []
    assert db.session.get(Comment, lived.id).state is State.REMOVED


def test_the_log_says_that_it_was_done_and_not_of_whom(lived):
    person.erase(person.find(ADA["email"]), by="owner@blog.example")
    act = db.session.query(Act).filter_by(verb="erase").one()
    assert act.by == "owner@blog.example"
    assert (
        act.note == "3 comments of one person, with all about them, and 1 file sent to be imported"
    )


def test_a_ban_outlives_it_without_the_address(site, lived):
    person.erase(person.find(ADA["email"]), by="test")
    with pytest.raises(Banned):
        send("I am back.", author=ADA)
    assert [bans.describe(ban) for ban in bans.every()] == ["An erased address for good"]


def test_a_browser_that_is_banned_stays_banned(site, lived):
    bans.add_author(lived.id, [BanKind.AUTHOR], Terms(by="test"))
    bans.lift(next(ban.id for ban in bans.every() if ban.kind is BanKind.EMAIL), by="test")
    person.erase(person.find(ADA["email"]), by="test")
    with pytest.raises(Banned):
        send("I am back.", token=SECRET)


def test_no_ban_keeps_the_name_of_somebody_who_is_erased(site, lived):
    """What a ban is for stands beside it: the author's name where a moderator said nothing."""
    kinds = [BanKind.AUTHOR, BanKind.DOMAIN, BanKind.NETWORK]
    assert len(bans.add_author(lived.id, kinds, Terms(by="test"))) == len(kinds)
    author = authors.find(SECRET, site_id=site.id)
    bans.add(Target(BanKind.AUTHOR, author.id), Terms(by="test", note="Zuleika as she was"))
    bans.add(bans.read("spam.example"), Terms(by="test", note="Sells pills"))
    person.erase(person.find(ADA["email"]), by="test")
    assert left() == set()
    assert {ban.note for ban in bans.every()} == {"", "Sells pills"}


def test_whom_a_blog_signed_in_with_the_address_goes_with_it(site, context):
    shown = Shown(
        kind=PassportKind.SSO, issuer=site.key, subject="42", label="Zuleika", name="Zuleika"
    )
    with transaction():
        account = accounts.let_in(shown, site_id=site.id)
        account.email = ADA["email"]
        token = accounts.give_token(account, site_id=site.id)
    send("I like quicksilver.", token=token)
    assert [one["name"] for one in person.written(person.find(ADA["email"]))["accounts"]] == [
        "Zuleika"
    ]
    assert person.erase(person.find(ADA["email"]), by="test") == 1
    assert left() == set()
    assert db.session.query(Account).count() == 0


def test_what_goes_by_another_address_of_whom_a_blog_says_it_of_stays(site, context):
    """The blog's word alone says whose the address is; the other one they proved."""
    shown = Shown(kind=PassportKind.SSO, issuer=site.key, subject="42", label="Max", name="Max")
    with transaction():
        account = accounts.let_in(shown, site_id=site.id)
        account.email = ADA["email"]
        accounts.join(account, accounts.by_email("max@reader.example"))
    other = send("Mine.", author={"name": "Max", "email": "max@reader.example"})
    person.erase(person.find(ADA["email"]), by="test")
    db.session.expire_all()
    assert db.session.get(Comment, other.id).text == "Mine."


def test_what_others_wrote_with_their_own_address_stays(site, lived):
    other = send("Mine.", author={"name": "Bob", "email": "bob@reader.example"})
    person.erase(person.find(ADA["email"]), by="test")
    db.session.expire_all()
    assert db.session.get(Comment, other.id).text == "Mine."
    assert db.session.query(Vote).count() == 0
    # The one who answered, Bob, and a browser that has only typed her address.
    assert db.session.query(Author).count() == 3


def test_the_desk_finds_nothing_of_it(lived):
    person.erase(person.find(ADA["email"]), by="test")
    for state in State:
        wanted = index.Wanted(state=state, query=search.read("quicksilver"))
        assert queue.search(wanted).comments == []


def test_an_erasure_of_nobody_changes_nothing(lived):
    before = set(map(str, everything()))
    assert person.erase(person.find("nobody@reader.example"), by="test") == 0
    changed = {name for name, value in everything() if str((name, value)) not in before}
    assert {name for name in changed if "_words" not in name} == {"acts"}


def typed(data, *words, **told):
    """What a command says to somebody at a terminal who answers no."""
    keyboard, terminal = os.openpty()
    os.write(keyboard, b"n\n")
    done = subprocess.run(
        [sys.executable, "-m", "afterword", *words],
        env=running.environment(data, **told),
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)
    return done.stdout + done.stderr


def test_who_types_the_command_is_asked_first_and_a_script_is_not(app, lived):
    settings = app.extensions["afterword.settings"]
    told = {"database_url": settings.database_url or ""}
    db.session.commit()
    shown = running.command(settings.data, "person", ADA["email"], **told)
    assert len(json.loads(shown.stdout)["comments"]) == 3
    asked = typed(settings.data, "erase", "--email", ADA["email"], **told)
    assert "3 comments with zuleika@" in asked
    assert "Aborted!" in asked
    done = running.command(settings.data, "erase", "--email", ADA["email"], **told)
    assert done.stdout == "3 comments are erased, with all about their author.\n"
    assert running.command(settings.data, "erase", "--email", "x", **told).returncode == 1
    db.session.expire_all()
    assert left() == set()


def test_a_confirmation_under_way_goes_with_it(site, context):
    send("Hello.", author=ADA)
    person.erase(person.find(ADA["email"]), by="test")
    while worker.do_next():
        pass
    assert not confirmations.is_proved(ADA["email"])
    assert left() == set()
