"""Where a page wants to be told of mentions (Webmention, 3.1.2): its first header, else link."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin

from afterword.core.fetch import Answer
from afterword.mentions import page

_LINK: Final = re.compile(r"<([^<>]*)>([^<]*)")
_REL: Final = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))', re.IGNORECASE)
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


def find(answer: Answer, *, url: str) -> str | None:
    """The address that takes mentions of this page; None where none does."""
    for said in answer.said("link"):
        for where, how in _LINK.findall(said):
            if any("webmention" in (a or b).lower().split() for a, b in _REL.findall(how)):
                return _joined(url, where)
    if answer.kind not in _HTML:
        return None
    read = page.read(answer.body.decode("utf-8", "replace"), url=url)
    for one in read.root.walk():
        is_one = one.tag in {"link", "a"} and "href" in one.said
        if is_one and "webmention" in one.said.get("rel", "").lower().split():
            return _joined(read.base, one.said["href"])
    return None


def _joined(base: str, where: str) -> str | None:
    try:
        return urljoin(base, where.strip())
    except ValueError:
        return None
