"""Where the comments stand in a built page. The bytes around them are never touched.

The page is read as Latin-1, in which a character is a byte: places in the text are places in the
file, whatever encoding it has that goes on from ASCII.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from afterword.transfer.bake import tag as tags

ELEMENT = "afterword-thread"
_NO_BAKE = "no-bake"
# What was baked before: its tags say nothing of the page, and are most of it.
_BAKED = re.compile(
    rf"""(<{ELEMENT}\b[^>]*data-baked="\d+">)"""
    rf"""(\r?\n<section class="afterword-baked".*?)(?=</{ELEMENT}>)""",
    re.DOTALL,
)
# What stands in these is text, or for scripts to use, whatever it looks like.
_INERT = {"template", "textarea", "title", "noscript", "iframe", "xmp", "svg", "math"}
_JSON = re.compile(r"""<script type="application/ld\+json">.*?</script>""", re.DOTALL)
_NO_ASCII = re.compile(r"[^\x00-\x7f]")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Place:
    """Where the thread goes, and which page's it is as the page itself says.

    From ``start`` to ``end`` stands what it is put for; ``opening`` is the element's own tag, None
    where there is no element yet.
    """

    start: int
    end: int
    opening: str | None
    attributes: dict[str, str]
    canonical: str | None = None


def find(content: bytes, *, service: str | None = None, at: str = "") -> Place | None:
    """The place of the comments in a page; None where it has none, or does not want them baked.

    ``service`` is where readers find Afterword, where that is known; ``at`` the page's address.
    """
    if content.startswith(_UTF_16):
        return None
    look = _Look(_without_tags(content.decode("latin-1")))
    ours = tags.which([one.attributes for one in look.scripts], service=service, at=at)
    script = look.scripts[ours] if ours is not None else None
    place = look.element or script
    if look.refuses or place is None or place in look.away:
        return None
    said = {**(script.attributes if script else {}), **place.attributes}
    return replace(
        place,
        attributes={name: _decoded(value) for name, value in said.items()},
        canonical=_decoded(look.canonical) if look.canonical else None,
    )


def put(content: bytes, place: Place, *, section: str, version: int) -> bytes:
    """The page with the section in its place."""
    newline = "\r\n" if b"\r\n" in content else "\n"
    opening = place.opening or f"<{ELEMENT}>"
    opening = re.sub(r"""\s+data-baked(?:=(?:"[^"]*"|'[^']*'|[^\s>]*))?""", "", opening)
    opening = f'{opening[:-1]} data-baked="{version}">'
    inner = _encoded(f"\n{section.strip()}\n".replace("\n", newline), content)
    whole = opening.encode("latin-1") + inner
    if place.opening is None:
        whole = newline.encode() + whole + f"</{ELEMENT}>".encode()
    return content[: place.start] + whole + content[place.end :]


class _Look(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.element: Place | None = None
        self.scripts: list[Place] = []  # that could be ours
        # Those of them that show their thread somewhere else than behind themselves.
        self.away: list[Place] = []
        self.canonical: str | None = None
        self.refuses = False
        self._inert: list[str] = []
        self._is_head = False
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._open: tuple[int, str, dict[str, str]] | None = None
        self._script: dict[str, str] | None = None
        self._text = text
        self.feed(text)
        self.close()
        # An element without an end has none that could be kept in place.
        self.refuses |= self._open is not None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._is_head = tag == "head" or (self._is_head and tag != "body")
        if self._inert:
            if tag == self._inert[-1]:
                self._inert.append(tag)
        elif tag in _INERT:
            self._inert.append(tag)
        elif tag == "meta" and said.get("name", "").lower() == "afterword":
            self.refuses |= said.get("content", "").strip().lower() == _NO_BAKE
        elif tag == "link" and "canonical" in said.get("rel", "").lower().split():
            self.canonical = self.canonical or said.get("href")
        elif tag == "script" and tags.is_called_so(said.get("src", "")):
            self._script = said
        elif tag == ELEMENT and self.element is None and self._open is None:
            self._open = (self._at, self.get_starttag_text() or "", said)
        self.refuses |= not self._inert and f"data-{_NO_BAKE}" in said

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INERT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._inert:
            if tag == self._inert[-1]:
                self._inert.pop()
        elif tag == "script" and self._script is not None:
            end = self._text.find(">", self._at) + 1
            self.scripts.append(Place(end, end, None, self._script))
            if self._is_head or "data-target" in self._script:
                self.away.append(self.scripts[-1])
            self._script = None
        elif tag == "head":
            self._is_head = False
        elif tag == ELEMENT and self._open is not None:
            start, opening, said = self._open
            self.element = Place(start, self._at, opening, said)
            self._open = None

    @property
    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _without_tags(text: str) -> str:
    """The page, each character at its place, with no tags in what was baked before."""
    return _BAKED.sub(lambda baked: baked[1] + baked[2].replace("<", " "), text)


def _encoded(text: str, content: bytes) -> bytes:
    """In the page's encoding: UTF-8 when it is that, else ASCII with references for the rest."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # In what is for machines a reference would be no letter.
        written = _JSON.sub(lambda part: _NO_ASCII.sub(_escaped, part[0]), text)
        return written.encode("ascii", "xmlcharrefreplace")
    return text.encode("utf-8")


def _escaped(letter: re.Match[str]) -> str:
    return json.dumps(letter[0])[1:-1]


def _decoded(text: str) -> str:
    """What was read as Latin-1, read as what pages are written in."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
