"""Webmention (https://www.w3.org/TR/webmention/): pages elsewhere answer ours, and ours them."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import parse_qs

import pytest
from sqlalchemy import insert

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.core.fetch import Answer
from afterword.identity.models import Picture, Standing
from afterword.jobs import queue, worker
from afterword.mentions import said, targets, verify
from afterword.mentions.models import Asked, Told
from afterword.moderation import actions, authors, bans, places
from afterword.moderation import queue as desk_queue
from afterword.moderation.models import BanKind
from afterword.operate import person
from afterword.posting import pictures
from afterword.posting.submit import submit
from afterword.sites import changes, directory
from afterword.spam import ask
from afterword.spam.checks import hook
from afterword.threads import pages
from afterword.threads.draft import Draft
from afterword.threads.models import Comment, Mention, Page, State
from tests import effort
from tests.conftest import BLOG, PAGE
from tests.far import answer
from tests.service.test_check_hook import SECRET
from tests.web.test_profile import picture

pytestmark = pytest.mark.slow

SOURCE = "https://friend.example/notes/1"
HOUR = dt.timedelta(hours=1)
THERE = "https://other.example/post"


@pytest.fixture
def work(app):
    """Do what is due, as the worker does."""

    def do():
        with app.app_context():
            while worker.do_next():
                pass

    return do


@pytest.fixture(autouse=True)
def takes(app, site):
    with app.app_context():
        changes.choose(site.id, {"webmentions": "on"})


@pytest.fixture
def tell(client):
    """Tell of a mention, as another site does."""

    def send(source=SOURCE, target=PAGE, **more):
        return client.post("/webmention", data={"source": source, "target": target, **more})

    return send


@pytest.fixture
def arrive(internet, tell, work, app):
    """A page elsewhere that holds this is told of and looked after; answers its comment."""

    def come(html, *, source=SOURCE, target=PAGE, **how):
        host = source.split("/")[2]
        internet.serve(host, page(html, **how))
        assert tell(source, target).status_code == 202
        work()
        return stored(app, source)

    return come


def page(html, **how):
    return answer(html.encode(), content_type="text/html; charset=utf-8", **how)


def stored(app, source=SOURCE):
    with app.app_context():
        db.session.expire_all()
        rows = db.session.query(Comment).filter_by(source=source).all()
        assert len(rows) <= 1, "a source says one thing of a page"
        return rows[0] if rows else None


def entry(inside, *, author="Grace", home="https://friend.example/"):
    return (
        f'<article class="h-entry"><a class="p-author h-card" href="{home}">{author}</a>'
        f"{inside}</article>"
    )


def reply(words="Well said.", target=PAGE):
    answered = f'<a class="u-in-reply-to" href="{target}">a post</a>'
    return entry(f'{answered}<div class="e-content"><p>{words}</div>')


def approve(app, comment):
    with app.app_context():
        actions.approve([comment.id], by="owner@blog.example")


# What webmention.rocks asks of a receiver


def test_a_mention_with_source_and_target_is_accepted_without_a_location(tell):
    taken = tell()
    assert taken.status_code == 202
    assert "Location" not in taken.headers
    assert taken.mimetype == "text/plain"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("", PAGE), (SOURCE, ""), ("friend.example", PAGE), ("ftp://friend.example/", PAGE),
        ("mailto:a@friend.example", PAGE), ("https://a:b@friend.example/", PAGE),
        ("https://" + "x" * 3000, PAGE), (SOURCE, "not a url"), (SOURCE, "file:///etc/passwd"),
        (SOURCE, "https://elsewhere.example/post"), (PAGE, PAGE), (PAGE + "#a", PAGE),
        ("http://localhost:8000/thread", PAGE), (SOURCE, "http://localhost:8000/admin/"),
        (SOURCE, "http://localhost:8000/c/none"), ("https://friend.example/\x00", PAGE),
    ],
)  # fmt: skip
def test_what_is_no_mention_of_a_page_of_ours_is_refused(app, tell, source, target):
    assert tell(source, target).status_code == 400
    with app.app_context():
        assert db.session.query(Asked).count() == 0
        assert queue.waiting() == []


def test_a_request_that_says_two_sources_is_refused(client):
    sent = {"source": [SOURCE, "https://other.example/"], "target": PAGE}
    assert client.post("/webmention", data=sent).status_code == 400


def test_a_site_that_takes_none_refuses_them(app, site, tell):
    with app.app_context():
        changes.choose(site.id, {"webmentions": "off"})
    assert tell().status_code == 400


def test_the_page_is_looked_at_later_and_not_while_its_teller_waits(internet, tell, work):
    server = internet.serve("friend.example", page(reply()))
    tell()
    assert server.requests == []
    work()
    assert len(server.requests) == 1


def test_told_twice_it_is_looked_after_once(internet, tell, work):
    server = internet.serve("friend.example", page(reply()))
    assert [tell().status_code, tell().status_code] == [202, 202]
    work()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>No link at all</p>",
        f'<a href="{PAGE}-and-more">another page</a>',
        f"<p>{PAGE}</p>",
        f'<!-- <a href="{PAGE}">in a comment</a> -->',
        f'<code>&lt;a href="{PAGE}"&gt;</code>',
        f'<script>document.write(`<a href="{PAGE}">x</a>`)</script>',
        f'<textarea><a href="{PAGE}">x</a></textarea>',
        f'<a title="{PAGE}">x</a>',
        f'<a href="{PAGE}',
    ],
)
def test_a_page_without_a_link_to_ours_says_nothing(arrive, html):
    assert arrive(html) is None


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{PAGE}">x</a>',
        f"<A HREF={PAGE}>x</A>",
        f"<a href='{PAGE}'>x</a>",
        f'<a class=x data-y href = "{PAGE}" >x',
        f'<a href="  {PAGE}#comments ">a part of it',
        '<a href="HTTPS://Blog.Example:443/first-post">another spelling</a>',
        f'<img src="{PAGE}">',
        '<base href="https://blog.example/x/"><a href="../first-post">x</a>',
        f'<a href="https://other.example/">y</a><p><a href="{PAGE}">x</a>',
        f'<a href="javascript:1"></a><a href="https://[1/"></a><a href="{PAGE}">x</a>',
        f'<base href="https://blog.example/{"x/" * 2000}"><a href="{PAGE}">x</a>',
        "".join(f'<a href="/{n}">y</a>' for n in range(10_000)) + f'<a href="{PAGE}">x</a>',
    ],
)
def test_a_link_is_found_however_it_is_written(arrive, html):
    assert arrive(html).mention is Mention.MENTION


@pytest.mark.parametrize(
    ("body", "kind", "is_one"),
    [
        (f'{{"a": ["x", {{"b": "{PAGE}"}}]}}', "application/json", True),
        (f'{{"a": "see {PAGE}"}}', "application/json", False),
        ("[" * 100_000, "application/json", False),
        (f"See {PAGE} for more", "text/plain", True),
        (f"See {PAGE}2 for more", "text/plain", False),
        ('["HTTPS://Blog.Example:443/first-post#a"]', "application/json", True),
        ("See https://Blog.Example/%66irst-post", "text/plain", True),
        (f'<a href="{PAGE}">x</a>', "image/png", False),
    ],
)
def test_what_is_no_html_is_looked_through_too(body, kind, is_one):
    came = Answer(200, body.encode(), (("content-type", kind),))
    assert (said.find(came, url=SOURCE, target=PAGE) is not None) is is_one


@pytest.mark.parametrize(
    ("charset", "written"),
    [
        ("utf-8", "utf-8"), ("", "utf-8"), ("x-unheard-of", "utf-8"), ("punycode", "utf-8"),
        ('"ISO-8859-1"', "latin-1"), ("windows-1252", "cp1252"), ("ISO_8859-15", "iso8859-15"),
        ("UTF-16", "utf-16"), ("koi8-u", "koi8-u"),
    ],
)  # fmt: skip
def test_words_are_read_in_the_charset_that_the_page_says(charset, written):
    name = "Юлія" if written == "koi8-u" else "Zoë"
    body = reply().replace("Grace", name).encode(written)
    came = Answer(200, body, (("content-type", f"text/html; charset={charset}"),))
    assert said.find(came, url=SOURCE, target=PAGE).name == name


@pytest.mark.parametrize("charset", ["Shift_JIS", "EUC-JP", "ISO-2022-JP", "GB2312", "Big5"])
def test_words_of_east_asia_are_read_too(charset):
    came = Answer(
        200,
        reply().replace("Grace", "山田").encode(charset),
        (("content-type", f"text/html; charset={charset}"),),
    )
    assert said.find(came, url=SOURCE, target=PAGE).name == "山田"


def test_a_source_that_leads_on_is_followed(internet, tell, work, app):
    internet.serve("friend.example", answer(status=301, location="https://new.example/1"))
    internet.serve("new.example", page(reply()), address="1.0.0.1")
    tell()
    work()
    assert stored(app).mention is Mention.REPLY


@pytest.fixture
def lead_away(app, internet, tell, work):
    """A page of somebody known is told of that leads on to a stranger's; answers its comment."""

    def go(words, *, source=f"{SOURCE}?to=evil"):
        internet.serve("friend.example", answer(status=302, location="https://evil.example/p"))
        internet.serve("evil.example", page(reply(words)), address="8.8.8.8")
        assert tell(source).status_code == 202
        work()
        return stored(app, source)

    return go


