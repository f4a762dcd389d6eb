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
    known = {url: place for url in asked if (place := _place(url))}
    found = counts.of_pages(set(known.values()))
    answer = dict.fromkeys(asked, 0) | {url: found.get(known[url], 0) for url in known}
    response = body.write({"counts": answer})
    response.headers["Cache-Control"] = ready.shared_caching()
    return response


def _place(url: str) -> tuple[int, str] | None:
    """(site, page key) of an address; None where there can be no comments."""
    try:
        site = directory.of_url(url)
        return site.id, site.page_key(url)
    except (BadUrl, UnknownSite):
        return None
