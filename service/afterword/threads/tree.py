"""From a flat list of comments to a thread: pure, one pass."""

from __future__ import annotations

from collections.abc import Iterable

from afterword.threads.view import Json


def nest(roots: list[Json], replies: Iterable[Json], *, root_of: dict[str, str]) -> list[Json]:
    """Hang each reply below its parent; below its root when the parent is not in this slice.

    Replies keep the order that they come in. ``root_of`` names the root of each reply.
    """
    placed = {comment["id"]: comment for comment in roots}
    waiting = list(replies)
    placed.update((reply["id"], reply) for reply in waiting)
    for reply in waiting:
        parent = placed.get(reply["parent"]) or placed[root_of[reply["id"]]]
        parent["replies"].append(reply)
    return roots


def hang(replies: list[Json]) -> list[Json]:
    """Hang flat replies below one another; those whose parent is not among them come out on top."""
    placed = {reply["id"]: reply for reply in replies}
    for reply in replies:
        if reply["parent"] in placed:
            placed[reply["parent"]]["replies"].append(reply)
    return [reply for reply in replies if reply["parent"] not in placed]
