"""What happens on a page, for those who read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from afterword.live import sse
from afterword.live.topics import News
from afterword.threads import since as threads
from afterword.threads.since import Changed


@dataclass(frozen=True)
class ThreadTopic:
    """A page, by its site's number and its key; marks are the page's versions."""

    site_id: int
    key: str

    kind: ClassVar[str] = "thread"
    life_seconds: ClassVar[int] = 3600

    @classmethod
    def look(cls, known: Iterable[tuple[ThreadTopic, int]]) -> dict[tuple[ThreadTopic, int], News]:
        """See ``Topic``. A query for all that are followed, and one for each that changed."""
        changed = threads.look(((topic.site_id, topic.key), since) for topic, since in known)
        return {
            (cls(*place), since): News(what.version, _events(what))
            for (place, since), what in changed.items()
        }


def _events(changed: Changed) -> bytes:
    told: dict[str, tuple[str, dict[str, Any]]] = {
        **{comment["id"]: ("comment", {"comment": comment}) for comment in changed.new},
        **{comment["id"]: ("update", {"comment": comment}) for comment in changed.changed},
        **{comment_id: ("remove", {"id": comment_id}) for comment_id in changed.gone},
    }
    versions = list(changed.versions.values())
    # All up to its id is told by then: of comments of one version, the last alone may say so.
    ids = [
        version - (version == after)
        for version, after in pairwise([*versions, changed.version + 1])
    ]
    events = [
        sse.event(*told[comment_id], id=mark)
        for comment_id, mark in zip(changed.versions, ids, strict=True)
    ]
    end: dict[str, Any] = {"count": changed.count, "version": changed.version}
    if not changed.is_all:
        end["all"] = False
    return b"".join([*events, sse.event("count", end, id=changed.version)])
