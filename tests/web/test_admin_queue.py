"""The queue: what it shows, what its acts do, and how they are taken back."""
# ruff: noqa: RUF001 - a name of another alphabet

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from sqlalchemy import select

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.identity import moderators, sessions
from afterword.markup.render import render
from afterword.moderation import actions, reports
from afterword.moderation.models import Reason, Report
from afterword.posting.reader import Reader
from afterword.posting.report import Complaint, report
from afterword.sites import changes
from afterword.spam import learn
from afterword.spam.models import Taught
from afterword.threads.models import Comment, Page, State
from tests import make

pytestmark = pytest.mark.slow

EMAIL = "hanna@blog.example"


@pytest.fixture
def desk(app, client):
    """The client of a moderator who is logged in; ``desk(path, **fields)`` sends its forms."""
    with app.app_context():
        token = sessions.start(moderators.add(EMAIL, password="a boat that was a table"))
    client.set_cookie("afterword", token)

    def send(path, **fields):
        return client.post(path, data={"csrf": sessions.form_token(token), **fields})

    send.get = lambda path: client.get(path).text
    return send


@pytest.fixture
def page(context, site):
    return make.page(site)


@pytest.fixture
def pending(page):
    """Three comments that wait, oldest first."""
    return [make.comment(page, state=State.PENDING, minute=n, name=f"Ada {n}") for n in range(3)]


def state(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id).state


def shown(text):
    return re.findall(r'data-id="([^"]+)"', text)


def complain(comment, note=""):
    """Report a comment as three readers in a row would, the first with a note."""
    for n, said in enumerate((note, "", "")):
        reader = Reader(token=f"{n:043}")
        report(comment.id, Complaint(Reason.ABUSE, said), reader=reader)


def undo_of(answer, desk):
    """What the Undo button of the view after an act would send."""
    found = re.search(r'name="acts" value="([^"]+)"', desk.get(answer.headers["Location"]))
    return found and found[1]


def test_an_empty_queue_says_that_nothing_waits(desk, site):
    assert "Nothing waits for you." in desk.get("/admin/")


def test_the_queue_shows_what_waits_newest_first_and_how_much_there_is(desk, pending):
    text = desk.get("/admin/")
    assert shown(text) == [comment.id for comment in reversed(pending)]
    assert re.search(r'aria-current="page">Pending <span class="count">3<', text)
    assert shown(desk.get("/admin/?sort=oldest")) == [comment.id for comment in pending]


def test_a_comment_comes_with_all_that_one_decides_by(desk, page):
    parent = make.comment(page, name="Rosalind", html="<p>The <em>good</em> tablecloth!</p>")
    made = make.comment(
        page,
        parent,
        name="Jonas",
        email="jonas@example.org",
        website="https://xn--bcher-kva.example/",
        state=State.PENDING,
        reasons=["It has more than 2 links."],
        html=render("See [this](https://roof.example/offer)."),
        minute=5,
    )
    text = desk.get("/admin/")
    for said in (
        "Jonas",
        "jonas@example.org",
        "https://bücher.example/",
        "First post",
        'href="https://blog.example/first-post"',
        "Rosalind",
        "The good tablecloth!",
        "It has more than 2 links.",
        "<code>https://roof.example/offer</code>",
        'datetime="2026-01-01T00:05:00.000Z"',
    ):
        assert said in text
    actions.approve([made.id], by=EMAIL)
    assert f'href="/c/{made.id}"' in desk.get("/admin/?state=visible")


def test_nothing_that_a_visitor_typed_becomes_markup(desk, page):
    evil = "<script>alert(1)</script>"
    page = db.session.get(Page, page.id)
    page.title = evil
    db.session.commit()
    parent = make.comment(page, name=evil, html=f"<p>{html.escape(evil)}</p>")
    make.comment(
        page,
        parent,
        name=f'"{evil}',
        email=f"{evil}@example.org",
        website=f'https://x.example/"{evil}',
        quote=evil,
        reasons=[evil],
        html=render(f"{evil} [x](https://x.example/?{evil})"),
        state=State.PENDING,
    )
    text = desk.get("/admin/")
    assert evil not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 6
    assert '"https://x.example/"' not in text


UNSEEN = '<abbr class="sign" dir="ltr" title="Zero width space">U+200B</abbr>'


