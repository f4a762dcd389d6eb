"""Others are asked last, at once, outside of any transaction, and never keep a post waiting."""

from __future__ import annotations

import json
import logging
import time
from urllib.parse import parse_qs

import pytest

from afterword.core import signing
from afterword.core.db import db, transaction
from afterword.core.errors import ChallengeRequired, Rejected
from afterword.identity import accounts
from afterword.identity.accounts import Shown
from afterword.identity.models import Author, PassportKind, Standing
from afterword.moderation import actions
from afterword.posting.context import Sender
from afterword.posting.draft import read as read_draft
from afterword.posting.edit import edit
from afterword.posting.reader import Reader
from afterword.posting.submit import submit
from afterword.sites import changes
from afterword.spam import ask
from afterword.threads.draft import Solution
from afterword.threads.models import State
from tests.conftest import PAGE
from tests.far import answer
from tests.service.test_check_hook import SECRET, URL

pytestmark = pytest.mark.slow

KEY = "0123456789ab"
AKISMET = "rest.akismet.com"
SENDER = Sender(address="192.0.2.1", agent="A browser", can_solve=True)
AUTHOR = "s" * 43


@pytest.fixture(autouse=True)
def nobody_rests():
    ask._rests.clear()


@pytest.fixture
def asking(context, site):
    """The blog, with a key for Akismet and a checker of its own."""
    said = {"akismet_key": KEY, "hook_url": URL, "hook_secret": SECRET}
    return changes.choose(site.id, said)


def post(text="Hello.", *, key=None, solution=None, token=AUTHOR, **changed):
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **changed}
    if solution:
        body["challenge"] = {"token": solution.token, "number": solution.number}
    return submit(read_draft(body), key=key, token=token, sender=SENDER).comment


def says(internet, akismet=b"false", checker="pass", **more):
    one = internet.serve(AKISMET, answer(akismet), address="1.1.1.1")
    body = json.dumps({"verdict": checker, **more}).encode()
    return one, internet.serve("checker.example", answer(body), address="1.0.0.1")


def test_a_site_that_says_nobody_asks_nobody(internet, context, site):
    assert post().state is State.VISIBLE
    assert internet.resolved == []


def test_both_are_asked_and_what_either_holds_waits_with_its_reason(internet, asking):
    says(internet)
    assert post().state is State.VISIBLE
    says(internet, akismet=b"true", checker="hold", reason="It says kestrel.")
    held = post("Hello again.")
    assert held.state is State.PENDING
    assert held.reasons == ["Akismet takes it for spam.", "Your checker says: It says kestrel."]


def test_what_the_checker_rejects_is_refused_and_kept_nowhere(internet, asking):
    says(internet, checker="reject", reason="A private reason.")
    with pytest.raises(Rejected) as refused:
        post()
    assert "private" not in refused.value.detail


def test_what_the_checker_challenges_appears_once_it_is_solved(internet, asking):
    says(internet, checker="challenge")
    with pytest.raises(ChallengeRequired) as put:
        post()
    told = put.value.challenge
    number = next(n for n in range(10**7) if _solves(told, n))
    assert post(solution=Solution(told["token"], number)).state is State.VISIBLE


def _solves(told, number):
    import hashlib

    found = hashlib.sha256(f"{told['salt']}{number}".encode()).digest()
    return int.from_bytes(found, "big") >> (256 - told["difficulty"]) == 0


def test_nothing_leaves_of_what_another_check_holds_or_refuses(internet, asking):
    changes.choose(asking.id, {"hold_words": "kestrel", "reject_words": "casino"})
    one, two = says(internet)
    assert post("A kestrel.").state is State.PENDING
    with pytest.raises(Rejected):
        post("A casino.")
    assert one.requests == two.requests == []


def test_nothing_leaves_of_moderators_and_of_authors_who_are_trusted(internet, asking):
    says(internet)
    made = post()
    db.session.get(Author, made.author_id).standing = Standing.TRUSTED
    db.session.commit()
    one, two = says(internet, akismet=b"true", checker="reject")
    assert post("Hello again.").state is State.VISIBLE
    actions.edit(made.id, "Edited by its moderator.", by="test", limit=5000)
    assert one.requests == two.requests == []


def test_where_the_owner_holds_all_what_others_refuse_needs_no_look(internet, asking):
    says(internet, checker="reject")
    changes.choose(asking.id, {"policy": "hold-all"})
    with pytest.raises(Rejected):
        post("A kestrel.")


