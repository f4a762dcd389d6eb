"""Owners and moderators: who sees and decides what, at every address of the desk."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from afterword.core import config
from afterword.core.db import Model, db, transaction
from afterword.core.errors import BadRequest
from afterword.identity import moderators
from afterword.identity.models import Author, Moderator, ModeratorSite, Notices, Passkey, PassToken
from afterword.moderation import (
    account,
    actions,
    authors,
    bans,
    merges,
    moves,
    notices,
    places,
    sweeps,
    team,
)
from afterword.moderation.index import Wanted
from afterword.moderation.models import Act, Ban, Merge, Notice, Sweep, Swept
from afterword.notify import deliveries, held, visible
from afterword.sites import changes
from afterword.sites.models import Origin, Site
from afterword.spam.traces import Trace
from afterword.threads.models import Comment, Page, State
from afterword.transfer.uploads import acts as uploads
from afterword.transfer.uploads.models import Part, Upload
from afterword.web.admin import access
from afterword.web.admin.access import FOR_MODERATORS, OPEN
from tests import desk, make
from tests.desk import PASSWORD
from tests.mailbox import link, words

pytestmark = pytest.mark.slow

OWNER, ADA = "hanna@blog.example", "ada@blog.example"
FOREIGN = "zebra"  # stands in everything that is of the other site


@pytest.fixture
def other(app, site):
    """The numbers of what is of another site, of each kind something."""
    with app.app_context():
        moderators.add(OWNER, password=PASSWORD, name="Hanna")
        zoo = changes.add("https://zebra.example", name="Zebra club")
        moderators.add(ADA, password=PASSWORD, name="Ada", sites={site.id})
        moderators.add("zebra@zoo.example", password=PASSWORD, name="Zebra", sites={zoo.id})
        page = make.page(zoo, "https://zebra.example/stripes")
        author = Author(site_id=zoo.id, token_hash="z" * 64)
        with transaction() as session:
            page.title = "Zebra stripes"
            session.add(author)
        said = {"name": "Zebra", "email": "zebra@zoo.example", "text": FOREIGN, "html": FOREIGN}
        made = [
            make.comment(page, minute=minute, state=state, author_id=author.id, **said)
            for minute, state in enumerate((*State, State.PENDING, State.VISIBLE))
        ]
        actions.spam([made[-1].id], by=OWNER)
        [moved] = actions.remove([made[-1].id], by=ADA)  # before she lost the site
        places.set_open_by_id(page.id, is_open=False, by=OWNER)
        ban = bans.add(bans.read("zebra.example"), bans.Terms(by=OWNER, site_id=zoo.id))
        bans.add(bans.read("everywhere-zebra.example"), bans.Terms(by=OWNER))
        passkey = Passkey(credential="zebra", public_key=b"", count=0)
        account.add_passkey(passkey, of=moderators.by_email("zebra@zoo.example"), name="Zebra")
        acts = select(Act.id).order_by(Act.id.desc()).where(Act.by == ADA)
        with transaction() as session:
            for comment in made[:2]:
                session.add(
                    Trace(
                        comment_id=comment.id,
                        site_id=zoo.id,
                        sketch=b"",
                        created=comment.created,
                        cluster="flood",
                    )
                )
        spam = Wanted(state=State.SPAM, sites=frozenset({zoo.id}))
        sweep = sweeps.start("approve", spam, by=ADA)  # before she lost the site
        waits = next(one for one in made if one.state is State.PENDING)
        older = make.page(zoo, "https://zebra.example/older-stripes")
        merge = merges.merge(older.id, page.id, by=OWNER)
        upload = uploads.begin(zoo.id, "zebra.xml", by=OWNER)
        uploads.add_part(upload.id, 0, b"zebra")
        about = {"site_id": zoo.id, "comment_id": made[0].id}
        deliveries.note(FOREIGN, event="comment.held", **about, came=200)
        return {
            "upload_id": upload.id,
            "site_id": zoo.id,
            "page_id": page.id,
            "comment_id": waits.id,
            "moved": moved.id,
            "ban": ban.id,
            "sweep_id": sweep.id,
            "merge_id": merge.id,
            "act": db.session.scalar(acts),
            "moderator_id": moderators.by_email("zebra@zoo.example").id,
            "passkey": passkey.id,
            "kind": "github",
            "name": "zebra",
        }


@pytest.fixture
def here(app, site, other):
    """A comment that waits on the site that Ada moderates."""
    with app.app_context():
        return make.comment(make.page(site), state=State.PENDING, name="Piet").id


@pytest.fixture
def ada(app, here):
    return desk.of(app, ADA)


@pytest.fixture
def owner(app, here):
    return desk.of(app, OWNER)


def addresses(app, method):
    for rule in app.url_map.iter_rules():
        is_desk = rule.endpoint.startswith("admin.") and rule.endpoint not in OPEN
        if is_desk and method in rule.methods:
            yield rule


def rows(app):
    """All that could be changed, as it is."""
    kinds: list[type[Model]] = [Comment, Page, Ban, Act, Author, Site, Origin, Sweep, Swept, Merge]
    kinds += [Upload, Part]
    kinds += [Moderator, ModeratorSite, Passkey, PassToken]
    with app.app_context():
        return [
            [tuple(row) for row in db.session.execute(select(*kind.__table__.columns))]
            for kind in kinds
        ]


def forms(other):
    """What somebody could send to get at the other site, by the endpoint that takes it."""
    comment, site = other["comment_id"], str(other["site_id"])
    far = {"site": site, "state": "pending"}
    return {
        "decide": [
            {**far, "act": "approve", "ids": comment},
            {**far, "only": f"spam {comment}"},
            {**far, "all": f"remove {comment}"},
            {"only": f"restore {other['moved']}", "state": "removed"},
        ],
        "undo": [{"acts": str(other["act"])}, {"acts": f"1-{other['act']}"}],
        "undo_act": [{"act": str(other["act"])}, {"act": str(other["act"] - 1)}],
        "start_sweep": [
            {**far, "act": "approve", "page": str(other["page_id"])},
            {**far, "act": "spam", "q": FOREIGN},
        ],
        "pin": [{"act": "pin"}, {"act": "unpin"}],
        "stop_sweep": [{}],
        "undo_sweep": [{}],
        "edit": [{"text": "Taken over.", "seen": ""}],
        "reply": [{"text": "Taken over."}],
        "choose_standing": [{"standing": "trust"}],
        "ban_author": [{"kinds": ["author", "email"], "length": "good", "spam": "on"}],
        "add_ban": [
            {"who": "a@b.example", "length": "month", "site": site},
            {"who": "a@b.example", "length": "month", "site": ""},
        ],
        "lift_ban": [{"ban": str(other["ban"])}, {"ban": str(other["ban"] + 1)}],
        "set_open": [{"act": "open"}, {"act": "close", "site": site}],
        "merge_page": [{"into": "https://blog.example/first-post"}],
        "undo_merge": [{}],
        "ask_pages": [{}],
        "keep_apart": [{"other": str(other["page_id"])}, {"other": "1"}],
        "begin_upload": [{"name": "mine.xml"}],
        "add_part": [{"number": "0"}],
        "look_through": [{"format": "auto"}],
        "bring_in": [{}],
        "drop_upload": [{}],
        "move_back": [{}],
        "link_post": [
            {"url": f"https://{FOREIGN}.example/", "post": "https://social.example/@a/1"}
        ],
        "unlink_post": [{}],
        "move_pages": [
            {"act": act, "text": "https://zebra.example/stripes,https://zebra.example/b"}
            for act in ("try", "move")
        ],
        "add_site": [{"origin": "https://new.example"}],
        "add_first_site": [{"origin": "https://new.example", "policy": "publish"}],
        "choose": [{"policy": "publish", "name": "Mine"}],
        "try_choices": [{"policy": "publish"}],
        "add_origin": [{"origin": "https://new.example"}],
        "drop_origin": [{"origin": "https://zebra.example"}],
        "invite": [{"email": "eve@b.example", "role": "owner"}],
        "assign": [{"role": "owner"}, {"role": "moderator", "sites": site}],
        "use_person": [{"act": "erase", "by": "email", "again": PASSWORD}],
        "retry_jobs": [{}],
        "renew_link": [{}],
        "replay_delivery": [{"call": FOREIGN}],
        "decide_all": [{"act": "spam"}, {"act": "remove"}],
        "add_remark": [{"remark": "Known here."}],
        "drop_remark": [{"remark": "1"}],
        "act_here": [{"act": "approve"}, {"act": "remove"}],
        "choose_look": [{"look_theme": "dark"}],
        "use_configuration": [{"act": "bring", "configuration": '{"afterword_configuration": 1}'}],
        "remove_site": [{"key": "zebra.example"}],
        "try_look": [{"look_theme": "dark"}],
        "add_provider": [{}],
        "change_provider": [{}],
        "remove_provider": [{}],
        "choose_language": [{"language": ""}],
        "remove_moderator": [{}],
        # Of oneself alone, whatever is sent.
        "choose_mail": [{"notices": "held", "pace": "now"}],
        "rename": [{"name": "Ada"}],
        "change_password": [{}],
        "end_session": [{}],
        "end_other_sessions": [{}],
        "log_out": [{}],
        "turn_on_second_step": [{"secret": "A" * 32, "code": "000000"}],
        "turn_off_second_step": [{}],
        "renew_codes": [{}],
        "begin_passkey": [{}],
        "begin_confirm": [{}],
        "add_passkey": [{"name": "Phone", "add-credential": "{}", "add-token": "x"}],
        "remove_passkey": [{"passkey": str(other["passkey"])}],
        "confirm": [{"again": "wrong", "next": f"/admin/comments/{comment}/edit"}],
    }


@pytest.mark.parametrize("by_site", [False, True])
def test_no_page_shows_a_moderator_anything_of_another_site(app, ada, other, by_site):
    for rule in addresses(app, "GET"):
        numbers = {name: other[name] for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, numbers)
        query = {"site": other["site_id"]} if by_site else {}
        for more in (
            *({}, {"state": "spam"}, {"state": "visible"}, {"state": "removed"}),
            *({"page": other["page_id"]}, {"links": "1", "state": "visible"}, {"q": "stripes"}),
        ):
            answer = ada.get(path, **query, **more)
            assert FOREIGN not in answer.text.lower(), path
            if rule.arguments or rule.endpoint not in FOR_MODERATORS:
                assert answer.status_code == 404, path
            else:
                assert answer.status_code in {200, 404}, path


def test_no_form_of_a_moderator_does_anything_to_another_site(app, ada, other):
    sent = forms(other)
    before = rows(app)
    for rule in sorted(addresses(app, "POST"), key=lambda rule: rule.endpoint == "admin.log_out"):
        name = rule.endpoint.removeprefix("admin.")
        numbers = {name: other[name] for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, numbers, method="POST")
        for fields in sent[name]:
            answer = ada.post(path, **fields)
            assert answer.status_code < 500, path
            assert FOREIGN not in answer.text.lower(), path
            assert rows(app) == before, (path, fields)
            if rule.arguments or rule.endpoint not in FOR_MODERATORS:
                assert answer.status_code == 404, path
            if answer.status_code == 303:
                shown = ada.get(answer.headers["Location"]).text
                assert FOREIGN not in shown.lower(), path
                assert "had been decided" not in shown or "1 comment had" in shown, path


def test_a_page_that_is_listed_for_nobody_is_for_owners(ada, owner, monkeypatch):
    assert ada.get("/admin/").status_code == 200
    monkeypatch.setattr(access, "FOR_MODERATORS", FOR_MODERATORS - {"admin.show_queue"})
    assert ada.get("/admin/").status_code == 404
    assert owner.get("/admin/").status_code == 200


def test_what_is_listed_for_moderators_or_for_all_is_there_and_listed_once(app):
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert there >= FOR_MODERATORS | OPEN
    assert not FOR_MODERATORS & OPEN


def test_nobody_finds_comments_of_another_site_by_their_words(ada, owner):
    assert FOREIGN in owner.get("/admin/?state=visible&q=author:zebra").text.lower()
    for typed in ("author:zebra", "zebra", "page:stripes", "-nothing"):
        page = ada.get("/admin/", state="visible", q=typed).text
        assert "Nothing was found" in page, typed


def test_what_a_foreign_owner_may_see_is_really_there(app, owner):
    """Else the tests above would find nothing because there is nothing."""
    for path in ("", "overview", "pages", "bans", "log", "sites", "moderators", "log.csv"):
        assert FOREIGN in owner.get(f"/admin/{path}").text.lower(), path


def test_only_owners_are_led_to_all_that_is_kept_of_an_author(ada, owner, here):
    way = f"/admin/comments/{here}/person"
    for one, status in ((owner, 200), (ada, 404)):
        assert one.get(way).status_code == status
        is_led = way in one.get(f"/admin/comments/{here}/author").text
        assert is_led == (status == 200)


def test_a_moderator_decides_on_their_own_site(app, ada, here):
    page = ada.get("/admin/").text
    assert "Piet" in page
    answer = ada.post("/admin/comments", only=f"approve {here}", state="pending")
    assert "1 comment approved." in ada.get(answer.headers["Location"]).text
    assert "approved" in ada.get("/admin/log").text
    answer = ada.reply(here, "Welcome.")
    assert answer.status_code == 303
    banned = ada.post("/admin/bans", who="eve@b.example", length="month", site="1")
    assert banned.status_code == 303
    assert "eve@b.example" in ada.get("/admin/bans").text
    with app.app_context():
        ban = db.session.query(Ban).filter_by(value="eve@b.example").one()
        page = db.session.get(Comment, here).page_id
    assert ada.post("/admin/bans/lift", ban=str(ban.id)).status_code == 303
    assert ada.post(f"/admin/pages/{page}", act="close").status_code == 303
    assert "closed a page" in ada.get("/admin/log").text


def test_what_only_owners_do_only_they_take_back(app, ada, owner, here):
    with app.app_context():
        plan = moves.one("https://blog.example/first-post", "https://blog.example/moved")
        number = moves.follow(plan, by=OWNER).id
    button = f'name="act" value="{number}"'
    assert "moved a page" in ada.get("/admin/log").text
    assert button not in ada.get("/admin/log").text
    assert "done=late" in ada.post("/admin/log/undo", act=number).headers["Location"]
    assert button in owner.get("/admin/log").text
    assert "done=undone" in owner.post("/admin/log/undo", act=number).headers["Location"]


def test_who_was_an_owner_takes_no_act_of_owners_back_not_their_own_either(app, ada, here):
    moved = "https://blog.example/moved"
    with app.app_context():
        number = moves.follow(moves.one("https://blog.example/first-post", moved), by=ADA).id
    ada.post("/admin/comments/undo", acts=str(number))
    ada.post("/admin/log/undo", act=number)
    with app.app_context():
        assert db.session.get(Comment, here).page.url == moved


def test_a_moderator_of_several_sites_sees_them_together_in_order(app, here, other):
    with app.app_context():
        team.assign(moderators.by_email(ADA), frozenset({1, 2}), by=OWNER)
    page = desk.of(app, ADA).get("/admin/?sort=oldest").text
    names = re.findall(r'class="author" dir="auto">(\w+)<', page)
    assert names == ["Piet", "Zebra", "Zebra"]
    assert "All sites" in page


def test_a_moderator_without_a_site_sees_nothing_and_is_told_why(app, here):
    with app.app_context():
        changes.remove(1)
    page = desk.of(app, ADA).get("/admin/").text
    assert "You moderate no site yet." in page
    assert "Piet" not in page


def test_mails_go_to_those_whose_site_it_is(app, here, other, box, mail):
    with app.app_context():
        with transaction() as session:
            for moderator in session.query(Moderator):
                moderator.notices = Notices.ALL
        team.invite("new@blog.example", sites=None, by=OWNER)
        held.tell(db.session.get(Comment, here))
        actions.approve([here], by=OWNER)
        visible.tell(db.session.get(Comment, here))
        told = {
            db.session.get(Moderator, one.moderator_id).email for one in db.session.query(Notice)
        }
    assert told == {OWNER, ADA}


def test_who_lost_the_site_decides_nothing_by_an_older_mail(app, client, here, other):
    with app.app_context():
        ada = moderators.by_email(ADA)
        with transaction():
            notice = notices.note(db.session.get(Comment, here), ada)
        token = notices.token(notice, "approve")
        assert client.get(f"/admin/mail/{token}").status_code == 200
        team.assign(ada, frozenset({other["site_id"]}), by=OWNER)
    for answer in (client.get(f"/admin/mail/{token}"), client.post(f"/admin/mail/{token}")):
        assert answer.status_code == 400
        assert "Hello." not in answer.text
    with app.app_context():
        assert db.session.get(Comment, here).state is State.PENDING


def test_an_authors_standing_is_for_those_whose_site_it_is(app, ada, here):
    with app.app_context():
        author = Author(site_id=1, token_hash="a" * 64)
        with transaction() as session:
            session.add(author)
            session.flush()
            session.get(Comment, here).author_id = author.id
        bans.add(bans.read("ada@example.org"), bans.Terms(by=OWNER))
    assert ada.post(f"/admin/comments/{here}/standing", standing="trust").status_code == 303
    with app.app_context():
        assert authors.portrait(db.session.get(Comment, here)).standing.value == "trust"


class TestInvitations:
    def test_an_owner_is_shown_the_link_once_where_there_is_no_mail(self, app, owner):
        answer = owner.post(
            "/admin/moderators", email="Eve@blog.example", name="Eve", role="moderator", sites="1"
        )
        assert answer.status_code == 200
        token = re.search(r"/admin/password#([\w-]{43})", answer.text)[1]
        assert token not in owner.get("/admin/moderators").text
        assert "Invited" in owner.get("/admin/moderators").text
        eve = desk.Desk(app)
        assert eve.post("/admin/password", token=token, password=PASSWORD).status_code == 303
        assert eve.get("/admin/").status_code == 200
        assert eve.get("/admin/moderators").status_code == 404
        assert "Invited" not in owner.get("/admin/moderators").text
        assert "invited a moderator" in owner.get("/admin/log").text

    def test_the_link_goes_by_mail_where_there_is_some(self, app, client, box, mail, owner):
        app.extensions["afterword.settings"] = with_mail(app, box)
        answer = owner.post("/admin/moderators", email="eve@blog.example", role="owner")
        assert answer.status_code == 303
        assert "on its way" in owner.get(answer.headers["Location"]).text
        [letter] = mail()
        assert letter["To"] == "eve@blog.example"
        assert "Hanna asks you" in words(letter)
        assert "an owner" in words(letter)
        token = link(letter, "/admin/password#").partition("#")[2]
        said = {"token": token, "password": PASSWORD}
        assert client.post("/admin/password", data=said).status_code == 303
        with app.app_context():
            assert moderators.by_email("eve@blog.example").is_owner

    def test_a_lost_link_is_made_anew_until_they_come(self, app, owner):
        owner.post("/admin/moderators", email="eve@blog.example", role="owner")
        with app.app_context():
            eve = moderators.by_email("eve@blog.example").id
        again = owner.post(f"/admin/moderators/{eve}/link")
        token = re.search(r"/admin/password#([\w-]{43})", again.text)[1]
        third = owner.post(f"/admin/moderators/{eve}/link")
        unused = re.search(r"/admin/password#([\w-]{43})", third.text)[1]
        with app.app_context():
            account.choose_password(token, PASSWORD)
            with pytest.raises(BadRequest):
                account.choose_password(unused, PASSWORD)
        assert owner.post(f"/admin/moderators/{eve}/link").status_code == 400

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"email": "nobody", "role": "owner"}, "e-mail"),
            ({"email": "eve@blog.example", "role": "moderator"}, "Tick at least one site."),
            ({"email": "eve@blog.example", "role": "king"}, "Say what they may do."),
            ({"email": ADA, "role": "owner"}, "is a moderator already"),
        ],
    )
    def test_what_is_wrong_is_said_and_nobody_is_invited(self, app, owner, fields, said):
        before = rows(app)
        answer = owner.post("/admin/moderators", **fields)
        assert answer.status_code in {400, 409}
        assert said in answer.text
        assert fields["email"] in answer.text
        assert rows(app) == before


class TestChanges:
    def test_a_change_counts_at_once(self, app, owner, ada, other):
        with app.app_context():
            number = moderators.by_email(ADA).id
        place = f"/admin/moderators/{number}"
        assert 'value="1" checked' in owner.get(place).text
        owner.post(place, role="moderator", sites=str(other["site_id"]))
        page = ada.get("/admin/").text
        assert "Piet" not in page
        assert "Zebra" in page
        owner.post(place, role="owner")
        assert ada.get("/admin/sites").status_code == 200
        assert owner.post(f"{place}/remove").status_code == 303
        assert ada.get("/admin/").status_code == 303, "logged out"
        log = owner.get("/admin/log").text
        assert "changed what a moderator may do" in log
        assert "removed a moderator" in log

    def test_the_last_owner_stays_one(self, app, owner):
        with app.app_context():
            number = moderators.by_email(OWNER).id
            team.invite("eve@blog.example", sites=None, by=OWNER)  # has not come
        place = f"/admin/moderators/{number}"
        for answer in (
            owner.post(place, role="moderator", sites="1"),
            owner.post(f"{place}/remove"),
        ):
            assert answer.status_code == 409
            assert "This is the last owner." in answer.text
        assert owner.get("/admin/moderators").status_code == 200

    def test_an_owner_who_steps_back_keeps_their_sites(self, app, owner):
        with app.app_context():
            number = moderators.by_email(OWNER).id
            moderators.add("second@blog.example", password=PASSWORD)
        answer = owner.post(f"/admin/moderators/{number}", role="moderator", sites="1")
        assert owner.get(answer.headers["Location"]).status_code == 200
        assert owner.get("/admin/moderators").status_code == 404

    @pytest.mark.parametrize("number", ["0", "99", "99999999999999999999999"])
    def test_there_is_no_page_of_nobody(self, owner, number):
        assert owner.get(f"/admin/moderators/{number}").status_code == 404


def with_mail(app, box):
    """The settings of an application with a mail server."""
    address = config.read({"AFTERWORD_SMTP_URL": f"{box.url}?tls=off"}).smtp_url
    return replace(app.extensions["afterword.settings"], smtp_url=address)
