"""Replies on the fediverse: what others answer to a page's post there is shown with the page."""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
from email.utils import format_datetime

import pytest

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.errors import BadUrl, Conflict
from afterword.jobs import queue, worker
from afterword.jobs.models import Job
from afterword.mentions import fediverse, replies, statuses
from afterword.mentions.models import Followed
from afterword.moderation import actions, merges, moves, places, posts
from afterword.moderation.models import Act
from afterword.operate import person
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from afterword.threads import posts as addresses
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Mention, Page, State
from afterword.transfer import export
from afterword.transfer.run import run
from tests import desk as desks
from tests import effort
from tests.conftest import BLOG, PAGE
from tests.far import answer

pytestmark = pytest.mark.slow

POST = "https://social.example/@owner/100"
BY = "owner@blog.example"
MINUTE = dt.timedelta(minutes=1)


def status(id="101", **changed):
    """A reply, as Mastodon's API tells of it."""
    said = {
        "id": id,
        "uri": f"https://friend.example/users/grace/statuses/{id}",
        "url": f"https://friend.example/@grace/{id}",
        "created_at": "2026-05-01T10:00:00.123Z",
        "in_reply_to_id": "100",
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "content": '<p><span class="h-card"><a href="https://social.example/@owner" class="u-url'
        ' mention">@<span>owner</span></a></span> Well said.</p>',
        "media_attachments": [],
        "account": {
            "username": "grace",
            "acct": "grace@friend.example",
            "display_name": "Grace",
            "url": "https://friend.example/@grace",
            "avatar": "https://friend.example/grace.png",
        },
    }
    account = changed.pop("account", {})
    said = {**said, **changed}
    return {**said, "account": {**said["account"], **account}} if account is not None else said


def by_eve(id, **changed):
    """The same by somebody else."""
    there = "https://other.example"
    account = {"acct": "eve@other.example", "display_name": "Eve", "url": f"{there}/@eve"}
    return status(id, uri=f"{there}/{id}", url=f"{there}/@eve/{id}", account=account, **changed)


class Mastodon:
    """A server that tells of a post and of what was answered to it."""

    def __init__(self, internet, name="social.example", post="100"):
        self.post = post
        self.told: list[dict] = []  # in the answer to /context
        self.alone: dict[str, dict] = {}  # only at their own addresses
        self.tells = None  # what it answers instead, whatever it is asked
        self.etag = None
        self._server = internet.serve(name, self._respond)

    @property
    def asked(self):
        return [request.split(b" ")[1].decode() for request in self._server.requests]

    @property
    def last(self):
        return self._server.requests[-1].lower()

    def _respond(self, connection):
        self._answer(self.asked[-1])(connection)

    def _answer(self, path):
        if self.tells is not None:
            return self.tells
        _, _, below = path.partition("/api/v1/statuses/")
        if below == f"{self.post}/context":
            if self.etag and f"if-none-match: {self.etag}".encode() in self.last:
                return answer(status=304)
            return said({"ancestors": [], "descendants": self.told}, etag=self.etag)
        known = {one["id"]: one for one in self.told if isinstance(one, dict)} | self.alone
        return said(known[below]) if below in known else said({"error": "none"}, status=404)


def said(what, *, status=200, etag=None):
    more = {"etag": etag} if etag else {}
    return answer(json.dumps(what).encode(), status=status, content_type="application/json", **more)


@pytest.fixture
def mastodon(internet):
    return Mastodon(internet)


@pytest.fixture(autouse=True)
def shown(app, site):
    choose(app, site, "show")


def choose(app, site, fediverse):
    with app.app_context():
        changes.choose(site.id, {"fediverse": fediverse})


@pytest.fixture
def look(app):
    """Do what is due; where nothing is, the next look at a post is due now."""

    def do():
        with app.app_context():
            with transaction() as session:
                for job in session.query(Job).filter_by(kind="fediverse"):
                    job.due = clock.now()
            while worker.do_next():
                pass

    return do


@pytest.fixture
def link(app, look):
    def do(post=POST, url=PAGE):
        with app.app_context():
            posts.link(url, post, by=BY)
        look()

    return do


