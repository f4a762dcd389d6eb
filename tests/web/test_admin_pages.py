"""Pages at the desk: found, closed and opened, moved by a table or not at all."""

from __future__ import annotations

import html
import itertools
import re

import pytest
from sqlalchemy import select

from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.jobs.worker import do_next
from afterword.moderation import moves, onward, places, undo
from afterword.moderation.models import Act
from afterword.moderation.moves import WrongMoves
from afterword.sites import changes
from afterword.threads.models import Page
from tests import far, make
from tests.conftest import BLOG
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow


@pytest.fixture
def three(context, site):
    """Pages with a comment each, oldest first."""
    made = [make.page(site, f"{BLOG}/{name}") for name in ("soup", "bread", "boats")]
    for page, title in zip(made, ("Soup", "100% bread", None), strict=True):
        page.title = title
        make.comment(page)
    db.session.commit()
    return made


def titles(shown):
    return [html.unescape(t) for t in re.findall(r'rel="noreferrer" dir="auto">([^<]*)<', shown)]


def keys():
    db.session.expire_all()
    return [page.key for page in db.session.query(Page).order_by(Page.id)]


def test_pages_are_listed_with_their_comments_the_newest_first(desk, three):  # noqa: F811
    shown = desk.get("/admin/pages")
    assert titles(shown) == [f"{BLOG}/boats", "100% bread", "Soup"]
    assert shown.count("1 visible comment ·") == 3


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("soup", ["Soup"]),
        ("BREAD", ["100% bread"]),
        ("%25", ["100% bread"]),
        ("boats", [f"{BLOG}/boats"]),
        ("blog.example/b", [f"{BLOG}/boats", "100% bread"]),
        ("nothing", []),
    ],
)
def test_pages_are_found_by_their_title_and_address(desk, three, words, found):  # noqa: F811
    assert titles(desk.get(f"/admin/pages?words={words}")) == found


def test_pages_of_one_site_and_the_next_ones_are_a_link_away(desk, three):  # noqa: F811
    other = changes.add("https://other.example")
    for number in range(60):
        made = make.page(other, f"https://other.example/{number}")
        made.title = f"Number {number}"
    db.session.commit()
    shown = desk.get(f"/admin/pages?site={other.id}&words=number")
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', shown)[1])
    seen = titles(shown) + titles(desk.get(following))
    assert seen == [f"Number {number}" for number in reversed(range(60))]
    assert len(titles(desk.get("/admin/pages?site=1"))) == 3


def test_a_page_is_closed_and_opened_and_the_log_says_by_whom(desk, three):  # noqa: F811
    path = f"/admin/pages/{three[0].id}"
    answer = desk(path, act="close", words="soup")
    assert answer.headers["Location"] == f"/admin/pages?words=soup&done=close#page-{three[0].id}"
    shown = desk.get(answer.headers["Location"])
    assert "it takes no more comments" in shown
    assert "Closed</span>" in shown
    desk(path, act="open")
    db.session.expire_all()
    assert db.session.get(Page, three[0].id).is_open
    logged = [(act.verb, act.by, act.note) for act in db.session.query(Act)]
    assert logged == [("close", EMAIL, f"{BLOG}/soup"), ("open", EMAIL, f"{BLOG}/soup")]
    assert "opened a page" in desk.get("/admin/log")


@pytest.mark.parametrize("page_id", ["0", "99", "9" * 30, "x"])
def test_a_page_that_there_is_none_of_is_not_found(desk, three, page_id):  # noqa: F811
    assert desk(f"/admin/pages/{page_id}", act="close").status_code == 404


def test_nothing_else_is_done_with_a_page(desk, three):  # noqa: F811
    assert desk(f"/admin/pages/{three[0].id}", act="burn").status_code == 400


@pytest.mark.parametrize("query", ["site=9", "site=x", "after=x", "after=-1", f"words={'x' * 301}"])
def test_a_list_of_pages_that_there_is_none_of_is_not_found(client, desk, three, query):  # noqa: F811
    assert client.get(f"/admin/pages?{query}").status_code == 404


