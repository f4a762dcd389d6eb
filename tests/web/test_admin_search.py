"""Search and filters of the queue: what they show, that they stay, and how they go away."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.core.db import db
from afterword.identity.models import Author
from afterword.markup.render import render
from afterword.moderation import queue
from afterword.moderation.index import Count
from afterword.moderation.models import Reason
from afterword.posting.reader import Reader
from afterword.posting.report import Complaint, report
from afterword.sites import changes
from afterword.spam.traces import Trace
from afterword.threads.models import Page, State
from tests import make
from tests.conftest import BLOG
from tests.web.test_admin_queue import desk, shown, state

pytestmark = pytest.mark.slow

__all__ = ["desk"]

LINKED = "[here](https://spam.example/x)"


@pytest.fixture
def page(context, site):
    return make.page(site)


def waiting(page, text="tea", **said):
    return make.comment(page, text=text, html=render(text), state=State.PENDING, **said)


def links(text, within):
    """Where the links lead in the part of a page that begins with this."""
    part = re.search(rf"{within}.*?</(?:ul|p|nav)>", text, re.DOTALL)
    return [html.unescape(one) for one in re.findall(r'href="([^"]+)"', part[0])] if part else []


def chips(text):
    """What the queue is narrowed by, and where each is taken away."""
    part = re.search(r'<ul class="chips".*?</ul>', text, re.DOTALL)
    found = re.findall(r'<a [^>]*href="([^"]+)">(.*?)</a>', part[0], re.DOTALL) if part else []
    words = [" ".join(html.unescape(re.sub("<[^>]*>", " ", said)).split()) for _, said in found]
    said = [
        one.removeprefix("Take away ").removesuffix(" \N{MULTIPLICATION SIGN}") for one in words
    ]
    return dict(zip(said, (html.unescape(address) for address, _ in found), strict=True))


def test_a_search_shows_what_has_the_words_and_keeps_them_in_its_field(desk, page):
    found = waiting(page, "A pot of tea")
    waiting(page, "Coffee", minute=1)
    text = desk.get("/admin/?q=tea")
    assert shown(text) == [found.id]
    assert 'type="search" value="tea"' in text
    assert "Nothing was found." in desk.get("/admin/?q=milk")


def test_what_was_found_in_other_states_is_counted_and_offered(desk, page):
    make.comment(page, text="tea", state=State.SPAM)
    waiting(page, "coffee", minute=1)
    text = desk.get("/admin/?q=tea")
    assert re.search(r'Pending <span class="count">0<', text)
    assert re.search(r'Spam <span class="count">1<', text)
    assert "/admin/?q=tea&state=spam" in links(text, "But elsewhere there are:")


def test_each_filter_narrows_the_queue_and_is_a_chip_that_goes_away(desk, site, page):
    author = Author(site_id=site.id, token_hash="x" * 64)
    db.session.add(author)
    db.session.commit()
    reasons = ["It has 3 links; 2 are allowed."]
    theirs = waiting(page, f"tea {LINKED}", author_id=author.id, name="Anna", reasons=reasons)
    other = make.page(site, f"{BLOG}/other")
    other.title = "Another"
    db.session.commit()
    waiting(other, minute=1)
    for field, chip in (
        (f"page={page.id}", "Page First post"),
        (f"author={author.id}", "Author Anna"),
        ("reason=It+has+…+links%3B+…+are+allowed.", "Reason It has … links; … are allowed."),
        ("links=1", "With links"),
        ("q=spam.example", "spam.example"),
        ("q=link:spam.example", "Link spam.example"),
        ("q=-coffee+page:/first-post", "Without coffee"),
    ):
        text = desk.get(f"/admin/?sort=oldest&{field}")
        assert shown(text) == [theirs.id], field
        assert chip in chips(text)
    assert chips(text) == {
        "Without coffee": "/admin/?q=page:/first-post&sort=oldest",
        "Page /first-post": "/admin/?q=-coffee&sort=oldest",
        "Take all away": "/admin/?sort=oldest",
    }


def test_all_filters_stay_through_tabs_order_paging_and_acts(desk, site, page):
    for n in range(30):
        waiting(page, f"tea {LINKED}", minute=n, name="Anna")
    kept = f"site={site.id}&page={page.id}&links=1&q=tea+author:anna"
    text = desk.get(f"/admin/?{kept}&sort=oldest")
    assert len(shown(text)) == 25
    (following,) = links(text, '<nav class="paging"')
    assert following.startswith(f"/admin/?{kept}&sort=oldest&after=")
    assert len(shown(desk.get(following))) == 5
    assert f"/admin/?{kept}" in links(text, '<nav aria-label="Order"')
    assert f"/admin/?{kept}&sort=oldest&state=spam" in links(text, '<nav class="tabs"')
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert hidden["q"] == "tea author:anna"
    told = {name: hidden[name] for name in ("site", "page", "links", "q", "sort")}
    answer = desk("/admin/comments", only=f"spam {shown(text)[0]}", **told)
    assert answer.headers["Location"].startswith(f"/admin/?{kept}&sort=oldest&acts=")
    assert "tea author:anna" in desk.get(f"/admin/comments/{shown(text)[1]}/edit?{kept}")


def test_an_act_on_what_was_found_decides_over_nothing_else(desk, page):
    found, other = waiting(page, "tea"), waiting(page, "coffee", minute=1)
    desk("/admin/comments", q="tea", act="approve", ids=[found.id])
    assert (state(found), state(other)) == (State.VISIBLE, State.PENDING)


def test_a_state_among_the_words_chooses_the_tab(desk, page):
    made = make.comment(page, text="tea", state=State.SPAM)
    text = desk.get("/admin/?q=tea+state:spam")
    assert shown(text) == [made.id]
    assert 'value="tea"' in text
    assert '<input type="hidden" name="state" value="spam">' in text
    seen = make.comment(page, text="tea", minute=1)
    report(seen.id, Complaint(Reason.SPAM), reader=Reader(token="r" * 43))
    assert shown(desk.get("/admin/?q=state:reported")) == [seen.id]
    assert shown(desk.get("/admin/?q=has:links+state:visible")) == []


def test_the_names_and_reasons_of_a_card_narrow_the_queue(desk, site, page):
    author = Author(site_id=site.id, token_hash="x" * 64)
    db.session.add(author)
    db.session.commit()
    known = waiting(page, author_id=author.id, reasons=["It has 3 links; 2 are allowed."])
    typed = waiting(page, name='Bob "the" Builder', minute=1)
    mailed = waiting(page, name="Carl", email="carl@c.example", minute=2)
    text = html.unescape(desk.get("/admin/"))
    for address, found in (
        (f"/admin/?author={author.id}", [known]),
        ('/admin/?q=author:"Bob++the++Builder"', [typed]),
        ('/admin/?q=email:"carl@c.example"', [mailed]),
        (f"/admin/?page={page.id}", [mailed, typed, known]),
    ):
        written = address.replace('"', "%22")
        assert f'href="{written}"' in text
        assert shown(desk.get(written)) == [one.id for one in found]
    (reason,) = links(text, '<ul class="reasons"')
    assert shown(desk.get(reason)) == [known.id]
    assert desk.get(reason).count(html.escape("It has … links; … are allowed.")) > 1


def test_where_the_queue_is_one_pages_the_title_leads_to_the_page(desk, page):
    waiting(page)
    assert f'href="{page.url}"' in desk.get("/admin/")
    assert f"page={page.id}&amp;page" not in desk.get(f"/admin/?page={page.id}")
    assert "See the page" not in desk.get(f"/admin/?page={page.id}")


def test_why_comments_wait_is_offered_the_most_frequent_first(desk, page):
    for n, reasons in enumerate((["A."], ["B."], ["B.", "It has 3 links."], ["It has 4 links."])):
        waiting(page, reasons=reasons, minute=n)
    text = desk.get("/admin/")
    offered = re.findall(r'dir="auto">([^<]+)</a></li>', text.partition("Why it waits")[2])
    assert set(offered[:2]) == {"B.", "It has … links."}
    assert "A." in offered
    assert "<summary>Why it waits" not in desk.get("/admin/?state=visible")


def test_pages_that_bear_the_words_are_offered(desk, page):
    db.session.get(Page, page.id).title = "All about tea"
    db.session.commit()
    make.comment(page)
    text = desk.get("/admin/?q=tea+author:anna")
    (offered,) = links(text, "Pages with these words")
    assert offered == f"/admin/?q=author:anna&page={page.id}"


def test_comments_that_are_alike_stand_for_themselves_in_a_search(desk, page):
    made = [waiting(page, "tea", minute=n) for n in range(3)]
    for one in made:
        db.session.add(
            Trace(
                comment_id=one.id,
                site_id=one.site_id,
                sketch=b"",
                created=one.created,
                cluster="flood",
            )
        )
    db.session.commit()
    assert len(shown(desk.get("/admin/"))) == 1
    assert len(shown(desk.get("/admin/?q=tea"))) == 3


def test_a_search_stays_on_its_site(desk, site, page):
    mine = waiting(page)
    waiting(make.page(changes.add("https://other.example"), "https://other.example/x"), minute=1)
    assert shown(desk.get(f"/admin/?site={site.id}&q=tea")) == [mine.id]


def test_what_makes_no_sense_is_named_and_left_out(desk, page):
    found = waiting(page)
    text = desk.get("/admin/?q=tea+ip:nowhere+before:soon&page=x&author=%22&links=2&reason=")
    assert shown(text) == [found.id]
    assert re.search(r"<code>ip:nowhere</code>\s*<code>before:soon</code>", text)


def test_a_search_says_where_not_all_were_counted(desk, page, monkeypatch):
    waiting(page)
    found = dict.fromkeys(State, Count(0))
    found |= {State.PENDING: Count(1), State.VISIBLE: Count(1320, is_least=True)}
    monkeypatch.setattr(queue, "found", lambda *_, **__: found)
    told = re.findall(r'class="count">(.*?)<', desk.get("/admin/?q=tea"))
    assert told == ["1", "1,320+", "0", "0"]
    assert "But elsewhere there are:" not in desk.get("/admin/?q=tea")
    elsewhere = desk.get("/admin/?q=tea&state=spam")
    assert re.findall(r">(\w+ [\d,+]+)</a>", elsewhere) == ["Pending 1", "Visible 1,320+"]


def test_a_page_and_an_author_that_are_gone_are_nothing_found(desk, page):
    waiting(page)
    for query in ("page=999999999", "author=1m83j1k6af3r8", "q=page:gone"):
        assert "Nothing was found." in desk.get(f"/admin/?{query}")


def test_nothing_that_is_typed_becomes_markup(desk, page):
    waiting(page, name='"><script>alert(1)</script>', reasons=["<script>alert(2)</script>"])
    for query in ("q=%3Cscript%3Ealert(1)", "reason=%3Cscript%3E", "q=%22%3E%3Cscript%3E"):
        assert "<script>" not in desk.get(f"/admin/?{query}")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    typed=st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            ['"', "(", "*", "-", ":", " ", "a", "author:", "page:", "^", "+", "'", "\x00"]
        )
    ).map("".join),
    reason=st.text(max_size=20),
)
def test_no_search_is_an_error_of_the_service(desk, client, page, typed, reason):
    answer = client.get("/admin/", query_string={"q": typed, "reason": reason, "after": typed})
    assert answer.status_code == 200


def test_a_page_of_the_desk_comes_small_to_who_asks_on_it(desk, client, page):
    for n in range(25):
        waiting(page, minute=n)
    told = {"Accept-Encoding": "gzip, br"}
    own = client.get("/admin/", headers={**told, "Sec-Fetch-Site": "same-origin"})
    assert own.headers["Content-Encoding"] == "br"
    assert len(own.data) < 10_000
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        asked = client.get("/admin/", headers={**told, **site})
        assert "Content-Encoding" not in asked.headers, "its size would tell what is in it"
