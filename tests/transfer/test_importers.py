"""What other systems export, brought in row by row: each file here has every trap we know of."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from afterword.core import clock
from afterword.core.db import db
from afterword.sites import changes, directory
from afterword.threads.models import Comment, Format, Page, State
from afterword.transfer import export
from afterword.transfer.progress import Progress
from afterword.transfer.reading import BadFile
from afterword.transfer.run import Choices, run
from tests import make
from tests.conftest import BLOG

pytestmark = pytest.mark.usefixtures("context")
SAMPLES = Path(__file__).parent / "samples"

# File, origin in it that is the blog's; rows, states that go in, reasons why the others do not,
# replies, replies that lose their parent, dates that make no sense.
FIGURES = [
    (
        ("disqus-edge.xml", BLOG, "disqus", 22),
        {"visible": 15, "removed": 2, "spam": 1},
        {"no_page": 1, "foreign_host": 1, "no_address": 1, "empty_text": 1},
        (4, 4, 1),
    ),
    (
        ("wxr-edge.xml", "https://wp.example", "wordpress", 18),
        {"visible": 7, "pending": 1, "spam": 1, "removed": 2},
        {"not_a_comment": 3, "private_note": 2, "draft": 1, "empty_text": 1},
        (3, 1, 0),
    ),
    (
        ("blogger-takeout-edge.atom", BLOG, "blogger", 8),
        {"visible": 5, "spam": 1, "pending": 1},
        {"no_page": 1},
        (3, 0, 0),
    ),
    (
        ("isso-edge.db", BLOG, "isso", 8),
        {"visible": 5, "pending": 1, "removed": 1},
        {"no_page": 1},
        (2, 1, 0),
    ),
    (
        ("remark42-backup.json", "https://radio-t.com", "remark42", 8),
        {"visible": 7, "removed": 1},
        {},
        (3, 0, 0),
    ),
    (
        ("comentario-v3-edge.json", BLOG, "comentario", 5),
        {"visible": 3, "pending": 1, "removed": 1},
        {},
        (2, 0, 0),
    ),
    (
        ("cusdis-edge.sqlite", BLOG, "cusdis", 7),
        {"visible": 4, "pending": 1, "removed": 1},
        {"foreign_host": 1},
        (2, 0, 0),
    ),
    (("giscus-graphql.json", BLOG, "giscus", 3), {"visible": 2, "spam": 1}, {}, (1, 0, 0)),
    (("utterances-issues.json", BLOG, "utterances", 2), {"visible": 2}, {}, (0, 0, 0)),
]


def imported(name, site, *, origin=BLOG, format_name="auto", **choices):
    chosen = Choices(site_origins=[origin], **choices)
    with (SAMPLES / name).open("rb") as file:
        return run(format_name, file, site=site, choices=chosen)


def of_text(content, site, format_name, **choices):
    return run(format_name, io.BytesIO(content), site=site, choices=Choices(**choices))


@pytest.mark.parametrize(
    ("file", "states", "skipped", "replies"), FIGURES, ids=[one[0][0] for one in FIGURES]
)
def test_every_row_of_a_sample_is_accounted_for(site, file, states, skipped, replies):
    name, origin, format_name, rows = file
    report = imported(name, site, origin=origin)
    assert (report.format, report.rows) == (format_name, rows)
    assert (dict(report.states), dict(report.skipped)) == (states, skipped)
    assert (report.replies, report.rerooted, report.undated) == replies
    assert report.rows == report.inserted + report.existing + sum(report.skipped.values())


@pytest.mark.parametrize("file", [figures[0] for figures in FIGURES], ids=lambda one: one[0])
def test_a_second_run_of_a_sample_adds_nothing(site, file):
    name, origin, _, rows = file
    first = imported(name, site, origin=origin)
    second = imported(name, site, origin=origin)
    assert (second.rows, second.inserted, second.existing) == (rows, 0, first.inserted)
    assert db.session.scalar(select(func.count()).select_from(Comment)) == first.inserted


@pytest.mark.parametrize("file", [figures[0] for figures in FIGURES], ids=lambda one: one[0])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_dates_are_the_same_in_every_time_zone(site, file, zone, monkeypatch):
    name, origin, _, _ = file
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        imported(name, site, origin=origin)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert _span() == SPANS[name]


SPANS = {
    "disqus-edge.xml": ("2020-01-01T00:00:11.000Z", "2020-01-01T00:00:32.000Z"),
    "wxr-edge.xml": ("2021-03-04T05:06:01.000Z", "2021-03-04T05:06:50.000Z"),
    "blogger-takeout-edge.atom": ("2020-02-01T10:00:43.000Z", "2020-02-01T10:00:50.000Z"),
    "isso-edge.db": ("2020-09-13T12:26:40.250Z", "2020-09-13T12:26:46.000Z"),
    "remark42-backup.json": ("2019-09-14T07:30:00.000Z", "2019-09-14T12:31:00.000Z"),
    "comentario-v3-edge.json": ("2023-01-02T00:00:00.000Z", "2023-01-06T00:00:00.000Z"),
    "cusdis-edge.sqlite": ("2020-09-13T12:26:41.000Z", "2020-09-13T12:26:46.000Z"),
    "giscus-graphql.json": ("2022-01-02T00:00:00.000Z", "2022-01-04T00:00:00.000Z"),
    "utterances-issues.json": ("2021-01-02T00:00:00.000Z", "2021-01-03T00:00:00.000Z"),
}


def _span():
    first, last = db.session.execute(
        select(func.min(Comment.created), func.max(Comment.created))
    ).one()
    return clock.text(first), clock.text(last)


def test_pages_that_nobody_commented_on_do_not_come_into_being(site):
    for name, origin, _, _ in (figures[0] for figures in FIGURES):
        imported(name, site, origin=origin)
    lonely = [page.key for page in db.session.query(Page) if not page_has_comments(page)]
    assert lonely == []


def page_has_comments(page):
    return db.session.query(Comment).filter_by(page_id=page.id).first() is not None


def test_no_text_of_a_sample_carries_a_script_or_a_bad_link(site):
    for name, origin, _, _ in (figures[0] for figures in FIGURES):
        imported(name, site, origin=origin)
    for row in db.session.execute(select(Comment.html, Comment.text, Comment.format)):
        for said in (row.html, row.text) if row.format is Format.HTML else (row.html,):
            assert "<script" not in said
            assert "javascript:" not in said


def test_what_its_author_took_back_is_only_a_place_in_the_thread(site):
    imported("disqus-edge.xml", site)
    taken_back = db.session.scalars(
        select(Comment).where(Comment.state == State.REMOVED, Comment.text == "")
    ).all()
    assert taken_back
    assert all((one.name, one.email, one.html) == ("", None, "") for one in taken_back)


def test_a_thread_with_three_addresses_is_one_page(site):
    report = imported("disqus-edge.xml", site)
    together = report.together()["blog.example/a"]
    assert len(together) >= 3


def test_votes_pins_closed_pages_and_owners_are_carried(site):
    imported("remark42-backup.json", site, origin="https://radio-t.com")
    imported("isso-edge.db", site)
    assert db.session.query(Comment).filter(Comment.is_pinned).count() == 1
    assert db.session.query(Comment).filter(Comment.is_moderator).count() == 3
    assert db.session.query(Page).filter(Page.is_open.is_(False)).count() == 1
    voted = db.session.query(Comment).filter(Comment.name == "Ann").one()
    assert (voted.up, voted.down) == (3, 1)


def test_the_owner_says_who_in_the_file_she_is(site):
    imported("giscus-graphql.json", site, owners=["U1"])
    assert db.session.query(Comment).filter(Comment.name == "u1", Comment.is_moderator).count() == 1


def test_one_project_of_several_is_taken_when_it_is_named(site):
    report = imported("cusdis-edge.sqlite", site, project="pr1")
    assert (report.inserted, dict(report.skipped)) == (6, {"other_project": 1})


def test_a_comment_made_through_a_translator_is_on_the_page_itself(site):
    imported("disqus-edge.xml", site)
    assert set(db.session.scalars(select(Page.key))) >= {"blog.example/a", "blog.example/b"}
    assert not [key for key in db.session.scalars(select(Page.key)) if "translate" in key]


def test_two_systems_may_use_the_same_ids(site):
    one = b'[{"id":"1","content":"Hello.","page_key":"/a","date":"2020-01-01 10:00:00 +0800"}]'
    two = b'[{"_id":"1","comment":"<p>Hi.</p>","url":"/a","nick":"Bo","created":1600000000000}]'
    of_text(one, site, "artalk")
    assert of_text(two, site, "twikoo").inserted == 1
    assert db.session.query(Comment).count() == 2


def test_a_repeated_id_with_other_words_is_another_comment(site):
    said = b'{"_id":"1","comment":"%s","url":"/a","nick":"Ada","created":1600000000000}\n'
    content = said % b"One." + said % b"Two." + said % b"One." + said % b"Two."
    report = of_text(content, site, "twikoo")
    assert (report.inserted, dict(report.skipped)) == (2, {"duplicate_id": 2})
    assert of_text(content, site, "twikoo").inserted == 0


def test_comments_without_dates_that_share_an_id_come_in_once(site):
    said = b'{"_id":"1","comment":"%s","url":"/a","nick":"Ada","created":"yesterday"}\n'
    content = said % b"One." + said % b"Two." + said % b"One."
    first = of_text(content, site, "twikoo")
    assert (first.inserted, first.undated, dict(first.skipped)) == (2, 3, {"duplicate_id": 1})
    assert of_text(content, site, "twikoo").inserted == 0


def test_waline_in_each_of_its_shapes(site):
    row = (
        b'{"objectId":"%d","comment":"Hello *you*","nick":"Ada","mail":"ada@mail.example",'
        b'"url":"/a/","status":"%s","insertedAt":{"__type":"Date","iso":"2020-01-0%dT00:00:00Z"}}'
    )
    rows = [row % (n, state, n) for n, state in enumerate((b"approved", b"waiting", b"spam"), 1)]
    admin = b'{"type":"waline","version":1,"tables":["Comment"],"data":{"Comment":[%s],"Users":[]}}'
    shapes = [
        admin % b",".join(rows),
        b'{"results":[%s]}' % b",".join(rows),
        b"[%s]" % b",".join(rows),
        b"\n".join(rows),
    ]
    reports = [of_text(shape, site, "auto") for shape in shapes]
    assert [one.format for one in reports] == ["waline"] * 4
    assert dict(reports[0].states) == {"visible": 1, "pending": 1, "spam": 1}
    assert [(one.inserted, one.existing) for one in reports] == [(3, 0)] + [(0, 3)] * 3


LEANCLOUD = (
    b'#filetype:JSON-streaming {"type":"Class","class":"Comment"}\n'
    b'{"nick":"Ada","mail":"ada@mail.example","objectId":"5c1","url":"/a/","comment":"<p>Hi.</p>",'
    b'"insertedAt":{"__type":"Date","iso":"2019-01-02T03:04:05.678Z"}}\n'
)


@pytest.mark.parametrize("format_name", ["auto", "valine", "twikoo"])
def test_the_line_that_leancloud_writes_first_is_passed_over(site, format_name):
    report = of_text(LEANCLOUD, site, format_name)
    assert (report.rows, report.inserted) == (1, 1)
    assert db.session.query(Comment).one().name == "Ada"


def test_the_line_that_leancloud_writes_first_is_counted(site):
    with pytest.raises(BadFile, match="line 3, column 8: not well-formed JSON"):
        of_text(LEANCLOUD + b'{"id": }', site, "valine")


def test_a_class_of_leancloud_without_comments_is_known(site):
    heading = LEANCLOUD.partition(b"\n")[0]
    report = of_text(heading, site, "auto")
    assert (report.format, report.rows) == ("waline", 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[@Bob](#5c1): yes", "<p>@Bob: yes</p>"),
        ("[@B[o]b](#5c1): see [it](#there)", "<p>@B[o]b: see [it](#there)</p>"),
        ('<p><a class="at" href="#5c1">@Bob</a> , yes</p>', "<p>@Bob , yes</p>"),
    ],
)
def test_a_mention_of_waline_is_the_name_alone(site, text, shown):
    row = {"objectId": "1", "nick": "Ada", "url": "/a", "comment": text, "insertedAt": 1600000000}
    of_text(json.dumps([row]).encode(), site, "waline")
    assert db.session.query(Comment).one().html.strip() == shown


def test_waline_as_a_table_with_dates_of_javascript(site):
    content = (
        b"id,nick,mail,status,insertedAt,comment,pid,rid,link,url\r\n"
        b'1,Ada,,approved,"Mon May 18 2026 12:30:29 GMT+0000 (UTC)",Hi,,,undefined,/a\r\n'
    )
    assert of_text(content, site, "auto").inserted == 1
    comment = db.session.query(Comment).one()
    assert clock.text(comment.created) == "2026-05-18T12:30:29.000Z"
    assert comment.website is None


def test_artalk_with_texts_for_everything(site):
    content = (
        b'[{"id":"7","rid":"0","content":"Hi <img src=x atk-emoticon=\\"smile\\">","nick":"Ada",'
        b'"is_pinned":"true","is_pending":"false","vote_up":"3",'
        b'"created_at":"2021-10-28 20:50:15 +0800",'
        b'"page_key":"https://blog.example/a","page_title":"A"}]'
    )
    assert of_text(content, site, "auto").format == "artalk"
    comment = db.session.query(Comment).one()
    assert (comment.is_pinned, comment.up) == (True, 3)
    assert ":smile:" in comment.html
    assert clock.text(comment.created) == "2021-10-28T12:50:15.000Z"


@pytest.mark.parametrize(("project", "closed"), [("One", {"/a"}), ("Two", {"/b"})])
def test_a_page_of_artalk_that_is_its_admins_alone_is_closed(site, project, closed):
    said = [
        ("One", "/a", "true"),
        ("One", "/b", "false"),
        ("Two", "/a", False),
        ("Two", "/b", True),
    ]
    rows = [
        {
            "id": f"{name} {path}",
            "content": "Hi.",
            "page_key": path,
            "page_admin_only": is_for_admins,
            "site_name": name,
            "created_at": "2021-10-28 20:50:15 +0800",
        }
        for name, path, is_for_admins in said
    ]
    report = of_text(json.dumps(rows).encode(), site, "artalk", project=project)
    assert (report.pages, dict(report.skipped)) == (2, {"other_project": 2})
    pages = db.session.query(Page).filter(Page.is_open.is_(False))
    assert {page.url.removeprefix(BLOG) for page in pages} == closed


def test_a_folder_of_staticman_answers_by_place(site):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        one = "_id: a1\nname: Ada\nmessage: First\ndate: 2017-01-01T10:00:00.000Z\n"
        packed.writestr("comments/post/entry1.yml", one)
        two = "name: Bo\nmessage: Second\ndate: 1483264800\nreplying_to: '1'\n"
        packed.writestr("comments/post/entry2.yml", two)
    report = of_text(archive.getvalue(), site, "auto")
    assert (report.format, report.inserted, report.replies) == ("staticman", 2, 1)
    assert set(db.session.scalars(select(Page.key))) == {"blog.example/post"}


def staticman(**files):
    """A zip of the comments on a page, by the names of their files without the dot."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"comments/post/{name.replace('_', '.')}", content)
    return archive.getvalue()


