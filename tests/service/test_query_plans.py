"""No query of the product reads a whole table that grows: the database is asked for its plan."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import event

from afterword.app import create_app
from afterword.core import clock, config, signing
from afterword.core.db import db, transaction
from afterword.identity import authors, confirmations, moderators, passkeys
from afterword.identity import challenges as nonces
from afterword.identity.challenges import Purpose
from afterword.identity.models import Author, Standing
from afterword.jobs import queue as jobs
from afterword.jobs.kinds import AWAITED
from afterword.mentions import (
    fediverse,
    following,
    inbox,
    outbox,
    replies,
    statuses,
    verify,
)
from afterword.mentions.models import Asked
from afterword.mentions.said import Said
from afterword.moderation import (
    account,
    actions,
    audit,
    bans,
    clusters,
    listing,
    log,
    notices,
    places,
    posts,
    queue,
    reports,
    search,
    statistics,
)
from afterword.moderation import authors as authors_of_comments
from afterword.moderation.index import Wanted as Searched
from afterword.moderation.log import Wanted
from afterword.moderation.models import BanKind, Reason
from afterword.notify import chat, deliveries
from afterword.operate import migrate, person
from afterword.posting import challenges, confirm
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.edit import edit
from afterword.posting.react import react
from afterword.posting.reader import Reader
from afterword.posting.rehearse import rehearse
from afterword.posting.remove import remove, restore
from afterword.posting.report import Complaint, report
from afterword.posting.submit import submit
from afterword.posting.vote import vote
from afterword.sites import changes, directory
from afterword.spam import state, traces
from afterword.spam.assess import Assessment
from afterword.spam.traces import Trace
from afterword.spam.verdict import Level
from afterword.threads import counts, pages, read, slices, subscriptions
from afterword.threads.draft import Draft
from afterword.threads.events import Event
from afterword.threads.models import Comment, Follows, Mention, State
from tests import make
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

GROWING = (
    *("comments", "pages", "page_aliases", "authors", "acts", "receipts", "sessions", "traces"),
    *("spam_features", "spam_lessons", "bans", "votes", "reactions", "spent_challenges", "reports"),
    *("passkeys", "spent_nonces"),
    *("mentions_asked", "mentions_told", "deliveries", "chat_messages"),
    *("posts_followed", "replies_heard"),
    *("jobs", "identities", "confirmations", "subscriptions", "mailed", "notices"),
    *("comment_places", "comment_words", "page_words"),
)
SECRET = "s" * 43


def use_everything(site) -> None:
    """Each thing that readers, authors and moderators do, once."""
    site = changes.choose(site.id, {"reactions": "like"})
    page = make.page(site)
    root = make.comment(page)
    made = make.comments(page, 40, roots=20)
    body = {"url": PAGE, "text": "Hello.", "author": {"name": "Ada"}, "parent": root.id}
    posted = submit(read_draft(body), key="0123456789abcdef", token=SECRET).comment
    submit(read_draft(body), key="0123456789abcdef", token=SECRET)
    submit(read_draft(body), sender=Sender(address="8.8.2.1"))
    spend_a_challenge(body)
    traces.recent(site.id, now=clock.now())
    for sort in slices.Sort:
        first = read.thread(site, page.key, url=PAGE, slice=slices.read(sort=sort, limit="5"))
        after = slices.read(sort=sort, limit="5", after=first.next)
        read.thread(site, page.key, url=PAGE, slice=after)
        around = slices.read(sort=sort, limit="5", around=posted.id)
        read.thread(site, page.key, url=PAGE, slice=around)
    read.thread(site, "blog.example/none", url=PAGE, slice=slices.Slice())
    pages.version_around(root.id)
    read.replies(root.id, after=slices.cursor(None), limit=5)
    author = authors.find(SECRET, site_id=site.id)
    judge(root.id)
    change_ones_own(posted.id)
    read.own(site, page.key, author=author)
    read.latest(site, limit=5)
    read.latest(site, page_id=page.id, limit=5)
    read.answers(["ada@reader.example"], [author.id], limit=5)
    pages.version(site.id, page.key)
    pages.version(site.id, "blog.example/none")
    counts.of_pages({(site.id, page.key), (site.id, "blog.example/none")})
    for act in (actions.spam, actions.restore, actions.remove, actions.restore):
        act([made[3].id], by="test")
    use_the_filter(site, page)
    actions.edit(made[4].id, "Edited.", by="test", limit=5000)
    listing.newest(site_id=site.id, state=State.VISIBLE, limit=5)
    listing.newest(site_id=None, state=None, limit=5)
    listing.newest(site_id=site.id, state=None, limit=5)
    use_the_desk(site)
    search_everything(site, posted)
    rehearse({"policy": "hold-all"})
    rehearse({"policy": "hold-all"}, site_id=site.id, last=5)
    report_something(site, made[6])
    decide_over_an_author(site, posted)
    have_jobs()
    mention(site)
    follow_a_post(site)
    call(site, posted)
    know_a_reader(site, posted)
    look_through_the_log(made[4])
    sum_up(site)
    places.search("first", after=places.search(limit=1).next)
    places.search(sites=frozenset({site.id}))


def know_a_reader(site, comment) -> None:
    """An address that is confirmed, followed, mailed and erased; a moderator who is told."""
    email = "ada@reader.example"
    author = db.session.get(Author, comment.author_id)
    with transaction() as session:
        session.get_one(Comment, comment.id).email = email
        confirmations.prepare(email, author=author, comment_id=comment.id)
        waiting = confirmations.of_comment(comment.id)
        confirmations.mark_sent(waiting)
        for follows in Follows:
            subscriptions.add(email, follows, site_id=site.id, page_id=comment.page_id)
    confirm.ask(email)
    confirmations.may_follow(email, is_wished=False)
    confirm.comments(confirm.confirm(confirmations.token(waiting)))
    authors.one_person(author)
    subscriptions.due(comment)
    moderator = moderators.add("hanna@blog.example", password="a boat that was a table")
    account.note_wait(moderator.email)
    account.lately(moderator)
    passkeys.of(moderator)
    passkeys.find('{"id": "x"}')
    nonces.spend(nonces.issue(Purpose.LOG_IN, to="x").token, Purpose.LOG_IN, to="x")
    edited = actions.edit(comment.id, "Other words.", by="test", limit=5000)
    actions.undo(audit.last_edits([edited]), by="test")
    with transaction():
        notices.note(comment, moderator)
        notices.mailed_within(moderator, dt.timedelta(hours=1))
    known = person.find(email)
    person.written(known)
    person.erase(known, by="test")


def call(site, comment) -> None:
    """A call of a webhook that was made, listed and made again; a message to a chat."""
    about = {"site_id": site.id, "comment_id": comment.id}
    deliveries.note("msg_1", event="comment.visible", **about, came=200)
    deliveries.of_site(site.id)
    deliveries.replay("msg_1", site_id=site.id)
    with transaction():
        chat.tell(comment, Event.REPORTED, call="msg_2")


def mention(site) -> None:
    """What a page elsewhere says: new, changed, gone; what is told elsewhere."""
    changes.choose(site.id, {"webmentions": "on"})
    source = "https://friend.example/1"
    pages.with_ids(site.id, at="blog.example/")
    inbox.receive(source, PAGE)
    asked = db.session.get(Asked, signing.digest(f"{source} {PAGE}"))
    inbox.again(asked)
    for words in ("Well said.", "Better said."):
        said = Said(Mention.REPLY, "Grace", "", words)
        verify._settle(source, PAGE, found=said, host="friend.example")
    verify._settle(source, PAGE, found=None)
    with transaction():
        inbox.drop(asked)
    own = Draft(url=PAGE, text="See https://far.example/", name="Hanna", is_moderator=True)
    outbox.tell(submit(own).comment.id)


def follow_a_post(site) -> None:
    """One that is linked, told of, read, told of otherwise, and linked no more."""
    site = changes.choose(site.id, {"fediverse": "hold"})
    page = posts.link(PAGE, "https://social.example/@owner/100", by="test")
    followed = fediverse._begin(page, None)
    at = replies.place(page, followed)
    account = {"acct": "grace", "url": "https://social.example/@grace"}
    for words in ("Well said.", "Better said."):
        said = {"id": "1", "visibility": "public", "content": words, "account": account}
        said |= {"uri": "https://social.example/users/grace/1"}
        told = statuses.read({**said, "url": "https://social.example/@grace/1"})
        replies.take(at, [told])
        replies.take(replies.place(page, followed), [told])
    fediverse._note(page.id, fediverse.Run())
    following.of_pages([page.id])
    read.thread(site, page.key, url=PAGE, slice=slices.Slice())
    posts.unlink(page.id, by="test")
    fediverse._begin(page, followed)


def have_jobs() -> None:
    """One that is done, one that is put back; the lists of the desk."""
    with transaction():
        jobs.add("none", {})
        jobs.add("none", {}, once="none")
        jobs.add("none", {}, once="none")
    jobs.finish(jobs.claim())
    jobs.put_back(jobs.claim(), "It failed.", is_hopeless=True)
    jobs.claim(AWAITED)
    jobs.waiting()
    jobs.dead()
    jobs.untold()


def look_through_the_log(comment) -> None:
    """All of it, and narrowed down by each thing and by several."""
    audit.newest(comment)
    audit.newest_change(comment)
    for scope in (None, frozenset({comment.site_id})):
        audit.changed(clock.now(), sites=scope, but_by="test", limit=5)
    today = clock.now().date()
    wanted = (
        Wanted(),
        Wanted(by="test"),
        Wanted(verb="edit"),
        Wanted(by="test", verb="edit"),
        Wanted(since=today, until=today),
        Wanted(comment_id=comment.id),
        Wanted(words="spam"),
        Wanted(words="spam", by="test", verb="ban"),
    )
    for one in wanted:
        log.read(one, after=log.read(one, limit=1).next)
    list(log.every(Wanted(verb="edit")))
    for sites in (None, frozenset({comment.site_id}), frozenset({comment.site_id, 2})):
        log.read(Wanted(sites=sites))
        log.actors(sites)
        log.verbs(sites)


def sum_up(site) -> None:
    """The overview of every period, of all sites and of one."""
    for sites in (None, frozenset({site.id}), frozenset({site.id, site.id + 1})):
        for days in (7, 365):
            statistics.spans(days, sites=sites)
            statistics.busiest(days, sites=sites)
            statistics.decisions(days, sites=sites)


def spend_a_challenge(body) -> None:
    """As a post does that solves one."""
    draft = read_draft(body)
    assessment = Assessment(Level.CHALLENGE, ("Suspicious.",), 0.5)
    with transaction():
        challenges.spend("salt", draft, assessment)
    assert challenges.is_spent("salt")


def decide_over_an_author(site, comment) -> None:
    """Bans by everything, looked for and lifted; a standing; the page of the author."""
    terms = bans.Terms(by="test", site_id=site.id, days=30)
    made = bans.add_author(comment.id, BanKind, terms)
    bans.add(bans.read("192.0.2.0/24"), bans.Terms(by="test"))
    who = bans.Who(site_id=site.id, author_id="a", email="a@b.example", networks=["x", "y"])
    bans.find(who)
    bans.every(site.id)
    bans.of_sites(frozenset({site.id}))
    bans.search()
    bans.search("words", sites=frozenset({site.id}), after=made[0].id)
    authors_of_comments.set_standing(comment.id, Standing.TRUSTED, by="test")
    authors_of_comments.portrait(comment)
    authors_of_comments.open_comments(comment)
    bans.lift(made[0].id, by="test")


def use_the_filter(site, page) -> None:
    """What it learns and unlearns, twins among it, and what it takes along."""
    twins = [make.comment(page, text="Click here.").id for _ in range(3)]
    moved = actions.spam(twins, by="test")
    actions.approve(twins[:1], by="test")
    actions.undo(audit.last_moves(moved), by="test")
    state.write(site.id)
    state.forget(site.id)


def report_something(site, comment) -> None:
    """As readers do until it waits; what the desk asks about it, and the answer."""
    for n in range(3):
        reader = Reader(token=str(n) * 43, sender=Sender(address=f"8.8.{n}.8"))
        report(comment.id, Complaint(Reason.SPAM), reader=reader)
    queue.read(State.VISIBLE, is_reported=True)
    queue.read(State.VISIBLE, is_reported=True, sites=frozenset({site.id}))
    reports.total()
    reports.total(frozenset({site.id}))
    moved = actions.approve([comment.id], by="test")
    actions.undo(audit.last_moves(moved), by="test")


def judge(comment_id) -> None:
    """A reader's votes and reactions, given, changed and taken back."""
    reader = Reader(token="r" * 43, sender=Sender(address="8.8.2.1"))
    for value in (1, -1, 0):
        vote(comment_id, value, reader=reader)
    for on in (True, False):
        react(comment_id, "like", on=on, reader=reader)


