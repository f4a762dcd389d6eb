"""What comments leave behind, and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from afterword.core import addresses, clock, signing
from afterword.core.db import db
from afterword.moderation import actions, bans
from afterword.moderation.models import BanKind
from afterword.spam import networks, traces
from afterword.spam.networks import NetworkSeed
from afterword.spam.sketch import likeness, plain, sketch
from afterword.spam.traces import Trace
from afterword.threads.models import State
from tests.service.posts import form, send

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("context", "site")]


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}


@pytest.fixture
def go(monkeypatch):
    """Let the time be another."""

    def to(*when):
        moment = dt.datetime(*when, tzinfo=clock.UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return to


def test_an_address_is_kept_as_a_pseudonym_of_its_neighbourhood(site):
    for address in ("8.8.2.1", "8.8.2.254", "8.8.3.1"):
        send(address=address)
    kept = [row.network for row in db.session.scalars(select(Trace).order_by(Trace.created))]
    assert kept[0] == kept[1] != kept[2]
    assert not any("8.8" in name for name in kept)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_neighbourhood_is_a_24_or_a_48(address, prefix):
    assert addresses.prefix(address) == prefix


@pytest.mark.parametrize("address", ["127.0.0.1", "172.18.0.1", "::1", "fd00::7", "", None])
def test_readers_who_come_through_an_untrusted_proxy_are_not_one_sender(site, address):
    for number in range(12):
        told = send(f"Number {number}.", token=f"{number:043}", address=address)
        assert told.state is State.VISIBLE
    assert BanKind.NETWORK not in bans.known(told)
    assert set(db.session.scalars(select(Trace.network))) == {None}


def test_last_months_name_of_a_network_is_known_and_older_ones_are_gone(go):
    go(2026, 1, 31)
    january = networks.pseudonyms("8.8.2.1")
    go(2026, 2, 1)
    february = networks.pseudonyms("8.8.2.1")
    assert february[1:] == january
    assert february[0] != january[0]
    go(2026, 3, 1)
    march = networks.pseudonyms("8.8.2.1")
    assert march[1:] == february[:1]
    assert db.session.scalars(select(NetworkSeed.month)).all() == ["2026-02", "2026-03"]


def test_a_name_needs_the_seed_of_the_month_and_the_services_secret(app):
    first = networks.pseudonyms("8.8.2.1")
    app.extensions["afterword.keys"] = ("x" * 43,)
    assert networks.pseudonyms("8.8.2.1") != first
    assert signing.keyed("network", "one", "a") != signing.keyed("network", "two", "a")


def test_a_trace_is_gone_after_thirty_days_with_the_next_comment(go):
    go(2026, 1, 1)
    first = send(form=form())
    go(2026, 1, 30, 23)
    send("Another text.", form=form())
    assert db.session.get(Trace, first.id) is not None
    go(2026, 1, 31, 1)
    send("A third one.", form=form())
    db.session.expire_all()
    assert db.session.get(Trace, first.id) is None
    assert db.session.scalar(select(func.count()).select_from(Trace)) == 2


def test_checks_see_a_sites_last_day_newest_first_with_states(go, site):
    go(2026, 1, 1, 12)
    send("Too old.", form=form())
    go(2026, 1, 2, 13)
    spam, good = send("Some spam.", form=form()), send("Some ham.", form=form())
    actions.spam([spam.id], by="test")
    found = traces.recent(site.id, now=clock.now())
    assert {(one.state.value, one.author_id) for one in found} == {
        ("spam", spam.author_id),
        ("visible", good.author_id),
    }


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        ("the quick brown fox jumps over the lazy dog and runs", 1, 1),
        ("the quick brown fox jumped over the lazy dog and ran", 0.5, 0.9),
        ("nothing of all that is said anywhere in these words", 0, 0.1),
    ],
)
def test_the_likeness_of_texts_follows_what_they_have_in_common(other, least, most):
    text = sketch(plain("The quick brown fox jumps over the lazy dog, and runs!"))
    assert least <= likeness(text, sketch(plain(other))) <= most


def test_likeness_of_long_texts_is_estimated_within_a_tenth():
    words = [f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}xyz" for n in range(600)]
    text, half = " ".join(words), " ".join(words[:300] + [w[::-1] for w in words[300:]])
    pieces = [{t[n : n + 5] for n in range(len(t) - 4)} for t in (plain(text), plain(half))]
    exact = len(pieces[0] & pieces[1]) / len(pieces[0] | pieces[1])
    assert likeness(sketch(plain(text)), sketch(plain(half))) == pytest.approx(exact, abs=0.15)
