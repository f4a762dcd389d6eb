"""What happens on a page, for those who read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    told: list[tuple[str, dict[str, Any]]] = [
        *(("comment", {"comment": comment}) for comment in changed.new),
        *(("update", {"comment": comment}) for comment in changed.changed),
        *(("remove", {"id": comment_id}) for comment_id in changed.gone),
    ]
    # The last alone has an id: who is cut off between two is told all of them again.
    end = sse.event(
        "count", {"count": changed.count, "version": changed.version}, id=changed.version
    )
    return b"".join([*(sse.event(name, data) for name, data in told), end])
