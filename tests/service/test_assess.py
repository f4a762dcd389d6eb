"""What many checks say together, and what becomes of it."""

from __future__ import annotations

import pytest

from afterword.core import registry
from afterword.moderation import rules
from afterword.sites.options import Policy
from afterword.spam.assess import CHECKS, MANY_SMALL, Assessment, assess
from afterword.spam.verdict import PASS, Level, Verdict, Writer
from afterword.threads.models import State
from tests.service.drafts import judged

CLEAN = Assessment(Level.PASS, ())
NEW, KNOWN = Writer(), Writer(id="1", approved=1)


@pytest.fixture
def say(monkeypatch):
    """Let the checks say these verdicts, whatever they look at."""

    def give(*verdicts):
        said = {str(number): (lambda *_, one=one: one) for number, one in enumerate(verdicts)}
        monkeypatch.setattr("afterword.spam.assess.CHECKS", dict(zip(said, said, strict=True)))
        monkeypatch.setattr(registry, "load", said.__getitem__)
        return assess(*judged())

    return give


def test_the_strictest_voice_wins_and_every_reason_is_kept(say):
    found = say(Verdict(Level.HOLD, "One."), PASS, Verdict(Level.REJECT, "Two."))
    assert (found.level, found.reasons) == (Level.REJECT, ("One.", "Two."))


@pytest.mark.parametrize(
    ("suspicions", "together"),
    [((), 0), ((0.5,), 0.5), ((0.5, 0.5), 0.75), ((0.2, 0, 1), 1), ((0.1,) * 3, 0.271)],
)
def test_suspicions_add_up_and_never_pass_one(say, suspicions, together):
    found = say(*(Verdict(Level.PASS, suspicion=one) for one in suspicions))
    assert found.suspicion == pytest.approx(together)


def test_what_is_suspicious_though_nothing_is_held_against_it_is_challenged(say):
    found = say(*(Verdict(Level.PASS, suspicion=0.3),) * 2)
    assert (found.level, found.reasons) == (Level.CHALLENGE, (MANY_SMALL,))
    assert say(Verdict(Level.PASS, suspicion=0.4)).level is Level.PASS
    held = say(Verdict(Level.HOLD, "One.", 0.9))
    assert (held.level, held.reasons) == (Level.HOLD, ("One.",))


def test_without_form_checks_nothing_is_challenged(monkeypatch):
    draft, context = judged(form_age=0.1)
    assert assess(draft, context).level is Level.CHALLENGE
    assert assess(draft, context, with_form=False).level is Level.PASS


def test_a_moderator_is_not_suspected():
    draft, context = judged(is_moderator=True, trap="x", form_age=None)
    assert assess(draft, context) == Assessment(Level.PASS, ())


def test_no_check_suspects_a_harmless_comment():
    found = assess(*judged())
    assert (found.level, found.reasons, found.suspicion) == (Level.PASS, (), 0.0)
    assert len(CHECKS) > 2


@pytest.mark.parametrize(
    ("policy", "writer", "level", "state"),
    [
        (Policy.PUBLISH, NEW, Level.PASS, State.VISIBLE),
        (Policy.PUBLISH, NEW, Level.HOLD, State.PENDING),
        (Policy.HOLD_FIRST, NEW, Level.PASS, State.PENDING),
        (Policy.HOLD_FIRST, KNOWN, Level.PASS, State.VISIBLE),
        (Policy.HOLD_FIRST, KNOWN, Level.HOLD, State.PENDING),
        (Policy.HOLD_ALL, KNOWN, Level.PASS, State.PENDING),
    ],
)
def test_verdict_policy_and_author_decide_the_state(policy, writer, level, state):
    draft, context = judged(policy=policy, writer=writer)
    assessment = Assessment(level, ("Odd.",) if level else ())
    found, reasons = rules.decide(assessment, context=context, draft=draft)
    assert found is state
    assert bool(reasons) == (state is State.PENDING)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, State.VISIBLE),
        ({"text": "https://a.example"}, State.PENDING),
        ({"website": "https://a.example"}, State.PENDING),
        ({"text": "https://blog.example/x"}, State.VISIBLE),
        ({"text": "https://a.example", "writer": KNOWN}, State.VISIBLE),
    ],
)
def test_hold_links_holds_a_strangers_links_elsewhere(said, state):
    draft, context = judged(policy=Policy.HOLD_LINKS, hosts=frozenset({"blog.example"}), **said)
    assert rules.decide(CLEAN, context=context, draft=draft)[0] is state


def test_hold_score_holds_from_the_chosen_suspicion_on():
    draft, context = judged(policy=Policy.HOLD_SCORE, hold_score=40, writer=KNOWN)
    for suspicion, state in ((0.39, State.VISIBLE), (0.4, State.PENDING), (1, State.PENDING)):
        assessment = Assessment(Level.PASS, (), suspicion)
        assert rules.decide(assessment, context=context, draft=draft)[0] is state
    _, reasons = rules.decide(Assessment(Level.PASS, (), 0.62), context=context, draft=draft)
    assert reasons == ["It is suspicious by 62%."]


def test_hold_first_may_ask_for_more_than_one_approved_comment():
    for approved, state in ((1, State.PENDING), (2, State.PENDING), (3, State.VISIBLE)):
        writer = Writer(id="1", approved=approved)
        draft, context = judged(policy=Policy.HOLD_FIRST, trust_after=3, writer=writer)
        found, reasons = rules.decide(CLEAN, context=context, draft=draft)
        assert found is state
        assert (f"{approved} of the first 3" in " ".join(reasons)) == (state is State.PENDING)


def test_a_remark_of_a_check_that_passes_holds_nothing():
    draft, context = judged(policy=Policy.PUBLISH)
    assessment = Assessment(Level.PASS, ("A little odd.",), 0.4)
    assert rules.decide(assessment, context=context, draft=draft) == (State.VISIBLE, [])
