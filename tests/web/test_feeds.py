"""Feeds: what is new, in Atom and JSON Feed, for programs that come back again and again."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import update

from afterword.core import clock
from afterword.core.db import transaction
from afterword.identity import accounts
from afterword.identity.accounts import Shown
from afterword.identity.models import PassportKind
from afterword.moderation import actions, audit, moves
from afterword.threads.models import Comment, Page
from tests import mailbox as far
from tests.conftest import BLOG, PAGE

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
THREAD = "{http://purl.org/syndication/thread/1.0}"
OF_PAGE = {"url": PAGE}


@pytest.fixture
def told(told, box):
    return {
        **told,
        "AFTERWORD_SMTP_URL": box.url,
        "AFTERWORD_PUBLIC_URL": "https://comments.example",
    }


@pytest.fixture
def atom(client):
    def get(path="/feeds/page.atom", **query):
        answer = client.get(path, query_string=query or OF_PAGE)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/atom+xml"
        return ET.fromstring(answer.data)

    return get


def said(element, name):
    return element.findtext(f"{ATOM}{name}")


def test_an_atom_feed_has_all_that_the_rfc_asks_for(post, atom):
    comment = post(title="First & second", author={"name": "Ada <b>"}).json["comment"]
    feed = atom()
    assert said(feed, "title") == "Comments on First & second"
    assert said(feed, "id").startswith("https://comments.example/feeds/page.atom?url=https")
    assert said(feed, "updated") == comment["created"]
    (entry,) = feed.findall(f"{ATOM}entry")
    assert said(entry, "id") == f"https://comments.example/c/{comment['id']}"
    assert said(entry, "title") == "Ada <b> on First & second"
    assert said(entry, "content") == "<p>Good morning.</p>\n"
    assert entry.find(f"{ATOM}link").get("href") == f"{PAGE}#comment-{comment['id']}"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada <b>"
    assert clock.parse(said(entry, "published"))


def test_an_atom_feed_says_what_answers_what(post, atom):
    first = post("A word.").json["comment"]
    post("An answer.", parent=first["id"])
    answer, root = atom().findall(f"{ATOM}entry")
    assert answer.find(f"{THREAD}in-reply-to").get("ref") == said(root, "id")
    assert root.find(f"{THREAD}in-reply-to") is None


def test_a_json_feed_says_the_same(post, client, atom):
    post("One.", author={"name": "Ada", "website": "https://ada.example/"})
    feed = client.get("/feeds/page.json", query_string=OF_PAGE)
    assert feed.mimetype == "application/feed+json"
    (item,) = feed.json["items"]
    assert item["authors"] == [{"name": "Ada", "url": "https://ada.example/"}]
    assert item["id"] == said(atom().find(f"{ATOM}entry"), "id")
    assert feed.json["version"] == "https://jsonfeed.org/version/1.1"
    assert feed.json["feed_url"].startswith("https://comments.example/feeds/page.json")


def test_a_comment_on_words_of_the_page_quotes_them_in_a_feed(post, client, app, atom):
    post(text="No, it does not.", quote={"exact": "The <b> earth is flat."})
    with app.app_context(), transaction() as session:
        session.execute(update(Comment).values(lang="nl"))
    (entry,) = atom().findall(f"{ATOM}entry")
    content = entry.find(f"{ATOM}content")
    html = "<blockquote>The &lt;b&gt; earth is flat.</blockquote>\n<p>No, it does not.</p>\n"
    assert content.text == html
    assert content.get("{http://www.w3.org/XML/1998/namespace}lang") == "nl"
    (item,) = client.get("/feeds/page.json", query_string=OF_PAGE).json["items"]
    assert (item["content_html"], item["language"]) == (html, "nl")


def test_the_newest_of_a_site_come_first_and_at_most_fifty(post, atom):
    for number in range(55):
        post(f"Number {number}", url=f"https://blog.example/{number % 3}")
    feed = atom("/feeds/site.atom", site="blog.example")
    assert said(feed, "title") == "Comments on A blog"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 50
    assert "Number 54" in said(entries[0], "content")


def test_what_is_removed_or_waits_is_in_no_feed(app, post, atom):
    comment = post().json["comment"]
    with app.app_context():
        actions.spam([comment["id"]], by="test")
    assert atom().findall(f"{ATOM}entry") == []
    assert atom("/feeds/site.atom", site="blog.example").findall(f"{ATOM}entry") == []


def test_no_address_of_an_author_is_in_a_feed(post, client):
    post(author={"name": "Ada", "email": "ada@reader.example"})
    for path in ("/feeds/page.atom", "/feeds/page.json"):
        assert "reader.example" not in client.get(path, query_string=OF_PAGE).text


def test_a_page_that_nobody_commented_on_has_an_empty_feed(site, atom):
    feed = atom()
    assert said(feed, "title") == f"Comments on {PAGE}"
    assert feed.findall(f"{ATOM}entry") == []


@pytest.mark.parametrize("own", [{}, {"page": "article-7"}])
def test_the_id_of_a_feed_never_changes(app, post, atom, own):
    spelled = [PAGE, f"{PAGE}/?utm_source=x", PAGE.replace("https", "http"), f"{PAGE}/index.html"]
    ids = {said(atom(url=one, **own), "id") for one in spelled}
    post(url=f"{PAGE}/?utm_source=x", **own)
    ids |= {said(atom(url=one, **own), "id") for one in spelled}
    if not own:
        with app.app_context():
            moves.follow(moves.one(PAGE, f"{BLOG}/elsewhere"), by="test")
        ids |= {said(atom(url=one), "id") for one in (PAGE, f"{BLOG}/elsewhere")}
        with app.app_context():
            moves.return_from(f"{BLOG}/elsewhere", by="test")
        ids |= {said(atom(), "id")}
    assert len(ids) == 1


@pytest.mark.parametrize("own", [{}, {"page": "article-7"}])
def test_a_feed_that_was_followed_before_ids_were_made_so_keeps_its_own(app, post, atom, own):
    post(**own)
    with app.app_context(), transaction() as session:
        session.execute(update(Page).values(feed_url=f"{PAGE}/?x=1"))
    query = urlencode({"url": f"{PAGE}/?x=1", **own})
    assert said(atom(url=PAGE, **own), "id") == f"https://comments.example/feeds/page.atom?{query}"


def test_pages_have_feeds_of_different_ids(post, atom):
    told = [{"url": PAGE}, {"url": PAGE, "page": "a"}, {"url": PAGE, "page": "b"}, {"url": BLOG}]
    assert len({said(atom(**one), "id") for one in told}) == 4


def test_an_edit_and_its_revert_are_both_news_in_a_feed(app, post, client, atom):
    one = post().json["comment"]["id"]
    moments = [said(atom().find(f"{ATOM}entry"), "updated")]

    def note():
        moments.append(said(atom().find(f"{ATOM}entry"), "updated"))
        (item,) = client.get("/feeds/page.json", query_string=OF_PAGE).json["items"]
        assert item["date_modified"] == moments[-1]

    with app.app_context():
        edited = actions.edit(one, "Good evening.", by="test", limit=99)
        act = audit.last_edits([edited])
    note()
    with app.app_context():
        actions.undo(act, by="test")
    note()
    assert moments == sorted(moments)
    assert moments[0] < moments[-1]


def test_a_program_that_holds_the_newest_is_told_so(post, client):
    post()
    for path in ("/feeds/page.atom", "/feeds/page.json"):
        first = client.get(path, query_string=OF_PAGE)
        assert "s-maxage" in first.headers["Cache-Control"]
        held = {"If-None-Match": first.headers["ETag"]}
        assert client.get(path, query_string=OF_PAGE, headers=held).status_code == 304
        post("News.")
        assert client.get(path, query_string=OF_PAGE, headers=held).status_code == 200


def test_what_else_is_asked_makes_no_other_feed(post, client):
    post()
    plain = client.get("/feeds/page.atom", query_string=OF_PAGE).data
    assert client.get("/feeds/page.atom", query_string={**OF_PAGE, "x": "1"}).data == plain


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/page.atom", 400),
        ("/feeds/page.atom?url=https://other.example/", 404),
        ("/feeds/page.rss?url=https://blog.example/", 404),
        ("/feeds/site.atom", 404),
        ("/feeds/site.atom?site=none", 404),
        ("/feeds/answers.atom", 400),
        ("/feeds/answers.json?key=x.y.z", 400),
    ],
)
def test_a_feed_of_nothing_is_refused(site, client, path, status):
    assert client.get(path).status_code == status


def test_the_page_without_javascript_names_its_feeds(post, client):
    post()
    page = client.get("/thread", query_string=OF_PAGE).text
    links = re.findall(r'<link rel="alternate" type="([^"]+)"[^>]* href="([^"]+)"', page)
    assert [kind for kind, _ in links] == [
        "application/atom+xml",
        "application/feed+json",
        "application/atom+xml",
    ]
    for _, href in links:
        assert client.get(href.replace("&amp;", "&")).status_code == 200


SECRET = {"Authorization": "Bearer " + "a" * 43}
ADA = {"name": "Ada", "email": "ada@reader.example"}


@pytest.fixture
def mine(post):
    return post("Mine.", author=ADA, headers=SECRET).json["comment"]


@pytest.fixture
def own(mine, client, mail):
    """The page of what is Ada's."""
    return client.post(far.link(mail()[0], "/me/link/")).headers["Location"].partition("?")[0]