def test_what_nobody_would_see_is_marked_wherever_the_queue_shows_a_text(desk, page):
    hidden = "x\u200bx"
    parent = make.comment(page, name=f"{hidden} 1", html=render(f"{hidden} 2"))
    make.comment(
        page,
        parent,
        name=f"{hidden} 3",
        quote=f"{hidden} 4",
        html=render(f"**{hidden} 5** and [{hidden} 6](https://boat.example/a)"),
        state=State.PENDING,
    )
    text = desk.get("/admin/")
    for number in (2, 3, 4, 5, 6):
        assert f"x{UNSEEN}x {number}" in text


def test_what_a_name_and_a_text_need_to_be_read_is_not_marked(desk, page):
    persian = "می\u200cخواهم"
    make.comment(
        page, name=persian, html=render(f"{persian} 👩\u200d👩\u200d👧"), state=State.PENDING
    )
    text = desk.get("/admin/")
    assert persian in text
    assert "👩\u200d👩\u200d👧" in text
    assert 'class="sign"' not in text


def test_a_mark_makes_no_markup_of_a_name(desk, page):
    make.comment(page, name="<b>\u200b</b>", html="<p>a</p>", state=State.PENDING)
    assert f"&lt;b&gt;{UNSEEN}&lt;/b&gt;" in desk.get("/admin/")


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("approve", State.PENDING, State.VISIBLE),
        ("spam", State.PENDING, State.SPAM),
        ("remove", State.PENDING, State.REMOVED),
        ("spam", State.VISIBLE, State.SPAM),
        ("remove", State.VISIBLE, State.REMOVED),
        ("approve", State.SPAM, State.VISIBLE),
        ("remove", State.SPAM, State.REMOVED),
        ("spam", State.REMOVED, State.SPAM),
    ],
)
def test_a_button_moves_its_comment_and_undo_moves_it_back(desk, page, act, before, after):
    made, other = make.comment(page, state=before), make.comment(page, state=before, minute=1)
    assert f'value="{act} {made.id}"' in desk.get(f"/admin/?state={before}")
    answer = desk("/admin/comments", state=before, only=f"{act} {made.id}", ids=other.id)
    assert answer.status_code == 303
    assert (state(made), state(other)) == (after, before)
    undone = desk("/admin/comments/undo", acts=undo_of(answer, desk))
    assert state(made) is before
    assert "1 comment put back as before." in desk.get(undone.headers["Location"])


def test_restore_gives_a_removed_comment_the_state_that_it_had(desk, pending):
    actions.remove([pending[0].id], by=EMAIL)
    answer = desk("/admin/comments", state="removed", only=f"restore {pending[0].id}")
    assert state(pending[0]) is State.PENDING
    assert "1 comment restored." in desk.get(answer.headers["Location"])


def test_many_comments_are_decided_and_put_back_together(desk, pending):
    ids = [comment.id for comment in pending]
    answer = desk("/admin/comments", act="approve", ids=ids, sort="oldest")
    assert answer.headers["Location"].startswith("/admin/?sort=oldest&acts=")
    assert {state(comment) for comment in pending} == {State.VISIBLE}
    assert "3 comments approved." in desk.get(answer.headers["Location"])
    desk("/admin/comments/undo", acts=undo_of(answer, desk))
    assert {state(comment) for comment in pending} == {State.PENDING}
    assert db.session.get(Page, pending[0].page_id).count == 0


def test_what_somebody_else_decided_meanwhile_stays_and_is_told(desk, pending):
    actions.spam([pending[0].id], by="someone.else@blog.example")
    answer = desk("/admin/comments", act="approve", ids=[comment.id for comment in pending])
    assert [state(comment) for comment in pending] == [State.SPAM, State.VISIBLE, State.VISIBLE]
    text = desk.get(answer.headers["Location"])
    assert "2 comments approved. 1 comment had been decided or changed by someone else" in text


def test_undo_leaves_what_was_decided_again_since(desk, pending):
    answer = desk("/admin/comments", act="approve", ids=[comment.id for comment in pending[:2]])
    acts = undo_of(answer, desk)
    actions.remove([pending[0].id], by="someone.else@blog.example")
    desk("/admin/comments/undo", acts=acts)
    assert [state(comment) for comment in pending[:2]] == [State.REMOVED, State.PENDING]


