"""Where pages' own addresses lead: asked through the one door, kept, and told as a suggestion."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from afterword.core import clock
from afterword.core.db import db
from afterword.jobs.models import Job
from afterword.jobs.worker import do_next
from afterword.moderation import merges, moves, onward, twins
from afterword.moderation.models import Lead, Onward
from tests import far, make
from tests.conftest import BLOG

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context")]
PAGE = '<!doctype html><html><head>{}</head><body><link rel="canonical" href="/late">'


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(onward, "PAUSE_SECONDS", 0)


@pytest.fixture
def blog(internet):
    """Answer for the blog, by path; what is not said is not found."""
    answers = {}

    def respond(connection):
        path = server.requests[-1].split(b" ")[1].decode()
        answers.get(path, far.answer(status=404))(connection)

    server = internet.serve("blog.example", respond)
    return answers


def leads(to, status=301):
    return far.answer(status=status, location=to)


def html(head=""):
    return far.answer(PAGE.format(head).encode(), content_type="text/html; charset=utf-8")


def page(site, path):
    made = make.page(site, f"{BLOG}{path}")
    made.title = None  # of one title they would be suggested anyway
    make.comment(made)
    return made


def asked(since=None):
    return [one.key for one in onward.ask(since=since or clock.now())]


def suggested():
    return [(one.page.key, one.into.key, one.reason) for one in twins.find(onward.found())]


@pytest.mark.parametrize("status", [301, 308])
def test_a_page_that_leads_to_another_for_good_may_be_one_with_it(site, blog, status):
    page(site, "/old")
    make.comment(page(site, "/new"), minute=1)
    blog["/old"], blog["/new"] = leads("/new", status), html()
    assert suggested() == []
    assert asked() == ["blog.example/old", "blog.example/new"]
    reason = twins.LED[Lead.REDIRECT]
    assert suggested() == [("blog.example/old", "blog.example/new", reason)]
    assert onward.found()[0].url == f"{BLOG}/new"


def test_the_page_that_leads_on_is_the_one_to_go_however_full_it_is(site, blog):
    many = page(site, "/old")
    make.comment(many, minute=1)
    page(site, "/new")
    blog["/old"], blog["/new"] = leads(f"{BLOG}/new"), html()
    asked()
    assert [(one.page.key, one.into.key) for one in twins.find(onward.found())] == [
        ("blog.example/old", "blog.example/new")
    ]


def test_a_page_that_names_another_address_as_its_own_may_be_one_with_it(site, blog):
    page(site, "/print"), page(site, "/post")
    blog["/print"] = html('<link rel="canonical" href="https://blog.example/post">')
    blog["/post"] = html('<link rel=canonical href="/post?utm_source=x">')
    asked()
    reason = twins.LED[Lead.CANONICAL]
    assert suggested() == [("blog.example/print", "blog.example/post", reason)]


@pytest.mark.parametrize(
    "answer",
    [
        html(),  # its canonical link stands in the body, where anybody may have written it
        leads("/new", 302),
        leads("https://elsewhere.example/new"),
        leads("/gone"),
        leads("/"),
        leads("/old"),
        leads("/old/?utm_source=x"),
        leads("http://["),
        leads("javascript:alert(1)"),
        leads("/" + "x" * 3000),
        far.answer(b'<link rel=canonical href="/new">', content_type="text/plain"),
        far.answer(b"x" * (onward.LIMITS.most + 1), content_type="text/html"),
        html('<link rel="canonical" href="https://elsewhere.example/new">'),
        html('<link rel="canonical" href="http://[">'),
        html("<!--" * 100_000),
    ],
)
def test_what_says_nothing_suggests_nothing(site, blog, answer):
    page(site, "/old"), page(site, "/new")
    blog["/old"], blog["/new"], blog["/"] = answer, html(), html()
    assert len(asked()) == 2
    assert (suggested(), onward.found()) == ([], [])


def test_an_address_in_our_own_network_is_never_asked(site, internet):
    page(site, "/old")
    internet.lead("blog.example", ["127.0.0.1"], ["169.254.169.254"])
    for _ in range(2):
        asked()
    assert internet.dialled == []
    assert onward.found() == []


def test_a_redirect_into_our_own_network_is_not_followed(site, internet):
    """Its name is the blog's own, and its address another the second time."""
    page(site, "/old"), page(site, "/new")
    internet.serve("blog.example", leads("/new"))
    internet.lead("blog.example", [far.OUTSIDE], ["10.0.0.1"])
    asked()
    assert set(internet.dialled) == {(far.OUTSIDE, 443)}
    assert suggested() == []


def test_pages_that_were_asked_are_not_asked_again_in_the_same_round(site, blog):
    page(site, "/a"), page(site, "/b")
    start = clock.now()
    next(onward.ask(since=start))
    assert asked(since=start) == ["blog.example/b"]
    assert asked(since=start) == []
    page(site, "/c").key = "id:named"  # which has no address that could be asked
    db.session.commit()
    assert len(asked()) == 2


