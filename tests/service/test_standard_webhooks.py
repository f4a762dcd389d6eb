"""Signed calls: what receivers check by the standard's own libraries."""

from __future__ import annotations

import datetime as dt

from afterword.core import clock, standard_webhooks


def test_the_signature_is_that_of_the_standards_own_example():
    """https://github.com/standard-webhooks/standard-webhooks, the libraries' shared test."""
    found = standard_webhooks.headers(
        b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        call="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=dt.datetime.fromtimestamp(1614265330, clock.UTC),
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-timestamp"] == "1614265330"
