"""What is easily lost on the way from other systems: how a text was meant, when and where it was
said, what it answers, and whether more may be said there."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select, update

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.threads.models import Comment, Format, Page, State
from afterword.transfer.reading import autop, clickable
from afterword.transfer.run import run
from tests import effort, make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")


def brought(format_name, content, site, **asked):
    return run(format_name, io.BytesIO(content.encode()), site=site, **asked)


def only():
    return db.session.scalars(select(Comment)).one()


def waline(text):
    row = {"objectId": "1", "comment": text, "nick": "Ada", "url": "/a", "status": "approved"}
    return json.dumps([row | {"insertedAt": "2020-01-01T00:00:00Z"}])


def isso(text):
    said = {"id": 1, "text": text, "author": "Ada", "created": "2020-01-01 00:00:00"}
    return json.dumps([{"id": "/a", "title": "A", "comments": [said | {"remote_addr": ""}]}])


@pytest.mark.parametrize("system", [waline, isso])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Use `<br>` here, *not* `</p>`", "<code>&lt;br&gt;</code> here, <em>not</em>"),
        ("*Look*:\n\n```html\n<div>x</div>\n```", "&lt;div&gt;x&lt;/div&gt;"),
    ],
)
def test_markdown_that_tells_of_tags_stays_markdown(site, system, text, shown):
    brought(system.__name__, system(text), site)
    assert only().format is Format.MARKDOWN
    assert shown in only().html
    assert "<em>" in only().html


@pytest.mark.parametrize("system", [waline, isso])
def test_html_that_tells_of_code_stays_html(site, system):
    brought(system.__name__, system("<p>Use `x` and <code>a</code></p>"), site)
    assert only().format is Format.HTML


def thread(number, path, *, is_closed=False, is_deleted=False):
    closed, deleted = str(is_closed).lower(), str(is_deleted).lower()
    flags = f"<isClosed>{closed}</isClosed><isDeleted>{deleted}</isDeleted>"
    return f'<thread dsq:id="{number}"><link>{BLOG}{path}</link>{flags}</thread>'


def post(number, thread, *, parent="", message="<p>Hello.</p>"):
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{number}"><message><![CDATA[{message}]]></message>'
        f"<createdAt>2020-01-01T00:00:{number:02}Z</createdAt><author><name>Ada</name></author>"
        f'<thread dsq:id="{thread}"/>{above}</post>'
    )


def disqus(*parts):
    return f'<disqus xmlns:dsq="http://disqus.com/disqus-internals">{"".join(parts)}</disqus>'


def item(path, *comments, status="open", kind="post", state="publish", dates=""):
    return (
        f"<item><title>T</title><link>{BLOG}{path}</link><wp:post_id>{path}</wp:post_id>{dates}"
        f"<wp:status>{state}</wp:status><wp:post_type>{kind}</wp:post_type>"
        f"<wp:comment_status>{status}</wp:comment_status>{''.join(comments)}</item>"
    )


def wordpress(*items):
    space = "http://wordpress.org/export/1.2/"
    return f'<rss xmlns:wp="{space}"><channel>{"".join(items)}</channel></rss>'


def said(number, text="Hello.", *, kind="", parent=0, local="", utc="2020-01-01 00:00:00"):
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Ada"
        f"</wp:comment_author><wp:comment_date>{local}</wp:comment_date><wp:comment_date_gmt>{utc}"
        f"</wp:comment_date_gmt><wp:comment_content><![CDATA[{text}]]></wp:comment_content>"
        f"<wp:comment_approved>1</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def openness():
    return {page.url.removeprefix(BLOG): page.is_open for page in db.session.scalars(select(Page))}


def test_a_closed_thread_without_posts_closes_its_page(site):
    content = disqus(
        thread(1, "/closed", is_closed=True),
        thread(2, "/open"),
        thread(3, "/gone", is_closed=True, is_deleted=True),
        thread(4, "/said", is_closed=True),
        post(1, 4),
    )
    assert brought("disqus", content, site).inserted == 1
    assert openness() == {"/closed": False, "/said": False}


def test_a_closed_post_without_comments_closes_its_page(site):
    content = wordpress(
        item("/closed", status="closed"),
        item("/about", status="closed", kind="page"),
        item("/menu", status="closed", kind="nav_menu_item"),
        item("/draft", said(1), status="closed", state="draft"),
        item("/open"),
    )
    brought("wordpress", content, site)
    assert openness() == {"/closed": False, "/about": False}


@pytest.mark.parametrize("closed", [1, 2, 3])
def test_of_several_threads_of_a_new_page_a_closed_one_closes_it(site, closed):
    addresses = enumerate(["/a?utm_source=x", "/a", "/a/"], start=1)
    threads = [thread(at, path, is_closed=at == closed) for at, path in addresses]
    brought("disqus", disqus(*threads, post(1, 1), post(2, 2)), site)
    assert list(openness().values()) == [False]


def test_a_page_that_is_there_stays_open(site):
    make.page(site, f"{BLOG}/a")
    brought("disqus", disqus(thread(1, "/a"), thread(2, "/a/", is_closed=True), post(1, 1)), site)
    assert openness() == {"/a": True}


def comentario(*comments):
    page = {"id": "p", "path": "/a", "title": "A"}
    rows = [
        {"id": own, "parentId": parent, "pageId": "p", "markdown": text, "html": ""}
        | {"isApproved": True, "createdTime": "2020-01-01T00:00:00Z", "authorName": "Ada"}
        for own, parent, text in comments
    ]
    return json.dumps({"version": 3, "pages": [page], "comments": rows, "commenters": []})


EMPTY_PARENTS = {
    "disqus": disqus(
        thread(1, "/a"), post(2, 1, parent="1"), post(1, 1, message=""), post(3, 1, message=" ")
    ),
    "comentario": comentario(("1", None, ""), ("2", "1", "Hello."), ("3", "2", "")),
}


@pytest.mark.parametrize("system", EMPTY_PARENTS)
def test_a_comment_without_words_that_is_answered_keeps_its_place(site, system):
    content = EMPTY_PARENTS[system]
    dry = brought(system, content, site, dry_run=True)
    report = brought(system, content, site)
    assert dry.as_json() == report.as_json()
    assert (report.rows, report.inserted, dict(report.skipped)) == (3, 2, {"empty_text": 1})
    assert (dict(report.states), report.replies) == ({"removed": 1, "visible": 1}, 1)
    assert report.rerooted == 0
    place = db.session.scalars(select(Comment).where(Comment.state == State.REMOVED)).one()
    assert (place.name, place.text, place.html, place.is_shown) == ("", "", "", True)
    again = brought(system, content, site)
    assert (again.rows, again.inserted, again.existing) == (3, 0, 2)
    assert dict(again.skipped) == {"empty_text": 1}


def test_comments_without_words_below_one_another_keep_the_thread(site):
    chain = [("1", None, ""), ("2", "1", ""), ("3", "2", "Hello."), ("4", "3", ""), ("5", "4", "")]
    report = brought("comentario", comentario(*chain), site)
    assert (report.inserted, dict(report.skipped)) == (3, {"empty_text": 2})
    depths = {one.depth: one.state for one in db.session.scalars(select(Comment))}
    assert depths == {0: State.REMOVED, 1: State.REMOVED, 2: State.VISIBLE}


def test_a_comment_without_words_makes_room_for_one_of_its_id_with_words(site):
    content = comentario(("1", None, ""), ("2", "1", "An answer."), ("1", None, "Hello."))
    report = brought("comentario", content, site)
    assert (report.inserted, dict(report.skipped)) == (2, {"empty_text": 1})
    assert (dict(report.states), report.replies) == ({"visible": 2}, 1)


def test_a_page_with_nothing_but_comments_without_words_does_not_come_into_being(site):
    assert brought("disqus", disqus(thread(1, "/a"), post(1, 1, message="")), site).inserted == 0
    assert openness() == {}


def test_an_answer_to_what_was_left_out_says_so(site):
    content = wordpress(
        item("/a", said(1, kind="pingback"), said(2, parent=1), said(3, parent=9)),
        item("/b", said(4, text="x" * 70_000), said(5, parent=4)),
    )
    report = brought("wordpress", content, site)
    assert report.rerooted == 3
    ends = [one.rpartition(" its parent ")[2] for one in report.warnings if "parent" in one]
    assert ends == ["'/a/1' was left out", "'/a/9' is not in the file", "'/b/4' was left out"]


NEVER = "0000-00-00 00:00:00"


def when(site, *items):
    brought("wordpress", wordpress(*items), site)
    said = db.session.scalars(select(Comment.created).order_by(Comment.created))
    return [clock.text(one) for one in said]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_local_time_of_wordpress_means_the_same_wherever_it_stands(site, is_first):
    local = item("/a", said(1, local="2020-01-01 12:00:00", utc=NEVER))
    both = item("/b", said(2, local="2020-01-02 12:00:00", utc="2020-01-02 03:00:00"))
    items = [local, both] if is_first else [both, local]
    assert when(site, *items) == ["2020-01-01T03:00:00.000Z", "2020-01-02T03:00:00.000Z"]


def test_posts_show_the_zone_where_no_comment_does(site):
    dates = "<wp:post_date>2020-01-09 12:00:00</wp:post_date>"
    dates += "<wp:post_date_gmt>2020-01-09 06:30:00</wp:post_date_gmt>"
    local = item("/a", said(1, local="2020-01-01 12:00:00", utc=NEVER))
    assert when(site, local, item("/b", dates=dates)) == ["2020-01-01T06:30:00.000Z"]


def test_a_local_time_is_that_of_its_season(site):
    comments = [
        said(1, local="2020-01-10 12:00:00", utc="2020-01-10 11:00:00"),
        said(2, local="2020-07-10 12:00:00", utc="2020-07-10 10:00:00"),
        said(3, local="2020-01-20 12:00:00", utc=NEVER),
        said(4, local="2020-07-20 12:00:00", utc=NEVER),
        said(5, local="2020-07-25 12:00:00", utc="2020-07-24 11:47:00"),
    ]
    assert when(site, item("/a", *comments))[1::2] == [
        "2020-01-20T11:00:00.000Z",
        "2020-07-20T10:00:00.000Z",
    ]


REL = 'rel="nofollow ugc noopener noreferrer"'
CAT = "https://x.example/cat.png"
LINK = f'<a href="{CAT}" {REL}>{CAT}</a>'


def twikoo(text):
    row = {"_id": "1", "comment": text, "url": "/a", "nick": "Ada", "isSpam": False}
    return json.dumps([row | {"mailMd5": "", "created": 1_600_000_000_000}])


def artalk(text):
    row = {"id": "7", "content": text, "nick": "Ada", "page_key": "/a"}
    return json.dumps([row | {"created_at": "2021-10-28 20:50:15 +0800"}])


@pytest.mark.parametrize(
    ("system", "text", "shown"),
    [
        (twikoo, f'<p><img alt="cat" src="{CAT}"></p>', "<p>cat</p>"),
        (twikoo, '<p><img class="tk-owo-emotion" alt=one src=/1.png><img alt=two></p>', "one two"),
        (twikoo, f'<p><img src="{CAT}"></p>', f"<p>{LINK}</p>"),
        (artalk, f'Look <img src="{CAT}">', f"<p>Look {LINK}</p>"),
        (artalk, f"![]({CAT})", f"<p>{LINK}</p>"),
        (waline, f"Look ![cat]({CAT})", f'<p>Look <a href="{CAT}" {REL}>cat</a></p>'),
        (waline, '*Oh* <img class="wl-emoji" src="x" alt="sob">', "<em>Oh</em> sob"),
        (waline, '`<img alt="x">`', '<code>&lt;img alt="x"&gt;</code>'),
    ],
)
def test_a_picture_becomes_its_words_or_a_link(site, system, text, shown):
    assert brought(system.__name__, system(text), site).warnings == []
    assert shown in only().html


def test_a_comment_of_which_nothing_can_be_shown_costs_a_warning(site):
    report = brought("twikoo", twikoo('<p><img src="data:image/png;base64,AAAA"></p>'), site)
    assert report.warnings == ["row 1, comment 1: nothing of it can be shown"]
    assert report.inserted == 1


def test_our_own_markdown_stays_to_the_letter(site):
    row = {"type": "comment", "id": "c1", "page_url": f"{BLOG}/a", "text": f"![cat]({CAT})"}
    row |= {"author": {"name": "Ada"}, "created": "2020-01-01T00:00:00Z"}
    brought("native", json.dumps(row), site)
    assert only().text == f"![cat]({CAT})"


def test_a_picture_in_our_own_html_becomes_its_words(site):
    row = {"type": "comment", "id": "c1", "page_url": f"{BLOG}/a", "format": "html"}
    row |= {"text": f"<p>A <img alt=cat src={CAT}></p>", "author": {"name": "Ada"}}
    brought("native", json.dumps(row | {"created": "2020-01-01T00:00:00Z"}), site)
    assert (only().text, only().html) == ("<p>A cat</p>", "<p>A cat</p>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        (
            "one\ntwo\n<blockquote>said\nso</blockquote>\nafter\nthat",
            "<p>one<br>\ntwo</p><blockquote><p>said<br>\nso</p></blockquote><p>after<br>\nthat</p>",
        ),
        ("<p>one\ntwo</p>\n<p>three</p>", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("<ul>\n<li>a\nb</li>\n</ul>\nc", "<ul>\n<li>a<br>\nb</li>\n</ul><p>c</p>"),
        ("so:\n<pre>a\n\n b</pre>", "<p>so:</p><pre>a\n\n b</pre>"),
        ("one<br />\ntwo", "<p>one<br>\ntwo</p>"),
        ("<em>a\n<hr></em>", "<p><em>a</em></p><hr>"),
    ],
)
def test_lines_of_wordpress_break_where_it_breaks_them(site, text, shown):
    brought("wordpress", wordpress(item("/a", said(1, text))), site)
    assert only().html == shown


TWO = ["https://x.example", "https://y.example"]


def link(address):
    return f'<a href="{address}" {REL}>{address}</a>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See https://x.example/a.", f"<p>See {link('https://x.example/a')}.</p>"),
        ("(HTTP://x.example/a_(b))", f"<p>({link('HTTP://x.example/a_(b)')})</p>"),
        ("https://x.example\nhttps://y.example", "<br>\n".join(map(link, TWO))),
        ("<em>https://x.example</em>", f"<em>{link('https://x.example')}</em>"),
        ("https://x.example/?a=1&amp;b=2", link("https://x.example/?a=1&amp;b=2")),
        ("https://x.example/?a&amp;", f"{link('https://x.example/?a')}&amp;"),
        ("&lt;https://x.example&gt;", f"&lt;{link('https://x.example')}&gt;"),
        ("&#8220;https://x.example&#8221;", f"\u201c{link('https://x.example')}\u201d"),
        (
            '<a href="https://x.example">http://y</a>',
            f'<a href="https://x.example" {REL}>http://y</a>',
        ),
        (
            "<a href='https://x.example'><em>http://y</em>: http://z</a>",
            "<em>http://y</em>: http://z</a>",
        ),
        ("<code>https://x.example</code>", "<p><code>https://x.example</code></p>"),
        ("[code]https://x.example[/code]", "<pre><code>https://x.example</code></pre>"),
        ("<pre><code>a</code> https://x.example</pre>", "</code> https://x.example</pre>"),
        ('<img alt="a > b" src="https://x.example">', "<p>a &gt; b</p>"),
        ("https://ada@x.example, https://", "<p>https://ada@x.example, https://</p>"),
        ("javascript://x.example a@b.example", "<p>javascript://x.example a@b.example</p>"),
    ],
)
def test_an_address_in_a_text_of_wordpress_is_a_link_as_it_is_there(site, text, shown):
    brought("wordpress", wordpress(item("/a", said(1, text))), site)
    assert shown in only().html


ENDLESS = ["http://", "http://a ", "http://a", "<a ", "<a '", "<a \"'", "&#", "<a>http://a "]


@pytest.mark.parametrize("piece", ENDLESS)
def test_addresses_without_end_cost_no_more_than_others(piece):
    text = piece * (400_000 // len(piece))
    assert effort.seconds(lambda: clickable.shown("http://x.example " + text)) < 5


@pytest.mark.parametrize("piece", ["[code]", "[code", "<pre ", "<p", "<br ", "\n ", "\n\n"])
def test_texts_of_wordpress_without_end_cost_no_more_than_others(piece):
    assert effort.seconds(lambda: autop.shown(piece * (400_000 // len(piece)))) < 5


def test_a_table_without_ids_says_so_once(site):
    rows = [f"{BLOG}/a,Hello {number}.,2020-01-01T00:00:00Z" for number in range(150)]
    content = "\n".join(["page_url,text,created", *rows, f"{BLOG}/a,Hello.,never"])
    report = brought("csv", content, site)
    assert report.inserted == 151
    assert len(report.warnings) == 2
    assert report.warnings[0].startswith("row 152: its date makes no sense")
    assert report.warnings[1] == "comments without an id that can be kept: 151; each got one"


def test_comments_of_a_second_blog_come_in_though_both_count_from_one(site):
    def blog(path, *comments):
        return wordpress(item(path, *comments).replace(f"id>{path}<", "id>7<"))

    first = blog("/a", said(1, "Of the first."), said(2, "An answer.", parent=1))
    later = "2021-01-01 00:00:00"
    second = blog("/b", said(1, "Of the second.", utc=later), said(2, "Too.", parent=1, utc=later))
    runs = [brought("wordpress", text, site) for text in (first, second, second, first)]
    assert [(one.inserted, one.existing) for one in runs] == [(2, 0), (2, 0), (0, 2), (0, 2)]
    assert [one.rerooted for one in runs] == [0] * 4
    by_text = {one.text: one for one in db.session.scalars(select(Comment))}
    assert by_text["<p>Too.</p>"].parent_id == by_text["<p>Of the second.</p>"].id
    assert by_text["<p>An answer.</p>"].parent_id == by_text["<p>Of the first.</p>"].id


def test_an_edit_here_is_not_undone_by_the_same_file_again(site):
    content = wordpress(item("/a", said(1, "As it was.")))
    brought("wordpress", content, site)
    with transaction() as session:
        session.execute(update(Comment).values(text="As it is now."))
    assert brought("wordpress", content, site).existing == 1


def test_comments_of_a_post_with_a_password_stay_where_they_are(site):
    post = item("/secret", said(1)).replace(
        "<wp:status>", "<wp:post_password>x</wp:post_password><wp:status>"
    )
    report = brought("wordpress", wordpress(post), site)
    assert (report.inserted, report.skipped) == (0, {"protected": 1})


def test_code_that_wordpress_has_escaped_is_escaped_once(site):
    brought("wordpress", wordpress(item("/a", said(1, "[code]a &lt; b && c[/code]"))), site)
    assert "<code>a &lt; b &amp;&amp; c</code>" in only().html


def test_lines_stay_lines_where_a_text_can_only_be_kept_as_it_is(site):
    text = "\n".join(f"{n}. {'x' * 501}" for n in range(3))
    comment = {"type": "comment", "id": "1", "page_url": f"{BLOG}/a", "author": {"name": "Ada"}}
    lines = [{"afterword": 1}, {**comment, "text": text}]
    brought("native", "\n".join(map(json.dumps, lines)), site)
    assert only().html.count("<br>") == 2
