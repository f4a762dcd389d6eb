"""What the exports of other systems really hold, where it differs from what one would expect."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile

import pytest
from sqlalchemy import select

from afterword.core.db import db
from afterword.sites import changes, options
from afterword.threads.models import Comment, Format, Page, State
from afterword.transfer import moments
from afterword.transfer.reading import BadFile
from afterword.transfer.run import Choices, run
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")


def brought(format_name, content, site, **asked):
    content = content if isinstance(content, bytes) else content.encode()
    return run(format_name, io.BytesIO(content), site=site, **asked)


def by_text():
    return {comment.text: comment for comment in db.session.scalars(select(Comment))}


def only():
    return db.session.scalars(select(Comment)).one()


def test_comentario_is_known_though_its_commenters_come_after_a_hundred_kilobytes(site):
    words = "word " * 20_000
    comment = {"id": "c", "pageId": "p", "markdown": words, "isApproved": True}
    said = {
        "version": 3,
        "pages": [{"id": "p", "path": "/a", "isReadonly": False}],
        "comments": [comment | {"createdTime": "2020-01-01T00:00:00Z", "userCreated": "u"}],
        "commenters": [{"id": "u", "name": "Ada"}],
    }
    assert brought("auto", json.dumps(said), site).format == "comentario"


def test_a_comment_of_commento_that_has_only_html_keeps_its_words(site):
    comment = {"commentHex": "1", "url": "/a", "markdown": "", "html": "<p>Hi.</p>"}
    said = {"version": 1, "comments": [comment | {"state": "approved"}], "commenters": []}
    brought("commento", json.dumps(said), site)
    assert (only().html, only().state, only().format) == (
        "<p>Hi.</p>",
        State.VISIBLE,
        Format.HTML,
    )


def isso(path, **said):
    """Isso's database with a comment in it."""
    columns = "tid, id, parent, created, modified, mode, text, author, email, website"
    comment = {"tid": 1, "id": 1, "created": 1.5e9, "mode": 1, "text": "Hi."} | said
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE threads (id, uri, title)")
        database.execute("INSERT INTO threads VALUES (1, '/a', 'A')")
        database.execute(f"CREATE TABLE comments ({columns}, voters BLOB)")
        names = ", ".join(comment)
        marks = ", ".join(f":{name}" for name in comment)
        database.execute(f"INSERT INTO comments ({names}) VALUES ({marks})", comment)
    database.close()
    return path


def test_what_isso_stored_escaped_is_read_as_it_was_typed(site, tmp_path):
    said = {"author": "Tom &amp; Ada &lt;3", "website": "http://ada.example/?a=1&amp;b=2"}
    file = isso(tmp_path / "comments.db", text="R&amp;D", **said)
    with file.open("rb") as database:
        run("isso", database, site=site)
    assert (only().name, only().website) == ("Tom & Ada <3", "http://ada.example/?a=1&b=2")
    assert only().text == "R&amp;D"


def test_nul_in_a_database_costs_no_comment_its_words(site, tmp_path):
    file = isso(tmp_path / "comments.db", text="Good\0 morning.", author="A\0da")
    with file.open("rb") as database:
        run("isso", database, site=site)
    assert (only().name, only().text) == ("Ada", "Good morning.")


def test_what_remark42_stored_escaped_is_read_as_it_was_typed(site):
    said = {
        "id": "1",
        "locator": {"url": "/a"},
        "orig": "It&#39;s `a &amp;&amp; b`:\n\n&gt; quoted",
        "user": {"name": "Ada &lt;3"},
        "time": "2020-01-01T00:00:00Z",
    }
    brought("remark42", json.dumps(said), site)
    assert only().name == "Ada <3"
    assert only().text == "It's `a && b`:\n\n> quoted"
    assert "<blockquote>" in only().html
    assert "<code>a &amp;&amp; b</code>" in only().html


def twikoo(*rows):
    return json.dumps(
        [{"mailMd5": "", "isSpam": False, "master": False, "created": 1.5e12} | row for row in rows]
    )


def waline(*rows):
    return json.dumps(
        [{"insertedAt": "2020-01-01T00:00:00Z", "objectId": row.get("_id")} | row for row in rows]
    )