def test_json_of_staticman_is_read_as_json(site):
    content = '{\n\t"name": "Ada",\n\t"message": "Hi \\ud83d\\ude00",\n\t"date": 1483264800\n}'
    report = of_text(staticman(a_json=content, b_json=content.replace("Hi", "Ho")), site, "auto")
    assert report.inserted == 2
    texts = db.session.scalars(select(Comment.text).order_by(Comment.text)).all()
    assert texts == ["Hi \U0001f600", "Ho \U0001f600"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{\n "name": }', "line 2, column 10"),
        (b'{\n "name": "\xc3\xa9\xff"}', "line 2, column 12"),
        (b"{", "line 1, column 2"),
        (b"[]", "line 1, column 1"),
    ],
)
def test_json_of_staticman_that_is_malformed_says_where(site, content, place):
    with pytest.raises(BadFile, match=rf"comments/post/a\.json, {place}: not "):
        of_text(staticman(a_json=content, b_json=b"{}"), site, "staticman")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"name: Ada\nmessage: [", "line 2, column 11"),
        (b"name: Ada\nmessage: \xff", "line 2, column 10"),
        (b"\xef\xbb\xbfname: \xc3\xa9\x07", "line 1, column 8"),
        (b"Hello.", "line 1, column 1"),
    ],
)
def test_yaml_of_staticman_that_is_malformed_says_where(site, content, place):
    with pytest.raises(BadFile, match=rf"comments/post/a\.yml, {place}: not "):
        of_text(staticman(a_yml=content, b_yml=b"{}"), site, "staticman")


