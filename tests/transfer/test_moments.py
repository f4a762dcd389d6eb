"""Dates as other systems write them are the moment that they mean."""

from __future__ import annotations

import pytest

from afterword.core import clock
from afterword.transfer import moments


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2021-10-28 20:50:15 UTC", "2021-10-28T20:50:15.000Z"),
        ("2021-10-28 20:50:15 GMT", "2021-10-28T20:50:15.000Z"),
        ("2021-10-28 20:50:15 +0800", "2021-10-28T12:50:15.000Z"),
        ("2021-10-28 20:50:15.25 +0800 CST", "2021-10-28T12:50:15.250Z"),
        ("2021/10/28 20:50:15", "2021-10-28T20:50:15.000Z"),
        ("2021/1/8 20:50:15 +08:00", "2021-01-08T12:50:15.000Z"),
        ("2021/10/28", "2021-10-28T00:00:00.000Z"),
        ("Thu, 28 Oct 2021 20:50:15 +0200", "2021-10-28T18:50:15.000Z"),
        (1_600_000_000, "2020-09-13T12:26:40.000Z"),
        ({"__type": "Date", "iso": "2020-01-02T03:04:05.678Z"}, "2020-01-02T03:04:05.678Z"),
    ],
)
def test_a_date_is_read_however_it_is_written(said, meant):
    assert clock.text(moments.read(said)) == meant


@pytest.mark.parametrize("said", ["", "yesterday", "2021/13/28 20:50:15", "28/10/2021", None, True])
def test_a_date_that_makes_no_sense_is_none(said):
    assert moments.read(said) is None
