"""Drafts and what checks know of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

from afterword.core import clock
from afterword.markup.render import MAX_LENGTH, render
from afterword.sites.options import Options
from afterword.spam.sketch import plain, sketch
from afterword.spam.verdict import Context, Recent
from afterword.threads.draft import Draft
from afterword.threads.models import State

_DRAFT = {field.name for field in fields(Draft)}
_OPTIONS = {field.name for field in fields(Options)}


def judged(**changed: Any) -> tuple[Draft, Context]:
    """A harmless draft with its context; keywords of either, or of the site's options, change it.

    What is not said of the HTML is made from the text.
    """
    said = {name: changed.pop(name) for name in _DRAFT & set(changed)}
    chosen = {name: changed.pop(name) for name in _OPTIONS & set(changed)}
    draft = Draft(**{"url": "https://blog.example/a", "text": "Hello.", "name": "Ada", **said})
    told = {"now": clock.now(), "form_age": 60.0, **changed}
    told.setdefault("html", render(draft.text, limit=MAX_LENGTH))
    told.setdefault("sketch", sketch(plain(draft.text)))
    return draft, Context(options=Options(**chosen), **told)


def earlier(text: str = "", *, minutes: float = 1, **changed: Any) -> Recent:
    """Another comment of today, by a stranger unless keywords say otherwise."""
    said = {"page_id": 1, "author_id": None, "state": State.VISIBLE, "network": None, "form": None}
    said["cluster"] = None
    moment = clock.now() - dt.timedelta(minutes=minutes)
    return Recent(created=moment, sketch=sketch(plain(text)), **{**said, **changed})
