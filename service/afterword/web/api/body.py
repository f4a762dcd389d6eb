"""JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Response, request

from afterword.core.errors import BadRequest
from afterword.markup import plain


def read() -> Any:
    """The JSON body of this request, whose texts can all be stored.

    Raises BadRequest for what is no JSON, however malformed, and for NUL and lone surrogates.
    """
    if request.mimetype != "application/json":
        raise BadRequest("The body must be application/json.")
    raw = request.get_data(cache=False)
    try:
        sent = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):  # also: bad UTF-8, numbers of 5,000 digits, deep nesting
        raise BadRequest("The body is not well-formed JSON.") from None
    # Here and for all fields alike: what no database takes, no digest takes and no log either.
    for name, value in sent.items() if isinstance(sent, dict) else [("body", sent)]:
        for text in _texts(value):
            plain.refuse_unstorable(text, field=name)
    return sent


def read_object() -> dict[str, Any]:
    """The JSON object that this request brings. Raises BadRequest for anything else."""
    sent = read()
    if not isinstance(sent, dict):
        raise BadRequest("The body must be a JSON object.")
    return sent


def write(answer: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(packed(answer), status, mimetype="application/json")


def packed(answer: Any) -> bytes:
    """An answer as the bytes of JSON."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += (*one, *one.values())
        elif isinstance(one, list):
            waiting += one


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
