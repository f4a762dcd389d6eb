"""The owner's own checker: how it is asked, what it may answer, and the example in the docs."""

from __future__ import annotations

import base64
import hmac
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from afterword.core import clock
from afterword.spam.checks.hook import hook
from afterword.spam.verdict import PASS, Level, Unanswered
from tests import running
from tests.far import answer
from tests.service.drafts import judged

URL = "https://checker.example/ask?list=1"
RAW = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(RAW).decode()}"
DOCS = Path(__file__).parents[2] / "docs" / "moderation.md"


def ask(**changed):
    return hook(*judged(**{"hook_url": URL, "hook_secret": SECRET, **changed}))


def verdict(internet, said):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    internet.serve("checker.example", answer(body))
    return ask()


@pytest.mark.parametrize(
    ("said", "level"),
    [("challenge", Level.CHALLENGE), ("hold", Level.HOLD), ("reject", Level.REJECT)],
)
def test_its_verdict_and_its_reason_are_taken(internet, said, level):
    found = verdict(internet, {"verdict": said, "reason": "It says kestrel."})
    assert (found.level, found.reason) == (level, "Your checker says: It says kestrel.")
    assert found.suspicion >= 0.5
    assert verdict(internet, {"verdict": said}).reason == "Your checker objects to it."
    assert verdict(internet, {"verdict": said, "reason": None}).reason


def test_what_it_lets_pass_passes(internet):
    assert verdict(internet, {"verdict": "pass", "reason": "Fine."}) is PASS


def test_a_reason_is_one_line_without_signs_that_hide_and_not_long(internet):
    found = verdict(internet, {"verdict": "hold", "reason": "a\x1b[1m\r\nb\u202ec " + "x" * 999})
    assert found.reason.startswith("Your checker says: a[1m bc xxx")
    assert len(found.reason) < 230
    assert found.reason.isprintable()


@pytest.mark.parametrize(
    "said",
    [
        b"", b"true", b"pass", b"[]", b"{", b'"hold"', b"[" * 16000, b"\xff", b"{}",
        {"verdict": "publish"}, {"verdict": "HOLD"}, {"verdict": 2}, {"verdict": ["hold"]},
        {"verdict": None}, {"reason": "x"}, {"verdict": "hold", "reason": 3},
        {"verdict": "hold", "reason": "a\0b"}, b'{"verdict": "hold", "reason": "\\ud800"}',
        {"verdict": "hold", "score": 3}, {"verdict": "hold", "reason": "x" * 20000},
    ],
)  # fmt: skip
def test_whatever_else_it_says_is_no_verdict(internet, said):
    with pytest.raises(Unanswered):
        verdict(internet, said)


@pytest.mark.parametrize("status", [201, 204, 302, 404, 500])
def test_an_answer_that_is_not_200_is_none(internet, status):
    internet.serve("checker.example", answer(b'{"verdict": "reject"}', status=status))
    with pytest.raises(Unanswered, match=str(status)):
        ask()


def test_it_is_told_this_and_nothing_else_and_can_verify_who_asks(internet):
    far = internet.serve("checker.example", answer(b'{"verdict": "pass"}'))
    ask(text="Grüße", email="a@x.example", address="192.0.2.7", agent="A browser", is_edit=True)
    head, _, body = far.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /ask?list=1 HTTP/1.1\r\n")
    told = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(RAW, signed, "sha256")).decode()
    assert told["webhook-signature"] == f"v1,{expected}"
    assert abs(int(told["webhook-timestamp"]) - clock.now().timestamp()) < 60
    said = json.loads(body)
    assert (said["type"], said.keys()) == ("comment.check", {"type", "timestamp", "data"})
    data = said["data"]
    assert (data["text"], data["address"], data["is_edit"]) == ("Grüße", "192.0.2.7", True)
    table = DOCS.read_text("utf-8").partition("`data` has")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == data.keys()
    ask()
    assert b"webhook-id: " + told["webhook-id"].encode() not in far.requests[1], "new each time"


def test_plain_http_and_private_networks_only_where_the_service_names_the_host(internet):
    inside = internet.serve("checker", answer(b'{"verdict": "hold"}'), address="10.0.0.9", port=80)
    with pytest.raises(Unanswered, match="needs https"):
        ask(hook_url="http://checker/")
    internet.lead("checker.example", ["10.0.0.9"])
    with pytest.raises(Unanswered, match="not on the Internet"):
        ask()
    assert inside.requests == []
    assert ask(hook_url="http://checker/", hook_hosts=frozenset({"checker"})).level is Level.HOLD


@pytest.mark.slow
def test_the_checker_in_the_docs_works_and_refuses_what_is_not_signed(tmp_path):
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    source, port = found[1], running.free_port()
    assert len(source.splitlines()) <= 22
    script = tmp_path / "checker.py"
    script.write_text(source.replace("9000", str(port)).replace("whsec_...", SECRET), "utf-8")
    checker = subprocess.Popen([sys.executable, script], stderr=subprocess.DEVNULL)
    said = {
        "hook_url": f"http://127.0.0.1:{port}/",
        "hook_hosts": frozenset({f"127.0.0.1:{port}"}),
    }
    try:
        for _ in range(100):
            try:
                assert ask(text="Hello.", **said) is PASS
                break
            except Unanswered:
                time.sleep(0.1)
        held = ask(text="Nice Kestrels you have.", **said)
        assert (held.level, held.reason) == (Level.HOLD, "Your checker says: It says kestrel.")
        other = f"whsec_{base64.b64encode(bytes(32)).decode()}"
        with pytest.raises(Unanswered, match="403"):
            ask(text="Hello.", hook_secret=other, **said)
        old = clock.parse("2026-01-01T00:00:00Z")
        with pytest.raises(Unanswered, match="403"):
            ask(text="Hello.", now=old, **said)
    finally:
        checker.terminate()
        checker.wait()
