"""What a stream tells of. A topic is found by a route, and looked at by the hub."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import ClassVar, NamedTuple, Protocol, Self

from afterword.core import registry

# By the names that travel from the route that found a topic to the hub.
KINDS = {
    "thread": "afterword.live.thread:ThreadTopic",
    "queue": "afterword.live.queue:QueueTopic",
}


class News(NamedTuple):
    """The events since a look, and the mark that the next look goes on from."""

    mark: int
    events: bytes


class Topic(Protocol):
    """A dataclass whose fields are JSON. Two streams with equal topics are told the same."""

    kind: ClassVar[str]
    life_seconds: ClassVar[int]  # then the stream ends, and who still looks asks again

    @classmethod
    def look(cls, known: Iterable[tuple[Self, int]]) -> dict[tuple[Self, int], News]:
        """The news of topics since marks, many at once; where there are none it is not in."""


class Followed(NamedTuple):
    """A topic, the mark up to which its reader knows it, and who that is as far as limits go."""

    topic: Topic
    mark: int
    client: str

    def spelled(self) -> str:
        """As a header of the answer that opens the stream, for the front alone."""
        asked = dataclasses.asdict(self.topic)  # type: ignore[call-overload]
        return json.dumps([self.topic.kind, asked, self.mark, self.client])


def read(spelled: str) -> Followed:
    """What ``spelled`` wrote."""
    kind, asked, mark, client = json.loads(spelled)
    return Followed(registry.load(KINDS[kind])(**asked), mark, client)
