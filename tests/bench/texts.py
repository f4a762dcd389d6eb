"""Comments as people write them: English that nobody wrote, of lengths that people do.

Words follow one another as in the prose that Python's own help is made of, so that they compress
as prose does. The same seed gives the same texts.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from functools import cache
from pydoc_data.topics import topics

MIDDLING = 220  # characters; half of them are shorter
SPREAD = 0.7  # of their logarithms: the mean is 280, one in a hundred is longer than 1,100


def comments(seed: int) -> Iterator[str]:
    """Markdown texts without end: paragraphs, now and then a link, a quote, some code."""
    chance = random.Random(seed)
    while True:
        left = min(5000, max(12, round(chance.lognormvariate(math.log(MIDDLING), SPREAD))))
        paragraphs = []
        while left > 0:
            paragraphs.append(_prose(chance, min(left, chance.randint(80, 500))))
            left -= len(paragraphs[-1])
        yield _adorned(chance, "\n\n".join(paragraphs))


def names(seed: int) -> Iterator[str]:
    """Names without end."""
    chance = random.Random(seed)
    sounds = ("an", "be", "cla", "do", "el", "fri", "ga", "ha", "i", "jo", "ka", "lu", "mi", "no")
    while True:
        name = "".join(chance.choices(sounds, k=chance.randint(2, 3)))
        yield f"{name.title()} {''.join(chance.choices(sounds, k=2)).title()}"


def _adorned(chance: random.Random, text: str) -> str:
    kind = chance.random()
    if kind < 0.1:
        return f"{text}\n\nSee [this post](https://example.org/{chance.randint(1, 9999)})."
    if kind < 0.15:
        return f"> {text[:80]}\n\n{text}"
    if kind < 0.2:
        return f"{text}\n\n`{text.split(maxsplit=1)[0].lower()}(x)` was *not* it."
    return text


def _prose(chance: random.Random, length: int) -> str:
    follows, starts = _speech()
    said: list[str] = []
    size = 0
    pair = chance.choice(starts)
    while size < length:
        if pair not in follows:
            pair = chance.choice(starts)
        word = chance.choice(follows[pair])
        pair = (pair[1], word)
        said.append(word)
        size += len(word) + 1
    return " ".join(said).rstrip(",;:(") + "."


@cache
def _speech() -> tuple[dict[tuple[str, str], list[str]], list[tuple[str, str]]]:
    """Which words follow a pair of words, and which pairs begin a sentence."""
    prose = re.sub(r"[`*|+=_<>\[\]{}\\\"^~#-]+", " ", " ".join(topics.values()))
    words = [word for word in prose.split() if re.fullmatch(r"[A-Za-z']+[,;:.!?]?", word)]
    follows: dict[tuple[str, str], list[str]] = {}
    for one, two, three in zip(words, words[1:], words[2:], strict=False):
        follows.setdefault((one, two), []).append(three)
    return follows, [pair for pair in follows if pair[0][0].isupper()]
