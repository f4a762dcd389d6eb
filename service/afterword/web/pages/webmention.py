"""``/webmention``: where pages elsewhere tell that they mention one of ours, and what ours say.

https://www.w3.org/TR/webmention/
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from afterword.core import ids, limits, urls
from afterword.core.db import db
from afterword.core.errors import BadUrl, NotFound
from afterword.core.i18n import _
from afterword.mentions import inbox
from afterword.sites import directory
from afterword.threads.models import Comment, State
from afterword.web.pages import pages

TAKEN = "Thank you. The page will be looked at, and what it says appears once it was approved.\n"


@pages.post("/webmention")
def take_mention() -> Response:
    asked = {}
    for name in ("source", "target"):
        given = request.form.getlist(name)
        if len(given) != 1 or not given[0].strip():
            raise BadUrl(_("The request says no %(name)s.", name=name), field=name)
        asked[name] = given[0].strip()
    limits.mention(_host(asked["source"]))
    inbox.receive(asked["source"], asked["target"])
    response = make_response(TAKEN, 202)
    response.mimetype = "text/plain"
    return response


@pages.get("/c/<comment_id>/said")
def show_said(comment_id: str) -> Response:
    """One comment by itself, for those whom it links to."""
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None or not comment.is_moderator:
        raise NotFound(_("There is no such comment, or it was removed."))
    is_there = comment.state is State.VISIBLE
    site = directory.by_id(comment.site_id)
    body = render_template("said.html", comment=comment if is_there else None, site=site)
    return make_response(body, 200 if is_there else 410)


def _host(source: str) -> str:
    try:
        return urls.host_of(source)
    except BadUrl as refusal:
        raise BadUrl(refusal.detail, field="source") from None
