"""How likely a comment is spam, by what comments like it were taught to be. Pure arithmetic.

Naive Bayes in logarithms (Graham, https://www.paulgraham.com/better.html; Robinson,
https://www.linuxjournal.com/article/6467), made for few and uneven examples: each feature's word
counts the less the fewer comments it was seen in, none decides alone, and long texts of one kind do
not make every long text one of that kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from afterword.spam import tokens
from afterword.spam.prior import BELIEFS, WEIGHT

# Found on comments of several kinds in many orders, see docs/spam.md; the valley is wide and flat.
_TRUST: Final = 1.5  # comments after which a feature's word counts half
_RARE: Final = 0.2  # of a comment, in place of none
_FEW: Final = 8.0  # comments of a kind until its rates are taken at their face value
_USUAL_FEATURES: Final = 20.0
_LOUDEST: Final = 2.5  # the most that one feature can say
_MILD: Final = 0.5  # features of one text repeat one another: not each is news
_SAY: Final = {"word": 0.7, "stem": 0.4, "pair": 0.8, "length": 0.4}
_TEXT: Final = frozenset({"word", "stem", "pair"})
_TELLING: Final = 4


@dataclass(frozen=True)
class Counts:
    """Comments of either kind."""

    spam: float = 0.0
    good: float = 0.0


NONE: Final = Counts()


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What a site has learned, as far as one comment's features go."""

    comments: Counts = NONE
    texts: Counts = NONE  # words, stems and pairs in all those comments together
    seen: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True)
class Opinion:
    """The probability that a comment is spam, and what speaks loudest for it, in words."""

    probability: float
    telling: tuple[str, ...] = ()


def judge(features: Iterable[str], known: Knowledge) -> Opinion:
    """What a site's experience says of a comment with these features."""
    scale = _Scale(known)
    voices = [
        (scale.voice(feature, known.seen.get(feature, NONE)), feature) for feature in features
    ]
    total = _MILD * sum(voice for voice, _ in voices)
    loudest = sorted(((voice, feature) for voice, feature in voices if voice > 0), reverse=True)
    return Opinion(1 / (1 + math.exp(-total)), _telling([feature for _, feature in loudest]))


def text_size(features: Iterable[str]) -> int:
    """How many of the features are words, stems and pairs."""
    return sum(_kind(feature) in _TEXT for feature in features)


class _Scale:
    """What is the same for all features of a comment."""

    def __init__(self, known: Knowledge) -> None:
        spam, good = max(0.0, known.comments.spam), max(0.0, known.comments.good)
        fewer, more = min(spam, good), max(spam, good)
        # One kind alone teaches little: what all spam has that was seen, all comments may have.
        self._belief = (fewer + 1) / (fewer + 4 + more / 10)
        # While there is little spam, its features are not taken for rarer than they are.
        self._spam = spam * self._belief + _FEW * (1 + (spam + 1) / (more + 1)) / 2
        self._good = good * self._belief + _FEW
        longer = _mean(known.texts.spam, spam) / _mean(known.texts.good, good)
        self._longer = math.log(longer)

    def voice(self, feature: str, seen: Counts) -> float:
        """How loudly a feature says spam (above 0) or good (below)."""
        belief = BELIEFS.get(feature)
        prior = 0.0 if belief is None else WEIGHT
        spam, good = max(0.0, seen.spam) * self._belief, max(0.0, seen.good) * self._belief
        weight = spam + good + prior
        if weight == 0.0:
            return 0.0
        held = prior * (belief or 0.0)
        odds = math.log((spam + held + _RARE) / self._spam)
        odds -= math.log((good + prior - held + _RARE) / self._good)
        kind = _kind(feature)
        if kind in _TEXT:
            odds -= self._longer * (spam + good) / weight
        odds *= _SAY.get(kind, 1.0) * weight / (weight + _TRUST)
        return max(-_LOUDEST, min(_LOUDEST, odds))


def _mean(features: float, comments: float) -> float:
    """Features of a comment of one kind; near the usual while there are few."""
    return (max(0.0, features) + 2 * _USUAL_FEATURES) / (comments + 2)


def _kind(feature: str) -> str:
    return feature.partition(":")[0]


def _telling(loudest: Iterable[str]) -> tuple[str, ...]:
    """The loudest few in words, none that another of them already says."""
    told: list[str] = []
    for feature in loudest:
        kind, _, value = feature.partition(":")
        if kind == "length" or any(_repeats(kind, value, other) for other in told):
            continue
        told.append(feature)
        if len(told) == _TELLING:
            break
    return tuple(tokens.said(feature) for feature in told)


def _repeats(kind: str, value: str, other: str) -> bool:
    """Whether a word is in a pair that was told, a stem in a word, or the other way round."""
    other_kind, _, said = other.partition(":")
    if kind not in _TEXT or other_kind not in _TEXT:
        return value == said
    return any(
        one.startswith(two) or two.startswith(one) for one in value.split() for two in said.split()
    )