@pytest.fixture
def stored(app):
    def do():
        with app.app_context():
            db.session.expire_all()
            rows = db.session.query(Comment).filter_by(mention=Mention.FEDIVERSE)
            return rows.order_by(Comment.created, Comment.id).all()

    return do


@pytest.fixture
def followed(app):
    def do():
        with app.app_context():
            return db.session.query(Followed).one_or_none()

    return do


@pytest.fixture
def wait(app):
    """How long it is until the next look."""

    def do():
        with app.app_context():
            return db.session.query(Job).filter_by(kind="fediverse").one().due - clock.now()

    return do


def test_a_reply_is_shown_with_the_page_to_be_read_only(client, mastodon, link, thread, post):
    mastodon.told = [status()]
    link()
    told = thread()["fediverse"]
    assert (told["post"], told["count"]) == (POST, 1)
    (one,) = told["replies"]
    assert one == {
        "id": one["id"],
        "kind": "fediverse",
        "source": "https://friend.example/@grace/101",
        "name": "Grace",
        "avatar": None,
        "website": "https://friend.example/@grace",
        "html": "<p>@owner Well said.</p>\n",
        "lang": "en",
        "created": "2026-05-01T10:00:00.123Z",
        "edited": None,
    }
    assert thread()["page"]["count"] == 0
    assert (thread()["comments"], thread()["mentions"]) == ([], [])
    answered = post("I answer here.", parent=one["id"])
    assert (answered.status_code, answered.json["code"]) == (400, "bad_parent")


def test_they_stand_in_the_order_in_which_they_were_written(mastodon, link, look, thread):
    mastodon.told = [status("103", created_at="2026-05-03T10:00:00Z")]
    link()
    mastodon.told.append(status("101", created_at="2026-05-01T10:00:00+02:00"))
    look()
    told = thread()["fediverse"]["replies"]
    assert [one["created"][:13] for one in told] == ["2026-05-01T08", "2026-05-03T10"]


def test_the_page_without_javascript_shows_whose_it_is_and_where(client, mastodon, link):
    mastodon.told = [status(), status("102", content="<p>Me too.</p>", language="de")]
    link()
    shown = client.get("/thread", query_string={"url": PAGE}).text
    assert "2 replies on the fediverse" in shown
    assert f'href="{POST}"' in shown
    assert 'href="https://friend.example/@grace"' in shown
    assert 'href="https://friend.example/@grace/102"' in shown
    assert 'lang="de"><p>Me too.</p>' in shown
    assert "grace.png" not in shown


def test_nothing_is_asked_or_shown_where_it_is_off(app, site, mastodon, link, look, thread):
    mastodon.told = [status()]
    choose(app, site, "off")
    link()
    look()
    assert mastodon.asked == []
    choose(app, site, "show")
    look()
    assert thread()["fediverse"]["count"] == 1
    choose(app, site, "off")
    assert "fediverse" not in thread()


def test_an_authors_first_waits_where_the_owner_chose_so(
    app, site, mastodon, link, look, stored, thread
):
    choose(app, site, "hold")
    mastodon.told = [status()]
    link()
    (one,) = stored()
    assert one.state is State.PENDING
    assert thread()["fediverse"]["replies"] == []
    with app.app_context():
        actions.approve([one.id], by=BY)
    mastodon.told.append(status("102"))
    mastodon.told.append(by_eve("103"))
    look()
    assert [one.state for one in stored()] == [State.VISIBLE, State.VISIBLE, State.PENDING]


def test_the_policy_of_the_site_holds_them_as_it_holds_readers(app, site, mastodon, link, stored):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-all"})
    mastodon.told = [status()]
    link()
    assert stored()[0].state is State.PENDING


def test_they_are_shown_where_only_who_has_signed_in_writes(app, site, mastodon, link, stored):
    with app.app_context():
        changes.choose(site.id, {"sign_in": "required"})
    mastodon.told = [status()]
    link()
    assert stored()[0].state is State.VISIBLE


def test_what_the_checks_refuse_is_looked_at_once(app, site, mastodon, link, look, stored):
    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino"})
    mastodon.told = [status(content="<p>My casino</p>"), status("102")]
    link()
    assert len(stored()) == 1
    with app.app_context():
        changes.choose(site.id, {"reject_words": ""})
    look()
    assert len(stored()) == 1
    mastodon.told[0] = status(content="<p>My garden</p>")
    look()
    assert len(stored()) == 2


