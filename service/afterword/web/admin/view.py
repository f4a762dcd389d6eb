"""Which part of the queue somebody looks at, as addresses and hidden fields say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from afterword.core import clock, ids
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.moderation import search
from afterword.moderation.index import Wanted
from afterword.moderation.search import Field, Query
from afterword.threads.models import State
from afterword.web.admin import access

LONGEST_REASON = 300


@dataclass(frozen=True, kw_only=True)
class View:
    """Which part of the queue somebody looks at. Travels in addresses and in hidden fields."""

    state: State = State.PENDING
    is_reported: bool = False  # only what readers reported
    site: int | None = None
    page: int | None = None
    author: str | None = None
    reason: str | None = None  # as ``index.kind`` says it
    links: bool = False  # only what has links
    query: Query = field(default_factory=Query)
    sort: str = "newest"
    after: str | None = None

    def fields(self) -> dict[str, Any]:
        """What says this view, without what goes without saying."""
        said = {
            "state": self.state.value if self.state is not State.PENDING else None,
            "reported": "1" if self.is_reported else None,
            "site": str(self.site) if self.site is not None else None,
            "page": str(self.page) if self.page is not None else None,
            "author": self.author,
            "reason": self.reason,
            "links": "1" if self.links else None,
            "q": str(self.query),
            "sort": self.sort if self.sort != "newest" else None,
            "after": self.after,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changed: Any) -> str:
        """The path of this view, with other fields where they are said; None leaves one out."""
        fields = {**self.fields(), **changed}
        return url_for("admin.show_queue", **{k: v for k, v in fields.items() if v is not None})

    @property
    def is_narrowed(self) -> bool:
        """Whether only some of its state and its site are looked for."""
        return bool(self.page or self.author or self.reason or self.links or self.query.terms)

    @property
    def wanted(self) -> Wanted:
        """What it looks for."""
        return Wanted(
            state=self.state,
            sites=access.scope(self.site),
            page_id=self.page,
            author_id=self.author,
            reason=self.reason,
            has_links=self.links,
            is_reported=self.is_reported,
            query=self.query,
        )


def asked() -> View:
    """The view that this request names; what makes no sense in it is left out.

    Not so a site that is gone, or theirs no more: one would see, and decide over, those of all.
    Raises NotFound.

    A state or links among the words that were typed are what the tabs and the filters say as well.
    """
    said = {name: request.values.get(name, "") for name in ("sort", "site", "page", "reason")}
    query = search.read(request.values.get("q", ""))
    states, links = query.of(Field.STATE), query.of(Field.HAS)
    state = states[-1].value if states else request.values.get("state", "")
    is_reported = state == search.REPORTED if states else request.values.get("reported") == "1"
    author = request.values.get("author")
    known = {str(known.id): known.id for known in access.sites()}
    if said["site"] and said["site"] not in known:
        raise NotFound(_("There is no such site, or you do not moderate it any more."))
    return View(
        state=_state(state),
        is_reported=is_reported,
        site=known.get(said["site"]),
        page=ids.number(said["page"]),
        author=author if ids.is_id(author) else None,
        reason=said["reason"][:LONGEST_REASON] or None,
        links=bool(links) or request.values.get("links") == "1",
        query=query.without(*states, *links),
        sort="oldest" if said["sort"] == "oldest" else "newest",
        after=request.values.get("after"),
    )


def made_at() -> dt.datetime:
    """When the page was made that this form was sent from; now, where it does not say so."""
    now = clock.now()
    try:
        return min(clock.parse(request.form.get("until", "")), now)
    except ValueError:
        return now


def _state(word: str) -> State:
    if word == search.REPORTED:
        return State.VISIBLE
    return State(word) if word in set(State) else State.PENDING
