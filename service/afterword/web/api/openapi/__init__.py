"""``GET /openapi.json``: this API described for programs (OpenAPI 3.1)."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from flask import Response

from afterword.core import config
from afterword.web.api import api, body
from afterword.web.api.openapi.operations import PATHS
from afterword.web.api.openapi.schemas import SCHEMAS
from afterword.web.api.openapi.shapes import Schema
from afterword.web.api.openapi.webhooks import CALLS, WEBHOOKS

FRESH = "public, max-age=3600"


@api.get("/openapi.json")
def show_openapi() -> Response:
    response = Response(_written(config.public_url()), mimetype="application/json")
    response.headers["Cache-Control"] = FRESH
    return response


@cache
def _written(service: str) -> bytes:
    return body.packed(document(service))


def document(service: str) -> Schema:
    """The description of the API at this service (https://spec.openapis.org/oas/v3.1.0)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Afterword",
            "version": version("afterword"),
            "summary": "Comments for your blog.",
            "description": "Members may be added to answers: ignore what you do not know.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{service}/api/v1"}],
        "paths": PATHS,
        "webhooks": WEBHOOKS,
        "components": {
            "schemas": {**SCHEMAS, **CALLS},
            "securitySchemes": {
                "author": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `token` of an earlier answer: by it authors and voters "
                    "are known again.",
                }
            },
        },
    }