@pytest.mark.parametrize("visibility", ["private", "direct", "", None, 1, "nobody"])
def test_only_what_is_public_is_shown(mastodon, link, stored, visibility):
    mastodon.told = [
        status(visibility=visibility),
        status("102", account={"limited": True}),
        status("103", account={"suspended": True}),
        status("104", visibility="unlisted"),
    ]
    link()
    assert [one.source for one in stored()] == ["https://friend.example/@grace/104"]


def test_what_changes_there_changes_here(mastodon, link, look, thread):
    mastodon.told = [status()]
    link()
    mastodon.told = [status(content="<p>Better said.</p>", account={"display_name": "Grace H."})]
    look()
    (one,) = thread()["fediverse"]["replies"]
    assert (one["html"], one["name"]) == ("<p>Better said.</p>\n", "Grace H.")
    assert one["edited"] is not None


def test_the_language_and_the_address_of_a_reply_change_with_it(mastodon, link, look, thread):
    mastodon.told = [status(language="en")]
    link()
    mastodon.told = [status(language="de")]
    look()
    assert thread()["fediverse"]["replies"][0]["lang"] == "de"
    mastodon.told = [status(language="de", url="https://friend.example/@grace.h/101")]
    look()
    (one,) = thread()["fediverse"]["replies"]
    assert one["source"] == "https://friend.example/@grace.h/101"


def test_a_moderators_edit_stays_until_its_author_changes_it(app, mastodon, link, look, stored):
    mastodon.told = [status()]
    link()
    with app.app_context():
        actions.edit(stored()[0].id, "Shortened.", by=BY, limit=5000)
    look()
    assert stored()[0].text == "Shortened."
    mastodon.told = [status(account={"display_name": "Grace at sea"})]
    look()
    assert (stored()[0].name, stored()[0].text) == ("Grace at sea", "Shortened.")
    mastodon.told = [status(content="<p>Mine again.</p>")]
    look()
    assert stored()[0].text == "Mine again."


def test_an_edit_that_the_checks_refuse_takes_the_reply_away(
    app, site, mastodon, link, look, stored
):
    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino"})
    mastodon.told = [status()]
    link()
    mastodon.told = [status(content="<p>casino</p>")]
    look()
    look()
    assert stored()[0].state is State.REMOVED
    mastodon.told = [status()]
    look()
    assert stored()[0].state is State.VISIBLE


def test_what_is_deleted_there_goes_here_and_comes_back_with_it(mastodon, link, look, stored):
    mastodon.told = [status(), status("102")]
    link()
    mastodon.told = [status("102")]
    look()
    assert {one.source[-3:]: one.state for one in stored()} == {
        "101": State.REMOVED,
        "102": State.VISIBLE,
    }
    mastodon.told = [status(), status("102")]
    look()
    assert [one.state for one in stored()] == [State.VISIBLE] * 2


def test_what_is_only_left_out_of_the_list_stays(mastodon, link, look, stored):
    """A server tells strangers of 60 replies, and of none while it is not well."""
    mastodon.told = [status()]
    link()
    mastodon.alone, mastodon.told = {"101": status(content="<p>Changed.</p>")}, []
    look()
    (one,) = stored()
    assert (one.state, one.text) == (State.VISIBLE, "Changed.")
    mastodon.alone["101"] = status(visibility="private")
    look()
    assert stored()[0].state is State.REMOVED


def test_so_many_that_are_missing_are_asked_for_in_one_look(mastodon, link, look):
    mastodon.told = [status(str(n)) for n in range(200, 212)]
    link()
    before = len(mastodon.asked)
    mastodon.told = []
    look()
    assert len(mastodon.asked) - before == 1 + replies.MOST_ASKED


def test_what_the_owner_removed_stays_away(app, mastodon, link, look, stored):
    mastodon.told = [status()]
    link()
    with app.app_context():
        actions.remove([stored()[0].id], by=BY)
    look()
    mastodon.told = [status(content="<p>Changed.</p>")]
    look()
    assert [one.state for one in stored()] == [State.REMOVED]
    mastodon.told = []
    look()
    mastodon.told = [status()]
    look()
    assert [one.state for one in stored()] == [State.REMOVED]


