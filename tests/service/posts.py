"""Comments as readers send them, at a person's pace. Inside an application context."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

from afterword.core import clock
from afterword.posting import draft, forms
from afterword.posting.context import Sender
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.threads.models import Comment
from tests.conftest import PAGE


def form(url: str = PAGE, *, seconds: float = 60) -> str:
    """The token of a form that was opened some seconds ago."""
    site = directory.of_url(url)
    opened = clock.now() - dt.timedelta(seconds=seconds)
    with mock.patch.object(clock, "now", return_value=opened):
        return forms.token(site.id, site.page_key(url))


def send(
    text: str = "Good morning.",
    *,
    token: str | None = None,
    address: str | None = "8.8.2.1",
    **changed: Any,
) -> Comment:
    """What became of a post; keywords change its body."""
    body = {"url": PAGE, "text": text, "author": {"name": "Ada"}, **changed}
    body.setdefault("form", form(body["url"]))
    return submit(draft.read(body), token=token, sender=Sender(address=address)).comment