def test_json_of_staticman_that_is_nested_without_end_is_refused(site):
    deep = '{"a":' * 900 + "1" + "}" * 900
    for content in (deep, "[" * 100_000):
        with pytest.raises(BadFile, match=r"a\.json: not well-formed \(nested too deeply\)"):
            of_text(staticman(a_json=content, b_json="{}"), site, "staticman")


def test_a_comment_of_staticman_that_answers_0_answers_nobody(site):
    report = of_text(
        staticman(
            a_yml="_id: a\nmessage: First\ndate: 1483264800\nreplying_to: '0'\n",
            b_yml="_id: b\nmessage: Second\ndate: 1483264801\nreplying_to: 0\n",
            c_yml="_id: c\nmessage: To the second\ndate: 1483264802\nreplying_to: 2\n",
        ),
        site,
        "auto",
    )
    assert (report.inserted, report.replies, report.rerooted) == (3, 1, 0)
    answer = db.session.query(Comment).filter(Comment.parent_id.is_not(None)).one()
    assert db.session.get(Comment, answer.parent_id).text == "Second"


def test_a_date_of_staticman_that_no_calendar_has_costs_the_date_alone(site):
    said = "_id: a\nmessage: First\ndate: 2017-02-30T10:00:00Z\n"
    report = of_text(staticman(a_yml=said, b_yml=said.replace("30", "28")), site, "auto")
    assert (report.rows, report.undated) == (2, 1)