@pytest.mark.parametrize("system", [twikoo, waline])
@pytest.mark.parametrize("pid", ["gone", "elsewhere"])
def test_an_answer_to_what_is_not_there_stays_below_the_one_that_began_the_thread(
    site, system, pid
):
    content = system(
        {"_id": "3", "url": "/a", "comment": "Yes.", "pid": pid, "rid": "1"},
        {"_id": "1", "url": "/a/", "comment": "First?"},
        {"_id": "elsewhere", "url": "/b", "comment": "Hm."},
        {"_id": "4", "url": "/a", "comment": "No.", "pid": "3", "rid": "1"},
        {"_id": "5", "url": "/a", "comment": "Lost.", "pid": "gone", "rid": "gone, too"},
    )
    assert brought("auto", content, site).rerooted == 1
    said = by_text()
    assert said["Yes."].parent_id == said["First?"].id
    assert said["No."].parent_id == said["Yes."].id
    assert said["Lost."].parent_id is None


@pytest.mark.parametrize("system", [twikoo, waline])
def test_a_path_may_lack_its_first_slash(site, system):
    brought("auto", system({"_id": "1", "url": "2020/a/", "comment": "Hi."}), site)
    assert db.session.scalar(select(Page.key)) == "blog.example/2020/a"


def test_a_comment_of_artalk_that_names_no_page_is_on_none(site):
    row = {"id": 1, "content": "Hi.", "page_key": "", "created_at": "2020-01-01"}
    assert dict(brought("artalk", json.dumps([row]), site).skipped) == {"no_address": 1}


def csv(*lines):
    return "\r\n".join(lines)


def test_a_table_may_count_its_comments_anew_on_every_page(site):
    content = csv(
        "page_url,id,parent,created,text",
        "/a,1,,2020-01-01,One",
        "/a,2,1,2020-01-02,Two",
        "/b,1,,2020-01-01,Three",
        "https://blog.example/b/?utm_source=x,2,,2020-01-02,Four",
        "https://blog.example/b,3,2,2020-01-02,Five",
    )
    assert brought("csv", content, site).rerooted == 0
    said = by_text()
    assert len(said) == 5
    assert said["Two"].parent_id == said["One"].id
    assert said["Five"].parent_id == said["Four"].id
    assert brought("csv", content, site).existing == 5


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("", State.VISIBLE),
        ("Approved", State.VISIBLE),
        ("SPAM", State.SPAM),
        ("deleted", State.REMOVED),
        ("unapproved", State.PENDING),
        ("whatever", State.PENDING),
    ],
)
def test_a_state_of_a_table_that_is_not_known_publishes_nothing(site, written, state):
    brought("csv", csv("Page_URL,Text,Created,State", f"/a,Hi.,2020-01-01,{written}"), site)
    assert only().state is state


def disqus(*parts):
    return f'<disqus xmlns:dsq="http://disqus.com/disqus-internals">{"".join(parts)}</disqus>'


def thread(number, link, *flags):
    said = "".join(f"<{flag}>true</{flag}>" for flag in flags)
    return f'<thread dsq:id="{number}"><link>{link}</link>{said}</thread>'


def post(number, thread):
    return (
        f'<post dsq:id="{number}"><message>Post {number}</message><thread dsq:id="{thread}"/>'
        "<createdAt>2020-01-01T00:00:00Z</createdAt></post>"
    )


def test_a_deleted_thread_of_disqus_closes_nothing(site):
    content = disqus(
        thread(1, "https://blog.example/a", "isClosed", "isDeleted"),
        thread(2, "https://blog.example/a"),
        thread(3, "https://blog.example/b", "isClosed", "isDeleted"),
        *(post(1, 1), post(2, 2), post(3, 3)),
    )
    brought("disqus", content, site)
    assert {page.key: page.is_open for page in db.session.scalars(select(Page))} == {
        "blog.example/a": True,
        "blog.example/b": True,
    }


@pytest.mark.parametrize("link", ["//blog.example/a", "Blog.Example/a", "//old.example/a"])
def test_an_address_may_lack_its_scheme(site, link):
    choices = Choices(site_origins=["https://old.example"])
    brought("disqus", disqus(thread(1, link), post(1, 1)), site, choices=choices)
    assert db.session.scalar(select(Page.key)) == "blog.example/a"


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("blog.example/a", "blog.example/a"),
        ("Blog.Example/a", "blog.example/a"),
        ("localhost:4000/a", "blog.example/a"),
        ("localhost/a", "blog.example/localhost/a"),
        ("other.example/a", "blog.example/other.example/a"),
    ],
)
def test_a_page_that_goes_by_an_address_without_scheme_is_that_page(site, key, page):
    choices = Choices(site_origins=["http://localhost:4000", "http://localhost"])
    row = {"id": 1, "content": "Hi.", "page_key": key, "created_at": "2020-01-01"}
    brought("artalk", json.dumps([row]), site, choices=choices)
    assert db.session.scalar(select(Page.key)) == page