def test_what_was_erased_is_nowhere_and_stays_away(app, mastodon, link, look, stored):
    mastodon.told = [status(content="<p>A very private word.</p>")]
    link()
    with app.app_context():
        whose = person.of_author(stored()[0].author_id)
        assert person.written(whose)["comments"][0]["source"].endswith("/101")
        assert person.erase(whose, by=BY) == 1
    look()
    (one,) = stored()
    assert (one.state, one.name, one.text, one.source) == (State.REMOVED, "", "", None)
    with app.app_context(), db.engine.connect() as connection:
        for table in db.metadatas[None].sorted_tables:
            kept = str(connection.execute(table.select()).all())
            assert "grace" not in kept.lower(), table.name
            assert "private word" not in kept, table.name


def test_a_post_that_is_gone_takes_its_replies_along(mastodon, link, look, stored, followed, wait):
    mastodon.told = [status()]
    link()
    for gone in (404, 410):
        mastodon.tells = answer(b'{"error": "Record not found"}', status=gone)
        look()
        assert stored()[0].state is State.REMOVED
        assert followed().fault == fediverse.NOT_THERE
        mastodon.tells = None
        look()
        assert stored()[0].state is State.VISIBLE
        assert followed().fault is None


def test_a_server_that_is_asked_too_often_is_left_alone_as_long_as_it_says(
    mastodon, link, look, stored, followed, wait
):
    mastodon.told = [status()]
    link()
    later = format_datetime(clock.now() + 5 * 60 * MINUTE, usegmt=True)
    for said_so, least in (("7200", 119), (later, 298), ("never", 9), ("99999999999", 24 * 60 - 1)):
        mastodon.tells = answer(status=429, retry_after=said_so)
        look()
        assert followed().fault == fediverse.TOO_OFTEN
        assert least * MINUTE < wait() <= 1.11 * fediverse.DAY
    assert stored()[0].state is State.VISIBLE


@pytest.mark.parametrize(
    ("tells", "fault"),
    [
        (answer(b"<html>", content_type="text/html"), fediverse.NOT_UNDERSTOOD),
        (answer(b"[" * 200_000), fediverse.NOT_UNDERSTOOD),
        (answer(b'{"descendants": {"a": 1}}'), fediverse.NOT_UNDERSTOOD),
        (answer(b"[]"), fediverse.NOT_UNDERSTOOD),
        (answer(b'{"descendants": [' + b"9" * 5000 + b"]}"), fediverse.NOT_UNDERSTOOD),
        (answer(b"\xff\xfe"), fediverse.NOT_UNDERSTOOD),
        (answer(b" " * (replies.LIMITS.most + 1)), fediverse.AWAY),
        (answer(status=302, location="http://127.0.0.1/"), fediverse.AWAY),
        (answer(status=301, location="http://169.254.169.254/latest/"), fediverse.AWAY),
        (answer(status=302, location="https://social.example/again"), fediverse.AWAY),
        (answer(status=302, location="file:///etc/passwd"), fediverse.AWAY),
        (answer(status=500), fediverse.AWAY),
        (answer(status=401), fediverse.TELLS_NOTHING),
    ],
)
def test_an_answer_that_is_none_changes_nothing_and_is_told_to_the_owner(
    internet, mastodon, link, look, stored, followed, wait, tells, fault
):
    within = internet.serve("inside.example", answer(), address="127.0.0.1", port=80)
    mastodon.told = [status()]
    link()
    usual = wait()
    mastodon.tells = tells
    look()
    assert followed().fault == fault
    assert [one.state for one in stored()] == [State.VISIBLE]
    assert wait() > 1.5 * usual, "it is asked less often then"
    assert within.requests == []
    mastodon.tells = None
    look()
    assert followed().fault is None


def broken(name, value, *, in_account=False):
    made = copy.deepcopy(status("666"))
    (made["account"] if in_account else made)[name] = value
    return made


