"""JSON in and out."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Response, request

from afterword.core.errors import BadRequest


def read() -> Any:
    """The JSON body of this request. Raises BadRequest for what is none, however malformed."""
    if request.mimetype != "application/json":
        raise BadRequest("The body must be application/json.")
    raw = request.get_data(cache=False)
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):  # also: bad UTF-8, numbers of 5,000 digits, deep nesting
        raise BadRequest("The body is not well-formed JSON.") from None


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


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
