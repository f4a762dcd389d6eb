"""Who may not write, by what, where and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from afterword.core import clock
from afterword.core.db import db
from afterword.core.errors import BadRequest, Banned, NotFound
from afterword.identity.models import Standing
from afterword.moderation import authors, bans
from afterword.moderation.bans import Target, Terms
from afterword.moderation.models import Act, Ban, BanKind
from afterword.sites import changes
from afterword.spam.assess import assess
from afterword.spam.checks.ban import ban
from afterword.spam.verdict import PASS, Exclusion, Level
from afterword.threads.models import State
from tests import make
from tests.service.drafts import judged
from tests.service.posts import send

BY = Terms(by="owner")


@pytest.fixture
def told():
    return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}


def test_the_check_refuses_whom_posting_found_under_a_ban():
    draft, context = judged(exclusion=Exclusion("Its author is banned: x for good.", "No."))
    assert ban(draft, context).level is Level.REJECT
    assert assess(draft, context).level is Level.REJECT
    assert ban(*judged()) is PASS


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("Bob@Spam.example", "email", "bob@spam.example"),
        (" spam.example", "domain", "spam.example"),
        ("@spam.example", "domain", "spam.example"),
        ("münchen.example", "domain", "xn--mnchen-3ya.example"),
        ("203.0.113.7", "range", "203.0.113.7/32"),
        ("203.0.113.7/24", "range", "203.0.113.0/24"),
        ("2001:DB8::/32", "range", "2001:db8::/32"),
    ],
)
def test_what_an_owner_types_is_understood(written, kind, value):
    assert bans.read(written) == (kind, value)


@pytest.mark.parametrize(
    "written", ["", "bob", "@", "a b@c.example", "0.0.0.0/0", "1.2.3.4/99", "::/0", "1.2.3", "://"]
)
def test_what_cannot_be_banned_is_refused_with_words(written):
    with pytest.raises(BadRequest, match=r"spam\.example|large part"):
        bans.read(written)


@pytest.mark.usefixtures("context", "site")
@pytest.mark.parametrize(
    ("who", "banned", "free"),
    [
        ("bob@spam.example", {"email": "Bob@spam.example"}, {"email": "eve@spam.example"}),
        ("spam.example", {"email": "x@mail.spam.example"}, {"email": "x@notspam.example"}),
        ("192.0.2.0/24", {"address": "192.0.2.200"}, {"address": "192.0.3.1"}),
        ("192.0.2.9", {"address": "::ffff:192.0.2.9"}, {"address": "192.0.2.8"}),
        ("2001:db8::/48", {"address": "2001:db8:0:1::1"}, {"address": "2001:db9::1"}),
        ("192.0.2.0/24", {"address": "192.0.2.1", "email": "a@b.example"}, {"address": None}),
    ],
)
def test_a_ban_keeps_out_whom_it_names_and_nobody_else(who, banned, free):
    def post(email=None, address="8.8.3.1"):
        author = {"name": "Bob", **({"email": email} if email else {})}
        return send(author=author, address=address)

    bans.add(bans.read(who), BY)
    with pytest.raises(Banned, match=r"You may not write here\."):
        post(**banned)
    assert post(**free).state is State.VISIBLE


@pytest.mark.usefixtures("context")
def test_an_author_is_known_by_browser_address_or_network(site):
    secret = "s" * 43
    spam = send(token=secret, author={"name": "Bob", "email": "bob@spam.example"})
    kinds = (BanKind.AUTHOR, BanKind.EMAIL, BanKind.NETWORK)
    made = bans.add_author(spam.id, kinds, Terms(by="owner", days=60))
    assert {one.kind.value for one in made} == {"author", "email", "network"}
    assert [bans.describe(one) for one in bans.of_comment(spam)]
    for way in (
        {"token": secret, "address": "8.8.3.1"},
        {"author": {"name": "Eve", "email": "BOB@spam.example"}, "address": "8.8.3.1"},
        {"address": "8.8.2.254"},
    ):
        with pytest.raises(Banned, match="until"):
            send("Again.", **way)
    assert send("Innocent.", address="8.8.3.1").state is State.VISIBLE
    days = {one.kind.value: (one.expires - clock.now()).days + 1 for one in made}
    assert days == {"author": 60, "email": 60, "network": 30}


@pytest.mark.usefixtures("context")
def test_a_ban_of_a_network_holds_over_the_turn_of_the_month_and_no_longer(site, monkeypatch):
    def go(day, month=1):
        moment = dt.datetime(2026, month, day, tzinfo=clock.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    go(20)
    bans.add_author(send().id, [BanKind.NETWORK], BY)
    go(10, month=2)
    with pytest.raises(Banned):
        send()
    go(20, month=2)
    assert send().state is State.VISIBLE


@pytest.mark.usefixtures("context")
def test_a_ban_ends_is_made_anew_and_is_lifted(site, monkeypatch):
    target = Target(BanKind.EMAIL, "bob@spam.example")
    bob = {"author": {"name": "Bob", "email": "bob@spam.example"}}
    bans.add(target, Terms(by="owner", days=1))
    later = clock.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert send(**bob).state is State.VISIBLE
    assert bans.every() == []
    made = bans.add(target, BY)
    assert bans.add(target, Terms(by="other", days=3)).id == made.id
    assert [one.expires is None for one in db.session.scalars(select(Ban))] == [False]
    bans.lift(made.id, by="owner")
    assert send(**bob).state is State.VISIBLE
    with pytest.raises(NotFound):
        bans.lift(made.id, by="owner")


@pytest.mark.usefixtures("context")
def test_a_ban_holds_on_its_own_site_or_on_all(site):
    other = changes.add("https://other.example")
    bob = {"author": {"name": "Bob", "email": "bob@spam.example"}}
    bans.add(bans.read("bob@spam.example"), Terms(by="owner", site_id=other.id))
    assert send(**bob).state is State.VISIBLE
    with pytest.raises(Banned):
        send(**bob, url="https://other.example/x")
    bans.add(bans.read("bob@spam.example"), BY)
    with pytest.raises(Banned):
        send(**bob)
    assert (len(bans.every()), len(bans.every(site.id))) == (2, 1)


@pytest.mark.usefixtures("context")
def test_bans_and_standings_are_in_the_log_and_do_not_stand_in_the_way_of_undo(site):
    from afterword.moderation import actions, audit

    comment = send(token="s" * 43)
    actions.spam([comment.id], by="owner")
    made = bans.add_author(comment.id, [BanKind.AUTHOR], Terms(by="owner", days=30))
    bans.lift(made[0].id, by="owner")
    authors.set_standing(comment.id, Standing.TRUSTED, by="owner")
    authors.set_standing(comment.id, Standing.TRUSTED, by="owner")
    acts = list(db.session.scalars(select(Act).order_by(Act.id)))
    assert [act.verb for act in acts] == ["spam", "ban", "unban", "trust"]
    assert acts[1].note.startswith("Browser until ")
    assert acts[1].comment_id == comment.id
    assert audit.is_last_move(acts[0])
    assert actions.undo(acts, by="owner") == [comment]
    actions.restore([comment.id], by="owner")
    assert comment.state is State.VISIBLE


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("standing", "policy", "text", "state"),
    [
        (Standing.TRUSTED, "hold-all", "https://a.example " * 5, State.VISIBLE),
        (Standing.TRUSTED, "publish", "Hello.", State.VISIBLE),
        (Standing.HELD, "publish", "Hello.", State.PENDING),
        (Standing.NORMAL, "publish", "Hello.", State.VISIBLE),
    ],
)
def test_an_owner_may_always_hold_or_always_trust_an_author(site, standing, policy, text, state):
    first = send(token="s" * 43)
    authors.set_standing(first.id, standing, by="owner")
    changes.choose(site.id, {"policy": policy})
    comment = send(text, token="s" * 43)
    assert comment.state is state
    assert bool(comment.reasons) == (state is State.PENDING)
    assert send("By another.", token="t" * 43).reasons != comment.reasons or state is State.VISIBLE


@pytest.mark.usefixtures("context")
def test_a_comment_without_a_browser_has_no_author_to_decide_over(site):
    comment = make.comment(make.page(site), name="Imported")
    with pytest.raises(NotFound):
        authors.set_standing(comment.id, Standing.HELD, by="owner")
    assert bans.known(comment) == {}
    assert authors.portrait(comment).newest == [comment]