def change_ones_own(comment_id) -> None:
    """An edit that passes, one that is held; removed and brought back."""
    reader = Reader(token=SECRET, sender=Sender(address="8.8.2.1"))
    edit(comment_id, "Hello again.", reader=reader)
    edit(comment_id, "https://a.example https://b.example https://c.example", reader=reader)
    remove(comment_id, reader=reader)
    restore(comment_id, reader=reader)


def search_everything(site, comment) -> None:
    """Each kind of term and of filter, in either order, from the start and further on."""
    for typed in ("hello", "-hello author:ada", "page:first-post", "ip:8.8.2.1", "reason:spam"):
        wanted = Searched(state=State.VISIBLE, query=search.read(f"{typed} before:2030-01-01"))
        for is_newest_first in (True, False):
            queue.search(wanted, is_newest_first=is_newest_first, limit=1)
    first = queue.search(Searched(state=State.VISIBLE, query=search.read("hello")), limit=1)
    queue.search(Searched(state=State.VISIBLE), after=first.next)
    queue.search(Searched(state=State.VISIBLE), after=queue.just_before(first.comments[0]))
    narrow = Searched(
        state=State.VISIBLE,
        sites=frozenset({site.id, site.id + 1}),
        page_id=comment.page_id,
        author_id=comment.author_id,
        reason="It has … links.",
        has_links=True,
        is_reported=True,
    )
    queue.search(narrow)
    queue.found(narrow)
    queue.totals()
    queue.totals(frozenset({site.id}))
    queue.totals(frozenset({site.id, site.id + 1}))
    queue.reasons(State.PENDING)
    queue.reasons(State.PENDING, sites=frozenset({site.id}))


