"""What is fuzzed. A target takes any bytes and fails where a promise is broken; no answer is right.

Each reads its bytes as what a stranger sends there: an address, a file, a text, a place, a token.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, quote_from_bytes, quote_plus, unquote

from flask import current_app

from afterword.app import close, create_app
from afterword.core import config, urls
from afterword.core.errors import BadRequest, BadUrl, Problem
from afterword.markup.render import render, sanitise
from afterword.moderation import log, queue
from afterword.operate import migrate
from afterword.posting import forms
from afterword.sites import changes, directory
from afterword.threads import slices
from afterword.threads.models import State
from afterword.threads.slices import Sort
from afterword.transfer import formats
from afterword.transfer.reading import BadFile
from afterword.transfer.run import run
from tests.service.audit import faults

BLOG = "https://blog.example"
PAGE = f"{BLOG}/first-post"
SAMPLES = Path(__file__).parent.parent / "transfer" / "samples"
KEPT = (urls.DEFAULT_KEPT, urls.ALL_BUT_TRACKING, ("id", "p"))
FORMATS = ("auto", *sorted(formats.IMPORTERS))
COMMENT_ID = "1m83j1k6af3r8"


@contextmanager
def ready() -> Iterator[None]:
    """A service in a folder of its own, with a blog of one comment, for all targets."""
    with tempfile.TemporaryDirectory(prefix="afterword-fuzz-") as folder:
        settings = config.read(
            {
                "AFTERWORD_DATA": f"{folder}/data",
                "AFTERWORD_FORM_CHECKS": "off",
                "AFTERWORD_RATE_LIMITS": "off",
            }
        )
        migrate.upgrade(settings)
        app = create_app(settings)
        with app.app_context():
            changes.add(BLOG, name="A blog")
            said = {"url": PAGE, "text": "Good morning.", "author": {"name": "Ada"}}
            answer = app.test_client().post("/api/v1/comments", json=said, headers={"Origin": BLOG})
            assert answer.status_code == 201
            yield
        close(app)


def url_keys(content: bytes) -> None:
    """An address is refused, or has one key, which every spelling that we make of it shares."""
    kept = KEPT[content[0] % len(KEPT)] if content else urls.DEFAULT_KEPT
    url = _text(content[1:])
    try:
        key = urls.page_key(url, kept=kept)
    except BadUrl:
        return
    assert urls.page_key(f"https://{key}", kept=kept) == key
    assert urls.page_key(urls.clean_url(url), kept=kept) == key
    assert urls.host_of(url) == key.partition("/")[0]
    assert urls.origin(urls.origin_of(url)) == urls.origin_of(url)
    key.encode("ascii")


def importers(content: bytes) -> None:
    """A file adds up to the row, or is refused in a sentence."""
    name = FORMATS[content[0] % len(FORMATS)] if content else "auto"
    try:
        report = run(name, io.BytesIO(content[1:]), site=directory.of_url(BLOG), dry_run=True)
    except BadFile:
        return
    assert report.rows == report.inserted + report.existing + sum(report.skipped.values())


def markdown(content: bytes) -> None:
    """A text, or HTML, is refused or becomes HTML in which an unlike parser finds no fault."""
    text = _text(content)
    for gate in (render, sanitise):
        try:
            made = gate(text)
        except Problem:
            continue
        assert faults(made) == []
        assert sanitise(made) == made
        made.encode()


def cursors(content: bytes) -> None:
    """A place in a thread, in the queue and in the log is known, or is refused or ignored."""
    said = quote_from_bytes(content)
    place = unquote(said)  # as a view hands it over
    for query in ("sort=oldest&after=", "sort=best&after=", "around="):
        try:
            asked = slices.read(**dict(parse_qsl(query + said)))
        except BadRequest:
            continue
        assert slices.cursor(str(asked.after or ""), best=asked.sort is Sort.BEST) == asked.after
        _answers(f"/api/v1/thread?url={quote_plus(PAGE)}&{query}{said}")
        _answers(f"/api/v1/comments/{COMMENT_ID}/replies?after={said}")
    if content.isdigit():
        _answers(f"/api/v1/thread?url={quote_plus(PAGE)}&since={said}")
    if b"_" in content:  # the desk's places have one; no other text is looked at there
        queue.read(State.PENDING, after=place)
        log.read(log.Wanted(), after=place)


def _answers(address: str) -> None:
    answer = current_app.test_client().get(address)
    assert answer.status_code < 500, (address, answer.status)


def form_tokens(content: bytes) -> None:
    """Nothing but what we signed for this very page tells of a form."""
    site = directory.of_url(BLOG)
    key = urls.page_key(PAGE)
    good = forms.token(site.id, key)
    signed = good.rpartition(".")[0]
    text = _text(content[2:])
    start, end = (*content[:2], 0, 0)[:2]
    for tried in (text, good[:start] + text + good[start + end :]):
        told = forms.read(tried, site_id=site.id, page_key=key)
        # Of a signature's last character two bits say nothing: what was signed has to be the same.
        assert told.age is None or tried.rpartition(".")[0] == signed
    assert forms.read(good, site_id=site.id, page_key=f"{key}/{text}").age is None


TARGETS: dict[str, Callable[[bytes], None]] = {
    "url_keys": url_keys,
    "importers": importers,
    "markdown": markdown,
    "cursors": cursors,
    "form_tokens": form_tokens,
}


def seeds(target: str) -> list[bytes]:
    """Bytes of the shape that a target is for: a fuzzer starts from them."""
    return _SEEDS[target]()


def _urls() -> list[bytes]:
    addresses = (
        *("https://blog.example/a", "http://BLOG.example:80/b/../a/index.html?p=1&utm_source=x#y"),
        *("https://bücher.example/%7ea%2Fb?id=%FF", "https://[::1]:8080/?p=2"),
    )
    return [bytes([kept]) + url.encode() for kept in range(len(KEPT)) for url in addresses]


def _files() -> list[bytes]:
    found = [b"\0" + path.read_bytes() for path in sorted(SAMPLES.iterdir())]
    csv = b"id,url,text,name,created\n1,https://blog.example/a,Hello,Ada,2020-01-01T00:00:00Z\n"
    return [*found, bytes([FORMATS.index("csv")]) + csv]


def _texts() -> list[bytes]:
    texts = (
        "Hello *Ada*, see <https://a.example/b> and `x`.\n\n> - 1. **a**\n\n```py\n1\n```\n",
        '<a href="javascript:1">x</a><p><code class="language-c">1</code><ol start=3><li>a</ol>',
        "[a](https://a.example 't')\n[b]: mailto:x@y.example\n# T\n~~s~~ \u202e&#1;",
        "http://xn--a.xn--b/",
    )
    return [text.encode() for text in texts]


def _places() -> list[bytes]:
    return [
        *(b"MjAyNi0xMS0yOFQxMDowMDowMFogMW04M2oxazZhZjNyOA", b"MC41IDFtODNqMWs2YWYzcjg"),
        *(b"1m83j1k6af3r8", b"2026-11-28T10:00:00Z_12", b"17", b"bmFuIDFtODNqMWs2YWYzcjg"),
    ]


def _tokens() -> list[bytes]:
    return [b"\0\0" + b"W1sxXV0.aaaaaa.bbbb", b"\x05\x01x", b"\x00\x2a", b"\xff\x00."]


_SEEDS = {
    "url_keys": _urls,
    "importers": _files,
    "markdown": _texts,
    "cursors": _places,
    "form_tokens": _tokens,
}


def _text(content: bytes) -> str:
    """Any text there is: bytes that are no UTF-8 become halves of pairs, which JSON can hold."""
    return content.decode("utf-8", "surrogateescape")