def test_our_own_table_brings_back_only_what_is_gone(site):
    make.comment(make.page(site), text="=1+1")
    table = io.BytesIO()
    export.write(site, table, format_name="csv")
    assert of_text(table.getvalue(), site, "auto").existing == 1
    changes.remove(site.id)
    db.session.expunge_all()
    assert of_text(table.getvalue(), changes.add(BLOG), "auto").inserted == 1
    assert db.session.query(Comment).one().text == "=1+1"


def test_a_table_that_a_script_wrote_needs_three_columns(site):
    content = (
        b"page_url,name,text,created,state\n"
        b'https://blog.example/a,Ada,"Hello, *you*",2026-01-01T00:00:00Z,pending\n'
    )
    report = of_text(content, site, "auto")
    assert (report.format, dict(report.states)) == ("csv", {"pending": 1})
    assert of_text(content, site, "csv").existing == 1


def test_issues_and_their_comments_may_be_fetched_apart(site):
    api = "https://api.github.com/repos/o/r/issues"
    issues = [{"url": f"{api}/5", "title": "a/", "body": "# a/\n\n[x](https://blog.example/a/)"}]
    comments = [
        {
            "id": number,
            "issue_url": f"{api}/{number}",
            "body": "Hey.",
            "user": {"login": "u1"},
            "created_at": "2021-01-02T00:00:00Z",
            "author_association": "NONE",
        }
        for number in (5, 6)
    ]
    content = json.dumps(issues) + json.dumps(comments)
    report = of_text(content.encode(), site, "auto")
    assert (report.format, report.inserted) == ("utterances", 1)
    assert dict(report.skipped) == {"not_ours": 1}