def test_undo_takes_back_ones_own_acts_only(desk, pending):
    actions.approve([pending[0].id], by="someone.else@blog.example")
    desk("/admin/comments/undo", acts="1.2.3.4")
    assert state(pending[0]) is State.VISIBLE


def test_an_undone_act_has_no_undo_any_more(desk, pending):
    answer = desk("/admin/comments", only=f"approve {pending[0].id}")
    desk("/admin/comments/undo", acts=undo_of(answer, desk))
    assert undo_of(answer, desk) is None


@pytest.mark.parametrize("is_ticked", [True, False])
def test_ticks_or_a_button_alone_do_nothing(desk, pending, is_ticked):
    sent = {"act": "", "ids": pending[0].id} if is_ticked else {"act": "approve"}
    answer = desk("/admin/comments", **sent)
    assert "Nothing was done" in desk.get(answer.headers["Location"])
    assert {state(comment) for comment in pending} == {State.PENDING}


@pytest.mark.parametrize("fields", [{"act": "publish"}, {"only": "edit x"}, {"act": "undo"}])
def test_an_act_that_does_not_exist_is_refused(desk, pending, fields):
    assert desk("/admin/comments", ids=pending[0].id, **fields).status_code == 400
    assert state(pending[0]) is State.PENDING


def test_ids_that_name_nothing_do_not_stop_the_others(desk, pending):
    strange = ["1m83j1k6af3r8", "' OR 1=1", "x" * 5000]
    answer = desk("/admin/comments", act="approve", ids=[*strange, pending[0].id])
    assert answer.status_code == 303
    assert state(pending[0]) is State.VISIBLE


def test_one_site_can_be_looked_at_alone(desk, pending):
    changes.add("https://other.example", name="Another blog")
    other = make.page(changes.add("https://other.example"), "https://other.example/leeks")
    leeks = make.comment(other, state=State.PENDING)
    assert "Another blog" in desk.get("/admin/")
    text = desk.get(f"/admin/?site={other.site_id}")
    assert shown(text) == [leeks.id]
    assert re.search(r'Pending <span class="count">1<', text)


