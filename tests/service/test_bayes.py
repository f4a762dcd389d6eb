"""How likely a comment is spam, by what was learned."""

from __future__ import annotations

import random
import statistics
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.spam import bayes, prior, tokens, trial
from afterword.spam.bayes import Counts, Knowledge
from afterword.spam.checks.learned import HOLD_FROM

pytestmark = pytest.mark.slow

COMMENTS = Path(__file__).with_name("comments.csv")


@pytest.fixture(scope="module")
def comments():
    """Comments as blogs get them, good and spam, in twenty languages; written for this test."""
    with COMMENTS.open(encoding="utf-8") as table:
        return trial.read(table)


def probability(memory, text, **author):
    return memory.judge(tokens.features(text, **author)).probability


def taught(*lessons):
    memory = trial.Memory()
    for text, is_spam in lessons:
        memory.learn(trial.example(text, is_spam=is_spam))
    return memory


def test_in_order_of_time_most_spam_is_held_and_hardly_anything_good(comments):
    held = trial.held(trial.run(comments), at=HOLD_FROM)
    assert held.good <= 0.03 * held.of_good
    assert held.spam >= 0.8 * held.of_spam


def test_no_order_makes_much_of_a_difference(comments):
    judged = []
    for seed in range(5):
        shuffled = random.Random(seed).sample(comments, len(comments))
        judged += trial.run(shuffled)
    held = trial.held(judged, at=HOLD_FROM)
    assert held.good <= 0.06 * held.of_good  # half of all is spam here, in no language twice
    assert held.spam >= 0.8 * held.of_spam


def test_one_kind_alone_does_not_make_the_other_look_like_it(comments):
    good = [one for one in comments if not one.is_spam]
    memory = trial.Memory()
    for one in comments:
        if one.is_spam:
            memory.learn(one)
    held = [one for one in good if memory.judge(one.features).probability >= HOLD_FROM]
    assert len(held) <= 0.05 * len(good)


def test_before_it_has_learned_it_holds_what_is_plainly_spam_and_nothing_good(comments):
    empty = trial.Memory()
    held = trial.held(((one, empty.judge(one.features)) for one in comments), at=HOLD_FROM)
    assert held.good == 0
    assert held.spam >= 0.5 * held.of_spam


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thanks, this helped.",
        "See https://docs.example.org/guide for the details.",
        "I subscribe to two newspapers.",
        "Is it free?",
        "Das kostet 20 Euro im Monat.",
        "无聊",
    ],
)
def test_a_harmless_comment_passes_a_filter_that_knows_nothing(text):
    assert probability(trial.Memory(), text) < HOLD_FROM - 0.1


def test_a_few_decisions_are_enough_to_know_a_campaign():
    talk = [(f"A remark about the {n} chapter, and a question.", False) for n in "abcdefgh"]
    memory = taught(*talk)
    text = "My herbal tea healed the knee of my aunt, ask for Rosalinda."
    before = probability(memory, text)
    for place in ("knee", "back", "hip"):
        text_of = f"My herbal tea healed the {place} of my uncle, ask for Rosalinda."
        memory.learn(trial.example(text_of, is_spam=True))
    assert before < 0.6
    assert probability(memory, text) >= HOLD_FROM


def test_a_few_decisions_undo_what_it_began_with():
    text = "Our casino night needs a bonus round, call us about the jackpot wheel."
    memory = trial.Memory()
    before = probability(memory, text)
    for n in range(6):
        memory.learn(trial.example(f"{text} Table {n}.", is_spam=False))
        memory.learn(trial.example(f"Cheap pills number {n}, buy now.", is_spam=True))
    assert before >= HOLD_FROM
    assert probability(memory, text) < 0.5


def test_long_comments_are_not_spam_because_spam_was_long():
    chooser = random.Random(1)

    def prose(many):
        return " ".join(f"w{int(chooser.paretovariate(1))}" for _ in range(many))

    memory = taught(
        *[(prose(45), True) for _ in range(20)], *[(prose(12), False) for _ in range(20)]
    )
    assert statistics.median(probability(memory, prose(45)) for _ in range(20)) < 0.7


def test_it_says_what_tells():
    memory = taught(
        *[(f"Get it free, click here: https://pills.example/{n}", True) for n in range(5)],
        *[(f"I read the {n} page twice.", False) for n in range(5)],
    )
    opinion = memory.judge(tokens.features("So free! click here https://pills.example/x"))
    assert "'click here'" in opinion.telling
    assert "link to pills.example" in opinion.telling
    assert len(opinion.telling) <= 4
    assert not {"'click'", "'here'"} & set(opinion.telling)


def test_every_belief_is_about_a_feature_that_a_comment_can_have():
    kinds = {feature.partition(":")[0] for feature in prior.BELIEFS}
    assert kinds == {"shape", "links", "pace", "link", "zone", "word", "pair"}
    for feature in prior.BELIEFS:
        kind, _, value = feature.partition(":")
        if kind in {"word", "pair"}:
            assert feature in tokens.features(f"x {value.replace(' ', '')} {value} x"), feature


COUNTS = st.builds(Counts, st.floats(-5, 1e6), st.floats(-5, 1e6))
FEATURES = st.sampled_from(sorted(prior.BELIEFS)) | st.text(max_size=20)


@settings(max_examples=300)
@given(st.dictionaries(FEATURES, COUNTS, max_size=50), st.sets(FEATURES), COUNTS, COUNTS)
def test_whatever_was_counted_the_answer_is_a_probability(seen, features, comments, texts):
    known = Knowledge(comments=comments, texts=texts, seen=seen)
    opinion = bayes.judge([*seen, *features], known)
    assert 0 <= opinion.probability <= 1


@given(st.lists(FEATURES, unique=True, max_size=30), st.integers(0, 20))
def test_learning_something_as_spam_never_makes_it_look_better(features, many):
    memory = trial.Memory()
    for n in range(10):
        memory.learn(trial.Example((f"word:a{n}", "word:the"), is_spam=False))
        memory.learn(trial.Example((f"word:b{n}", "word:the"), is_spam=True))
    before = memory.judge(features).probability
    for _ in range(many):
        memory.learn(trial.Example(tuple(features), is_spam=True))
    assert memory.judge(features).probability >= before - 0.1