ODD = [None, 7, [], {}, True, "x" * 100_000, "\0\ud800\u202e"]


@pytest.mark.parametrize("value", ODD, ids=str)
@pytest.mark.parametrize("name", sorted(status()))
def test_a_reply_of_the_wrong_shape_harms_no_other(mastodon, link, stored, name, value):
    mastodon.told = [value, broken(name, value), status()]
    link()
    assert "https://friend.example/@grace/101" in [one.source for one in stored()]


@pytest.mark.parametrize("value", ODD, ids=str)
@pytest.mark.parametrize("name", ["username", "acct", "display_name", "url"])
def test_an_author_of_the_wrong_shape_harms_no_other(mastodon, link, stored, name, value):
    mastodon.told = [broken(name, value, in_account=True), status()]
    link()
    assert "https://friend.example/@grace/101" in [one.source for one in stored()]
    assert all(len(one.name) <= 60 and "\u202e" not in one.name for one in stored())


def test_words_pass_the_gates_that_a_readers_do(app, client, mastodon, link, stored, thread):
    hostile = (
        '<img src=x onerror="alert(1)"><script>alert(2)</script><p onclick="alert(3)">Hi '
        '&lt;script&gt;alert(4)&lt;/script&gt; <a href="javascript:alert(5)">here</a> \u202edlrow'
        '<iframe src="https://evil.example/"></iframe>'
    )
    mastodon.told = [
        status(
            content=hostile,
            url="javascript:alert(6)",
            language='en" onload="alert(7)',
            account={"display_name": "<b onclick=alert(8)>Grace</b>", "url": "javascript:alert(9)"},
        )
    ]
    link()
    (held,) = stored()
    assert held.state is State.PENDING, "what turns the letters around waits"
    with app.app_context():
        actions.approve([held.id], by=BY)
    (one,) = thread()["fediverse"]["replies"]
    assert one["html"] == "<p>Hi &lt;script&gt;alert(4)&lt;/script&gt; here dlrow</p>\n"
    assert (one["website"], one["lang"]) == (None, None)
    assert one["source"] == "https://friend.example/users/grace/statuses/101"
    shown = client.get("/thread", query_string={"url": PAGE}).text
    assert "javascript:" not in shown
    assert "<b onclick" not in shown


def test_a_server_puts_no_words_into_the_mouth_of_another(mastodon, link, look, stored):
    mastodon.told = [status()]
    link()
    as_grace = {"url": "https://friend.example/@grace", "acct": "eve@other.example"}
    false = {"url": "https://friend.example/@grace/101", "account": as_grace}
    mastodon.told += [
        status("102", content="<p>Never said.</p>", uri="https://other.example/1", **false),
        status("103", content="<p>Nor this.</p>", **false),
        status("104", content="<p>Not twice.</p>", **false),
    ]
    look()
    look()
    (grace, *eves) = stored()
    assert (grace.text, grace.website) == ("@owner Well said.", "https://friend.example/@grace")
    assert {one.text for one in eves} == {"Never said.", "Nor this.", "Not twice."}
    assert grace.author_id not in {one.author_id for one in eves}, "nobody is trusted for another"
    assert eves[0].source == "https://other.example/1"
    assert eves[0].website is None


def test_a_webmention_takes_none_of_them_away(app, client, site, mastodon, internet, link, stored):
    with app.app_context():
        changes.choose(site.id, {"webmentions": "on"})
    mastodon.told = [status()]
    link()
    internet.serve("friend.example", answer(b"<p>No link.", content_type="text/html"))
    sent = {"source": "https://friend.example/@grace/101", "target": PAGE}
    assert client.post("/webmention", data=sent).status_code == 202
    with app.app_context():
        while worker.do_next():
            pass
    assert stored()[0].state is State.VISIBLE


def test_behind_a_warning_only_the_warning_is_shown(mastodon, link, stored):
    media = [{"type": "image", "url": "https://friend.example/x.png", "description": "A knee"}]
    mastodon.told = [
        status(spoiler_text="Spiders", content="<p>Eight legs</p>", sensitive=True),
        status("102", content="", sensitive=True, media_attachments=media),
    ]
    link()
    assert [one.text for one in stored()] == ["CW: Spiders", replies.WORDLESS]
    assert not [one for one in stored() if "x.png" in one.html or "Eight" in one.html]


