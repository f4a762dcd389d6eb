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


def bounded(comments: list[Json], *, most: int) -> list[Json]:
    """A whole thread from all of its comments, none deeper than ``most`` replies: what answers one
    at that depth stands beside it. Each comment comes after what it answers, or anywhere.
    """
    placed = {comment["id"]: comment for comment in comments}
    roots: list[Json] = []
    holders: dict[str, Json | None] = {}
    depths: dict[str, int] = {}
    for comment in _parents_first(comments, placed):
        parent = placed.get(comment["parent"])
        if parent is None:
            holders[comment["id"]], depths[comment["id"]] = None, 0
            roots.append(comment)
            continue
        is_deep = depths[parent["id"]] >= most
        holder = holders[parent["id"]] if is_deep else parent
        holders[comment["id"]] = holder
        depths[comment["id"]] = depths[parent["id"]] + (not is_deep)
        (roots if holder is None else holder["replies"]).append(comment)
    return roots


def _parents_first(comments: list[Json], placed: dict[str, Json]) -> Iterable[Json]:
    """In their order, but none before what it answers: clocks, and imports, get that wrong."""
    done: set[str] = set()
    for comment in comments:
        waiting = []
        node: Json | None = comment
        while node is not None and node["id"] not in done:
            done.add(node["id"])
            waiting.append(node)
            node = placed.get(node["parent"])
        yield from reversed(waiting)
