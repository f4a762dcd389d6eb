"""What a loosely typed row says: systems write numbers as texts, texts as null, and leave out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from afterword.markup import code

_TRUE = {"true", "1", "yes", "on"}
_KINDS = ("$oid", "$numberLong", "$numberInt", "$numberDouble")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OPENS = re.compile(r"\s*<(?:p|div|blockquote|ul|ol|pre)\b", re.I)
_CLOSED = re.compile(r"</(?:p|a|div|blockquote|ul|ol|pre)>|<br\s*/?>", re.I)


class Fields:
    """A row by the names of its fields. Nothing that it holds makes it raise."""

    def __init__(self, said: Any) -> None:
        self._said: Mapping[str, Any] = said if isinstance(said, Mapping) else {}

    def __contains__(self, name: str) -> bool:
        return self._said.get(name) is not None

    def raw(self, *names: str) -> Any:
        """The first of these fields that is there and not null."""
        return next((self._said[name] for name in names if self._said.get(name) is not None), None)

    def text(self, *names: str) -> str:
        """As text without the blanks around it. ``{"$oid": "5f…"}`` is how MongoDB wraps ids."""
        said = _unwrapped(self.raw(*names))
        if isinstance(said, bool) or said is None or isinstance(said, list | Mapping):
            return ""
        return str(said).strip()

    def words(self, *names: str) -> str:
        """As text, as it stands."""
        said = self.raw(*names)
        return said if isinstance(said, str) else self.text(*names)

    def flag(self, *names: str) -> bool:
        """As yes or no, which texts and numbers say too."""
        said = self.raw(*names)
        return said.strip().lower() in _TRUE if isinstance(said, str) else bool(said)

    def number(self, *names: str) -> int:
        """As a whole number, 0 where it is none; of a list (of voters, perhaps as text) its
        length."""
        said = _unwrapped(self.raw(*names))
        if isinstance(said, str) and said.lstrip().startswith("["):
            try:
                said = json.loads(said)
            except ValueError:
                return 0
        if isinstance(said, list):
            return len(said)
        try:
            return max(-(2**31) + 1, min(int(float(said)), 2**31 - 1))
        except (TypeError, ValueError, OverflowError):
            return 0

    def votes(self, *names: str) -> int:
        """As a number of votes, never below 0."""
        return max(0, self.number(*names))

    def of(self, name: str) -> Fields:
        """The row within."""
        return Fields(self._said.get(name))

    def each(self, name: str) -> list[Fields]:
        """The rows within; null is none."""
        said = self._said.get(name)
        rows = said if isinstance(said, list) else []
        return [Fields(one) for one in rows if one is not None]


def _unwrapped(said: Any) -> Any:
    """What MongoDB wraps by its kind."""
    if not isinstance(said, Mapping):
        return said
    return next((said[kind] for kind in _KINDS if kind in said), None)


def is_html(text: str) -> bool:
    """Whether a text of a system that takes Markdown is HTML, as its own imports left it. Markdown
    that tells of tags in its code is none."""
    words = " ".join(code.parts(text)[::2])
    return bool(_OPENS.match(words) or _CLOSED.search(words))


def website(written: str) -> str | None:
    """An address that may lack its scheme; ``undefined`` and the like are none."""
    if not written or "." not in written:
        return None
    return written if "://" in written else f"https://{written.lstrip('/')}"


def page_address(written: str) -> str:
    """Where a page is by what a system that takes any text for that has: a path may lack its first
    slash. Nothing stays nothing."""
    is_whole = not written or written.startswith("/") or _SCHEME.match(written)
    return written if is_whole else f"/{written}"


def address(written: str) -> str | None:
    """An e-mail address; digests of one, and what systems put in its place, are none."""
    return written if "@" in written else None