def trust(app, comment, standing):
    with app.app_context():
        authors.set_standing(comment.id, standing, by="owner@blog.example")


@pytest.mark.parametrize("standing", [Standing.NORMAL, Standing.TRUSTED])
@pytest.mark.parametrize("source", [SOURCE, f"{SOURCE}?to=evil"])
def test_what_a_trusted_site_leads_on_to_waits_and_says_which_host_said_it(
    app, arrive, lead_away, standing, source
):
    known = arrive(reply())
    approve(app, known)
    trust(app, known, standing)
    led = lead_away("Buy pills, says Grace.", source=source)
    assert led.state is State.PENDING
    assert "Its page led on to evil.example, which said this." in led.reasons


def test_who_was_approved_once_is_not_trusted_behind_another_host(app, lead_away):
    first = lead_away("Hello.")
    approve(app, first)
    assert lead_away("Hello again.", source=f"{SOURCE}?to=evil2").state is State.PENDING


def test_a_mention_that_says_the_same_stays_where_its_page_moved_to_another_host(
    app, arrive, lead_away
):
    approve(app, arrive(reply()))
    assert lead_away("Well said.", source=SOURCE).state is State.VISIBLE


def test_a_source_that_leads_inside_is_asked_nothing(internet, tell, work, app):
    within = internet.serve("inside.example", page(reply()), address="127.0.0.1", port=80)
    internet.serve("friend.example", answer(status=302, location="http://127.0.0.1/"))
    tell()
    tell("http://127.0.0.1/note")
    tell("http://169.254.169.254/latest/")
    tell("http://inside.example/")
    for _ in range(3):
        work()
    assert within.requests == []
    assert stored(app) is None


def test_a_page_that_never_ends_is_left(internet, tell, work, app):
    internet.serve("friend.example", page("<p>" * 700_000 + reply()))
    tell()
    work()
    assert stored(app) is None


# What becomes of it


def test_a_reply_waits_says_whose_it_is_and_appears_in_the_thread_once_approved(
    app, arrive, thread
):
    comment = arrive(reply("I disagree.<p>Politely."))
    assert (comment.state, comment.mention) == (State.PENDING, Mention.REPLY)
    assert (comment.name, comment.website) == ("Grace", "https://friend.example/")
    assert comment.text == "I disagree.\n\nPolitely."
    assert comment.reasons == [
        "It was said on a page elsewhere, and its author is not known here yet."
    ]
    assert thread()["comments"] == []
    approve(app, comment)
    (shown,) = thread()["comments"]
    assert shown["source"] == SOURCE
    assert shown["author"]["name"] == "Grace"
    assert thread()["page"]["count"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [("u-like-of", "like"), ("u-repost-of", "repost"), ("u-bookmark-of", "bookmark"),
     ("", "mention")],
)  # fmt: skip
def test_what_only_points_here_is_shown_apart(app, client, arrive, thread, name, kind):
    words = "Read this post" if kind == "mention" else ""
    comment = arrive(entry(f'<p class="p-content"><a class="{name}" href="{PAGE}">{words}</a>'))
    assert thread()["mentions"] == []
    approve(app, comment)
    answered = thread()
    assert (answered["comments"], answered["page"]["count"]) == ([], 0)
    (one,) = answered["mentions"]
    assert (one["kind"], one["source"], one["name"]) == (kind, SOURCE, "Grace")
    assert ("Read this post" in one["html"]) is (kind == "mention")
    shown = client.get("/thread", query_string={"url": PAGE}).text
    assert f'href="{SOURCE}"' in shown
    assert client.get("/api/v1/latest?site=blog.example").json["comments"] == []
    assert client.get("/feeds/site.json?site=blog.example").json["items"] == []
    with app.app_context():
        actions.remove([comment.id], by="owner@blog.example")
    assert thread()["mentions"] == []
    with app.app_context():
        actions.restore([comment.id], by="owner@blog.example")
    assert len(thread()["mentions"]) == 1


