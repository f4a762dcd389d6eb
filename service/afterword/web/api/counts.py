"""How many comments pages have."""

from __future__ import annotations

from flask import Response, request

from afterword.core.errors import BadRequest, BadUrl, UnknownSite
from afterword.sites import directory
from afterword.threads import counts
from afterword.web import ready
from afterword.web.api import api, body

MOST = 100


@api.get("/counts")
def show_counts() -> Response:
    asked = list(dict.fromkeys(request.args.getlist("url")))
    if len(asked) > MOST:
        raise BadRequest(f"At most {MOST} pages can be counted at once.")
    generation = directory.generation()
    return ready.show(
        ready.lists(),
        ("counts", generation, *asked),
        generation=generation,
        version=ready.anything,
        render=lambda: body.packed({"counts": _counts(asked)}),
        mimetype="application/json",
    )


def _counts(asked: list[str]) -> dict[str, int]:
    known = {url: place for url in asked if (place := _place(url))}
    found = counts.of_pages(set(known.values()))
    return dict.fromkeys(asked, 0) | {url: found.get(known[url], 0) for url in known}


def _place(url: str) -> tuple[int, str] | None:
    """(site, page key) of an address; None where there can be no comments."""
    try:
        site = directory.of_url(url)
        return site.id, site.page_key(url)
    except (BadUrl, UnknownSite):
        return None