@pytest.mark.parametrize("piece", ["<p>", '<a b="c" d>', "</p>", "<", "<!--", "&amp;", "<p", "\n"])
def test_an_answer_takes_time_that_only_grows_with_its_length(piece):
    def seconds(length: int) -> float:
        one = status(content=(piece * length)[:length])
        body = json.dumps({"descendants": [{**one, "id": str(id)} for id in range(5)]}).encode()
        assert len(statuses.replies(body)) == 5
        return min(effort.seconds(lambda: statuses.replies(body)) for _ in range(3))

    # Four times as long: a square of it would be sixteen times as much.
    assert seconds(20_000) < 10 * seconds(5_000)


def test_links_are_whole_though_their_server_hides_parts_of_them(mastodon, link, stored):
    content = (
        '<p>See <a href="https://far.example/a/long/way"><span class="invisible">https://</span>'
        '<span class="ellipsis">far.example/a</span><span class="invisible">/long/way</span></a>'
        "<br>Bye.</p><p>Grace</p>"
    )
    mastodon.told = [status(content=content)]
    link()
    assert stored()[0].text == "See https://far.example/a/long/way\nBye.\n\nGrace"
    assert 'href="https://far.example/a/long/way"' in stored()[0].html


def test_a_reply_from_the_future_was_written_now(mastodon, link, stored):
    mastodon.told = [status(created_at="2999-01-01T00:00:00Z"), status("102", created_at="soon")]
    link()
    assert all(one.said is None or one.said <= clock.now() for one in stored())
    assert [one.said is None for one in stored()] == [False, True]


def test_more_than_one_look_takes_come_with_the_next(mastodon, link, look, stored, wait):
    mastodon.etag = '"1"'
    mastodon.told = [
        status(str(n), content=f"<p>Word {n * 7919} of many, {n}</p>") for n in range(200, 230)
    ]
    link()
    assert len(stored()) == replies.MOST_TAKEN
    assert wait() < 2 * MINUTE
    look()
    assert len(stored()) == 30


def test_what_has_not_changed_is_not_sent_again(mastodon, link, look, thread):
    mastodon.etag = '"1"'
    mastodon.told = [status()]
    link()
    look()
    assert b'if-none-match: "1"' in mastodon.last
    assert thread()["fediverse"]["count"] == 1
    mastodon.etag, mastodon.told = '"2"', [status(content="<p>New.</p>")]
    look()
    assert thread()["fediverse"]["replies"][0]["html"] == "<p>New.</p>\n"


@pytest.mark.parametrize(
    ("quiet", "least", "most"),
    [(0, 10, 11), (2, 60, 66), (10, 360, 396), (100, 1440, 1584)],
    ids=["today", "this week", "this month", "long ago"],
)
def test_the_longer_it_is_quiet_the_less_often_it_is_asked(
    app, mastodon, link, look, wait, quiet, least, most
):
    mastodon.told = [status()]
    link()
    with app.app_context(), transaction() as session:
        session.query(Followed).one().lively -= quiet * fediverse.DAY
    look()
    assert (least - 1) * MINUTE < wait() <= most * MINUTE


def test_linked_twice_it_is_asked_by_one_job(app, mastodon, link, look):
    link()
    link()
    with app.app_context():
        with transaction():
            queue.add("fediverse", {"page_id": db.session.query(Page).one().id, "turn": 0})
        asked = len(mastodon.asked)
    look()
    assert len(mastodon.asked) == asked + 1
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="fediverse").count() == 1


def test_unlinked_the_replies_go_and_nobody_is_asked(
    app, mastodon, link, look, stored, followed, thread
):
    mastodon.told = [status()]
    link()
    with app.app_context():
        posts.unlink(places.find(PAGE).id, by=BY)
    look()
    asked = len(mastodon.asked)
    look()
    assert (stored()[0].state, followed()) == (State.REMOVED, None)
    assert "fediverse" not in thread()
    assert len(mastodon.asked) == asked
    link()
    assert [one.state for one in stored()] == [State.VISIBLE], "the same comment is back"