def use_the_desk(site) -> None:
    """What a moderator looks at."""
    for sites in (None, frozenset({site.id}), frozenset({site.id, site.id + 1})):
        for is_newest_first in (True, False):
            found = queue.read(State.VISIBLE, sites=sites, is_newest_first=is_newest_first, limit=5)
            after = found.next
            queue.read(State.VISIBLE, is_newest_first=is_newest_first, after=after)
            queue.read(State.PENDING, is_newest_first=is_newest_first)
    page = make.page(site, f"{BLOG}/flood")
    flood = [make.comment(page, state=State.PENDING) for _ in range(3)]
    for comment in flood:
        db.session.add(
            Trace(
                comment_id=comment.id,
                site_id=site.id,
                sketch=b"",
                created=comment.created,
                cluster="flood",
            )
        )
    db.session.commit()
    queue.read(State.PENDING, sites=frozenset({site.id}))
    clusters.members(flood[0].id, state=State.PENDING, until=clock.now())


@pytest.fixture
def asked(site, context):
    """Every statement that the product sent to SQLite, with its values."""
    return note_everything(site)


def note_everything(site):
    """Use the product and return each statement that it sent, with its values."""
    statements: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, values, _context, many):
        if not many and re.match(r"(?i)\s*(select|update|delete)", statement):
            statements.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    use_everything(site)
    event.remove(db.engine, "before_cursor_execute", note)
    return statements


