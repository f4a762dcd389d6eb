"""What a moderator did is taken back, whatever it was, unless something came after it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from afterword.core.db import db
from afterword.identity.models import Author, Standing
from afterword.moderation import actions, audit, bans, merges, places
from afterword.moderation import sites as audited
from afterword.moderation.bans import Target, Terms
from afterword.moderation.models import BanKind
from afterword.sites import directory
from afterword.threads.models import Comment, Page, State
from tests import make
from tests.service.posts import send
from tests.web.test_admin_bans import SECRET
from tests.web.test_admin_queue import EMAIL, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

BOB = {"name": "Bob", "email": "bob@spam.example"}


@pytest.fixture
def comment(context, site):
    return send("Buy pills.", token=SECRET, author=BOB)


def undo(desk, shown):  # noqa: F811
    """Press the Undo of a page's notice; answers the page that it leads to."""
    form = shown.partition('id="notice"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(acts|back)" value="([^"]*)"', form))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    return desk.get(desk("/admin/comments/undo", **fields).headers["Location"])


def undo_newest(desk, verb):  # noqa: F811
    """Press the Undo of the newest line of the log of this kind."""
    number = re.search(r'name="act" value="(\d+)"', desk.get(f"/admin/log?verb={verb}"))[1]
    return desk.get(desk("/admin/log/undo", act=number).headers["Location"])


def test_the_log_is_asked_as_often_after_many_acts_as_after_few(desk, comment):  # noqa: F811
    page = db.session.get(Page, comment.page_id)
    many = [make.comment(page, minute=minute).id for minute in range(12)]
    acts = [str(act.id) for act in audit.last_moves(actions.spam(many, by=EMAIL))]
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counted = []
    for some in (acts[:2], acts):
        asked.clear()
        assert f'value="{".".join(some)}"' in desk.get(f"/admin/?acts={'.'.join(some)}")
        counted.append(sum("FROM acts" in statement for statement in asked))
    assert counted[0] == counted[1] > 0


def state(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id).state


def test_a_ban_with_all_that_was_marked_as_spam_is_taken_back_by_one_press(desk, comment):  # noqa: F811
    other = send("More pills.", token=SECRET, author=BOB)
    path = f"/admin/comments/{comment.id}"
    answer = desk(f"{path}/ban", kinds=["author", "domain"], length="hour", spam="on")
    assert {ban.kind for ban in bans.every()} == {BanKind.AUTHOR, BanKind.DOMAIN}
    assert all("UTC" in bans.describe(ban) for ban in bans.every())
    assert state(other) is State.SPAM
    shown = undo(desk, desk.get(answer.headers["Location"]))
    assert "Ban this author" in shown
    assert "2 comments put back as before." in shown
    assert bans.every() == []
    assert (state(comment), state(other)) == (State.VISIBLE, State.VISIBLE)


def test_a_ban_that_was_ended_holds_again_as_long_as_before(desk, context, site):  # noqa: F811
    ban = bans.add(Target(BanKind.EMAIL, BOB["email"]), Terms(by=EMAIL, days=7))
    ends = ban.expires
    shown = desk.get(desk("/admin/bans/lift", ban=str(ban.id)).headers["Location"])
    assert bans.every() == []
    assert "It was put back as before." in undo(desk, shown)
    assert [one.expires for one in bans.every()] == [ends]


def test_a_ban_that_was_made_longer_is_as_long_as_before(desk, context, site):  # noqa: F811
    ban = bans.add(Target(BanKind.EMAIL, BOB["email"]), Terms(by=EMAIL, days=7))
    ends = ban.expires
    desk("/admin/bans", who=BOB["email"], length="good", site="")
    db.session.expire_all()
    assert [one.expires for one in bans.every()] == [None]
    assert "It was put back as before." in undo_newest(desk, "ban")
    db.session.expire_all()
    assert [one.expires for one in bans.every()] == [ends]


def test_a_standing_is_taken_back(desk, comment):  # noqa: F811
    desk(f"/admin/comments/{comment.id}/standing", standing="trust")
    answer = desk(f"/admin/comments/{comment.id}/standing", standing="hold")
    undo(desk, desk.get(answer.headers["Location"]))
    db.session.expire_all()
    assert db.session.get(Author, comment.author_id).standing is Standing.TRUSTED