def test_another_post_takes_the_place_of_the_one_before(mastodon, internet, link, thread, stored):
    mastodon.told = [status()]
    link()
    mastodon.post, mastodon.told, mastodon.alone = "900", [status("901")], {"101": status()}
    link("https://social.example/@owner/900")
    told = thread()["fediverse"]
    assert told["post"].endswith("/900")
    assert [one["source"][-3:] for one in told["replies"]] == ["901"]
    elsewhere = Mastodon(internet, "other.example")
    elsewhere.told = [{**status(), "id": "5"}]
    link("https://other.example/@owner/100")
    assert [one["source"][-3:] for one in thread()["fediverse"]["replies"]] == ["101"]
    assert len(stored()) == 2, "what is known by its address is not taken twice"


@pytest.mark.parametrize(
    "written",
    [
        "https://social.example/@owner/100",
        " https://social.example/@owner/100/ ",
        "HTTPS://Social.Example/@owner/100?x=1#y",
        "https://social.example/@friend@other.example/100",
        "https://social.example/users/owner/statuses/100",
        "https://social.example/@owner/statuses/100",
        "https://social.example/notice/100",
    ],
)
def test_a_post_is_known_by_the_addresses_that_servers_give_it(written):
    read = addresses.read(written)
    assert (read.origin, read.id) == ("https://social.example", "100")
    assert read.replies == "https://social.example/api/v1/statuses/100/context"


