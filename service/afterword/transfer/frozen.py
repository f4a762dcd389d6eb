"""A whole thread as HTML that needs no server and no script: to be baked, and to be archived."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel import dates

from afterword.core import clock, i18n, templates, urls
from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads import linked, rows, tree, view
from afterword.threads.models import Page
from afterword.threads.view import Json

DEEPEST = 6  # replies below one another; deeper ones stand beside what they answer

# What the HTML of a comment does not say, for the widget that takes it over.
_UNSAID = (
    *("edited", "score", "up", "down", "reactions", "is_pinned", "lang", "selector"),
    "source",
)
_UNSAID_OF_AUTHOR = ("avatar", "is_moderator", "is_verified")

_TEMPLATES = templates.environment(Path(__file__).parent / "templates")


def day(written: str) -> str:
    """The day of a moment in words, like all that is frozen in English.

    Not by ``strftime``: its months are in the locale that Pelican and Sphinx set.
    """
    return dates.format_date(clock.parse(written), "long", locale=i18n.ENGLISH.locale)


def unsaid(comment: Json, above: str | None) -> str:
    """The members of a comment that its HTML leaves out, as JSON; most comments have none of them.

    ``above`` is the id of the comment that it stands below.
    """
    said = {name: comment[name] for name in _UNSAID if comment[name]}
    if comment["parent"] != above:
        said["parent"] = comment["parent"]
    author = comment["author"]
    if author is None:
        return json.dumps({**said, "created": comment["created"]})
    of_author = {name: author[name] for name in _UNSAID_OF_AUTHOR if author[name]}
    if author["name"] is None:
        of_author["name"] = None
    return json.dumps({**said, **({"author": of_author} if of_author else {})})


_TEMPLATES.filters |= {"day": day, "unsaid": unsaid}


@dataclass(frozen=True)
class Thread:
    """All that anyone may read of a page, as ``view`` shows it."""

    page: Json
    comments: list[Json]

    @property
    def names(self) -> dict[str, str]:
        """Who is answered, by the id of the comment."""
        found: dict[str, str] = {}
        left = list(self.comments)
        while left:
            one = left.pop()
            found[one["id"]] = one["author"]["name"] if one["author"] else ""
            left += one["replies"]
        return found


def of_page(site: KnownSite, page: Page) -> Thread:
    """The thread of a page, oldest first, what is pinned before it."""
    shown = [view.public(row) for row in db.session.execute(rows.all_of(page.id))]
    return of(view.page(page, key=page.key, url=page.url, options=site.options), shown)


def of(page: Json, shown: list[Json]) -> Thread:
    """The same of comments that ``view`` has shown, oldest first and without their replies."""
    comments = tree.bounded(shown, most=DEEPEST)
    comments.sort(key=lambda comment: not comment["is_pinned"])
    return Thread(page, comments)


def section(thread: Thread, *, service: str | None, is_snippet: bool = True) -> str:
    """The thread as a ``section``. ``service`` is where the comments are written, None for a thread
    that is closed for good. Without ``is_snippet`` search engines do not quote it."""
    permalinks = f"{service}/c/" if service else None
    return render(
        "thread.html",
        thread=thread,
        service=service,
        page_id=urls.own_id(thread.page["key"]),
        is_snippet=is_snippet,
        linked=linked.thread(
            thread.page, thread.comments, permalinks=permalinks, nameless="Anonymous"
        ),
    )


def render(name: str, **values: Any) -> str:
    """One of the templates beside this module, filled in."""
    return _TEMPLATES.get_template(name).render(**values)
