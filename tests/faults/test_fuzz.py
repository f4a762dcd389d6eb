"""R20: whatever is sent to the API, it answers as it says, and never by a failure of its own.

Cases are made by schemathesis from the API's own description: requests that fit it and requests
that do not. Most are aimed at a page, comments and authors that exist, since at a wrong address
most of them would come to the same end.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from afterword.app import close, create_app
from afterword.core import config
from afterword.moderation import actions
from afterword.operate import migrate
from afterword.sites import changes
from tests.conftest import BLOG, PAGE
from tests.service import hostile

pytestmark = [pytest.mark.slow, pytest.mark.fault("R20")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
AUTHORS = ("a" * 43, "b" * 43)
TEXTS = (*hostile.payloads(), *hostile.TRICKS, *hostile.REFUSED, "Hello.", "https://a.example " * 9)
# Bodies that are no JSON of ours, or of nobody's (threat 22 of the list in docs/security.md).
ODD = (
    b"",
    b"\x00",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe{}",
    b"[" * 60_000,
    b'{"text":' * 6_000 + b"1" + b"}" * 6_000,
    b'{"text": ' + b"9" * 60_000 + b"}",
    b'{"value": 1e999, "text": NaN}',
    b'{"value": 9223372036854775808, "on": 18446744073709551616}',
    b'{"text": "\\ud800", "url": "\\u0000", "reason": "\\udfff"}',
    b'{"text": "x"' + b" " * 70_000 + b"}",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def service(request, tmp_path):
    """The application over each database, with the forms' checks, on a site that offers all."""
    told = {"AFTERWORD_DATA": str(tmp_path / "data"), "AFTERWORD_RATE_LIMITS": "off"}
    if request.param == "postgresql":
        told["AFTERWORD_DATABASE_URL"] = request.getfixturevalue("postgresql")
    chosen = config.read(told)
    migrate.upgrade(chosen)
    app = create_app(chosen)
    with app.app_context():
        site = changes.add(BLOG)
        changes.choose(site.id, {"reactions": "like love", "require_name": "off"})
    yield app
    close(app)


@pytest.fixture
def known(service) -> list[str]:
    """Ids of comments by each of the authors."""
    client = service.test_client()
    made = []
    for number in range(6):
        answer = client.post(
            "/api/v1/comments",
            json={"url": PAGE, "text": f"Comment {number}, of its own."},
            headers={"Origin": BLOG, "Authorization": f"Bearer {AUTHORS[number % 2]}"},
        )
        made.append(answer.json["comment"]["id"])
    with service.app_context():
        actions.approve(made, by="test")
    return made


@pytest.fixture
def form(service) -> str:
    """The token of a form that was opened just now: a post with it is challenged."""
    token: str = service.test_client().get(f"/api/v1/form?url={PAGE}").json["form"]
    return token


def aim(case, known: list[str], form: str) -> None:
    """Replace what would only miss: each of these three times out of four."""
    chance = random.Random(f"{case.path_parameters} {case.query} {case.body}")
    case.headers["Origin"] = BLOG
    there = {
        "Origin": BLOG,
        "Authorization": f"Bearer {chance.choice(AUTHORS)}",
        "comment_id": chance.choice(known),
        "parent": chance.choice(known),
        "url": PAGE,
        "text": chance.choice(TEXTS),
        "form": form,
        "site": "blog.example",
        "page": None,
        "name": "like",
    }
    case.headers["Authorization"] = ""
    case.headers["Accept-Encoding"] = "identity"  # nobody here would unpack another
    for part in (case.headers, case.path_parameters, case.query, case.body):
        for name in sorted(there.keys() & set(part if isinstance(part, Mapping) else ())):
            if chance.random() < 0.75:
                part[name] = there[name]


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_that_can_be_made_up_fails_or_is_answered_otherwise_than_described(
    service, known, form, mode, request, figure
):
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", service)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) >= 14
    each = -(-request.config.getoption("--fuzz-cases") // (4 * len(operations)))
    for operation in operations:

        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def asked(case):
            aim(case, known, form)
            case.call_and_validate(checks=CHECKS)

        asked()
    figure(f"{each * len(operations):,} {mode.value} requests over {len(operations)} operations")


@pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body[:20]))
def test_bodies_that_are_no_sensible_json_are_refused(service, known, body):
    client = service.test_client()
    headers = {"Origin": BLOG, "Authorization": f"Bearer {AUTHORS[0]}"}
    for method, path in (
        ("POST", "/comments"),
        ("POST", "/preview"),
        ("PATCH", f"/comments/{known[0]}"),
        ("PUT", f"/comments/{known[1]}/vote"),
        ("PUT", f"/comments/{known[1]}/reactions/like"),
        ("POST", f"/comments/{known[1]}/report"),
    ):
        answer = client.open(
            f"/api/v1{path}",
            method=method,
            data=body,
            content_type="application/json",
            headers=headers,
        )
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        assert answer.mimetype == "application/problem+json"
