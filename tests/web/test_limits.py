"""Limits: what one client may do in a minute, and who counts as one client."""

from __future__ import annotations

import pytest

from tests.conftest import PAGE


@pytest.fixture
def told():
    return {
        "AFTERWORD_FORM_CHECKS": "off",
        "AFTERWORD_POST_LIMIT": "3 per minute",
        "AFTERWORD_TRUSTED_PROXIES": "127.0.0.1",
    }


def test_a_client_that_posts_too_much_is_told_when_to_come_back(post):
    assert [post().status_code for _ in range(4)] == [201, 201, 201, 429]
    refused = post()
    assert refused.json["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]


def test_clients_behind_a_proxy_are_counted_one_by_one(post):
    for address in ("198.51.100.1", "198.51.100.2"):
        statuses = [post(headers={"X-Forwarded-For": address}).status_code for _ in range(4)]
        assert statuses == [201, 201, 201, 429]


def test_a_client_cannot_write_itself_another_address(post):
    sent = [{"X-Forwarded-For": f"192.0.2.{n}, 198.51.100.9"} for n in range(4)]
    assert [post(headers=headers).status_code for headers in sent] == [201, 201, 201, 429]


def test_a_post_sent_again_is_answered_and_not_counted(post):
    same = {"Idempotency-Key": "0123456789abcdef"}
    assert [post(headers=same).status_code for _ in range(6)] == [201] * 6
    assert [post().status_code for _ in range(3)] == [201, 201, 429]


def test_reading_is_not_counted(client, site):
    for _ in range(40):
        assert client.get("/api/v1/thread", query_string={"url": PAGE}).status_code == 200
