"""The description of the API says what there is, and nothing else."""

from __future__ import annotations

import re

import pytest
import schemathesis
from schemathesis.core.errors import InvalidSchema

pytestmark = pytest.mark.slow

METHODS = {"get", "put", "post", "patch", "delete"}


def test_the_description_is_well_formed(app):
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    try:
        described.validate()
    except InvalidSchema as wrong:
        raise AssertionError(str(wrong)) from wrong


def test_every_call_is_described_and_no_other(app, client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    described = {
        (method.upper(), path) for path, calls in paths.items() for method in METHODS & set(calls)
    }
    there = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == there


def test_it_names_the_service_and_may_be_kept(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json["servers"] == [{"url": "http://localhost:8000/api/v1"}]
    assert "max-age" in answer.headers["Cache-Control"]