def test_the_host_of_an_address_with_a_port_and_no_scheme_is_named(site):
    row = {"id": 1, "content": "Hi.", "page_key": "localhost:4000/a", "created_at": "2020-01-01"}
    report = brought("artalk", json.dumps([row]), site)
    assert dict(report.foreign) == {"localhost:4000": 1}
    row["page_key"] = "post:7"
    assert dict(brought("artalk", json.dumps([row]), site).skipped) == {"no_address": 1}


def test_reviews_and_sticky_comments_of_wordpress_are_comments(site):
    comments = "".join(
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_type>{kind}"
        f"</wp:comment_type><wp:comment_content>{kind}</wp:comment_content>"
        "<wp:comment_approved>1</wp:comment_approved>"
        "<wp:comment_date_gmt>2020-01-01 00:00:00</wp:comment_date_gmt></wp:comment>"
        for number, kind in enumerate(["review", "wpdiscuz_sticky", "private", "order_note"])
    )
    content = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/"><item>'
        f"<link>https://blog.example/a</link>{comments}</item></rss>"
    )
    assert dict(brought("wordpress", content, site).skipped) == {"private_note": 2}
    shown = {text.strip(): comment.is_pinned for text, comment in by_text().items()}
    assert shown == {"<p>review</p>": False, "<p>wpdiscuz_sticky</p>": True}


def test_discussions_and_their_comments_may_come_from_the_rest_interface(site):
    discussion = {
        "id": 50,
        "number": 7,
        "title": "a/",
        "html_url": "https://github.com/o/r/discussions/7",
        "body": "# a/\n\nWords.\n\nhttps://blog.example/a/",
        "comments": 3,
        "locked": True,
        "answer_html_url": None,
    }
    answer = {
        "discussion_id": 50,
        "author_association": "NONE",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }
    reply = {"id": 2, "node_id": "DC_2", "parent_id": 1, "body": "Yes.", "user": None}
    first = {
        "id": 1,
        "node_id": "DC_1",
        "parent_id": None,
        "body": "Well?",
        "user": {"login": "u1"},
        "reactions": {"+1": 2, "heart": 1},
    }
    stray = {"id": 3, "node_id": "DC_3", "body": "Hm.", "discussion_id": 51}
    content = "\n".join(map(json.dumps, [[answer | reply, answer | first, stray], [discussion]]))
    report = brought("auto", content, site)
    assert (report.format, report.inserted, dict(report.skipped)) == ("giscus", 2, {"not_ours": 1})
    assert report.warnings == [
        "GitHub has more comments on discussion 7 than the 2 that are in the file",
        "GitHub's REST interface does not say what was hidden, so that all is shown: 2",
    ]
    said = by_text()
    assert said["Yes."].parent_id == said["Well?"].id
    assert (said["Well?"].name, said["Well?"].up, said["Yes."].name) == ("u1", 2, "ghost")
    assert db.session.scalar(select(Page.is_open)) is False
    # The other interface gives the same comments the same ids.
    graph = {
        "id": "DC_1",
        "body": "Well?",
        "createdAt": "2020-01-01T00:00:00Z",
        "authorAssociation": "NONE",
        "replies": {"nodes": []},
    }
    whole = discussion | {"comments": {"nodes": [graph]}}
    assert brought("giscus", json.dumps(whole), site).existing == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_files_in_utf_16_are_read(site, encoding):
    head = '<?xml version="1.0" encoding="utf-16"?>\n'
    files = [
        head + disqus(thread(1, "/é"), post(1, 1)),
        twikoo({"_id": "1", "url": "/é", "comment": "Hi."}),
        csv("page_url\ttext\tcreated", "/é\tHi.\t2020-01-01"),
    ]
    mark = "" if encoding == "utf-16" else "\ufeff"
    reports = [brought("auto", (mark + one).encode(encoding), site) for one in files]
    assert [(report.format, report.inserted) for report in reports] == [
        ("disqus", 1),
        ("twikoo", 1),
        ("csv", 1),
    ]
    assert db.session.scalars(select(Page.key)).all() == ["blog.example/%C3%A9"]


def test_utf_16_that_is_cut_off_is_refused(site):
    with pytest.raises(BadFile, match="UTF-16"):
        brought("auto", '[{"a": "é"}]'.encode("utf-16")[:-1], site)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_of_several_files_of_github_says_what_it_holds(site, packing):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", packing) as packed:
        packed.writestr("issues.json", '[{"comments_url": "", "author_association": ""}]')
        packed.writestr("comments.json", "[]")
    with pytest.raises(BadFile, match=r"holds issues\.json, comments\.json\."):
        brought("utterances", archive.getvalue(), site)
    with pytest.raises(BadFile, match=r"comments\.json, line 1"):
        brought("auto", archive.getvalue(), site)