def test_a_long_queue_comes_in_pages_that_skip_nothing(desk, page):
    made = [make.comment(page, state=State.PENDING, minute=n // 3) for n in range(30)]
    first = desk.get("/admin/?sort=oldest")
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    desk("/admin/comments", act="approve", ids=shown(first), sort="oldest")
    both = shown(first) + shown(desk.get(following))
    assert sorted(both) == sorted(comment.id for comment in made)
    assert len(shown(first)) == 25


@pytest.mark.parametrize(
    "query", ["state=x", "after=zz", "after=2026_x", "sort=best", "acts=1.x.", "left=-1"]
)
def test_an_address_that_makes_no_sense_shows_the_queue(desk, pending, query):
    assert len(shown(desk.get(f"/admin/?{query}"))) == 3


def test_a_site_that_is_gone_shows_nothing_and_nothing_is_decided_over(desk, client, pending):
    assert client.get("/admin/?site=9").status_code == 404
    assert client.get("/admin/sweeps/new?site=9").status_code == 404
    assert desk("/admin/sweeps", act="remove", site="9").status_code == 404
    assert desk("/admin/comments", only=f"spam {pending[0].id}", site="9").status_code == 404
    assert {state(one) for one in pending} == {State.PENDING}


def test_what_its_author_changed_meanwhile_stays_and_is_told(desk, pending):
    seen = re.findall(r'name="seen" value="([^"]+)"', desk.get("/admin/"))
    assert len(seen) == len(pending)
    actions.edit(pending[0].id, "Buy this.", by="author", limit=5000)
    answer = desk("/admin/comments", act="approve", ids=[one.id for one in pending], seen=seen)
    assert [state(one) for one in pending] == [State.PENDING, State.VISIBLE, State.VISIBLE]
    assert "had been decided or changed by someone else" in desk.get(answer.headers["Location"])


def test_many_are_removed_at_once_for_the_password_only(desk, page, monkeypatch):
    made = [make.comment(page, state=State.PENDING, minute=n).id for n in range(11)]
    monkeypatch.setattr(sessions, "is_fresh", lambda _session: False)
    assert desk("/admin/comments", act="remove", ids=made[:10]).status_code == 303
    asked = desk("/admin/comments", act="remove", ids=made)
    assert asked.status_code == 403
    assert "Your password, please" in asked.text
    assert desk("/admin/comments", act="spam", ids=made[10:]).status_code == 303


def test_what_readers_reported_is_listed_with_what_they_say_until_it_is_answered(
    desk, page, site, app
):
    changes.choose(site.id, {"hold_reports": "0"})
    quiet, loud = make.comment(page), make.comment(page, minute=1)
    assert "Reported" not in desk.get("/admin/")
    complain(loud, "It calls <me> names.")
    listed = desk.get("/admin/?state=visible&reported=1")
    assert shown(listed) == [loud.id]
    assert "3 readers reported it" in listed
    assert "It calls &lt;me&gt; names." in listed
    kept = desk("/admin/comments", state="visible", reported="1", only=f"approve {loud.id}")
    after = desk.get(kept.headers["Location"])
    assert "1 comment approved." in after
    assert "No reports wait for you." in after
    assert state(loud) is state(quiet) is State.VISIBLE
    desk("/admin/comments/undo", state="visible", reported="1", acts=undo_of(kept, desk))
    assert shown(desk.get("/admin/?state=visible&reported=1")) == [loud.id]


def object_later(comment, until):
    """One more reader reports it, after a page was shown."""
    report(comment.id, Complaint(Reason.ABUSE, "It names my child."), reader=Reader(token="l" * 43))
    with transaction() as session:
        last = session.scalar(select(Report).where(Report.note == "It names my child."))
        last.at = clock.parse(until) + dt.timedelta(milliseconds=1)


@pytest.mark.parametrize("act", ["approve", "spam", "remove"])
def test_a_report_that_came_while_the_page_was_read_is_not_answered_by_it(desk, page, site, act):
    changes.choose(site.id, {"hold_reports": "0"})
    loud = make.comment(page)
    complain(loud)
    until = re.search(r'name="until" value="([^"]+)"', desk.get("/admin/?state=visible&reported=1"))
    object_later(loud, until[1])
    reported = {"state": "visible", "reported": "1", "until": until[1]}
    decided = desk("/admin/comments", only=f"{act} {loud.id}", **reported)
    assert state(loud) is not State.PENDING
    assert [one.note for one in reports.of_comments([loud.id])[loud.id]] == ["It names my child."]
    assert shown(desk.get("/admin/?state=visible&reported=1")) == [loud.id] * (act == "approve")
    desk("/admin/comments/undo", acts=undo_of(decided, desk), **reported)
    assert len(reports.of_comments([loud.id])[loud.id]) == 4


def test_what_somebody_else_kept_meanwhile_stays_and_teaches_nothing_more(desk, page, site):
    changes.choose(site.id, {"hold_reports": "0"})
    kept, other = make.comment(page), make.comment(page, minute=1)
    complain(kept)
    complain(other)
    actions.approve([kept.id], by="otto@blog.example")
    reported = {"state": "visible", "reported": "1"}
    answer = desk("/admin/comments", act="spam", ids=[kept.id, other.id], **reported)
    assert (state(kept), state(other)) == (State.VISIBLE, State.SPAM)
    assert learn.taught([kept.id])[kept.id] is Taught.GOOD
    told = desk.get(answer.headers["Location"])
    assert "1 comment had been decided or changed by someone else" in told


def test_what_waits_since_readers_reported_it_shows_their_notes(desk, page):
    loud = make.comment(page)
    complain(loud, "It calls me names.")
    waiting = desk.get("/admin/")
    assert shown(waiting) == [loud.id]
    assert "Readers reported it: abuse (3)." in waiting
    assert "It calls me names." in waiting


def test_a_later_page_that_was_decided_over_does_not_say_that_nothing_waits(desk, page):
    many = [make.comment(page, state=State.PENDING, minute=n) for n in range(26)]
    way = re.search(r'rel="next" href="([^"]+)"', desk.get("/admin/"))[1]
    after = re.search("after=([^&]+)", way)[1]
    answer = desk("/admin/comments", only=f"approve {many[0].id}", after=after)
    empty = desk.get(answer.headers["Location"])
    assert "This page is empty now." in empty
    assert "Nothing waits for you." not in empty
    assert ">Back to the first page</a>" in empty
