"""The widget's sentences, and those that an owner says otherwise."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from afterword.core.i18n import stored

Sentence = str | dict[str, str]  # by the plural's categories where it counts something

LONGEST = 300  # characters of one sentence
MOST = 6000  # characters of all: every answer with a thread carries them
CATEGORIES = ("zero", "one", "two", "few", "many", "other")  # Unicode's names (CLDR)
# In a wheel the sentences lie beside this module, in a checkout where the widget is made of them.
_FOLDERS = (
    Path(__file__).parent / "messages",
    Path(__file__).parents[3] / "widget" / "src" / "messages",
)
_GAP = re.compile(r"\{(\w+)\}")


@cache
def english() -> dict[str, Sentence]:
    """What the widget says in English unless it is told otherwise, by the keys of its sentences."""
    folder = next(folder for folder in _FOLDERS if (folder / "en.json").exists())
    said: dict[str, Sentence] = json.loads((folder / "en.json").read_text(encoding="utf-8"))
    return said


def read(written: str) -> str:
    """Sentences as a JSON object, checked against the widget's. Raises ValueError."""
    try:
        said = json.loads(written or "{}")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ValueError(stored("option", 'must be a JSON object like {"reply": "Answer"}'))  # noqa: TRY004
    kept = {key: _sentence(key, said[key]) for key in english() if said.get(key)}
    unknown = [key for key in said if key not in english()]
    if unknown:
        raise ValueError(
            stored(
                "option",
                "has no sentence %(name)s; docs/sentences.md lists them",
                name=repr(unknown[0][:40]),
            )
        )
    return written_as(kept)


def written_as(said: dict[str, Sentence]) -> str:
    """Sentences as they are kept: the same ones are the same characters."""
    text = json.dumps(said, ensure_ascii=False) if said else ""
    if len(text) > MOST:
        raise ValueError(
            stored("option", "must have at most %(most)s characters together", most=f"{MOST:,}")
        )
    return text


def gaps(sentence: Sentence) -> set[str]:
    """What is filled into a sentence, like ``n`` or ``name``."""
    parts = sentence.values() if isinstance(sentence, dict) else [sentence]
    return {gap for part in parts for gap in _GAP.findall(part)}


def _sentence(key: str, said: Any) -> Sentence:
    known = english()[key]
    if isinstance(said, dict) and isinstance(known, dict):
        if "other" not in said or not set(said) <= set(CATEGORIES):
            raise ValueError(
                stored(
                    "option",
                    "needs for %(key)s an other, and beside it %(known)s",
                    key=key,
                    known=", ".join(CATEGORIES),
                )
            )
        return {
            category: _words(key, said[category]) for category in CATEGORIES if category in said
        }
    return _words(key, said)


def _words(key: str, said: Any) -> str:
    if not isinstance(said, str) or not 0 < len(said.strip()) <= LONGEST or not said.isprintable():
        raise ValueError(
            stored(
                "option",
                "must say %(key)s in 1 to %(most)s printable characters",
                key=key,
                most=LONGEST,
            )
        )
    odd = gaps(said) - gaps(english()[key])
    if odd:
        # The widget has nothing to fill it with.
        raise ValueError(
            stored("option", "cannot fill {%(gap)s} in %(key)s", gap=odd.pop()[:20], key=key)
        )
    return said
