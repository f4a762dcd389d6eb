"""R9: the machine's clock is set back and forth while the service runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools

import pytest
import time_machine

from afterword.app import close, create_app
from afterword.core import clock, ids
from tests.conftest import BLOG, PAGE

pytestmark = [pytest.mark.slow, pytest.mark.fault("R9")]

HOUR = 3600
# Forth by an hour and back, as daylight saving is by those who set their clock to local time; back
# by an hour and forth; small corrections.
JUMPS = (HOUR, -HOUR, -HOUR, HOUR, -30, 60, -30, -HOUR, 2 * HOUR, -HOUR)


@pytest.fixture
def told():
    return {"AFTERWORD_POST_LIMIT": "1000 per hour"}


@pytest.fixture
def jump():
    """Set the clock by so many seconds. It goes on from there."""
    with time_machine.travel(dt.datetime(2026, 3, 29, 0, 30, tzinfo=clock.UTC)) as traveller:
        yield traveller.shift


@pytest.fixture
def texts(thread):
    """What the thread says, in its order; its times say the same order."""

    def read():
        comments = thread()["comments"]
        times = [comment["created"] for comment in comments]
        assert times == sorted(times)
        return [comment["html"].removeprefix("<p>").partition("<")[0] for comment in comments]

    return read


class TestOrder:
    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_RATE_LIMITS": "off"}

    def test_comments_stay_in_the_order_in_which_they_were_written(self, jump, post, texts, figure):
        for number, seconds in enumerate(JUMPS):
            assert post(f"Comment {number}.").status_code == 201
            assert texts() == [f"Comment {n}." for n in range(number + 1)]
            jump(seconds)
        figure(f"{len(JUMPS)} jumps by 30 s to 2 h: {len(texts())} comments in their order")

    def test_they_do_when_the_service_starts_again_meanwhile(
        self, jump, post, settings, monkeypatch, figure
    ):
        post("Comment 0.")
        for number in range(1, 6):
            jump(-HOUR / 4)
            monkeypatch.setattr(ids, "_last", 0)
            app = create_app(settings)
            body = {"url": PAGE, "text": f"Comment {number}.", "author": {"name": "Ada"}}
            client = app.test_client()
            client.post("/api/v1/comments", json=body, headers={"Origin": BLOG})
            comments = client.get("/api/v1/thread", query_string={"url": PAGE}).json["comments"]
            close(app)
            written = [comment["html"] for comment in comments]
            assert written == [f"<p>Comment {n}.</p>\n" for n in range(number + 1)]
        figure(f"{number} restarts, each 15 min earlier: {len(written)} comments in their order")

    def test_what_a_clock_said_that_was_days_ahead_is_not_gone_on_with(self, jump, post, thread):
        jump(48 * HOUR)
        post("From the future.")
        jump(-48 * HOUR)
        post("Now.")
        assert {comment["created"][:10] for comment in thread()["comments"]} == {
            "2026-03-29",
            "2026-03-31",
        }

    def test_threads_that_were_ready_are_not_taken_for_the_newest_ones(self, jump, post, texts):
        for number, seconds in enumerate(JUMPS):
            texts()
            jump(seconds)
            post(f"Comment {number}.")
            assert len(texts()) == number + 1


@pytest.mark.parametrize("seconds", [-HOUR, -60, 60, HOUR])
def test_a_form_that_is_open_meanwhile_is_taken(jump, client, post, seconds, figure):
    form = client.get("/api/v1/form", query_string={"url": PAGE}).json["form"]
    jump(20)
    jump(seconds)
    answer = post("A comment of its own.", form=form)
    assert (answer.status_code, answer.json["comment"]["state"]) == (201, "visible")
    figure(f"a form that was open while the clock jumped by {seconds:+} s: 201")


@pytest.mark.parametrize("seconds", [-55, 0, 55])
def test_a_challenge_outlives_a_correction_of_a_minute(jump, client, post, seconds, figure):
    form = client.get("/api/v1/form", query_string={"url": PAGE}).json["form"]
    asked = post("At once.", form=form)
    assert asked.status_code == 428
    jump(seconds)
    solution = solve(asked.json["challenge"])
    assert post("At once.", form=form, challenge=solution).status_code == 201
    figure(f"a challenge that was open while the clock jumped by {seconds:+} s: 201")


def solve(challenge):
    def is_answer(number):
        found = hashlib.sha256(f"{challenge['salt']}{number}".encode()).digest()
        return int.from_bytes(found, "big") >> (256 - challenge["difficulty"]) == 0

    return {"token": challenge["token"], "number": next(filter(is_answer, itertools.count()))}


class TestLimits:
    @pytest.fixture
    def told(self):
        return {"AFTERWORD_FORM_CHECKS": "off", "AFTERWORD_POST_LIMIT": "5 per minute"}

    @pytest.mark.parametrize("seconds", [-HOUR, HOUR])
    def test_they_count_on_and_never_ask_to_wait_for_the_past(self, jump, post, seconds, figure):
        assert [post(f"Comment {n}.").status_code for n in range(3)] == [201] * 3
        jump(seconds)
        answers = [post(f"Comment {n}, later.") for n in range(8)]
        assert answers[0].status_code == 201
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) >= 3
        waits = [int(answer.headers["Retry-After"]) for answer in refused]
        assert all(1 <= wait <= 2 * HOUR for wait in waits)
        figure(
            f"5 a minute, 3 used, a jump by {seconds:+} s: {len(answers) - len(refused)} more "
            f"taken, {len(refused)} asked to wait {min(waits)} to {max(waits)} s"
        )