def feed_on(page):
    return re.search(r'href="(/feeds/answers\.atom[^"]+)"', page)[1]


def test_one_reader_follows_the_answers_to_them(post, client, mine, own):
    path = feed_on(client.get(own).text)
    post("An answer.", parent=mine["id"])
    post("My own.", parent=mine["id"], author=ADA, headers=SECRET)
    post("To nobody.")
    answer = client.get(path)
    entries = ET.fromstring(answer.data).findall(f"{ATOM}entry")
    assert ["An answer." in said(entry, "content") for entry in entries] == [True]
    assert "private" in answer.headers["Cache-Control"]
    held = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(path, headers=held).status_code == 304


def test_its_reader_gives_that_feed_a_new_address_and_the_old_one_ends(post, client, mine, own):
    post("An answer.", parent=mine["id"])
    old = feed_on(client.get(own).text)
    changed = client.post(f"{own}/feed")
    page = client.get(changed.headers["Location"]).text
    assert "The feed has a new address." in page
    new = feed_on(page)
    assert client.get(old).status_code == 400
    assert "An answer." in client.get(new).text


def test_a_form_from_elsewhere_gives_it_none(client, own):
    old = feed_on(client.get(own).text)
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert client.post(f"{own}/feed", headers=elsewhere).status_code == 403
    assert client.get(old).status_code == 200


def test_the_feed_of_somebody_who_was_erased_is_gone(client, own):
    old = feed_on(client.get(own).text)
    client.post(f"{own}/erase")
    assert client.get(old).status_code == 400


def test_whoever_signs_in_without_an_address_has_the_feed_too(app, site, post, client):
    with app.app_context(), transaction():
        shown = Shown(
            kind=PassportKind.OIDC, issuer="https://far.example", subject="7", label="ada"
        )
        account = accounts.let_in(shown)
        token = accounts.give_token(account, site_id=site.id)
        key = accounts.key(account)
    mine = post("Mine.", headers={"Authorization": f"Bearer {token}"}).json["comment"]["id"]
    post("An answer.", parent=mine)
    assert "An answer." in client.get(feed_on(client.get(f"/me/{key}").text)).text