MARK = "\n\n<!-- sha1: 1b4f0e9851971998e732078544c96b36c3d01ced -->"


def discussion(title, body, *texts, **said):
    """GitHub's answer with a discussion, and a comment of each of these texts."""
    comments = [
        {
            "id": f"DC_{number}",
            "body": text,
            "createdAt": "2022-01-02T00:00:00Z",
            "authorAssociation": "NONE",
            "replies": {"totalCount": 0, "nodes": []},
        }
        for number, text in enumerate(texts)
    ]
    connection = {"totalCount": len(comments), "nodes": comments, **said}
    nodes = [{"number": 1, "title": title, "body": body, "comments": connection}]
    return json.dumps({"data": {"repository": {"discussions": {"nodes": nodes}}}}).encode()


@pytest.mark.parametrize(
    ("title", "body", "page"),
    [
        ("a", "# a\n\nWords.\n\nhttps://blog.example/a.html", "blog.example/a.html"),
        ("a", "# a\r\n\r\n\r\n\r\nhttps://blog.example/a\r\n", "blog.example/a"),
        ("My Post | Blog", f"# My Post | Blog\n\n\n\n{BLOG}/a_(b)" + MARK, "blog.example/a_(b)"),
        ("index", f"# index\n\nHome.\n\n[{BLOG}/]({BLOG}/)", "blog.example/"),
        ("a/b/", "The owner's words." + MARK, "blog.example/a/b"),
        (f"{BLOG}/c", "The owner's words.", "blog.example/c"),
    ],
)
def test_a_discussion_belongs_to_the_address_that_giscus_wrote_into_it(site, title, body, page):
    assert of_text(discussion(title, body, "Hi."), site, "auto").inserted == 1
    assert db.session.scalar(select(Page.key)) == page


