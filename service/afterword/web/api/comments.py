"""Writing comments."""

from __future__ import annotations

from flask import Response, request

from afterword.core import limits
from afterword.identity import authors
from afterword.posting import draft as drafts
from afterword.posting.context import Sender
from afterword.posting.submit import submit
from afterword.sites import directory
from afterword.threads import view
from afterword.threads.models import State
from afterword.web.api import access, api, body


@api.post("/comments")
def post_comment() -> Response:
    draft = drafts.read(body.read())
    access.require_origin(directory.of_url(draft.url))
    posted = submit(
        draft,
        key=request.headers.get("Idempotency-Key"),
        token=authors.secret(request.headers.get("Authorization")),
        sender=Sender(
            address=limits.client_address(), agent=request.user_agent.string, can_solve=True
        ),
        admit=limits.post,
    )
    status = 201 if posted.comment.state is State.VISIBLE else 202
    return body.write({"comment": view.own(posted.comment), "token": posted.token}, status)