def test_a_standing_that_stays_offers_no_older_decision_to_take_back(desk, comment):  # noqa: F811
    for _time in range(2):
        answer = desk(f"/admin/comments/{comment.id}/standing", standing="trust")
    shown = desk.get(answer.headers["Location"])
    assert "It is so already." in shown
    assert 'id="undo"' not in shown


def test_the_standing_of_an_author_without_a_name_is_told_and_taken_back(desk, context, site):  # noqa: F811
    audited.choose(site.id, {"require_name": "off"}, by="grace@blog.example")
    nameless = send("Hello.", token=SECRET, author={})
    answer = desk(f"/admin/comments/{nameless.id}/standing", standing="hold")
    shown = desk.get(answer.headers["Location"])
    assert "Decided." in shown
    assert "It was put back as before." in undo(desk, shown)
    db.session.expire_all()
    assert db.session.get(Author, nameless.author_id).standing is Standing.NORMAL


def test_an_undo_that_comes_too_late_says_so_where_it_was_pressed(desk, comment):  # noqa: F811
    path = f"/admin/comments/{comment.id}"
    banned = desk(f"{path}/ban", kinds=["author"], length="hour", spam="on")
    early = desk.get(banned.headers["Location"])
    actions.restore([comment.id], by="grace@blog.example")
    bans.lift(bans.every()[0].id, by="grace@blog.example")
    late = undo(desk, early)
    assert "1 comment had been decided or changed by someone else" in late
    assert "Something else was decided since, and stays as it is." in late
    assert "Ban this author" in late
    assert "as before." not in late


def test_only_what_came_last_can_be_taken_back(desk, comment):  # noqa: F811
    for standing in ("trust", "hold"):
        desk(f"/admin/comments/{comment.id}/standing", standing=standing)
    assert 'name="act"' not in desk.get("/admin/log?verb=trust")
    answer = desk("/admin/log/undo", act="1")
    assert answer.headers["Location"] == "/admin/log?done=late"
    db.session.expire_all()
    assert db.session.get(Author, comment.author_id).standing is Standing.HELD


def test_the_choices_of_a_site_stand_in_the_log_and_are_taken_back(desk, context, site):  # noqa: F811
    audited.choose(site.id, {"max_links": "1", "policy": "hold-all"}, by=EMAIL)
    audited.choose(site.id, {"max_links": "5", "akismet_key": "0123456789ab"}, by=EMAIL)
    log = desk.get("/admin/log?verb=configure")
    assert "max_links=5 (was 1); akismet_key set" in log
    assert "policy=hold-all (was publish)" in log
    assert "0123456789ab" not in log
    undo_newest(desk, "configure")
    now = directory.by_id(site.id).options
    assert (now.max_links, now.policy.value, now.akismet_key) == (1, "hold-all", "0123456789ab")


def test_choices_that_change_nothing_leave_no_line_in_the_log(desk, context, site):  # noqa: F811
    audited.choose(site.id, {"max_links": "2"}, by=EMAIL)
    assert "max_links" not in desk.get("/admin/log")


def test_an_address_that_was_added_or_taken_away_is_put_back(desk, context, site):  # noqa: F811
    path = f"/admin/sites/{site.id}/origins"
    desk(path, origin="www.blog.example")
    assert len(directory.by_id(site.id).origins) == 2
    desk(f"{path}/remove", origin="https://www.blog.example")
    undo_newest(desk, "disallow")
    assert "https://www.blog.example" in directory.by_id(site.id).origins
    assert 'name="act"' not in desk.get("/admin/log?verb=allow")


def test_a_closed_page_is_open_again(desk, context, site):  # noqa: F811
    page = make.page(site)
    desk(f"/admin/pages/{page.id}", act="close")
    undo_newest(desk, "close")
    db.session.expire_all()
    assert db.session.get(Page, page.id).is_open


def test_a_merge_is_taken_back_from_the_log(desk, context, site):  # noqa: F811
    first, second = make.page(site), make.page(site, "https://blog.example/second")
    make.comment(first)
    merges.merge(first.id, second.id, by=EMAIL)
    undo_newest(desk, "merge")
    assert places.find("https://blog.example/first-post").count == 1
    assert places.find("https://blog.example/second").count == 0


def test_an_address_with_acts_of_another_kind_is_no_fault_of_the_queue(desk, comment):  # noqa: F811
    desk("/admin/bans", who="spam.example", length="week", site="")
    assert "Banned." in desk.get("/admin/?acts=1")