@pytest.mark.parametrize(
    ("html", "name", "website"),
    [
        ('<div class="p-author h-card"><img class=u-photo alt="Grace">'
         '<a class="u-url" href="/me"></a></div>', "Grace", "https://friend.example/me"),
        ('<span class="p-author">Grace Hopper</span>', "Grace Hopper", None),
        ('<div class="p-author h-card"><b class=p-name>Grace</b>'
         '<a class=u-url href="javascript:1">x</a></div>', "Grace", None),
        ("", "friend.example", None),
        (f'<a class="p-author h-card" href="/">{"G" * 200}</a>', "G" * 60, "https://friend.example/"),
        (f'<b class="p-author">{"&#x958;" * 31}</b>', "\u0915\u093c" * 30, None),
    ],
)  # fmt: skip
def test_the_author_is_who_the_page_says(arrive, html, name, website):
    link = f'<a class="u-in-reply-to" href="{PAGE}"></a><p class=e-content>Yes.'
    comment = arrive(f"<main class=h-entry>{html}{link}</main>")
    assert (comment.name, comment.website) == (name, website)


def test_the_card_of_the_page_names_who_an_entry_does_not(arrive):
    card = '<header class="h-card"><a class="p-name u-url" href="/">Grace</a></header>'
    html = f'{card}<div class=h-entry><a class="u-like-of" href="{PAGE}"></a></div>'
    assert arrive(html).name == "Grace"


@pytest.mark.parametrize(
    ("card", "photo"),
    [
        (
            '<a class="h-card p-author" href="/"><img class="u-photo" src="/me.png">Grace</a>',
            "/me.png",
        ),
        ('<a class="h-card p-author" href="/"><img src="/me.png" alt="">Grace</a>', "/me.png"),
        ('<img class="h-card p-author" src="/me.png" alt="Grace">', "/me.png"),
        ('<p class="h-card p-author"><img src="/1.png"><img src="/2.png"></p>', ""),
        ('<a class="h-card p-author" href="/">Grace</a>', ""),
        ('<p class="h-card p-author"><img class="u-photo" src="javascript:alert(1)">G</p>', ""),
        (
            '<p class="h-card p-author"><img class="u-photo" src="data:image/png;base64,AA">G</p>',
            "",
        ),
    ],
)
def test_the_picture_is_that_of_the_authors_card(card, photo):
    html = f'<div class="h-entry">{card}<a class="u-like-of" href="{PAGE}">x</a></div>'
    answered = Answer(200, html.encode(), (("content-type", "text/html"),))
    found = said.find(answered, url=SOURCE, target=PAGE)
    assert found.photo == (photo and f"https://friend.example{photo}")


def gallery(internet):
    """The server that has the picture, at an address of its own."""
    shown = answer(picture(), content_type="image/png")
    return internet.serve("pictures.example", shown, address="8.8.8.8")


def test_who_asks_only_for_what_is_newer_hears_of_mentions_too(app, arrive, post, thread):
    post()
    since = thread()["page"]["version"]
    approve(app, arrive(entry(f'<a class="u-like-of" href="{PAGE}">x</a>')))
    newer = thread(since=since)
    assert newer["comments"] == newer["gone"] == []
    assert [one["kind"] for one in newer["mentions"]] == ["like"]


def with_photo(kind, words="Well said."):
    link = f'<a class="{kind}" href="{PAGE}">a post</a><div class="e-content">{words}</div>'
    photo = '<img class="u-photo" src="https://pictures.example/me.png" alt="">'
    return entry(link, author=f"{photo}Grace")


@pytest.mark.parametrize("kind", ["u-like-of", "u-in-reply-to"])
def test_an_authors_picture_is_fetched_by_us_and_shown_from_here(
    app, internet, arrive, thread, client, kind
):
    far = gallery(internet)
    approve(app, arrive(with_photo(kind)))
    body = thread()
    shown = body["mentions"][0]["avatar"] if body["mentions"] else None
    shown = shown or body["comments"][0]["author"]["avatar"]
    assert shown.startswith("http://localhost:8000/pictures/")
    seen = client.get(shown.removeprefix("http://localhost:8000"))
    assert (seen.status_code, seen.mimetype) == (200, "image/webp")
    assert len(far.requests) == 1


def test_a_picture_on_the_inside_is_not_fetched_and_the_mention_stands(app, internet, arrive):
    internet.lead("pictures.example", ["127.0.0.1"])
    mention = arrive(with_photo("u-like-of"))
    assert mention.picture_id is None
    assert internet.dialled == [("1.1.1.1", 443)]


def test_a_picture_that_is_gone_from_the_page_goes_here(app, internet, arrive):
    gallery(internet)
    assert arrive(with_photo("u-like-of")).picture_id
    assert arrive(entry(f'<a class="u-like-of" href="{PAGE}">x</a>')).picture_id is None
    with app.app_context():
        assert db.session.query(Picture).count() == 0