def test_nothing_leaves_of_who_writes_for_the_blog(internet, asking):
    with transaction():
        shown = Shown(kind=PassportKind.SSO, issuer=asking.key, subject="42", label="Ada")
        account = accounts.let_in(shown, site_id=asking.id)
        accounts.author(account, site_id=asking.id).is_staff = True
        token = accounts.give_token(account, site_id=asking.id)
    one, two = says(internet, akismet=b"true", checker="reject")
    assert post(token=token).state is State.VISIBLE
    assert one.requests == two.requests == []


def test_an_edit_by_its_author_is_asked_about_as_an_edit(internet, asking):
    says(internet)
    made = post()
    one, two = says(internet, akismet=b"true")
    changed = edit(made.id, "Hello, changed.", reader=Reader(token=AUTHOR, sender=SENDER))
    assert changed.state is State.PENDING
    assert b"recheck_reason=edit" in one.requests[0]
    assert b'"is_edit": true' in two.requests[0]


def test_a_repeat_of_a_post_is_not_asked_about_again(internet, asking):
    one, two = says(internet)
    first = post(key="0123456789abcdef")
    assert post(key="0123456789abcdef").id == first.id
    assert (len(one.requests), len(two.requests)) == (1, 1)


def test_no_connection_of_the_database_waits_with_them(internet, asking):
    out = []
    engine = db.engine

    def respond(connection):
        out.append(engine.pool.checkedout())
        answer(b"false")(connection)

    says(internet)
    internet.serve(AKISMET, respond, address="1.1.1.1")
    # A solution makes the service look for it once more after the checks.
    post(solution=Solution(signing.tokens("challenge").dumps(["salt", 1, "x"]), 1))
    assert out == [0]


def test_both_together_keep_a_post_waiting_for_two_seconds_and_then_rest(
    internet, asking, caplog, monkeypatch
):
    def silent(_connection):
        time.sleep(4)

    one = internet.serve(AKISMET, silent, address="1.1.1.1")
    two = internet.serve("checker.example", silent, address="1.0.0.1")
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert post().state is State.VISIBLE
    assert 1.8 < time.monotonic() - started < 3.2, "two seconds, not four, on a busy machine"
    said = [record.getMessage() for record in caplog.records if record.name == ask.__name__]
    assert len(said) == 2
    assert "gave no whole answer within 2 s" in said[0]
    assert KEY not in caplog.text
    assert SECRET not in caplog.text
    started = time.monotonic()
    assert post("Hello again.").state is State.VISIBLE
    assert time.monotonic() - started < 1
    assert (len(one.requests), len(two.requests)) == (1, 1), "they are left in peace"
    later = time.monotonic() + 61
    monkeypatch.setattr(ask.time, "monotonic", lambda: later)
    assert ask._is_due("akismet", asking.options)
    assert ask._is_due("hook", asking.options)


def test_whoever_does_not_even_keep_to_its_own_time_is_left_behind(internet, asking, monkeypatch):
    monkeypatch.setattr(ask, "PATIENCE", 0.2)
    says(internet)
    internet.serve(AKISMET, lambda _connection: time.sleep(1), address="1.1.1.1")
    started = time.monotonic()
    assert post().state is State.VISIBLE
    assert time.monotonic() - started < 1


def test_one_that_fails_does_not_silence_the_other_nor_other_sites(internet, asking):
    one, two = says(internet, akismet=b"invalid", checker="hold")
    assert post().state is State.PENDING
    assert post("Hello again.").state is State.PENDING
    assert (len(one.requests), len(two.requests)) == (1, 2)
    changes.choose(asking.id, {"akismet_key": "another0key1"})
    post("Hello once more.")
    assert len(one.requests) == 2, "a new key is tried at once"


def test_a_fault_of_ours_costs_nobody_a_comment(internet, asking, monkeypatch, caplog):
    def fail(*_, **__):
        raise KeyError("ours")

    monkeypatch.setattr("afterword.core.fetch.post", fail)
    assert post().state is State.VISIBLE
    assert "KeyError" in caplog.text


def test_what_was_said_counts_where_a_site_goes_by_suspicion(internet, asking):
    changes.choose(asking.id, {"policy": "hold-score", "hold_score": "90", "hook_url": ""})
    one, _ = says(internet)
    assert post().state is State.VISIBLE
    assert parse_qs(one.requests[0].partition(b"\r\n\r\n")[2].decode())["api_key"] == [KEY]