@pytest.mark.parametrize(
    ("association", "is_owner"), [("OWNER", True), ("MEMBER", True), ("CONTRIBUTOR", False)]
)
def test_whose_repository_it_is_owns_the_site(site, association, is_owner):
    made = discussion("a", f"# a\n\n\n\n{BLOG}/a", "Hi.").replace(b"NONE", association.encode())
    of_text(made, site, "giscus")
    assert db.session.scalar(select(Comment.is_moderator)) is is_owner


class Meanwhile(Progress):
    """An owner at the desk, while a file is read."""

    def __init__(self, act):
        self.act = act

    def reading(self, records, part):
        self.act()
        return records


def test_what_is_chosen_at_the_desk_while_a_file_is_read_stays_chosen(site):
    imported("isso-edge.db", site)
    choices = Choices(keep_query="lang")
    at_desk = Meanwhile(lambda: changes.choose(site.id, {"max_length": "500"}))
    file = io.BytesIO(discussion("a", f"# a\n\n\n\n{BLOG}/a?lang=de", "Hi."))
    run("giscus", file, site=site, choices=choices, progress=at_desk)
    chosen = directory.by_id(site.id).options
    assert (chosen.keep_query, chosen.max_length) == ("lang", 500)
    assert db.session.scalar(select(Page).where(Page.key == "blog.example/a?lang=de"))


@pytest.mark.parametrize("said", [{"totalCount": 150}, {"pageInfo": {"hasNextPage": True}}])
def test_comments_that_github_kept_back_are_warned_of(site, said):
    cut = discussion("a", f"# a\n\n\n\n{BLOG}/a", "Hi.", "Ho.", **said)
    report = of_text(cut, site, "giscus")
    assert report.inserted == 2
    assert report.warnings == [
        "GitHub has more comments on discussion 1 than the 2 that are in the file"
    ]