@pytest.mark.sqlite("how it finds rows is asked; PostgreSQL is asked beside it")
def test_every_query_is_served_by_an_index(asked):
    scans = []
    for statement, values in dict(asked).items():
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        for step in (row[-1] for row in plan):
            # M is what an index of words was asked for: all that has these words.
            found = re.match(r"SCAN (\w+)(?! USING| VIRTUAL TABLE INDEX \d+:\W*M)", step)
            if found and any(_is(found[1], table, statement) for table in GROWING):
                scans.append(f"{step}: {statement}")
    assert scans == []
    assert len(asked) > 50


@pytest.mark.sqlite("how it finds rows is asked; PostgreSQL is asked beside it")
def test_the_acts_of_a_comment_are_found_by_the_comment(asked):
    """Not by their kind: all approvals there ever were fit another index as well."""
    looked = 0
    for statement, values in dict(asked).items():
        if not re.search(r"(?s)WHERE.*\bacts\.comment_id (=|IN)", statement):
            continue
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = " ".join(row[-1] for row in plan)
        assert not re.search("ix_acts_(verb|by|at)", steps), (steps, statement)
        looked += 1
    assert looked > 5


# What is found by one of these columns is not to be found by an index that begins otherwise: all
# comments in a state are nearly all there are, and of a page or an author there are few.
NARROW = {
    r"\bcomments\.(id|page_id|author_id|parent_id|email) (=|IN)": "ix_comments_(site_)?state",
    r"\bsubscriptions\.email (=|IN)": "ix_subscriptions_(of_site|site_id)",
}


