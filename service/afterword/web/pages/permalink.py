"""``/c/ID``: from anywhere to a comment on the page that it belongs to."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from afterword.core import ids
from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.threads.models import Comment
from afterword.web.pages import pages


@pages.get("/c/<comment_id>")
def go_to_comment(comment_id: str) -> AnyResponse | Response:
    comment = db.session.get(Comment, comment_id) if ids.is_id(comment_id) else None
    if comment is None or not comment.is_shown:
        raise NotFound("There is no such comment, or it was removed.")
    return redirect(f"{comment.page.url}#comment-{comment.id}", 302)
