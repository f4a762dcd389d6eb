"""``/c/ID``: from anywhere to a comment on the page that it belongs to."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.core.i18n import _
from afterword.sites import directory
from afterword.threads.models import Comment, State
from afterword.web.pages import pages
from afterword.web.pages.advert import advertise


@pages.get("/c/<comment_id>")
def go_to_comment(comment_id: str) -> AnyResponse | Response:
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    is_apart = comment is not None and comment.is_apart and comment.state is State.VISIBLE
    if comment is None or not (comment.is_shown or is_apart):
        raise NotFound(_("There is no such comment, or it was removed."))
    onward = redirect(f"{comment.page.url}#comment-{comment.id}", 302)
    advertise(onward, site=directory.by_id(comment.site_id))
    return onward