@pytest.mark.sqlite("its figures are ours; PostgreSQL counts by itself")
@pytest.mark.parametrize(("asked_for", "wide"), NARROW.items())
def test_what_few_rows_have_is_found_by_it(asked, asked_for, wide):
    looked = 0
    for statement, values in dict(asked).items():
        if not re.search(asked_for, statement):
            continue
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = " ".join(row[-1] for row in plan)
        assert not re.search(wide, steps), (steps, statement)
        looked += 1
    assert looked > 3


@pytest.fixture
def served_by_postgresql(postgresql, tmp_path):
    """An application on PostgreSQL that was asked everything once: its statements."""
    told = {"AFTERWORD_DATABASE_URL": postgresql, "AFTERWORD_DATA": str(tmp_path)}
    told |= {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}
    settings = config.read(told)
    migrate.upgrade(settings)
    with create_app(settings).app_context():
        changes.add(BLOG)
        yield note_everything(directory.of_url(BLOG))
        db.session.remove()
        db.engine.dispose()


def test_every_query_is_served_by_an_index_on_postgresql(served_by_postgresql):
    # Few rows lie here, and reading all of them would be cheapest: forbidden, it stays only where
    # nothing else can answer.
    connection = db.session.connection()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    scans = []
    for statement, values in dict(served_by_postgresql).items():
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
        for node in _nodes(plan[0]["Plan"]):
            if node.get("Relation Name") in GROWING and _reads_all(node):
                scans.append(f"{node['Node Type']} {node['Relation Name']}: {values} {statement}")
    assert scans == []
    assert len(served_by_postgresql) > 50


def _nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _reads_all(node) -> bool:
    """Whether a step of the plan looks at every row, by an index or without one."""
    if node["Node Type"] == "Seq Scan":
        return True
    return node["Node Type"].startswith("Index") and "Index Cond" not in node


def _is(name: str, table: str, statement: str) -> bool:
    """Whether a plan's name is this table or an alias of it in the statement."""
    return name == table or re.search(rf"\b{table} AS {name}\b", statement) is not None