def test_a_table_of_moves_is_tried_then_made_and_the_old_addresses_are_shown(desk, three):  # noqa: F811
    table = f"{BLOG}/soup, {BLOG}/food/soup\r\n\r\n{BLOG}/bread,{BLOG}/food/bread"
    tried = desk("/admin/pages/moves", text=table, act="try").text
    assert "2 threads would move" in tried
    assert html.unescape(tried).count(f"{BLOG}/food/soup") == 2, "in the list and the field"
    assert "blog.example/food/soup" not in keys()
    made = desk("/admin/pages/moves", text=table, act="move").text
    assert "2 threads have moved" in made
    assert keys() == ["blog.example/food/soup", "blog.example/food/bread", "blog.example/boats"]
    shown = desk.get("/admin/pages?words=soup")
    assert "1 older address leads here" in shown
    assert "blog.example/soup" in shown


def test_a_move_is_taken_back_from_the_list_of_pages(desk, three, client):  # noqa: F811
    table = f"{BLOG}/soup,{BLOG}/food/soup\n{BLOG}/food/soup,{BLOG}/kitchen/soup"
    for line in table.splitlines():
        desk("/admin/pages/moves", text=line, act="move")
    number = db.session.scalar(select(Page.id).where(Page.key == "blog.example/kitchen/soup"))
    assert f"Move back to {BLOG}/food/soup" in desk.get("/admin/pages?words=soup")
    for place in ("food/soup", "soup"):
        assert desk(f"/admin/pages/{number}/back").status_code == 303
        assert f"blog.example/{place}" in keys()
    shown = desk.get("/admin/pages?words=soup")
    assert "older address" not in shown
    assert desk(f"/admin/pages/{number}/back").status_code == 404
    assert db.session.get_one(Page, number).url == f"{BLOG}/soup"
    assert client.get(f"/api/v1/thread?url={BLOG}/kitchen/soup").get_json()["page"]["count"] == 0


def test_a_star_takes_all_moves_to_there_back_and_leaves_the_others(context, site):
    for name in ("a", "b"):
        make.comment(make.page(site, f"{BLOG}/old/{name}"))
    make.comment(make.page(site, f"{BLOG}/new/c"))
    moves.follow(moves.table([f"{BLOG}/old/*,{BLOG}/new/"]), by="x")
    back = moves.return_from(f"{BLOG}/new/*", by="x")
    assert [(one.old, one.new) for one in back] == [
        (f"{BLOG}/new/a", f"{BLOG}/old/a"),
        (f"{BLOG}/new/b", f"{BLOG}/old/b"),
    ]
    for nothing in (f"{BLOG}/new/*", f"{BLOG}/old/a"):
        with pytest.raises(NotFound):
            moves.return_from(nothing, by="x")


def test_a_permalink_and_a_feed_follow_a_page_that_moved(client, context, site):
    comment = make.comment(make.page(site, f"{BLOG}/old"))
    moves.follow(moves.table([f"{BLOG}/old,{BLOG}/new"]), by="x")
    led = client.get(f"/c/{comment.id}")
    assert (led.status_code, led.headers["Location"]) == (302, f"{BLOG}/new#comment-{comment.id}")
    for url in (f"{BLOG}/old", f"{BLOG}/new"):
        assert client.get(f"/feeds/page.atom?url={url}").text.count("<entry>") == 1
        counted = client.get(f"/api/v1/counts?url={url}").get_json()["counts"]
        assert counted == {url: 1}


def test_nothing_moves_when_one_line_cannot_and_each_is_named_by_its_number(desk, three):  # noqa: F811
    table = "\n".join(
        (
            f"{BLOG}/soup,{BLOG}/food",
            "alone",
            f"{BLOG}/nowhere,{BLOG}/x",
            f"{BLOG}/bread,{BLOG}/food/",
            f"{BLOG}/boats,https://evil.example/",
        )
    )
    answer = desk("/admin/pages/moves", text=table, act="move")
    assert answer.status_code == 400
    assert "Nothing was moved." in answer.text
    assert re.findall(r"<li>Line (\d)", answer.text) == ["2", "3", "4", "5"]
    assert html.escape(table.splitlines()[0]) in answer.text, "what was typed is kept"
    assert keys() == ["blog.example/soup", "blog.example/bread", "blog.example/boats"]