@pytest.mark.parametrize("words", ["Yes", "12:30", "007", "1e3", "0x1f", "1_000"])
def test_words_that_yaml_takes_for_something_else_stay_words(site, words):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a/1.yml", f"_id: 010\nname: {words}\nmessage: {words}\ndate: 1514764800\n")
        packed.writestr(
            "a/2.yml", "_id: 2\nname: ~\nmessage: Re\ndate: 2018-01-01\nreply_to: 010\n"
        )
    assert brought("staticman", archive.getvalue(), site).rerooted == 0
    first = by_text()[words]
    assert (first.name, first.created.isoformat()) == (words, "2018-01-01T00:00:00+00:00")
    assert by_text()["Re"].parent_id == first.id


def test_issues_that_are_named_discussions_are_refused_and_not_taken_for_empty(site):
    issue = {"title": "a", "body": f"# a\n\n[x]({BLOG}/a)", "html_url": "x/issues/1", "comments": 1}
    with pytest.raises(BadFile, match="Nothing in the file is of the format giscus"):
        brought("giscus", json.dumps([issue]), site)


def test_a_page_without_a_date_begins_with_its_first_comment(site):
    posts = [{"url": "/a", "read_only": True}]
    comments = [
        {"id": day, "text": f"<p>{day}</p>", "locator": {"url": "/a"}, "time": f"2020-01-0{day}"}
        for day in ("3", "2")
    ]
    lines = [{"version": 1, "users": [], "posts": posts}, *comments]
    brought("remark42", "\n".join(map(json.dumps, lines)), site)
    page = db.session.scalars(select(Page)).one()
    assert (page.created.isoformat(), page.is_open) == ("2020-01-02T00:00:00+00:00", False)


def test_mongodb_may_wrap_every_number_by_its_kind(site):
    said = {"url": "/a", "comment": "Hi.", "like": {"$numberInt": "3"}}
    brought(
        "twikoo", twikoo({"_id": "1", "created": {"$numberDouble": "1588327200000"}} | said), site
    )
    assert (only().up, only().created.isoformat()) == (3, "2020-05-01T10:00:00+00:00")


@pytest.mark.parametrize("written", [0, -1, "1970-01-01T00:00:00Z", "1970-01-01 08:00:00"])
def test_a_date_that_stands_for_none_is_none(written):
    assert moments.read(written) is None


def test_a_comment_made_through_a_translator_keeps_the_query_that_tells_its_page_apart(site):
    host = "https://my--blog-example.translate.goog"
    link = f"{host}/?p=7&amp;_x_tr_sl=en&amp;_x_tr_tl=de"
    site = changes.add("https://my-blog.example")
    brought("disqus", disqus(thread(1, link), post(1, 1)), site)
    page = db.session.scalars(select(Page)).one()
    assert (page.key, page.url) == ("my-blog.example/?p=7", "https://my-blog.example/?p=7")


@pytest.mark.parametrize("above", ["", "blog/_data/"])
def test_pages_of_staticman_in_folders_of_one_name_stay_apart(site, above):
    said = "message: {}\ndate: 1514764800\n_parent: {}\n"
    files = {
        "2019/hello/1.yml": said.format("One", "''"),
        "2020/hello/1.yml": said.format("Two", "/2019/hello/"),
        "posts/about/1.yml": said.format("Three", f"{BLOG}/about/"),
        "bye/1.yml": said.format("Four", "/2021/bye"),
        "posts/new/1.yml": said.format("Five", "/blog/new/"),
        "posts/old/1.yml": said.format("Six", "/2018/hello/"),
        "old/1.yml": said.format("Seven", "/blog/posts/old/"),
        "2018/new/1.yml": said.format("Eight", f"{BLOG}/en/posts/new"),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"{above}comments/{name}", content)
    assert brought("staticman", archive.getvalue(), site).inserted == 8
    assert {text: one.page.key for text, one in by_text().items()} == {
        "One": "blog.example/2019/hello",
        "Two": "blog.example/2020/hello",
        "Three": "blog.example/about",
        "Four": "blog.example/2021/bye",
        "Five": "blog.example/blog/new",
        "Six": "blog.example/posts/old",
        "Seven": "blog.example/old",
        "Eight": "blog.example/2018/new",
    }


def issue(*comments, **said):
    """GitHub's answer with an issue that utterances began, and these comments on it."""
    about = {"url": "u", "number": 5, "title": "a", "body": f"# a\n\n[x]({BLOG}/a)"}
    return json.dumps([about | {"comments_list": list(comments)} | said])


