"""Drafts and what checks know of them."""

from __future__ import annotations

from typing import Any

from afterword.core import clock
from afterword.sites.options import Options
from afterword.spam.verdict import Context
from afterword.threads.draft import Draft


def judged(
    *, html: str = "<p>Hello.</p>", form_age: float | None = 60.0, max_links: int = 2, **said: Any
) -> tuple[Draft, Context]:
    """A harmless draft with its context; keywords make it less so."""
    draft = Draft(**{"url": "https://blog.example/a", "text": "Hello.", "name": "Ada", **said})
    options = Options(max_links=max_links)
    return draft, Context(now=clock.now(), options=options, html=html, form_age=form_age)