def test_a_line_is_named_by_its_number_though_one_before_it_has_several(desk, three):  # noqa: F811
    table = f'"{BLOG}/soup",{BLOG}/food\n"{BLOG}/none\n",{BLOG}/x\nalone'
    answer = desk("/admin/pages/moves", text=table, act="move")
    assert re.findall(r"<li>Line (\d)", answer.text) == ["3", "4"]


def test_no_line_is_followed_when_a_later_one_fails_after_all(context, three, monkeypatch):
    """As when somebody comments on the new address between the trial and the move."""
    relocate = places.relocate

    def fail(old, new):
        if old.endswith("bread"):
            raise WrongMoves(["line 2: taken"])
        return relocate(old, new)

    monkeypatch.setattr(places, "relocate", fail)
    table = [f"{BLOG}/soup,{BLOG}/1", f"{BLOG}/bread,{BLOG}/2"]
    with pytest.raises(WrongMoves):
        moves.follow(moves.table(table), by=EMAIL)
    assert keys()[0] == "blog.example/soup"
    assert db.session.query(Act).count() == 0


def test_a_table_that_is_none_is_told(desk, three):  # noqa: F811
    answer = desk("/admin/pages/moves", text='"' + "x" * 60_000, act="try")
    assert answer.status_code == 400
    assert "Nothing was moved." in answer.text


def test_a_star_moves_all_pages_that_begin_so(context, site):
    for path in ("2019/soup", "2019/bread/rye", "2020/boats", "2019"):
        make.comment(make.page(site, f"{BLOG}/{path}"))
    table = [f"{BLOG}/2019/*,{BLOG}/food/*"]
    tried = moves.table(table)
    assert [move.new for move in tried.moves] == [f"{BLOG}/food/bread/rye", f"{BLOG}/food/soup"]
    moves.follow(moves.table(table), by="test")
    expected = ["2019", "2020/boats", "food/bread/rye", "food/soup"]
    assert sorted(keys()) == [f"blog.example/{path}" for path in expected]


def test_a_star_keeps_what_the_addresses_end_in(context, site):
    for rest in ("x/", "y", "z/index.html", "%C3%BC/", "q/?id=7"):
        make.comment(make.page(site, f"{BLOG}/2016/{rest}"))
    moves.follow(moves.table([f"{BLOG}/2016/*,{BLOG}/blog/"]), by="test")
    ends = [page.url.removeprefix(f"{BLOG}/blog/") for page in db.session.query(Page)]
    assert sorted(ends) == ["%C3%BC/", "q/?id=7", "x/", "y", "z/index.html"]


def test_a_star_moves_a_page_whose_address_is_not_where_its_key_is(context, site):
    page = make.page(site, f"{BLOG}/old/x/")
    page.url = "http://www.blog.example/old/x/"
    changes.add("https://www.blog.example", to=site.id)
    db.session.commit()
    [(found, rest)] = places.below(f"{BLOG}/old/")
    assert (found.id, rest) == (page.id, "x")


def test_a_star_that_means_nothing_is_named_by_its_line(context, site):
    with pytest.raises(WrongMoves) as error:
        moves.table([f"{BLOG}/x/*,{BLOG}/y/"])
    assert error.value.lines == [
        f"line 1: Nobody has commented on a page whose address begins with {BLOG}/x/."
    ]


def test_an_owner_sees_what_a_merge_would_do_then_does_it_and_takes_it_back(desk, three):  # noqa: F811
    soup = three[0]
    path = f"/admin/pages/{soup.id}/merge"
    assert ' inputmode="url" spellcheck="false" dir="ltr">' in desk.get(path)
    assert f'href="{path}"' in desk.get("/admin/pages")
    plan = desk.get(f"{path}?into={BLOG}/bread")
    assert "1 comment would come to" in plan
    assert "100% bread" in plan
    desk(path, into=f"{BLOG}/bread")
    shown = desk.get("/admin/pages?done=merge")
    assert "The pages are one now." in shown
    assert titles(shown) == [f"{BLOG}/boats", "100% bread"]
    assert "2 visible comments ·" in shown
    [undo] = re.findall(r'action="(/admin/merges/[^"]+/undo)"', shown)
    desk(undo)
    assert sorted(keys()) == ["blog.example/boats", "blog.example/bread", "blog.example/soup"]
    assert "Merged lately" not in desk.get("/admin/pages")


