"""What a site's webhook is called with. Signed by the Standard Webhooks' three headers."""

from __future__ import annotations

from afterword.notify import died
from afterword.threads.events import Event
from afterword.threads.models import Mention, State
from afterword.web.api.openapi.schemas import ID
from afterword.web.api.openapi.shapes import COUNT, MOMENT, TEXT, Schema, has, maybe, of, ref

_EVENT = has(
    site=TEXT,
    id=ID,
    parent=maybe(ID),
    state={"enum": [state.value for state in State]},
    reasons=of(TEXT),
    name=TEXT,
    email=maybe(TEXT),
    website=maybe(TEXT),
    text=TEXT,
    source=maybe(TEXT),
    mention=maybe({"enum": [kind.value for kind in Mention]}),
    created=MOMENT,
    edited=maybe(MOMENT),
    link=TEXT,
    page=has(url=TEXT, title=maybe(TEXT)),
)
_DEAD = has(
    id=COUNT,
    kind=TEXT,
    comment=maybe(ID),
    fault=maybe(TEXT),
    tries=COUNT,
    created=MOMENT,
    died=maybe(MOMENT),
)
CALLS: dict[str, Schema] = {
    "CommentEvent": has(
        type={"enum": [event.value for event in Event]}, timestamp=MOMENT, data=_EVENT
    ),
    "DeadJobs": has(
        type={"const": died.EVENT}, timestamp=MOMENT, data=has(site=TEXT, jobs=of(_DEAD))
    ),
}

_SAYS = {
    Event.VISIBLE: "A comment appeared: sent, approved or brought back.",
    Event.REPLY: "It appeared and answers another: a call of its own beside comment.visible.",
    Event.HELD: "A comment waits.",
    Event.EDITED: "What readers see of a comment was changed.",
    Event.REMOVED: "A comment was visible and is not any more.",
    Event.REPORTED: "A reader reported a comment.",
}


def _header(name: str, says: str) -> Schema:
    return {"name": name, "in": "header", "required": True, "schema": TEXT, "description": says}


def _call(name: str, says: str, schema: str) -> Schema:
    return {
        "post": {
            "operationId": name,
            "summary": says,
            "parameters": [
                _header("webhook-id", "The same when the call is made again."),
                _header("webhook-timestamp", "Seconds since 1970."),
                _header("webhook-signature", "v1, and an HMAC-SHA256 in base64."),
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref(schema)}},
            },
            "responses": {
                "2XX": {"description": "Taken. Anything else is tried again, eight times in all."},
                "410": {"description": "Not to be called again."},
            },
        }
    }


WEBHOOKS: dict[str, Schema] = {
    **{event.value: _call(event.value, says, "CommentEvent") for event, says in _SAYS.items()},
    died.EVENT: _call(died.EVENT, "Jobs of the site were given up.", "DeadJobs"),
}
