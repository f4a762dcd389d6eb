"""What other choices would have done is told truly, and telling it changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import event, func, select

from afterword.core import config
from afterword.core.db import Model, db
from afterword.identity import authors, moderators
from afterword.identity.models import Author, Standing
from afterword.markup.render import render
from afterword.moderation import actions
from afterword.posting.draft import read as read_draft
from afterword.posting.rehearse import NOT_REPLAYED, Outcome, rehearse
from afterword.posting.submit import submit
from afterword.sites import changes
from afterword.sites.options import WrongOption
from afterword.spam.assess import CHECKS
from afterword.threads.models import Format, State
from tests import make
from tests.conftest import PAGE
from tests.service.test_check_hook import SECRET, URL

pytestmark = pytest.mark.slow

LINKS = "[One](https://a.example), [two](https://b.example) and [three](https://c.example) say why."


@pytest.fixture
def page(context, site):
    return make.page(site)


@pytest.fixture
def told():
    return {"AFTERWORD_RATE_LIMITS": "off"}


def write(page, text="Hello.", **changed):
    said = {"text": text, "html": render(text), "form_age": 60.0, **changed}
    return make.comment(page, **said)


def outcomes(**written):
    return [one.tried.outcome.value for one in rehearse(written).comments]


def only(**written):
    (one,) = rehearse(written).comments
    return one.tried


def test_it_counts_what_would_become_of_comments_by_what_became_of_them(page):
    for state in State:
        write(page, "A casino.", state=state)
        write(page, state=state)
    found = rehearse({"hold_words": "casino"})
    for_each = dict.fromkeys(State, 1)
    assert found.counts == {
        Outcome.APPEAR: for_each,
        Outcome.WAIT: for_each,
        Outcome.REFUSED: dict.fromkeys(State, 0),
    }
    refused = rehearse({"reject_words": "casino"}).counts[Outcome.REFUSED]
    assert refused == for_each


def test_it_lists_what_would_be_treated_differently_and_why(page):
    casino = write(page, "A casino.")
    write(page, LINKS)
    found = rehearse({"hold_words": "casino"})
    (one,) = found.different
    assert one.comment.id == casino.id
    assert (one.present.outcome, one.tried.outcome) == (Outcome.APPEAR, Outcome.WAIT)
    assert one.tried.reasons == ("It has “casino” from your list of words.",)
    freed = rehearse({"max_links": "3"}).different
    assert [(one.present.outcome, one.tried.outcome) for one in freed] == [
        (Outcome.WAIT, Outcome.APPEAR)
    ]
    assert rehearse({"max_links": "2"}).different == []


def test_every_policy_decides_as_it_does_over_a_post(page, site):
    author = authors.find_or_add("s" * 43, site_id=site.id)
    db.session.commit()
    for minute in range(3):
        write(page, "https://a.example", minute=minute, author_id=author.id)
    assert outcomes(policy="publish") == ["appear"] * 3
    assert outcomes(policy="hold-all") == ["wait"] * 3
    assert outcomes(policy="hold-first") == ["appear", "appear", "wait"], "newest first"
    assert outcomes(policy="hold-first", trust_after="2") == ["appear", "wait", "wait"]
    assert outcomes(policy="hold-links") == ["appear", "appear", "wait"]
    assert outcomes(policy="hold-score", hold_score="1") == ["wait"] * 3
    db.session.get(Author, author.id).standing = Standing.HELD
    db.session.commit()
    assert outcomes(policy="publish") == ["wait"] * 3
    db.session.get(Author, author.id).standing = Standing.TRUSTED
    db.session.commit()
    assert outcomes(policy="hold-all") == ["appear"] * 3


def test_it_decides_what_the_service_decides(context, site):
    """The same texts posted under a set of choices, and rehearsed under it, end alike."""
    choices = {"policy": "hold-links", "max_links": "1", "hold_words": "kestrel"}
    texts = ["Good morning.", "A kestrel, yes.", f"Look: {LINKS}", "At https://a.example/x then."]
    with_form = {"url": PAGE, "author": {"name": "Ada"}}
    changes.choose(site.id, choices)
    for text in texts:
        submit(read_draft({**with_form, "text": text}))
    changes.choose(site.id, {"hold_words": "", "policy": "publish", "max_links": "2"})
    for one in rehearse(choices).comments:
        waited = "It did not come from the comment form." in one.comment.reasons
        assert waited, "which a rehearsal does not hold against it"
        others = [why for why in one.comment.reasons if "comment form" not in why]
        assert list(one.tried.reasons) == others


def test_what_the_form_asks_for_would_have_been_refused_without_it(page):
    write(page, "x" * 200, email=None)
    assert only(require_email="on").reasons == (
        "Please write your e-mail address. It is never shown.",
    )
    assert only(max_length="150").outcome is Outcome.REFUSED
    assert only(max_length="200").outcome is Outcome.APPEAR


def test_moderators_are_never_held(page):
    write(page, LINKS, is_moderator=True, name="")
    assert only(policy="hold-all", require_email="on").outcome is Outcome.APPEAR


def test_a_challenge_counts_as_solved_and_is_put_to_nobody(page):
    write(page, form_age=1.0)
    found = rehearse({"challenge": "on"})
    assert (found.comments[0].tried.outcome, found.challenged) == (Outcome.APPEAR, 1)
    assert only(challenge="off").outcome is Outcome.WAIT


def test_what_came_by_an_import_is_not_suspected_for_having_no_form(page):
    write(page, form_age=None)
    write(page, "<p>" + "x" * 300 + "</p>", form_age=None, format=Format.HTML)
    assert outcomes(max_length="100") == ["appear", "appear"], "nor for having been HTML"
    assert outcomes(policy="publish") == ["appear", "appear"]


def test_what_a_comment_taught_does_not_speak_about_itself(page):
    spam = [write(page, f"Cheap watches number {n}.", minute=n) for n in range(3)]
    good = [write(page, f"I read chapter {n} with joy.", minute=9 + n) for n in range(3)]
    actions.approve([one.id for one in good], by="test")
    actions.spam([spam[0].id], by="test")
    (alone,) = [one for one in rehearse({}).comments if one.comment.id == spam[0].id]
    assert alone.tried.outcome is Outcome.APPEAR, "nothing like it was known before it"
    actions.spam([one.id for one in spam[1:]], by="test")
    (taught,) = [one for one in rehearse({}).comments if one.comment.id == spam[0].id]
    assert taught.tried.outcome is Outcome.WAIT, "the others speak about it"


def test_only_the_newest_are_looked_at_and_only_of_the_site_that_is_said(page, context):
    for minute in range(5):
        write(page, f"Number {minute}.", minute=minute)
    found = rehearse({}, last=2)
    assert [one.comment.text for one in found.comments] == ["Number 4.", "Number 3."]
    other = changes.add("https://other.example")
    write(make.page(other, url="https://other.example/a"), minute=9)
    assert len(rehearse({}, site_id=other.id).comments) == 1
    assert len(rehearse({}).comments) == 6


def test_each_site_keeps_the_choices_that_are_not_tried(page, site):
    changes.choose(site.id, {"hold_words": "casino"})
    other = changes.add("https://other.example")
    write(make.page(other, url="https://other.example/a"), "A casino.", minute=1)
    write(page, "A casino.")
    assert outcomes(max_links="1") == ["appear", "wait"]


def test_a_choice_that_does_not_exist_is_refused(page):
    for wrong in ({"polciy": "publish"}, {"max_links": "many"}):
        with pytest.raises(WrongOption):
            rehearse(wrong)


def test_nothing_is_written_and_nobody_is_asked(page, site, internet):
    changes.choose(site.id, {"akismet_key": "0" * 12, "hook_url": URL, "hook_secret": SECRET})
    moderators.add("hanna@blog.example", password="a boat that was a table")
    write(page)
    before = _everything()
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    rehearse({"policy": "hold-all", "akismet_key": "1" * 12})
    event.remove(db.engine, "before_cursor_execute", note)
    assert {statement.split()[0] for statement in sent} <= {"SELECT", "BEGIN", "WITH"}
    assert _everything() == before
    assert internet.resolved == []


def _everything():
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in Model.metadata.sorted_tables
    }


def test_what_cannot_be_told_is_said_of_every_check_that_is_left_out(context):
    said = " ".join(NOT_REPLAYED).lower()
    for word in ("bans", "hidden fields", "bursts", "repeated", "akismet", "your own checker"):
        assert word in said
    assert {"ban", "honeypot", "burst", "duplicate"} <= CHECKS.keys()
    assert config.current().form_checks


def test_a_hundred_comments_take_as_many_queries_and_a_dozen_more(page):
    made = make.comments(page, 100)
    sent = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    assert len(rehearse({"policy": "hold-all"}).comments) == len(made)
    assert len(sent) < 125, "one for each opinion of the filter"