@pytest.mark.parametrize(
    ("into", "why"),
    [
        (f"{BLOG}/soup", "of one page already"),
        (f"{BLOG}/nothing", "Nobody has commented on"),
        ("nonsense", "starts with http"),
        ("", "starts with http"),
    ],
)
def test_a_merge_that_cannot_be_says_why_beside_the_field(desk, three, into, why):  # noqa: F811
    answer = desk(f"/admin/pages/{three[0].id}/merge", into=into)
    assert answer.status_code == 400
    assert why in html.unescape(answer.text)
    assert len(keys()) == 3


def test_a_page_with_an_id_of_its_own_takes_another_in(desk, three, site):  # noqa: F811
    own = make.page(site, f"{BLOG}/in-print")
    own.key, own.title = "id:soup", "Soup"
    db.session.commit()
    for _one in range(2):
        make.comment(own)
    way = re.search(r'href="(/admin/pages/\d+/merge\?into=[^"]+)"', desk.get("/admin/pages/twins"))
    assert "1 comment would come to" in desk.get(html.unescape(way[1]))
    assert desk(f"/admin/pages/{three[0].id}/merge", into="id:soup").status_code == 303
    assert "blog.example/soup" not in keys()


def test_pages_that_may_be_one_are_merged_or_kept_apart_from_their_list(desk, three):  # noqa: F811
    assert "No two pages look alike." in desk.get("/admin/pages/twins")
    three[1].title = three[0].title
    db.session.commit()
    shown = desk.get("/admin/pages/twins")
    assert "They have the same title." in shown
    assert f"/merge?into={BLOG}" in shown
    [path] = re.findall(r'action="(/admin/pages/[0-9]+/apart)"', shown)
    [other] = re.findall(r'name="other" value="([0-9]+)"', shown)
    assert desk(path, other=other).status_code == 303
    assert "No two pages look alike." in desk.get("/admin/pages/twins")


def test_what_a_table_moved_is_one_act_and_is_taken_back_as_one_at_the_desk(desk, three):  # noqa: F811
    before = keys()
    table = f"{BLOG}/b*,{BLOG}/x/b\n{BLOG}/soup,{BLOG}/x/soup"
    made = desk("/admin/pages/moves", text=table, act="move").text
    assert keys() == [f"blog.example/x/{name}" for name in ("soup", "bread", "boats")]
    logged = desk.get("/admin/log?verb=move pages")
    assert f"3 pages: {BLOG}/b* to {BLOG}/x/b; {BLOG}/soup to {BLOG}/x/soup" in logged
    number = re.search(r'name="act" value="(\d+)"', made)[1]
    assert f'name="act" value="{number}"' in logged
    assert "done=undone" in desk("/admin/log/undo", act=number).headers["Location"]
    assert keys() == before
    assert "done=late" in desk("/admin/log/undo", act=number).headers["Location"]
    assert "older address" not in desk.get("/admin/pages")


TO_AND_FRO = [  # the addresses of the page after each move, its own first
    ["soup"],
    ["soup/b", "soup"],
    ["soup", "soup/b"],
    ["soup/b", "soup"],
    ["soup/c", "soup", "soup/b"],
    ["soup/b", "soup", "soup/c"],
    ["soup", "soup/c", "soup/b"],
]


def to_and_fro():
    """The acts of moving a page along these."""
    ways = itertools.pairwise(f"{BLOG}/{own}" for own, *_ in TO_AND_FRO)
    return [moves.follow(moves.one(old, new), by="x") for old, new in ways]