def test_replies_and_discussions_that_github_kept_back_are_warned_of(site):
    answer = json.loads(discussion("a", f"# a\n\n\n\n{BLOG}/a", "Hi."))
    discussions = answer["data"]["repository"]["discussions"]
    discussions["pageInfo"] = {"hasNextPage": True, "endCursor": "x"}
    discussions["nodes"][0]["comments"]["nodes"][0]["replies"]["totalCount"] = 3
    assert of_text(json.dumps(answer).encode(), site, "giscus").warnings == [
        "GitHub has more discussions than the 1 that are in the file",
        "GitHub has more replies to comment DC_0 than the 0 that are in the file",
    ]


def test_what_github_answers_in_several_parts_is_whole(site):
    body, more = f"# a\n\n\n\n{BLOG}/a", {"hasNextPage": True, "endCursor": "x"}
    first = discussion("a", body, "Hi.", "Ho.", totalCount=3, pageInfo=more)
    last = discussion("a", body, "Hm.", totalCount=3, pageInfo={"hasNextPage": False})
    report = of_text(first + b"\n" + last.replace(b"DC_0", b"DC_2"), site, "giscus")
    assert (report.inserted, report.warnings) == (3, [])


def test_comments_of_issues_that_were_not_fetched_are_warned_of(site):
    issue = {
        "url": "u",
        "number": 5,
        "title": "a/",
        "body": f"# a\n\n[x]({BLOG}/a/)",
        "comments": 31,
    }
    comment = {"id": 1, "issue_url": "u", "body": "Hey.", "author_association": "NONE"}
    content = json.dumps([issue]) + json.dumps([{**comment, "created_at": "2021-01-02T00:00:00Z"}])
    assert of_text(content.encode(), site, "utterances").warnings == [
        "GitHub has more comments on issue 5 than the 1 that are in the file",
        "GitHub's REST interface does not say what was hidden, so that all is shown: 1",
    ]


def test_a_discussion_that_ends_with_an_address_is_not_for_that_ours(site):
    report = of_text(discussion("Look", f"Look at this\n\n{BLOG}/a", "Hi."), site, "giscus")
    assert dict(report.skipped) == {"not_ours": 1}


@pytest.mark.parametrize(
    ("format_name", "content", "said"),
    [
        ("disqus", b"<disqus>\n<post>\n</disqus>", "line 3, column 3: not well-formed XML"),
        ("disqus", b'<disqus a="b"><post>\xc3\xa9</b></disqus>', "line 1, column 24: not"),
        ("disqus", b"\xef\xbb\xbf  <disqus></post></disqus>", "line 1, column 13: not"),
        ("disqus", b"\n\n<disqus>\n<post></b></disqus>", "line 4, column 9: not"),
        ("wordpress", b"<rss><item>&nbsp;</item></rss>", "line 1, column 12: "),
        ("wordpress", b'<?xml version="1.0" encoding="UTF-9"?><rss/>', "line 1, .* an encoding"),
        ("wordpress", b'<?xml version="1.0" encoding="utf-7"?><rss/>', "an encoding"),
        ("remark42", b'{"version":1,"users":[]}\n{"id": }', "line 2, column 8"),
        ("remark42", b'{"version":1,\n"users":["\xc3\xa9\xff"]}', "line 2, column 12: not UTF-8"),
        ("remark42", b'\xef\xbb\xbf{"a":"\xff"}', "line 1, column 7: not UTF-8"),
        ("csv", b"\xef\xbb\xbfpage_url,text,created\n\xc3\xa9\xff", "line 2, column 2: not UTF-8"),
        ("comentario", b'{"version":481,"comments":[]}', "version 481 is not known"),
        ("comentario", b'{"version":3,"comments":[{"id":', "not well-formed JSON"),
        ("isso", b"SQLite format 3\0" + b"x" * 2000, "no database that can be read"),
        ("csv", b"a,b\n1,2\n", "line 1, column 1: the table needs the columns"),
        ("staticman", b"PK\x03\x04nonsense", "damaged"),
    ],
)
def test_a_malformed_file_says_where_and_writes_nothing(site, format_name, content, said):
    with pytest.raises(BadFile, match=said):
        of_text(content, site, format_name)
    assert db.session.query(Comment).count() == 0


