"""A page elsewhere as a tree: as much of HTML as it takes to find links and who said what.

In a time that only grows with its length, whatever it holds: pages come from strangers, and are
read in the process that answers readers. The library for microformats, mf2py, stands on html5lib,
which is slow by nature and can be made to be so without end, and brings an HTTP client of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import urljoin

from afterword.core import urls
from afterword.core.errors import BadUrl
from afterword.core.i18n import _
from afterword.markup.scan import scan

MOST_DEEP: Final = 200  # what is nested deeper hangs there
MOST_ELEMENTS: Final = 50_000  # no further is a page read
# Characters of addresses that are taken apart, each link with the base it starts from: enough for
# 15,000 different links of a usual page, 500 of one whose base is as long as an address may be.
MOST_ADDRESSES: Final = 2 * 1024 * 1024
_VOID: Final = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    }
)
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "svg", "title"})
_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "nav"),
        *("ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
_LINKS: Final = {
    **dict.fromkeys(("a", "area", "link"), "href"),
    **dict.fromkeys(("img", "audio", "video", "source", "iframe", "embed"), "src"),
}


@dataclass(eq=False)
class Element:
    """One element and what is in it."""

    tag: str
    above: Element | None = None
    said: dict[str, str] = field(default_factory=dict)  # its attributes
    inside: list[Element | str] = field(default_factory=list)

    @cached_property
    def classes(self) -> list[str]:
        """The names in its ``class``."""
        return self.said.get("class", "").split()

    def has(self, name: str) -> bool:
        """Whether one of its classes is this."""
        return name in self.classes

    @property
    def is_root(self) -> bool:
        """Whether microformats see a thing of its own in it."""
        return any(name.startswith("h-") for name in self.classes)

    @property
    def link(self) -> str | None:
        """Where it leads, as it is written; None where it leads nowhere."""
        return self.said.get(_LINKS.get(self.tag, ""))

    def walk(self, *, into_roots: bool = True) -> Iterator[Element]:
        """Every element below, in the order of the page, maybe not what is in roots below."""
        waiting = [iter(self.inside)]
        while waiting:
            one = next(waiting[-1], None)
            if one is None:
                waiting.pop()
            elif isinstance(one, Element):
                yield one
                if into_roots or not one.is_root:
                    waiting.append(iter(one.inside))

    def text(self) -> str:
        """Its words: a line for each block, with no space around them."""
        written: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                written.append(one)
            elif one.tag == "br":
                written.append("\n")
            elif one.tag not in _UNSEEN:
                end = ["\n\n"] if one.tag in _BLOCKS else []
                waiting += [*end, *reversed(one.inside), *end]
        return _tidy("".join(written))


@dataclass(frozen=True)
class Page:
    """A page that was read, and the address that its links start from."""

    root: Element
    base: str

    def address(self, written: str) -> str:
        """An address of the page in its normal form; empty for what is none."""
        try:
            return normal(urljoin(self.base, written.strip()))
        except (BadUrl, ValueError):
            return ""

    def links_to(self, leads: Callable[[str], bool]) -> list[Element]:
        """The elements whose address leads there, as far as links are looked at."""
        known: dict[str, bool] = {}  # by what is written: pages repeat their links
        found: list[Element] = []
        left = MOST_ADDRESSES
        for one in self.root.walk():
            if one.link is None:
                continue
            if one.link not in known:
                left -= len(self.base) + len(one.link)
                known[one.link] = left >= 0 and leads(self.address(one.link))
            if known[one.link]:
                found.append(one)
        return found


def read(html: str, *, url: str) -> Page:
    """The page that an address answered with."""
    root = _tree(html)
    base = next((one.said["href"] for one in root.walk() if _is_base(one)), "")
    if len(base) > urls.MAX_LENGTH:
        return Page(root, url)  # no address, and each link would be joined to all of it
    try:
        return Page(root, urljoin(url, base))
    except ValueError:
        return Page(root, url)


def normal(url: str) -> str:
    """An address in the one spelling of it, with its fragment. Raises BadUrl."""
    parts = urls.split(url)
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    spelled = f"{parts.origin}{parts.path}{query}{fragment}"
    if len(spelled) > urls.MAX_LENGTH:
        raise BadUrl(
            _("An address has at most %(most)s characters.", most=format(urls.MAX_LENGTH, ","))
        )
    return spelled


def same(link: str, target: str) -> bool:
    """Whether a link leads to the target; to which part of its page counts where that says one."""
    return link == target or ("#" not in target and link.partition("#")[0] == target)


def _tree(html: str) -> Element:
    root = Element("")
    open_now, names, many = [root], Counter[str](), 0
    for one in scan(html):
        if isinstance(one, str):
            open_now[-1].inside.append(one)
        elif not one.is_end:
            element = Element(one.name, open_now[-1], one.said)
            open_now[-1].inside.append(element)
            if one.name not in _VOID and len(open_now) < MOST_DEEP:
                open_now.append(element)
                names[one.name] += 1
            many += 1
            if many == MOST_ELEMENTS:
                break
        elif names[one.name]:
            while (closed := open_now.pop().tag) != one.name:
                names[closed] -= 1
            names[closed] -= 1
    return root


def _is_base(element: Element) -> bool:
    return element.tag == "base" and "href" in element.said


def _tidy(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