def addresses(page_id):
    db.session.expire_all()
    found = places.search("soup")
    own = [found.pages[-1].key, *found.aliases.get(page_id, ())]
    return [key.removeprefix("blog.example/") for key in own]


def test_moves_to_and_fro_are_taken_back_one_by_one_and_all_addresses_lead_there(context, three):
    page_id = three[0].id
    acts = to_and_fro()
    assert addresses(page_id) == TO_AND_FRO[-1]
    for act, before in zip(acts[::-1], TO_AND_FRO[-2::-1], strict=True):
        assert undo.take_back([act], by="x")[1] == 1
        assert addresses(page_id) == before


@pytest.mark.parametrize("how", ["by its number", "by a star"])
def test_a_page_that_moved_to_and_fro_goes_back_move_by_move(context, three, how):
    page_id = three[0].id
    undo.take_back(to_and_fro()[-1:], by="x")
    moves.follow(moves.one(f"{BLOG}/soup", f"{BLOG}/soup/d"), by="x")
    for before in TO_AND_FRO[-2::-1]:
        if how == "by its number":
            moves.return_page(page_id, by="x")
        else:
            moves.return_from(f"{BLOG}/soup*", by="x")
        assert addresses(page_id) == before


def test_an_act_of_an_older_version_is_taken_back(context, three):
    act = moves.follow(moves.one(f"{BLOG}/soup", f"{BLOG}/b"), by="x")
    act.before = {"left": [pair[:2] for pair in act.before["left"]]}
    db.session.commit()
    assert undo.take_back([act], by="x")[1] == 1
    assert keys()[0] == "blog.example/soup"


def test_pages_that_moved_on_stay_when_the_table_is_taken_back(context, three):
    act = moves.follow(moves.table([f"{BLOG}/b*,{BLOG}/x/b"]), by="x")
    moves.follow(moves.one(f"{BLOG}/x/bread", f"{BLOG}/y"), by="x")
    assert undo.take_back([act], by="x") == ([], 1)
    assert keys() == ["blog.example/soup", "blog.example/y", "blog.example/boats"]


def test_a_move_to_where_a_page_is_already_is_none(context, three):
    assert moves.follow(moves.one(f"{BLOG}/soup", f"{BLOG}/soup/"), by="x") is None
    assert db.session.query(Act).count() == 0


def test_a_table_over_two_sites_is_an_act_for_owners(context, three):
    other = changes.add("https://two.example")
    make.comment(make.page(other, "https://two.example/a"))
    table = ["https://two.example/a,https://two.example/b", f"{BLOG}/soup,{BLOG}/s"]
    act = moves.follow(moves.table(table), by="x")
    assert act.site_id is None
    assert undo.take_back([act], by="x")[1] == 1
    assert keys()[0] == "blog.example/soup"


def test_pages_are_asked_at_the_desk_and_what_they_say_leads_to_a_move_or_a_merge(
    desk,  # noqa: F811
    three,
    internet,
    monkeypatch,
):
    monkeypatch.setattr(onward, "PAUSE_SECONDS", 0)
    ways = {"/soup": "/food/soup,hot", "/bread": "/boats"}

    def respond(connection):
        path = server.requests[-1].split(b" ")[1].decode()
        to = ways.get(path)
        said = far.answer(status=301, location=to) if to else far.answer(content_type="text/html")
        said(connection)

    server = internet.serve("blog.example", respond)
    assert "Ask the pages" in desk.get("/admin/pages/twins")
    assert desk("/admin/pages/twins").status_code == 303
    assert "being asked" in desk.get("/admin/pages/twins")
    assert not server.requests
    while do_next():
        pass
    shown = desk.get("/admin/pages/twins")
    assert "The address of the first leads to the second." in shown
    assert "Asked last" in shown
    link = re.search(r'href="(/admin/pages/moves[?]text=[^"]*)"', shown)[1]
    shown = desk.get(html.unescape(link))
    typed = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", shown, re.DOTALL)[1])
    desk("/admin/pages/moves", text=typed, act="move")
    assert "blog.example/food/soup,hot" in keys()
    assert "have moved" not in desk.get("/admin/pages/twins")