@pytest.mark.parametrize(
    ("format_name", "sample"),
    [
        ("disqus", "wxr-edge.xml"),
        ("wordpress", "disqus-edge.xml"),
        ("blogger", "wxr-edge.xml"),
        ("giscus", "remark42-backup.json"),
        ("utterances", "comentario-v3-edge.json"),
    ],
)
def test_a_file_in_which_a_format_finds_nothing_is_refused(site, format_name, sample):
    said = f"Nothing in the file is of the format {format_name}. Say auto instead"
    with pytest.raises(BadFile, match=said):
        imported(sample, site, format_name=format_name)


def test_a_file_without_anything_is_refused(site):
    with pytest.raises(BadFile, match="There is nothing in the file"):
        of_text(b"\n", site, "native")


@pytest.mark.parametrize("format_name", ["valine", "csv"])
def test_a_file_that_is_no_table_of_comments_is_refused_as_one(site, format_name):
    with pytest.raises(BadFile, match="line 1, column 1: the table needs the columns"):
        imported("wxr-edge.xml", site, format_name=format_name)


EMPTY = [
    ("native", b'{"afterword": 1}'),
    ("disqus", b'<disqus xmlns="http://disqus.com"/>'),
    ("wordpress", b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel/></rss>'),
    ("blogger", b"<feed><id>tag:blogger.com,1999:blog-1.archive</id></feed>"),
    ("remark42", b'{"version":1,"users":[],"posts":[]}'),
    ("comentario", b'{"version":3}'),
    ("waline", b'{"type":"waline","version":1,"tables":["Comment"],"data":{"Comment":[]}}'),
    ("valine", b'#filetype:JSON-streaming {"type":"Class","class":"Comment"}'),
    ("valine", b'{"results": []}'),
    ("valine", b"nick,insertedAt,comment,url\n"),
    ("twikoo", b'{"code":0,"message":"","data":[]}'),
    ("artalk", b"[]\n"),
    ("isso", b"[]"),
    ("giscus", b'{"data":{"repository":{"discussions":{"nodes":[{"title":"a","body":"b"}]}}}}'),
    ("utterances", b"[][]"),
    ("utterances", b'[{"title":"a","author_association":"OWNER","comments_url":"x"}][]'),
    ("csv", b"page_url,text,created\n"),
]


@pytest.mark.parametrize(("format_name", "content"), EMPTY)
def test_an_export_without_comments_is_no_fault(site, format_name, content):
    report = of_text(content, site, format_name)
    assert (report.rows, report.inserted, report.warnings) == (0, 0, [])


@pytest.mark.parametrize("format_name", ["disqus", "wordpress", "blogger"])
def test_entities_that_would_fill_the_memory_are_refused(site, format_name):
    bomb = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><disqus>&c;</disqus>'
    with pytest.raises(BadFile, match="DTD or entities"):
        of_text(bomb, site, format_name)


def test_a_text_without_end_is_refused(site):
    content = b"<disqus><post><message>" + b"x" * (17 * 2**20) + b"</message></post></disqus>"
    with pytest.raises(BadFile, match="a text of more than 16 million characters"):
        of_text(content, site, "disqus")


def test_an_archive_with_one_export_is_opened(site):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(SAMPLES / "wxr-edge.xml", "export/blog.xml")
        packed.writestr("__MACOSX/export/._blog.xml", b"litter")
    assert of_text(archive.getvalue(), site, "auto", site_origins=["https://wp.example"]).rows == 18


def test_an_archive_of_several_exports_says_what_it_holds(site):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.xml", b"<rss/>")
        packed.writestr("b.xml", b"<rss/>")
    with pytest.raises(BadFile, match=r"holds a\.xml, b\.xml"):
        of_text(archive.getvalue(), site, "auto")


def test_no_run_leaves_a_file_behind(site, settings):
    before = set(os.listdir(settings.data))
    imported("disqus-edge.xml", site)
    left = set(os.listdir(settings.data)) - before
    assert not [name for name in left if not name.startswith("afterword.db")], left