@pytest.mark.parametrize(
    "written",
    [
        "", "100", "http://social.example/@owner/100", "https://social.example/@owner",
        "https://social.example/100", "https://social.example/@owner/../100",
        "https://social.example/@owner/1%2F0", "https://a:b@social.example/@owner/100",
        "https://social.example/@owner/" + "1" * 65, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_post_is_refused(app, site, written):
    with app.app_context():
        with pytest.raises(BadUrl, match="address looks like") as refusal:
            posts.link(PAGE, written, by=BY)
        assert list(refusal.value.fields) == ["post"]
        assert db.session.query(Page).count() == 0


def test_a_page_that_is_closed_takes_none_until_it_is_open(app, mastodon, link, look, stored):
    link()
    mastodon.told = [status()]
    with app.app_context():
        places.set_open(PAGE, is_open=False, by=BY)
    look()
    assert stored() == []
    with app.app_context():
        places.set_open(PAGE, is_open=True, by=BY)
    look()
    assert len(stored()) == 1


def test_a_page_with_a_linked_post_becomes_no_part_of_another(app, mastodon, link):
    link()
    with app.app_context():
        submit(Draft(url=f"{BLOG}/other", text="Here.", name="Ada"))
        page, other = places.find(PAGE), places.find(f"{BLOG}/other")
        with pytest.raises(Conflict, match="Take the link away first"):
            merges.preview(page.id, other.id)
        assert merges.preview(other.id, page.id).many == 1


@pytest.mark.parametrize("state", [State.VISIBLE, State.PENDING])
def test_a_page_becomes_no_part_of_another_before_its_replies_are_gone(
    app, site, mastodon, link, look, stored, state
):
    choose(app, site, "show" if state is State.VISIBLE else "hold")
    mastodon.told = [status()]
    link()
    assert [one.state for one in stored()] == [state]
    with app.app_context():
        submit(Draft(url=f"{BLOG}/other", text="Here.", name="Ada"))
        page, other = places.find(PAGE).id, places.find(f"{BLOG}/other").id
        posts.unlink(page, by=BY)
        with pytest.raises(Conflict):
            merges.merge(page, other, by=BY)
    look()
    with app.app_context():
        merges.merge(page, other, by=BY)
    assert [one.state for one in stored()] == [State.REMOVED]


def test_a_page_that_moves_takes_its_post_along(app, mastodon, link, look, thread, client):
    mastodon.told = [status()]
    link()
    with app.app_context():
        moves.follow(moves.one(PAGE, f"{BLOG}/moved"), by=BY)
    mastodon.told.append(status("102"))
    look()
    moved = client.get("/api/v1/thread", query_string={"url": f"{BLOG}/moved"}).json
    assert moved["fediverse"]["count"] == 2


def test_a_run_that_was_cut_off_is_done_again_and_once(app, mastodon, link, look, stored):
    mastodon.told = [status(), status("102")]
    with app.app_context():
        page = posts.link(PAGE, POST, by=BY)
        fediverse.look(page.id)  # and the job that says so is not taken away: the worker died
    look()
    assert len(stored()) == 2
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="fediverse").count() == 1


# At the desk, by command, in exports


def test_the_owner_links_and_unlinks_at_the_desk(app, site, mastodon, look, stored):
    desks.moderator(app, BY)
    desk = desks.of(app, BY)
    pages = desk.get("/admin/pages").text
    assert "Show replies on the fediverse" in pages
    wrong = desk.post("/admin/pages/link", url=PAGE, post="https://social.example/")
    assert wrong.status_code == 400
    assert "address looks like" in wrong.text
    assert desk.post("/admin/pages/link", url=PAGE, post=POST).status_code == 303
    mastodon.tells = answer(status=401)
    look()
    pages = desk.get("/admin/pages").text
    assert POST in pages
    assert fediverse.TELLS_NOTHING in pages
    with app.app_context():
        number = places.find(PAGE).id
    assert desk.post(f"/admin/pages/{number}/unlink").status_code == 303
    assert POST not in desk.get("/admin/pages").text
    assert "linked a post to a page" in desk.get("/admin/log").text
    choose(app, site, "off")
    assert "Show replies on the fediverse" not in desk.get("/admin/pages").text


def test_the_queue_says_that_it_comes_from_the_fediverse(app, site, mastodon, link, stored):
    choose(app, site, "hold")
    mastodon.told = [status()]
    link()
    desks.moderator(app, BY)
    shown = desks.of(app, BY).get("/admin/").text
    assert "A reply on the fediverse:" in shown
    assert "friend.example/@grace/101" in shown


def test_the_privacy_page_says_it_where_it_is_on(app, client, site):
    told = "answer its post on the fediverse"
    assert told in client.get("/privacy?site=blog.example").text
    choose(app, site, "off")
    assert told not in client.get("/privacy?site=blog.example").text


def test_an_export_takes_them_along_and_the_next_look_takes_none_twice(
    app, site, mastodon, link, look, stored, followed
):
    mastodon.told = [status(), status("102")]
    link()
    with app.app_context():
        actions.remove([stored()[0].id], by=BY)
        out = io.BytesIO()
        export.write(directory.by_id(site.id), out)
        changes.remove(site.id)
        fresh = changes.add(BLOG)
        run("native", io.BytesIO(out.getvalue()), site=fresh)
        assert directory.of_url(BLOG).options.fediverse == "off", "a file switches nothing on"
        noted = db.session.query(Act).filter_by(verb="link", site_id=fresh.id).one()
        assert (noted.by, noted.note) == ("command line", f"{PAGE} to {POST}")
        changes.choose(fresh.id, {"fediverse": "show"})
    mastodon.told = [status(), status("102", content="<p>Changed.</p>")]
    look()
    assert [(one.state, one.text) for one in stored()] == [
        (State.REMOVED, "@owner Well said."),
        (State.VISIBLE, "Changed."),
    ]
    assert followed().fault is None


@pytest.mark.parametrize("source", [None, "javascript:alert(1)"])
@pytest.mark.parametrize("mention", ["fediverse", "like"])
def test_what_a_file_does_not_say_the_place_of_is_a_comment_like_any_other(
    app, client, site, thread, source, mention
):
    at = {"page_url": PAGE, "source": source, "mention": mention}
    said = {"author": {"name": "Ada"}, "text": "Hello.", "created": "2026-01-01T00:00:00Z"}
    lines = [
        {"type": "page", "url": PAGE, "post": POST},
        {"type": "comment", "id": "c1", **at, **said},
    ]
    with app.app_context():
        run("native", io.BytesIO("\n".join(map(json.dumps, lines)).encode()), site=site)
    assert client.get("/thread", query_string={"url": PAGE}).status_code == 200
    told = thread()
    assert [one["html"] for one in told["comments"]] == ["<p>Hello.</p>\n"]
    assert (told["mentions"], told["fediverse"]["replies"]) == ([], [])