def test_what_a_page_answered_before_counts_no_more(site, blog):
    page(site, "/old"), page(site, "/new")
    blog["/old"], blog["/new"] = leads("/new"), html()
    asked()
    blog["/old"] = html()
    asked()
    assert suggested() == []


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_what_a_page_answered_before_counts_while_it_cannot_be_asked(site, blog, status):
    page(site, "/old"), page(site, "/new")
    blog["/old"], blog["/new"] = leads("/new"), html()
    asked()
    suggestion = suggested()
    blog["/old"] = far.answer(status=status) if status else lambda connection: connection.close()
    start = clock.now()
    assert len(asked(since=start)) == 2
    assert len(suggestion) == 1
    assert suggested() == suggestion
    assert asked(since=start) == [], "it was asked all the same"


@pytest.mark.parametrize("named", ["http://[", "https://blog.example:x/", "mailto:a@blog.example"])
def test_a_page_that_names_no_address_hides_no_redirect_to_it(site, blog, named):
    page(site, "/old"), page(site, "/new")
    blog["/old"], blog["/new"] = leads("/new"), html(f'<link rel="canonical" href="{named}">')
    asked()
    reason = twins.LED[Lead.REDIRECT]
    assert suggested() == [("blog.example/old", "blog.example/new", reason)]


def test_where_nobody_has_commented_yet_a_move_is_suggested_and_answers_it(site, blog):
    page(site, "/old")
    blog["/old"], blog["/new"] = leads("/new"), html()
    asked()
    (led,) = onward.found()
    assert (led.page.key, led.url, led.into) == ("blog.example/old", f"{BLOG}/new", None)
    moves.follow(moves.one(led.page.url, led.url), by="test")
    assert onward.found() == []


def test_a_page_that_moved_or_moved_back_is_known_to_lead_nowhere_until_it_is_asked(site, blog):
    page(site, "/old")
    blog["/old"], blog["/new"] = leads("/new"), html('<link rel=canonical href="/newer">')
    asked()
    moves.follow(moves.one(f"{BLOG}/old", f"{BLOG}/new"), by="test")
    assert db.session.query(Onward).count() == 0
    asked()
    assert [one.url for one in onward.found()] == [f"{BLOG}/newer"]
    moves.return_from(f"{BLOG}/new", by="test")
    assert db.session.query(Onward).count() == 0


def test_what_the_address_says_that_a_page_had_when_it_was_asked_is_not_kept(
    site, blog, monkeypatch
):
    page(site, "/old")
    blog["/old"] = leads("/new")
    look = onward._look

    def slowly(url, of):
        moves.follow(moves.one(url, f"{BLOG}/elsewhere"), by="test")
        return look(url, of)

    monkeypatch.setattr(onward, "_look", slowly)
    asked()
    assert db.session.query(Onward).count() == 0


def test_many_pages_that_lead_on_are_found_by_a_few_questions(site):
    for number in range(onward.SHOWN + 1):
        one = make.page(site, f"{BLOG}/old/{number}")
        make.page(site, f"{BLOG}/new/{number}")
        db.session.add(Onward(page_id=one.id, url=f"{BLOG}/new/{number}", lead=Lead.REDIRECT))
    db.session.commit()
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    led = onward.found()
    assert [one.into.key for one in led][:2] == ["blog.example/new/0", "blog.example/new/1"]
    assert len(led) == onward.SHOWN
    assert len(sent) < 6


def test_a_merge_answers_it_and_what_is_not_the_same_is_not_said_again(site, blog):
    one, other, third = (page(site, path) for path in ("/a", "/b", "/c"))
    blog["/a"], blog["/b"], blog["/c"] = leads("/c"), leads("/c"), html()
    asked()
    assert len(suggested()) == 2
    twins.keep_apart(one.id, third.id, by="test")
    merges.merge(other.id, third.id, by="test")
    assert suggested() == []
    assert db.session.query(Onward).count() == 2


def test_a_job_asks_a_few_and_leaves_the_rest_to_the_next(site, blog, monkeypatch):
    for path in ("/a", "/b", "/c"):
        page(site, path)
    monkeypatch.setattr(onward, "TURN_SECONDS", -1)
    onward.begin()
    onward.begin()
    assert db.session.query(Job).count() == 1
    for many in (1, 2, 3):
        assert onward.state().is_running
        assert do_next()
        assert db.session.query(Onward).count() == many
    assert do_next()
    assert not onward.state().is_running
    assert onward.state().at is not None
    assert not do_next()


def test_reading_the_suggestions_asks_nobody(site, internet):
    page(site, "/old")
    twins.find(onward.found())
    assert (internet.resolved, internet.dialled) == ([], [])
