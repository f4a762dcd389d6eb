"""A thread that nobody wrote, to see a widget with: as the API would answer it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from afterword.core import clock
from afterword.core.i18n import N_, _
from afterword.markup.render import render
from afterword.sites.directory import KnownSite
from afterword.sites.options import Options
from afterword.threads import view
from afterword.threads.models import Comment, State

_HOUR = dt.timedelta(hours=1)
# Who, how long ago, below which one, votes, and what: a quote, code, a link and a list are there.
_SAID = (
    ("Mila", 50, None, 5, N_("We tried this on Sunday. *It works*, but ask the cat first.")),
    ("Jonas", 49, 0, 1, N_("> ask the cat first\n\nShe said no. We did it `anyway`.")),
    ("Hanna", 3, None, 0, N_("Three things to bring:\n\n- bread\n- a torch\n- [a chart](https://atlas.example/)")),
)  # fmt: skip


def url(site: KnownSite) -> str:
    """The page that it is below."""
    return f"{site.origins[0]}/a-sample"


def thread(site: KnownSite, options: Options) -> dict[str, Any]:
    """A thread of three comments on a site, with these choices."""
    shown = [_comment(number) for number in range(len(_SAID))]
    roots = [one for one in shown if one["parent"] is None]
    for one in shown:
        one["replies"] = [reply for reply in shown if reply["parent"] == one["id"]]
    page = view.page(None, key=site.page_key(url(site)), url=url(site), options=options)
    return {
        "page": {**page, "title": _("A sample"), "count": len(shown), "version": 1},
        "site": view.site(replace(site, options=options)),
        "comments": roots,
        "next": None,
    }


def _comment(number: int) -> dict[str, Any]:
    name, hours, parent, up, text = _SAID[number]
    said = _(text)
    made = Comment(
        id=f"sample-{number}",
        parent_id=None if parent is None else f"sample-{parent}",
        depth=0 if parent is None else 1,
        name=name,
        text=said,
        html=render(said, limit=len(said)),
        state=State.VISIBLE,
        created=clock.now() - hours * _HOUR,
        up=up,
        down=0,
        reactions={},
        is_moderator=name == "Hanna",
        is_verified=False,
        is_pinned=False,
    )
    return view.public(made)