def comment_of(number, **said):
    when = {"created_at": "2021-01-02T00:00:00Z", "author_association": "NONE"}
    return {"id": number, "body": f"Comment {number}.", "user": {"login": "u1"}} | when | said


def test_reactions_of_github_become_those_that_a_site_can_offer(site):
    kinds = ["+1", "-1", "heart", "hooray", "laugh", "confused", "rocket", "eyes"]
    said = {kind: number for number, kind in enumerate(kinds, start=1)}
    report = brought("utterances", issue(comment_of(1, reactions=said), comment_of(2)), site)
    [comment] = db.session.scalars(select(Comment).where(Comment.up > 0))
    assert (comment.up, comment.down) == (1, 2)
    assert comment.reactions == {"love": 3, "party": 4, "laugh": 5, "think": 6}
    assert comment.reactions.keys() <= options.REACTIONS.keys()
    assert [one for one in report.warnings if "reaction" in one] == [
        "GitHub's reaction rocket was left out, it is none of ours: 7",
        "GitHub's reaction eyes was left out, it is none of ours: 8",
    ]


def test_comments_from_an_interface_that_does_not_say_what_was_hidden_are_warned_of(site):
    said = "GitHub's REST interface does not say what was hidden, so that all is shown: 2"
    content = issue(comment_of(1), comment_of(2))
    assert said in brought("utterances", content, site).warnings
    assert said in brought("utterances", content, site).warnings


def graphql_issue(*comments, **said):
    """The same by the other interface."""
    connection = {"nodes": list(comments), "pageInfo": {"hasNextPage": False}} | said
    about = {"number": 5, "title": "a", "body": f"# a\n\n[x]({BLOG}/a)", "locked": True}
    issues = {"nodes": [about | {"comments": connection}], "pageInfo": {"hasNextPage": False}}
    return json.dumps({"data": {"repository": {"issues": issues}}})


def graphql_comment_of(number, **said):
    when = {"createdAt": "2021-01-02T00:00:00Z", "authorAssociation": "NONE"}
    ids = {"id": f"IC_{number}", "fullDatabaseId": str(number)}
    return ids | {"body": f"Comment {number}.", "author": {"login": "u1"}} | when | said


def test_what_was_hidden_on_an_issue_stays_hidden(site):
    said = [
        graphql_comment_of(1),
        graphql_comment_of(2, isMinimized=True, minimizedReason="SPAM"),
        graphql_comment_of(3, isMinimized=True, minimizedReason="OUTDATED"),
    ]
    report = brought("auto", graphql_issue(*said), site)
    assert (report.format, report.warnings) == ("utterances", [])
    states = db.session.scalars(select(Comment.state).order_by(Comment.text)).all()
    assert states == [State.VISIBLE, State.SPAM, State.REMOVED]
    assert db.session.scalar(select(Page.is_open)) is False


def test_both_interfaces_of_github_give_a_comment_on_an_issue_one_id(site):
    brought("utterances", issue(comment_of(1)), site)
    report = brought("utterances", graphql_issue(graphql_comment_of(1)), site)
    assert (report.inserted, report.existing) == (0, 1)


def test_votes_and_reactions_on_an_issue_come_by_either_interface(site):
    kinds = ["THUMBS_UP", "THUMBS_DOWN", "HEART", "EYES"]
    groups = [
        {"content": kind, "reactors": {"totalCount": number}}
        for number, kind in enumerate(kinds, start=1)
    ]
    report = brought("auto", graphql_issue(graphql_comment_of(1, reactionGroups=groups)), site)
    assert (only().up, only().down, only().reactions) == (1, 2, {"love": 3})
    assert report.warnings == ["GitHub's reaction eyes was left out, it is none of ours: 4"]


def test_an_issue_with_many_comments_may_come_by_itself(site):
    first = graphql_issue(graphql_comment_of(1), totalCount=2)
    rest = json.loads(graphql_issue(graphql_comment_of(2), totalCount=2))
    about = rest["data"]["repository"].pop("issues")["nodes"][0]
    rest["data"]["repository"]["issue"] = about
    report = brought("auto", first + json.dumps(rest), site)
    assert (report.inserted, report.warnings) == (2, [])
    assert brought("auto", json.dumps(rest), site).format == "utterances"


def test_comments_on_an_issue_that_github_kept_back_are_warned_of(site):
    content = graphql_issue(graphql_comment_of(1), totalCount=101)
    assert brought("auto", content, site).warnings == [
        "GitHub has more comments on issue 5 than the 1 that are in the file"
    ]
