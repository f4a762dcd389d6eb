"""What a page elsewhere says of one of ours: whether it links there, what for, and who says it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from afterword.core.errors import BadUrl
from afterword.core.fetch import Answer
from afterword.mentions import charset
from afterword.mentions import page as pages
from afterword.mentions.page import Element, Page
from afterword.threads.models import Mention

# In this order: who answers a page and likes it as well has answered it.
_KINDS: Final = {
    "u-in-reply-to": Mention.REPLY,
    "u-like-of": Mention.LIKE,
    "u-repost-of": Mention.REPOST,
    "u-bookmark-of": Mention.BOOKMARK,
}
_ORDER: Final = (*_KINDS.values(), Mention.MENTION)
MOST_LINKS: Final = 20  # that are looked at, of those to one target
_HTML: Final = frozenset({"text/html", "application/xhtml+xml", ""})


@dataclass(frozen=True)
class Said:
    """What it says; empty where it does not tell."""

    kind: Mention = Mention.MENTION
    name: str = ""
    website: str = ""
    photo: str = ""  # of who says it: an address
    text: str = ""


def _none(_link: str) -> bool:
    return False


def find(
    answer: Answer, *, url: str, target: str, also: Callable[[str], bool] = _none
) -> Said | None:
    """What the page at this address says of the target; None where it does not link there.

    ``also``: which other addresses count as the target.
    """
    text = charset.text(answer)

    def leads(link: str) -> bool:
        return pages.same(link, target) or also(link)

    if answer.kind in _HTML:
        return _in_page(pages.read(text, url=url), leads)
    if answer.kind.endswith(("/json", "+json")):
        said: Iterable[str] = _in_json(text)
    else:
        said = text.split() if answer.kind == "text/plain" else []
    return Said() if any(map(leads, _addresses(said))) else None


def _in_page(page: Page, leads: Callable[[str], bool]) -> Said | None:
    links = page.links_to(leads)
    if not links:
        return None
    found = [_around(link) for link in links[:MOST_LINKS]]
    kind = min((kind for kind, _ in found), key=_ORDER.index)
    entry = next((entry for its, entry in found if its is kind and entry), None)
    if entry is None:
        return Said()
    parts = list(entry.walk(into_roots=False))
    card = _first(parts, "p-author") or _first(parts, "u-author") or _card(page)
    return Said(
        kind=kind,
        name=_name(card) if card else "",
        website=_url(page, card) if card else "",
        photo=_photo(page, card) if card else "",
        text=_words(parts),
    )


def _around(link: Element) -> tuple[Mention, Element | None]:
    """What a link is for, and whose it is: the inmost entry around it, pages list many."""
    kind, here = Mention.MENTION, link
    while True:
        cites = next((kind for name, kind in _KINDS.items() if here.has(name)), None)
        if kind is Mention.MENTION and cites is not None:
            kind = cites
        # What is cited is a thing of its own, but of the entry around it we want to know.
        if cites is None and (here.has("h-entry") or here.has("h-cite")):
            return kind, here
        if here.above is None:
            return Mention.MENTION, None
        here = here.above


def _words(parts: list[Element]) -> str:
    for name in ("e-content", "p-content", "p-summary", "p-name"):
        found = _first(parts, name)
        if found is not None and (text := found.text()):
            return text
    return ""


def _card(page: Page) -> Element | None:
    """Whose page it is, where its entry does not say who wrote it."""
    outside = page.root.walk(into_roots=False)
    return next((one for one in outside if one.has("h-card")), None)


def _name(card: Element) -> str:
    named = _first(card.walk(), "p-name")
    if named is not None:
        return named.said.get("alt") or named.text()
    pictured = next((one.said["alt"] for one in card.walk() if one.said.get("alt")), "")
    return card.said.get("alt") or card.text() or pictured


def _url(page: Page, card: Element) -> str:
    for one in (_first(card.walk(), "u-url"), card, next(_anchors(card), None)):
        if one is not None and one.link:
            return page.address(one.link)
    return ""


def _photo(page: Page, card: Element) -> str:
    """What the card says is its picture, or the only one in it."""
    said = _first(card.walk(), "u-photo")
    if said is None:
        pictures = [one for one in (card, *card.walk()) if one.tag == "img"]
        said = pictures[0] if len(pictures) == 1 else None
    return page.address(said.link) if said is not None and said.link else ""


def _anchors(card: Element) -> Iterator[Element]:
    return (one for one in card.walk() if one.tag == "a")


def _first(parts: Any, name: str) -> Element | None:
    return next((one for one in parts if one.has(name)), None)


def _addresses(said: Iterable[str]) -> Iterator[str]:
    """What of it is an address, in its normal form."""
    for one in dict.fromkeys(said):
        try:
            yield pages.normal(one)
        except BadUrl:
            continue


def _in_json(text: str) -> Iterator[str]:
    """Every text in it that is a value."""
    try:
        waiting = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            yield one
