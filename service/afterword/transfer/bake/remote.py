"""Threads of a service that runs elsewhere, by its public API: a build needs no database.

What has not changed since the last build costs one question that is answered 304.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from afterword.core import fetch, urls
from afterword.core.errors import BadUrl
from afterword.core.fetch import Limits, Unreachable
from afterword.threads.view import Json
from afterword.transfer import frozen

_AT_ONCE = 100


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
        self._file = kept
        self._kept: dict[str, Any] = {}
        if kept is not None and kept.exists():
            self._kept = json.loads(kept.read_text(encoding="utf-8"))

    @property
    def origins(self) -> Sequence[str]:
        return [self._origin]

    def thread(self, url: str, page_id: str | None) -> frozen.Thread:
        """The thread of a page. Raises BadUrl, Away."""
        asked = {"url": url, "limit": str(_AT_ONCE), **({"page": page_id} if page_id else {})}
        address = f"{self._service}/api/v1/thread?{urlencode(asked)}"
        held = self._kept.get(address)
        answer = self._get(address, etag=held["etag"] if held else None)
        if answer.status == 304 and held:
            return frozen.of(held["page"], _alone(held["comments"]))
        said = self._read(answer)
        comments = self._whole(said, asked)
        self._kept[address] = {"etag": answer.etag, "page": said["page"], "comments": comments}
        return frozen.of(said["page"], _alone(comments))

    def keep(self) -> None:
        """Write down what was seen, for the next build."""
        if self._file is not None:
            self._file.write_text(json.dumps(self._kept, ensure_ascii=False), encoding="utf-8")

    def _whole(self, said: Json, asked: dict[str, str]) -> list[Json]:
        """All comments of a thread, oldest first, each without its replies."""
        found: list[Json] = []
        while True:
            for root in said["comments"]:
                found += _flat([root])
                found += self._rest(root)
            if not said["next"]:
                found.sort(key=lambda comment: (comment["created"], comment["id"]))
                return found
            more = urlencode({**asked, "after": said["next"]})
            said = self._read(self._get(f"{self._service}/api/v1/thread?{more}"))

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


def _flat(comments: list[Json]) -> list[Json]:
    """Comments with those below them."""
    left, found = list(comments), []
    while left:
        one = left.pop()
        found.append(one)
        left += one["replies"]
    return found


def _alone(comments: list[Json]) -> list[Json]:
    """Comments without what hangs below them: each is in the list for itself."""
    return [{**one, "replies": []} for one in comments]