@pytest.mark.parametrize("how", ["erased", "removed"])
def test_what_goes_while_the_checker_is_asked_does_not_come_back(
    app, internet, site, arrive, how, monkeypatch
):
    # A machine that does much besides may take its time.
    monkeypatch.setattr(hook, "SECONDS", 30.0)
    monkeypatch.setattr(ask, "PATIENCE", 30.0)
    mention = arrive(reply("My address is 7 Main Street."))
    approve(app, mention)
    passes = answer(b'{"verdict": "pass"}')

    def let_go(connection):
        with app.app_context():
            if how == "erased":
                person.erase(person.of_author(mention.author_id), by="owner@blog.example")
            else:
                actions.remove([mention.id], by="owner@blog.example")
        passes(connection)

    with app.app_context():
        said = {"hook_url": "https://checker.example/", "hook_secret": SECRET}
        changes.choose(site.id, said)
    checker = internet.serve("checker.example", let_go, address="9.9.9.9")
    arrive(reply("I live at 7 Main Street."))
    assert len(checker.requests) == 1
    with app.app_context():
        left = db.session.get(Comment, mention.id)
        assert left is None or left.is_erased or left.state is State.REMOVED
        assert "I live" not in json.dumps([one.text for one in db.session.query(Comment)])


def test_a_picture_that_is_away_for_once_stays(app, internet, arrive):
    far = gallery(internet)
    kept = arrive(with_photo("u-like-of")).picture_id
    far.stop()
    assert arrive(with_photo("u-like-of", "Changed.")).picture_id == kept
    with app.app_context(), transaction():
        pictures.drop_unused()
    with app.app_context():
        assert db.session.query(Picture).count() == 1


def test_only_a_picture_that_went_has_those_looked_for_that_nobody_shows(
    app, internet, arrive, monkeypatch
):
    looks = []
    drop_unused = pictures.drop_unused
    monkeypatch.setattr(pictures, "drop_unused", lambda: (looks.append(1), drop_unused()))
    gallery(internet)
    arrive(with_photo("u-like-of"))
    arrive(with_photo("u-like-of", "Changed."))
    assert looks == []
    arrive(entry(f'<a class="u-like-of" href="{PAGE}">x</a>'))
    assert looks == [1]


def test_an_erased_mention_leaves_no_picture(app, internet, arrive):
    gallery(internet)
    mention = arrive(with_photo("u-like-of"))
    with app.app_context():
        person.erase(person.of_author(mention.author_id), by="owner@blog.example")
        assert db.session.query(Picture).count() == 0


def test_of_many_entries_the_one_with_the_link_speaks(arrive):
    others = entry('<div class="e-content">Of something else</div>', author="Hal")
    comment = arrive(others + reply("Mine.") + others)
    assert (comment.name, comment.text) == ("Grace", "Mine.")


def test_what_is_cited_in_it_does_not_speak_for_it(arrive):
    cited = (
        f'<div class="u-in-reply-to h-cite"><a class="u-url" href="{PAGE}">post</a>'
        '<span class="p-author">Ada</span><p class="p-content">The post itself</div>'
    )
    comment = arrive(entry(cited + '<div class="e-content">My answer</div>'))
    assert (comment.mention, comment.name) == (Mention.REPLY, "Grace")
    assert comment.text == "My answer"


