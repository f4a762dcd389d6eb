"""Threads of a service that runs elsewhere, by its public API: a build needs no database.

What has not changed since the last build costs one question that is answered 304.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from afterword.core import fetch, urls
from afterword.core.errors import BadUrl
from afterword.core.fetch import Limits, Unreachable
from afterword.threads.models import State
from afterword.threads.view import Json
from afterword.transfer import frozen
from afterword.transfer.bake import files
from afterword.transfer.bake.run import Asked, Found

_AT_ONCE = 100
_BESIDE = 4  # questions at a time: while the service works on one, the machine works on another


class Away(Exception):
    """The service did not answer as one does; says what is wrong."""


class Remote:
    """A site of a service. ``kept`` is a file for what the last build saw."""

    def __init__(self, service: str, origin: str, *, kept: Path | None = None) -> None:
        self._service = service.rstrip("/")
        self._origin = urls.origin(origin)
        # The owner names it, so it may be on the machine itself, or at another port.
        inside = frozenset({urls.host_of(service)})
        self._limits = Limits(seconds=30, most=16 * 1024 * 1024, inside=inside)
        self._file = kept.resolve() if kept is not None else None
        self._kept: dict[str, Any] = {}
        self.notes: list[str] = []
        if kept is not None and kept.exists():
            try:
                self._kept = _read_kept(kept)
            except (OSError, ValueError, RecursionError):
                self.notes.append(f"{kept} cannot be read: all is read anew, and it is replaced.")

    @property
    def origins(self) -> Sequence[str]:
        return [self._origin]

    def threads(self, asked: Sequence[Asked]) -> Iterable[Found]:
        """The threads of pages, several asked for at a time. Raises Away."""
        with ThreadPoolExecutor(_BESIDE) as beside:
            yield from beside.map(self._found, asked)

    def _found(self, asked: Asked) -> Found:
        try:
            return self._thread(*asked)
        except BadUrl as refusal:
            return refusal

    def _thread(self, url: str, page_id: str | None) -> frozen.Thread:
        asked = {"url": url, "limit": str(_AT_ONCE), **({"page": page_id} if page_id else {})}
        # All that came since the page began is told in one answer, unless it is very much.
        address = f"{self._service}/api/v1/thread?{urlencode({**asked, 'since': 0})}"
        held = self._kept.get(address)
        answer = self._get(address, etag=held["etag"] if held else None)
        if answer.status == 304 and held:
            return frozen.of(held["page"], _alone(held["comments"]))
        said = self._read(answer)
        comments = said["comments"] if _is_all(said) else self._whole(asked)
        self._kept[address] = {"etag": answer.etag, "page": said["page"], "comments": comments}
        return frozen.of(said["page"], _alone(comments))

    def keep(self) -> None:
        """Write down what was seen, for the next build."""
        if self._file is not None:
            files.replace(self._file, json.dumps(self._kept, ensure_ascii=False).encode())

    def _whole(self, asked: dict[str, str]) -> list[Json]:
        """All comments of a thread, a slice at a time, each without its replies."""
        found: list[Json] = []
        after: str | None = ""
        while after is not None:
            more = urlencode({**asked, **({"after": after} if after else {})})
            said = self._read(self._get(f"{self._service}/api/v1/thread?{more}"))
            for root in said["comments"]:
                found += _flat([root])
                found += self._rest(root)
            after = said["next"]
        return found

    def _rest(self, root: Json) -> list[Json]:
        """The replies below a root beyond the first few."""
        found: list[Json] = []
        after = root["replies_next"]
        while after:
            asked = urlencode({"after": after, "limit": str(_AT_ONCE)})
            url = f"{self._service}/api/v1/comments/{root['id']}/replies?{asked}"
            said = self._read(self._get(url))
            found += _flat(said["comments"])
            after = said["next"]
        return found

    def _get(self, url: str, *, etag: str | None = None) -> fetch.Answer:
        headers = {"Accept": "application/json", **({"If-None-Match": etag} if etag else {})}
        try:
            return fetch.get(url, headers=headers, limits=self._limits)
        except Unreachable as fault:
            raise Away(f"The service does not answer: {fault}.") from None

    def _read(self, answer: fetch.Answer) -> Json:
        try:
            said: Json = json.loads(answer.body)
        except ValueError:
            said = {}
        if answer.status == 200 and "comments" in said:
            return said
        if said.get("code") in {"bad_url", "unknown_site"}:
            raise BadUrl(str(said.get("detail")))
        raise Away(f"The service answered {answer.status}. Is {self._service} its address?")


def _read_kept(file: Path) -> dict[str, Any]:
    """What the last build saw, by address. Raises OSError, and ValueError for what it is not."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(kept, dict) or not all(map(_is_seen, kept.values())):
        raise ValueError("not what a build keeps")
    return kept


def _is_seen(held: Any) -> bool:
    shape = {"etag": str | None, "page": dict, "comments": list}
    return isinstance(held, dict) and all(
        name in held and isinstance(held[name], kind) for name, kind in shape.items()
    )


def _flat(comments: list[Json]) -> list[Json]:
    """Comments with those below them."""
    left, found = list(comments), []
    while left:
        one = left.pop()
        found.append(one)
        left += one["replies"]
    return found


def _is_all(said: Json) -> bool:
    """Whether an answer to what came since tells of every comment that the page counts."""
    visible = sum(one["state"] == State.VISIBLE for one in said["comments"])
    return "gone" in said and visible == said["page"]["count"]


def _alone(comments: list[Json]) -> list[Json]:
    """Comments oldest first, without what hangs below them: each is in the list for itself."""
    found = [{**one, "replies": []} for one in comments]
    return sorted(found, key=lambda one: (one["created"], one["id"]))
