"""What comes into a moderator's queue while it lies open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from afterword.live import sse
from afterword.live.topics import News
from afterword.moderation import queue
from afterword.threads.models import State


@dataclass(frozen=True)
class QueueTopic:
    """Comments in a state that are newer than a place in the queue; marks are how many."""

    state: str
    sites: tuple[int, ...] | None  # None: of every site
    newest: str | None  # as ``queue.newest`` says it

    kind: ClassVar[str] = "queue"
    life_seconds: ClassVar[int] = 60  # then the session is looked at again

    @classmethod
    def look(cls, known: Iterable[tuple[QueueTopic, int]]) -> dict[tuple[QueueTopic, int], News]:
        """See ``Topic``."""
        found = {(topic, since): topic.arrived() for topic, since in known}
        return {
            (topic, since): News(many, sse.event("new", {"count": many}, id=many))
            for (topic, since), many in found.items()
            if many != since
        }

    def arrived(self) -> int:
        """How many have come; of more than a few hundred that many."""
        sites = None if self.sites is None else frozenset(self.sites)
        return queue.arrived(State(self.state), sites=sites, after=self.newest)
