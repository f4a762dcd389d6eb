"""Writing comments, and changing what one has written."""

from __future__ import annotations

from flask import Response, request

from afterword.core import clock, limits
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.posting import draft as drafts
from afterword.posting.edit import edit
from afterword.posting.remove import remove, restore
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.threads import view
from afterword.threads.models import Comment, State
from afterword.threads.view import Json
from afterword.web.api import access, api, body


@api.post("/comments")
def post_comment() -> Response:
    draft = drafts.read(body.read())
    access.require_origin(directory.of_url(draft.url))
    reader = access.reader()
    posted = submit(
        draft,
        key=request.headers.get("Idempotency-Key"),
        token=reader.token,
        sender=reader.sender,
        admit=limits.post,
    )
    status = 201 if posted.comment.state is State.VISIBLE else 202
    return body.write({"comment": _own(posted.comment), "token": posted.token}, status)


@api.patch("/comments/<comment_id>")
def edit_comment(comment_id: str) -> Response:
    access.target(comment_id)
    said = body.read_object()
    text, revision = said.get("text"), said.get("revision")
    if not isinstance(text, str):
        raise BadRequest(_("text must be text."), fields={"text": "not text"})
    if not isinstance(revision, str | None):
        raise BadRequest(_("revision must be text."), fields={"revision": "not text"})
    limits.change()
    edited = edit(comment_id, text, revision=revision, reader=access.reader())
    return body.write({"comment": _own(edited)})


@api.delete("/comments/<comment_id>")
def remove_comment(comment_id: str) -> Response:
    access.target(comment_id)
    limits.change()
    removed = remove(comment_id, reader=access.reader())
    undo_until = clock.text(removed.undo_until)
    return body.write({"comment": _own(removed.comment), "undo_until": undo_until})


@api.post("/comments/<comment_id>/restore")
def restore_comment(comment_id: str) -> Response:
    access.target(comment_id)
    limits.change()
    return body.write({"comment": _own(restore(comment_id, reader=access.reader()))})


def _own(comment: Comment) -> Json:
    return view.own(comment, options=directory.by_id(comment.site_id).options)
