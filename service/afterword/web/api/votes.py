"""Votes on comments and reactions to them."""

from __future__ import annotations

from typing import Any

from flask import Response

from afterword.core import limits
from afterword.core.errors import BadRequest
from afterword.core.i18n import _
from afterword.posting.react import react
from afterword.posting.vote import vote
from afterword.threads import view
from afterword.web.api import access, api, body


@api.put("/comments/<comment_id>/vote")
def put_vote(comment_id: str) -> Response:
    access.target(comment_id)
    value = _value(body.read_object())
    limits.vote()
    cast = vote(comment_id, value, reader=access.reader(), admit=lambda: limits.ballot(comment_id))
    return body.write({**view.votes(cast.comment), "mine": cast.mine, "token": cast.token})


@api.put("/comments/<comment_id>/reactions/<name>")
def put_reaction(comment_id: str, name: str) -> Response:
    access.target(comment_id)
    on = body.read_object().get("on")
    if not isinstance(on, bool):
        raise BadRequest(_("on must be true or false."), fields={"on": "not true or false"})
    limits.vote()
    reacted = react(
        comment_id,
        name,
        on=on,
        reader=access.reader(),
        admit=lambda: limits.ballot(comment_id),
    )
    return body.write({"reactions": reacted.comment.reactions, "token": reacted.token})


def _value(sent: dict[str, Any]) -> int:
    value = sent.get("value")
    if type(value) is not int or value not in {1, 0, -1}:
        raise BadRequest(_("value must be 1, 0 or -1."), fields={"value": "not 1, 0 or -1"})
    return value