def test_words_pass_the_gates_that_a_readers_do(app, arrive, thread):
    hostile = '<img src=x onerror="alert(1)">Hi &lt;script&gt;alert(2)&lt;/script&gt; \u202edlrow'
    approve(app, arrive(reply(hostile)))
    html = thread()["comments"][0]["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html


@pytest.mark.parametrize("words", ["x" * 20_000, ">" * 80, "word " * 5000, "\u2800", "&#0;\x00"])
def test_words_that_nobody_could_post_leave_a_mention_without_them(arrive, words):
    comment = arrive(reply(words))
    assert comment.mention is Mention.REPLY
    assert len(comment.text) <= 5000


def test_whose_mention_was_approved_appears_at_once_next_time(app, arrive, thread):
    approve(app, arrive(reply()))
    again = arrive(reply("Once more."), source="https://friend.example/notes/2")
    assert again.state is State.VISIBLE
    other = arrive(
        entry(f'<a class=u-in-reply-to href="{PAGE}"></a><p class=e-content>x', author="Mallory",
              home="https://mallory.example/"),
        source="https://friend.example/notes/3",
    )  # fmt: skip
    assert other.state is State.PENDING, "another author at the same place"
    forged = arrive(reply("Trust me."), source="https://evil.example/1")
    assert forged.state is State.PENDING, "who says to be Grace elsewhere"


@pytest.mark.parametrize("kind", ["u-in-reply-to", "u-like-of"])
@pytest.mark.parametrize("more", ["#a", "?x=1"])
def test_a_stranger_multiplies_nobodys_mention(app, internet, arrive, tell, work, kind, more):
    html = entry(f'<a class="{kind}" href="{PAGE}"></a><p class="e-content">Well said.')
    approve(app, arrive(html))
    assert tell(source=SOURCE + more).status_code == 202
    work()
    with app.app_context():
        assert db.session.query(Comment).count() == 1


def test_who_says_other_words_or_answers_another_comment_or_has_moved_is_heard(app, arrive, post):
    first = f"http://localhost:8000/c/{post().json['comment']['id']}"
    arrive(reply("Thanks."))
    assert arrive(reply("Thanks again."), source=f"{SOURCE}0") is not None
    assert arrive(reply("Thanks.", target=first), target=first, source=f"{SOURCE}1") is not None
    arrive("", status=410)
    assert arrive(reply("Thanks."), source="https://friend.example/moved") is not None


def test_who_is_banned_mentions_nothing_more(app, arrive):
    comment = arrive(reply())
    with app.app_context():
        terms = bans.Terms(by="owner@blog.example")
        bans.add_author(comment.id, [BanKind.AUTHOR], terms)
    assert arrive(reply(), source="https://friend.example/notes/2") is None


def test_no_bearer_of_a_token_is_taken_for_a_place_elsewhere(app, arrive, post):
    approve(app, arrive(reply()))
    token = "webmention friend.example https://friend.example/"
    made = post(headers={"Authorization": f"Bearer {token}"}).json
    with app.app_context():
        mine = db.session.get(Comment, made["comment"]["id"])
        assert mine.author_id != stored(app).author_id


def test_a_closed_page_takes_none(app, post, arrive):
    post()
    with app.app_context(), transaction():
        db.session.query(Comment).one().page.is_open = False
    assert arrive(reply()) is None


def test_a_mention_of_a_comment_answers_it(app, post, arrive, thread):
    first = post().json["comment"]["id"]
    target = f"http://localhost:8000/c/{first}"
    approve(app, arrive(reply(target=target), target=target))
    (root,) = thread()["comments"]
    assert root["replies"][0]["source"] == SOURCE


def test_a_mention_of_a_comment_on_a_page_with_an_id_of_its_own_answers_it(
    app, post, arrive, thread
):
    target = f"http://localhost:8000/c/{post(page='article-7').json['comment']['id']}"
    approve(app, arrive(reply(target=target), target=target))
    (root,) = thread(page="article-7")["comments"]
    assert root["replies"][0]["source"] == SOURCE


def test_a_mention_of_our_page_of_a_thread_with_an_id_of_its_own_is_of_that_thread(
    app, arrive, thread
):
    target = f"http://localhost:8000/thread?url={PAGE}&page=article-7"
    approve(app, arrive(reply(target=target.replace("&", "&amp;")), target=target))
    assert len(thread(page="article-7")["comments"]) == 1


@pytest.mark.parametrize(
    "target", [PAGE, f"{PAGE}/?utm_source=x", f"http://localhost:8000/thread?url={PAGE}"]
)
def test_a_page_with_an_id_of_its_own_is_found_by_its_address_once_readers_see_a_comment(
    app, post, arrive, thread, target
):
    post(page="article-7")
    approve(app, arrive(reply(target=target), target=target))
    assert len(thread(page="article-7")["comments"]) == 2
    assert arrive(reply("Changed.", target=target), target=target).text == "Changed."
    assert arrive("", target=target, status=410).state is State.REMOVED


@pytest.mark.parametrize(
    "spelled", ["", "/", "/?from=home", "?from=home", "/index.html", "/Default.aspx?lang=de"]
)
def test_a_front_page_with_an_id_of_its_own_is_found_among_many_pages_with_ids(app, site, spelled):
    rows = [
        {"site_id": site.id, "key": f"id:{n}", "url": f"https://blog.example/posts/{n}", "count": 1}
        for n in range(2_000)
    ]
    front = {"site_id": site.id, "key": "id:front", "url": f"https://blog.example{spelled}"}
    with app.app_context():
        with transaction():
            db.session.execute(insert(Page), [*rows, {**front, "count": 1}])
        assert targets.read("https://blog.example").page.key == "id:front"


def test_an_address_that_has_very_many_threads_is_looked_for_no_further(app, site):
    rows = [
        {"site_id": site.id, "key": f"id:{n}", "url": f"{PAGE}?article={n}", "count": 1}
        for n in range(2_000)
    ]
    with app.app_context():
        with transaction():
            db.session.execute(insert(Page), rows)
        assert len(pages.with_ids(site.id, at=PAGE.partition("//")[2])) == pages.MOST_THERE
        assert targets.read(PAGE).page is None


@pytest.mark.parametrize("others", [[{}], [{"page": "article-8"}]])
def test_an_address_of_several_threads_is_taken_for_no_other(app, post, arrive, thread, others):
    for one in ({"page": "article-7"}, *others):
        post(**one)
    approve(app, arrive(reply()))
    assert SOURCE in [one["source"] for one in thread()["comments"]]


def test_a_stranger_leads_no_mention_to_a_thread_that_nobody_sees(app, site, post, arrive, thread):
    with app.app_context():
        changes.choose(site.id, {"policy": "hold-first"})
    post(page="made-up")
    approve(app, arrive(reply()))
    assert len(thread()["comments"]) == 1


@pytest.mark.parametrize("way", ["apart", "removed"])
def test_an_answer_to_what_has_no_answers_is_said_of_the_page(app, post, arrive, thread, way):
    if way == "apart":
        first = arrive(LIKES, source="https://other.example/1")
        approve(app, first)
    else:
        with app.app_context():
            first = db.session.get(Comment, post().json["comment"]["id"])
            actions.remove([first.id], by="owner@blog.example")
    target = f"http://localhost:8000/c/{first.id}"
    approve(app, arrive(reply(target=target), target=target))
    assert [one["source"] for one in thread()["comments"]] == [SOURCE]


def test_a_mention_of_our_own_page_of_a_thread_is_one_of_the_blogs(app, arrive):
    target = f"http://localhost:8000/thread?url={PAGE}"
    comment = arrive(reply(target=target), target=target)
    with app.app_context():
        assert db.session.get(Comment, comment.id).page.url == PAGE


def test_moderators_are_told_of_it_and_readers_are_not(app, arrive, client, site):
    comment = arrive(entry(f'<a class="u-like-of" href="{PAGE}"></a>'))
    with app.app_context():
        waiting = desk_queue.read(State.PENDING, sites=None, limit=10).comments
        assert [one.id for one in waiting] == [comment.id]


def test_nobody_answers_or_counts_what_stands_apart(app, arrive, post):
    comment = arrive(entry(f'<a class="u-like-of" href="{PAGE}"></a>'))
    approve(app, comment)
    assert post(parent=comment.id).json["code"] == "bad_parent"


# Changes there


def test_a_source_that_was_changed_changes_here_and_is_looked_at_again(app, site, arrive, thread):
    approve(app, arrive(reply("First.")))
    changed = arrive(reply("Second."))
    assert (changed.text, changed.state) == ("Second.", State.VISIBLE)
    assert changed.edited is not None
    assert "Second." in thread()["comments"][0]["html"]
    with app.app_context():
        changes.choose(site.id, {"hold_words": "casino"})
    assert arrive(reply("A casino.")).state is State.PENDING


def shorten(app, comment):
    with app.app_context():
        actions.edit(comment.id, "Well said.", by="owner@blog.example", limit=1000)


@pytest.mark.parametrize("source", [SOURCE, f"{SOURCE}?x=1"])
def test_a_moderators_edit_stays_while_the_source_says_what_it_said(app, arrive, source):
    before = reply("Well said. Bob lives in Elm Street.")
    approve(app, arrive(before))
    shorten(app, stored(app))
    arrive(before, source=source)
    arrive(before.replace("Grace", "Grace H."), source=source)
    arrive(before, source=source)
    with app.app_context():
        assert [one.text for one in db.session.query(Comment)] == ["Well said."]


def test_the_name_changes_with_the_source_where_a_moderator_edited_the_words(app, arrive):
    approve(app, arrive(reply("Well said. Bob lives in Elm Street.")))
    shorten(app, stored(app))
    renamed = arrive(reply("Well said. Bob lives in Elm Street.").replace("Grace", "Grace H."))
    assert (renamed.name, renamed.text) == ("Grace H.", "Well said.")


def test_other_words_of_the_source_take_the_place_of_a_moderators_edit(app, arrive):
    arrive(reply("First."))
    arrive(reply("Well said. Bob lives in Elm Street."))
    shorten(app, stored(app))
    assert arrive(reply("Something else.")).text == "Something else."


def test_what_waits_goes_on_waiting_when_it_is_changed(arrive):
    arrive(reply("First."))
    changed = arrive(reply("Second."))
    assert (changed.text, changed.state) == ("Second.", State.PENDING)


def test_what_is_said_again_while_it_is_looked_at_is_looked_at_again(app, internet, tell, work):
    said = iter([reply("First words."), reply("Changed in the meantime.")])
    pages = []

    def change(connection):
        """The page is read, and then changed, before we are through with it."""
        pages.append(next(said))
        if len(pages) == 1:
            with app.test_client() as other:
                again = {"source": SOURCE, "target": PAGE}
                assert other.post("/webmention", data=again).status_code == 202
        page(pages[-1])(connection)

    internet.serve("friend.example", change)
    tell()
    work()
    assert "Changed in the meantime." in stored(app).text
    with app.app_context():
        assert db.session.query(Asked).count() == 0


def test_what_is_said_again_after_its_job_was_given_up_is_looked_at(app, internet, tell, work):
    tell()
    with app.app_context():
        queue.put_back(queue.claim(), "A fault of ours.", is_hopeless=True)
    internet.serve("friend.example", page(reply()))
    assert tell().status_code == 202
    work()
    assert stored(app) is not None


@pytest.mark.parametrize(
    ("html", "status"), [(reply(), 410), (reply(), 404), ("<p>The link is gone</p>", 200)]
)
def test_a_source_that_is_gone_goes_here_and_comes_back_with_it(app, arrive, thread, html, status):
    approve(app, arrive(reply()))
    assert arrive(html, status=status).state is State.REMOVED
    assert thread()["comments"] == []
    assert arrive(reply()).state is State.VISIBLE


@pytest.mark.parametrize(
    "target",
    [
        f"{PAGE}?utm_source=x",
        f"{PAGE}#nothing",
        f"{PAGE}/",
        PAGE.replace("https", "http"),
        f"http://localhost:8000/thread?url={PAGE}",
        "http://localhost:8000/c/{comment}",
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [(reply(), "text/html"), (f'["{PAGE}"]', "application/json"), (PAGE, "text/plain")],
)
def test_nobody_takes_a_mention_away_by_another_spelling_of_its_target(
    app, internet, tell, work, target, body, kind
):
    internet.serve("friend.example", answer(body.encode(), content_type=kind))
    tell()
    work()
    assert tell(target=target.format(comment=stored(app).id)).status_code == 202
    work()
    assert stored(app).state is State.PENDING


def test_few_of_very_many_links_are_looked_up(app, arrive, monkeypatch):
    """Who has a mention here could else have each look at its page cost seconds."""
    arrive(reply())
    monkeypatch.setattr(verify, "MOST_LOOKED_UP", 20)
    looked, read = [], targets.read

    def noted(target):
        looked.append(target)
        return read(target)

    monkeypatch.setattr(targets, "read", noted)
    hosts = ("http://localhost:8000/c", "https://far.example")
    many = "".join(f'<a href="{host}/{n}">x</a>' for n in range(500) for host in hosts)
    assert arrive(many + reply()).state is State.PENDING
    assert 20 <= len(looked) < 40
    assert not [one for one in looked if "far.example" in one]


def test_a_mention_says_the_same_whatever_spelling_of_its_target_is_told_of(app, arrive):
    other = f"{PAGE}?utm_source=menu"
    html = f'<p>By the way: <a href="{other}">a menu</a></p>{reply("Mine.")}'
    arrive(html)
    assert arrive(html, target=other).text == "Mine."


def test_a_mention_whose_page_moved_stays_while_its_source_links_to_the_old_address(app, arrive):
    arrive(reply("Mine."))
    new = f"{BLOG}/renamed"
    with app.app_context(), transaction():
        places.relocate(PAGE, new)
    assert arrive(reply("Mine."), target=new).state is State.PENDING


def standing(app):
    """What is here of the source, each by its kind."""
    with app.app_context():
        rows = db.session.query(Comment).filter_by(source=SOURCE)
        return [one.mention for one in rows if one.state in {State.VISIBLE, State.PENDING}]


@pytest.fixture
def become(app, internet, tell, work):
    """The source, which is known already, holds this now and is told of again."""

    def change(html, *, target=PAGE):
        internet.serve("friend.example", page(html))
        assert tell(target=target).status_code == 202
        work()
        return standing(app)

    return change


LIKES = entry(f'<a class="u-like-of" href="{PAGE}">x</a>')


def test_a_reply_that_becomes_a_like_leaves_the_thread_and_comes_back_as_one(
    app, arrive, become, thread
):
    comment = arrive(reply())
    approve(app, comment)
    assert become(LIKES) == [Mention.LIKE]
    said_now = thread()
    assert (said_now["comments"], said_now["page"]["count"]) == ([], 0)
    assert [one["kind"] for one in said_now["mentions"]] == ["like"]
    assert become(reply()) == [Mention.REPLY]
    said_now = thread()
    assert ([one["id"] for one in said_now["comments"]], said_now["mentions"]) == ([comment.id], [])
    assert said_now["page"]["count"] == 1
    assert become("<p>No link") == []


def test_a_like_that_becomes_a_reply_enters_the_thread_below_what_it_answers(
    app, arrive, become, post, thread
):
    first = post().json["comment"]["id"]
    target = f"http://localhost:8000/c/{first}"
    approve(app, arrive(LIKES.replace(PAGE, target), target=target))
    assert become(reply(target=target), target=target) == [Mention.REPLY]
    (root,) = thread()["comments"]
    assert [one["source"] for one in root["replies"]] == [SOURCE]


def test_what_the_rules_refuse_now_takes_what_it_said_before_with_it(
    app, site, arrive, become, thread
):
    approve(app, arrive(reply("First.")))
    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino"})
    assert become(reply("A casino.")) == []
    assert thread()["comments"] == []
    assert become(reply("First.")) == [Mention.REPLY], "when it says that again"


def test_what_comes_back_with_words_that_the_rules_refuse_is_never_seen(
    app, site, arrive, become, thread
):
    approve(app, arrive(reply("First.")))
    assert become("<p>No link") == []
    with app.app_context():
        changes.choose(site.id, {"reject_words": "casino"})
    version = thread()["page"]["version"]
    assert become(reply("A casino.")) == []
    assert thread()["page"]["version"] == version


def test_what_a_moderator_removed_comes_back_as_nothing_else(app, arrive, become):
    comment = arrive(reply())
    with app.app_context():
        actions.remove([comment.id], by="owner@blog.example")
    assert become(LIKES) == []


def test_what_a_moderator_removed_stays_away(app, arrive):
    comment = arrive(reply())
    with app.app_context():
        actions.spam([comment.id], by="owner@blog.example")
    assert arrive(reply("Other words.")).state is State.SPAM
    assert arrive("", status=410).state is State.SPAM


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_is_away_is_asked_three_times_and_nothing_changes(
    app, arrive, internet, tell, work, status, monkeypatch
):
    approve(app, arrive(reply()))
    server = internet.serve("friend.example", answer(status=status))
    tell()
    at = clock.now()
    for hours in (0, 1, 2, 30, 60):
        monkeypatch.setattr(clock, "now", lambda hours=hours: at + hours * HOUR)
        work()
    assert len(server.requests) == 3
    assert stored(app).state is State.VISIBLE
    with app.app_context():
        assert queue.totals() == (0, 0), "no stranger fills the list of what was given up"
        assert db.session.query(Asked).count() == 0


@pytest.mark.parametrize("status", [401, 403, 402])
def test_a_source_that_is_refused_to_us_changes_nothing(app, arrive, status):
    approve(app, arrive(reply()))
    assert arrive("", status=status).state is State.VISIBLE


# Limits, privacy


@pytest.fixture
def told():
    """Limits are on where a test asks for it."""
    return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "on"}


def test_one_client_has_only_so_many_pages_looked_at(tell):
    answers = [tell(f"https://s{n}.example/").status_code for n in range(31)]
    assert answers == [202] * 30 + [429]


def test_an_erased_author_leaves_no_address_behind(app, arrive):
    comment = arrive(reply())
    with app.app_context():
        person.erase(person.of_author(comment.author_id), by="owner@blog.example")
        kept = db.session.get(Comment, comment.id)
        assert (kept.source, kept.name, kept.website) == (None, "", None)


@pytest.mark.parametrize(
    "html",
    ["<!--" * 250_000, '<a b="' * 160_000, "<" * 600_000, '<div class="h-entry">' * 40_000,
     "<script>" * 100_000, "&" * 900_000, "<p>" * 300_000, "<a " * 300_000],
    ids=["comments", "quotes", "brackets", "entries", "scripts", "references", "open", "tags"],
)  # fmt: skip
def test_no_page_is_slow_to_read(html):
    came = Answer(200, f'{html}<a href="{PAGE}">x</a>'.encode(), (("content-type", "text/html"),))
    took = effort.seconds(lambda: said.find(came, url=SOURCE, target=PAGE))
    assert took < 8, "some seconds on a slow machine; quadratic takes hours"


# Where it is said that they are taken


def test_pages_of_a_thread_say_where_mentions_are_taken(app, site, client, post):
    one = post().json["comment"]["id"]
    said_so = '<http://localhost:8000/webmention>; rel="webmention"'
    for path in (f"/thread?url={PAGE}", f"/c/{one}"):
        assert client.get(path).headers["Link"] == said_so
    with app.app_context():
        changes.choose(site.id, {"webmentions": "off"})
        directory.forget()
    assert "Link" not in client.get(f"/thread?url={PAGE}").headers


# Pages that a comment of the owner's links to


@pytest.fixture
def owner_says(app, site, work):
    """Let the owner comment on their own page, and what follows from it be done."""

    def say(text):
        with app.app_context():
            made = submit(Draft(url=PAGE, text=text, name="Owner", is_moderator=True))
        work()
        return made.comment.id

    return say


def sent(server):
    """The mentions that a server was told of."""
    posts = [one for one in server.requests if one.startswith(b"POST")]
    return [parse_qs(one.partition(b"\r\n\r\n")[2].decode()) for one in posts]


def endpoint(where, **headers):
    """A page that says where it takes mentions, and takes them at any address."""

    def respond(connection):
        answer(where.encode(), content_type="text/html", **headers)(connection)

    return respond


@pytest.mark.parametrize(
    ("html", "headers", "path"),
    [  # as the discovery tests of webmention.rocks, by their numbers
        ("", {"link": "</in>; rel=webmention"}, "/in"),  # 1
        ("", {"link": "<https://other.example/in>; rel=webmention"}, "/in"),  # 2
        ('<link rel="webmention" href="/in">', {}, "/in"),  # 3
        ('<link href="https://other.example/in" rel="webmention">', {}, "/in"),  # 4
        ('<a rel="webmention" href="/in">here</a>', {}, "/in"),  # 5, 6
        ("", {"LinK": "</in>; rel=webmention"}, "/in"),  # 7
        ("", {"link": '</in>; rel="webmention"'}, "/in"),  # 8
        ('<link rel="webmention somethingelse" href="/in">', {}, "/in"),  # 9
        ("", {"link": '</in>; rel="webmention somethingelse"'}, "/in"),  # 10
        ('<link rel=webmention href="/no"><a href="/no" rel=webmention>',
         {"link": '</in>; rel="webmention"'}, "/in"),  # 11
        ('<link rel="not-webmention" href="/no"><a href="/in" rel="webmention">', {}, "/in"),  # 12
        ('<!-- <a href="/no" rel="webmention"></a> --><a href="/in" rel="webmention">', {}, "/in"),
        ('&lt;a href="/no" rel="webmention"&gt;<a href="/in" rel="webmention">', {}, "/in"),  # 14
        ('<link rel="webmention" href="">', {}, "/post"),  # 15
        ('<a href="/in" rel="webmention"></a><link rel="webmention" href="/no">', {}, "/in"),  # 16
        ('<link rel="webmention" href="/in"><a href="/no" rel="webmention">', {}, "/in"),  # 17
        ("", {"Link": '</no>; rel="other"', "link": '</in>; rel="webmention"'}, "/in"),  # 18
        ("", {"link": '</no>; rel="other", </in>; rel="webmention"'}, "/in"),  # 19
        ('<link rel="webmention"><a href="/in" rel="webmention">', {}, "/in"),  # 20
        ('<link rel="webmention" href="/in?query=yes">', {}, "/in?query=yes"),  # 21
        ('<link rel="webmention" href="in/here">', {}, "/in/here"),  # 22
        ('<b rel="webmention" href="/no"></b><a rel="WebMention" href="/in">', {}, "/in"),
    ],
)  # fmt: skip
def test_the_place_that_takes_mentions_is_found(internet, owner_says, html, headers, path):
    server = internet.serve("other.example", endpoint(html, **headers))
    said_at = owner_says(f"See <{THERE}>.")
    assert sent(server) == [
        {"source": [f"http://localhost:8000/c/{said_at}/said"], "target": [THERE]}
    ]
    assert server.requests[-1].startswith(f"POST {path} ".encode())


@pytest.mark.parametrize(
    "written",
    ["https://Other.example/post", "https://other.example", "https://other.example:443/%7Egrace/"],
)
def test_a_page_is_told_the_very_spelling_that_the_comment_links_to(
    internet, owner_says, client, written
):
    server = internet.serve("other.example", endpoint('<link rel=webmention href="/in">'))
    one = owner_says(f"See <{written}>.")
    assert sent(server)[0]["target"] == [written]
    assert f'href="{written}"' in client.get(f"/c/{one}/said").text


def test_a_page_is_told_once_however_its_address_is_spelled(app, internet, owner_says, work):
    server = internet.serve("other.example", endpoint('<link rel=webmention href="/in">'))
    one = owner_says(f"See <{THERE}> and <https://OTHER.example/post>.")
    with app.app_context():
        actions.edit(one, "See <https://Other.example/post>.", by="owner@blog.example", limit=999)
    work()
    told = [each["target"] for each in sent(server)]
    assert told == [[THERE], ["https://Other.example/post"]]


def test_a_target_that_leads_on_is_told_where_it_leads_to(internet, owner_says):
    internet.serve("other.example", answer(status=301, location="https://new.example/a/post"))
    server = internet.serve(
        "new.example", endpoint('<link rel=webmention href="in">'), address="1.0.0.1"
    )
    owner_says(f"See <{THERE}>.")
    assert sent(server)[0]["target"] == [THERE]
    assert server.requests[-1].startswith(b"POST /a/in ")


def test_a_page_that_takes_none_is_told_nothing(internet, owner_says, app):
    server = internet.serve("other.example", endpoint("<p>Hello"))
    owner_says(f"See <{THERE}>.")
    assert len(server.requests) == 1
    with app.app_context():
        assert queue.totals() == (0, 0)


def test_a_place_inside_is_told_nothing(internet, owner_says):
    within = internet.serve("inside.example", answer(), address="127.0.0.1", port=80)
    internet.serve("other.example", endpoint('<link rel=webmention href="http://127.0.0.1/in">'))
    owner_says(f"See <{THERE}> and <http://127.0.0.1/x> and <http://inside.example/>.")
    assert within.requests == []


def test_readers_and_links_to_ourselves_tell_nobody(internet, post, owner_says, work, app):
    server = internet.serve("other.example", endpoint('<link rel=webmention href="/in">'))
    post(f"See {THERE}")
    work()
    owner_says(f"See {BLOG}/other and http://localhost:8000/thread?url={PAGE} and no more.")
    assert server.requests == []
    with app.app_context():
        assert db.session.query(Told).count() == 0


def test_what_is_said_is_shown_by_itself_as_others_read_it(app, internet, owner_says, client):
    internet.serve("other.example", endpoint(""))
    one = owner_says(f"See <{THERE}>.")
    shown = client.get(f"/c/{one}/said")
    came = Answer(200, shown.data, (("content-type", "text/html"),))
    found = said.find(came, url=f"http://localhost:8000/c/{one}/said", target=THERE)
    assert (found.kind, found.name) == (Mention.MENTION, "Owner")
    assert THERE in found.text


def test_no_readers_comment_has_a_page_by_itself(client, post):
    one = post().json["comment"]["id"]
    assert client.get(f"/c/{one}/said").status_code == 404


def test_those_who_were_told_hear_of_changes_and_of_the_end(
    app, internet, owner_says, work, client
):
    server = internet.serve("other.example", endpoint('<link rel=webmention href="/in">'))
    new = internet.serve(
        "new.example", endpoint('<link rel=webmention href="/in">'), address="1.0.0.1"
    )
    one = owner_says(f"See <{THERE}>.")
    with app.app_context():
        actions.edit(one, "See <https://new.example/>.", by="owner@blog.example", limit=5000)
    work()
    assert (len(sent(server)), len(sent(new))) == (2, 1)
    with app.app_context():
        actions.remove([one], by="owner@blog.example")
    work()
    assert (len(sent(server)), len(sent(new))) == (3, 2)
    assert client.get(f"/c/{one}/said").status_code == 410


@pytest.mark.parametrize("status", [503, 429])
def test_a_place_that_is_away_is_told_later_and_not_for_ever(
    app, internet, owner_says, work, monkeypatch, status
):
    server = internet.serve("other.example", answer(status=status))
    owner_says(f"See <{THERE}>.")
    at = clock.now()
    for hours in (1, 2, 30):
        monkeypatch.setattr(clock, "now", lambda hours=hours: at + hours * HOUR)
        work()
    assert len(server.requests) == 3
    with app.app_context():
        assert queue.totals() == (0, 0)


def test_two_services_that_answer_one_another_end(app, internet, owner_says, arrive, work):
    """Ours is told of a page elsewhere that our owner mentions: that tells nobody anything."""
    server = internet.serve("friend.example", endpoint('<link rel=webmention href="/in">'))
    owner_says(f"See <{SOURCE}>.")
    assert len(sent(server)) == 1
    approve(app, arrive(reply(f'As <a href="{THERE}">they</a> say')))
    work()
    with app.app_context():
        assert db.session.query(Told).count() == 1
