"""Exports of other systems, made: as large as is asked for, of texts that nobody wrote."""

from __future__ import annotations

import datetime as dt
import gzip
import html
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from afterword.core import clock
from tests.bench import texts

BLOG = "https://blog.example"
A_PAGE = 100
TEXTS = 5000  # different ones; after so many they come again
_START = dt.datetime(2012, 1, 1, tzinfo=clock.UTC)
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
    ' xmlns:dsq="http://disqus.com/disqus-internals">\n'
)


def disqus(many: int, out: Path, *, a_page: int = A_PAGE) -> None:
    """Write a Disqus export as Disqus does: threads, then posts, identifiers empty."""
    with gzip.open(out, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(_HEAD)
        pages = -(-many // a_page)
        for page in range(pages):
            file.write(_thread(page))
        for number, (text, name) in enumerate(itertools.islice(said(), many)):
            file.write(_post(number, text, name, a_page=a_page))
        file.write("</disqus>\n")


def path(page: int) -> str:
    """Where a page of this number is on the blog."""
    return f"/{2012 + page % 12}/post-{page}/"


def _thread(page: int) -> str:
    return (
        f'<thread dsq:id="{page + 1}"><id /><forum>blog</forum><category dsq:id="1" />'
        f"<link>{BLOG}{path(page)}</link><title>Post {page}</title><message />"
        f"<createdAt>{_moment(page * A_PAGE)}</createdAt><author><name>Owner</name>"
        "<isAnonymous>false</isAnonymous><username>owner</username></author>"
        "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )


def _post(number: int, text: str, name: str, *, a_page: int) -> str:
    """Two in five are replies, one in fifty was deleted or is spam."""
    chance = random.Random(number)
    page, place = divmod(number, a_page)
    above = page * a_page + chance.randrange(place) if place else 0
    parent = f'<parent dsq:id="{10**9 + above}" />' if place and chance.random() < 0.4 else ""
    is_deleted, is_spam = chance.random() < 0.01, chance.random() < 0.01
    return (
        f'<post dsq:id="{10**9 + number}"><id /><message><![CDATA[{text}]]></message>'
        f"<createdAt>{_moment(number)}</createdAt><isDeleted>{str(is_deleted).lower()}</isDeleted>"
        f"<isSpam>{str(is_spam).lower()}</isSpam><author><name>{name}</name>"
        f"<isAnonymous>false</isAnonymous><username>{name.replace(' ', '').lower()}</username>"
        f'</author><thread dsq:id="{page + 1}" />{parent}</post>\n'
    )


def _moment(number: int) -> str:
    return f"{clock.text(_START + dt.timedelta(seconds=400 * number))[:19]}Z"


def said() -> Iterator[tuple[str, str]]:
    """HTML as Disqus gives it: paragraphs, breaks, now and then a link, a quote, some code."""
    some = list(itertools.islice(map(_html, texts.comments(8)), TEXTS))
    return zip(itertools.cycle(some), texts.names(8), strict=False)


def _html(text: str) -> str:
    paragraphs = []
    for part in text.split("\n\n"):
        said = html.escape(part, quote=False).replace("\n", "<br>")
        if part.startswith("See ["):
            said = 'See <a href="https://example.org/1" rel="nofollow noopener">this post</a>.'
        if part.startswith("> "):
            paragraphs.append(
                f"<blockquote><p>{html.escape(part[2:], quote=False)}</p></blockquote>"
            )
            continue
        paragraphs.append(f"<p>{said}</p>")
    return "".join(paragraphs)
