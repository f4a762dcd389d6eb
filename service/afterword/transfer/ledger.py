"""What an import knows of each comment of its file: in a database of its own, for a file may hold
more of them than memory does. It lies in the data folder without a name and goes with the run.
"""

from __future__ import annotations

import datetime as dt
import pickle
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

from afterword.transfer.prepare import Prepared
from afterword.transfer.row import Row

_TABLES = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32000;
    CREATE TABLE rows (
        number INTEGER PRIMARY KEY, at TEXT, source TEXT UNIQUE, parent TEXT, key INTEGER,
        id TEXT UNIQUE, is_new INTEGER, said BLOB,
        parent_id TEXT, root_id TEXT, depth INTEGER, wave INTEGER
    );
    CREATE INDEX answers ON rows (parent_id) WHERE parent_id IS NOT NULL;
    CREATE INDEX waves ON rows (wave) WHERE wave IS NOT NULL;
    CREATE TABLE held (
        number INTEGER PRIMARY KEY, source TEXT UNIQUE, parent TEXT, key INTEGER, comment BLOB,
        is_answered INTEGER DEFAULT FALSE
    );
    CREATE TABLE left_out (source TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE stored (id TEXT PRIMARY KEY, key INTEGER, root_id TEXT, depth INTEGER);
    CREATE TABLE ready (number INTEGER PRIMARY KEY, row BLOB);
"""


class Given(NamedTuple):
    """A comment of the file: its number among all of them, that of its page, and what it is."""

    number: int
    key: int
    comment: Prepared


class Entry(NamedTuple):
    """A comment that goes in, or that the site has: its number, where it stands, the ids that the
    file gives it and its parent, the number of its page, our id for it, whether it is still to
    come, and the digest of what it says."""

    number: int
    at: str
    source: str
    parent: str | None
    key: int
    id: str
    is_new: bool
    said: bytes


class Stored(NamedTuple):
    """A comment that the site has already, and where it hangs."""

    id: str
    key: int
    root_id: str
    depth: int
    created: dt.datetime
    said: tuple[str, str]  # the author's name, the text


class Spot(NamedTuple):
    """Where a comment hangs in its thread. All three are our ids."""

    id: str
    parent: str | None
    root: str | None
    depth: int


class Ledger:
    """The comments of a file with their ids, places and parents."""

    def __init__(self, folder: Path) -> None:
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".ledger") as file:
            self._db = sqlite3.connect(file.name, isolation_level=None)
            self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def said(self, source: str) -> bytes | None:
        """The digest of what the comment says that gave this id before; None without one."""
        row = self._db.execute("SELECT said FROM rows WHERE source = ?", (source,)).fetchone()
        return None if row is None else bytes(row[0])

    def add(self, entry: Entry) -> bool:
        """Note a comment. False where our id is another's of the file."""
        done = self._db.execute(
            "INSERT INTO rows (number, at, source, parent, key, id, is_new, said)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            entry,
        )
        return done.rowcount > 0

    def hold(self, given: Given) -> bool:
        """Note a comment that says nothing. False where one of its id was noted before."""
        number, key, comment = given
        done = self._db.execute(
            "INSERT OR IGNORE INTO held (number, source, parent, key, comment)"
            " VALUES (?, ?, ?, ?, ?)",
            (number, comment.id, comment.parent, key, pickle.dumps(comment)),
        )
        return done.rowcount > 0

    def held(self) -> Iterator[tuple[Given, bool]]:
        """The comments that say nothing, in the file's order, and whether a comment of the same
        page that says something answers them, or answers an answer to them."""
        self._db.execute(
            "WITH RECURSIVE answered (source, key, parent) AS ("
            "   SELECT held.source, held.key, held.parent FROM rows"
            "   CROSS JOIN held ON held.source = rows.parent AND held.key = rows.key"
            "   UNION SELECT held.source, held.key, held.parent FROM answered"
            "   JOIN held ON held.source = answered.parent AND held.key = answered.key"
            " ) UPDATE held SET is_answered = TRUE"
            " WHERE source IN (SELECT source FROM answered)"
            "   AND source NOT IN (SELECT source FROM rows)"
        )
        rows = self._db.execute(
            "SELECT number, key, comment, is_answered FROM held ORDER BY number"
        )
        for number, key, comment, is_answered in rows:
            yield Given(number, key, pickle.loads(comment)), bool(is_answered)  # noqa: S301 - ours

    def leave_out(self, source: str) -> None:
        """Note the file's id of a row that does not go in."""
        self._db.execute("INSERT OR IGNORE INTO left_out VALUES (?)", (source,))

    def add_stored(self, found: Iterable[Stored]) -> None:
        """Note comments that the site has: of the file, or answered by it."""
        rows = ((one.id, one.key, one.root_id, one.depth) for one in found)
        self._db.executemany("INSERT OR IGNORE INTO stored VALUES (?, ?, ?, ?)", rows)

    def count_new(self) -> int:
        return self._number("SELECT count(*) FROM rows WHERE is_new")

    def count_replies(self) -> int:
        """How many of the new comments answer one."""
        return self._number("SELECT count(*) FROM rows WHERE is_new AND parent_id IS NOT NULL")

    def pages(self) -> int:
        """How many pages get new comments."""
        return self._number("SELECT count(DISTINCT key) FROM rows WHERE is_new")

    def keys(self) -> set[int]:
        """The numbers of the pages that have comments of the file."""
        return {key for (key,) in self._db.execute("SELECT DISTINCT key FROM rows")}

    def parents_elsewhere(self) -> Iterator[str]:
        """The parents, by the file's ids, that the file itself has not."""
        rows = self._db.execute(
            "SELECT DISTINCT parent FROM rows WHERE is_new AND parent IS NOT NULL"
            " AND parent NOT IN (SELECT source FROM rows)"
        )
        return (parent for (parent,) in rows.fetchall())

    def answer(self, own_ids: Iterable[tuple[str, str]]) -> None:
        """Hang each comment under its parent on the same page. ``own_ids`` (ours, the file's) are
        those of parents that the file has not."""
        self._db.execute(
            "UPDATE rows SET parent_id = above.id FROM rows AS above"
            " WHERE rows.is_new AND above.source = rows.parent AND above.key = rows.key"
        )
        self._db.execute("CREATE TEMP TABLE elsewhere (id TEXT, source TEXT PRIMARY KEY)")
        self._db.executemany("INSERT OR IGNORE INTO elsewhere VALUES (?, ?)", own_ids)
        self._db.execute(
            "UPDATE rows SET parent_id = stored.id FROM elsewhere JOIN stored USING (id)"
            " WHERE rows.is_new AND elsewhere.source = rows.parent AND stored.key = rows.key"
        )

    def rerooted(self) -> Iterator[tuple[str, str, bool, bool]]:
        """Where the replies stand whose parent they cannot keep, the file's id of that parent,
        whether there is such a comment at all, on another page, and whether one was left out."""
        return self._db.execute(
            "SELECT at, parent, parent IN (SELECT source FROM rows)"
            "   OR parent IN (SELECT source FROM elsewhere JOIN stored USING (id)),"
            "   parent IN (SELECT source FROM left_out)"
            " FROM rows WHERE is_new AND parent IS NOT NULL AND parent_id IS NULL ORDER BY number"
        )

    def hang(self) -> Iterator[str]:
        """Work out roots and depths. Answers where the comments stand that answered themselves in
        a circle, which was opened there."""
        self._db.execute(
            "UPDATE rows SET root_id = id, depth = 0, wave = 0 WHERE is_new AND parent_id IS NULL"
        )
        self._db.execute(
            "UPDATE rows SET root_id = stored.root_id, depth = stored.depth + 1, wave = 0"
            " FROM stored WHERE rows.is_new AND stored.id = rows.parent_id"
        )
        self._spread()
        opened = self._open_circles()
        self._spread()
        return iter(opened)

    def keep(self, number: int, row: bytes) -> None:
        """Put the pickled row of a comment aside, by the comment's number."""
        self._db.execute("INSERT INTO ready VALUES (?, ?)", (number, row))

    def ready(self) -> Iterator[tuple[int, Spot, Row]]:
        """The number of the page, the spot and the row of each new comment: page by page,
        and what is answered before its answers."""
        self._db.execute("CREATE INDEX writing ON rows (key, depth, number) WHERE is_new")
        rows = self._db.execute(
            "SELECT key, id, parent_id, root_id, depth, row FROM rows JOIN ready USING (number)"
            " WHERE is_new ORDER BY key, depth, number"
        )
        for key, own_id, parent, root, depth, row in rows:
            spot = Spot(own_id, parent, root if parent else None, depth)
            yield key, spot, Row(*pickle.loads(row))  # noqa: S301 - our own

    def _spread(self) -> None:
        """From those that hang somewhere to their answers, to the answers of these, and so on."""
        wave = 0
        while self._db.execute(
            "UPDATE rows SET root_id = above.root_id, depth = above.depth + 1, wave = :wave + 1"
            " FROM rows AS above WHERE above.wave = :wave AND rows.parent_id = above.id"
            " AND rows.wave IS NULL AND rows.is_new",
            {"wave": wave},
        ).rowcount:
            wave += 1

    def _open_circles(self) -> list[str]:
        left = self._db.execute(
            "SELECT id, parent_id, at FROM rows WHERE is_new AND wave IS NULL ORDER BY number"
        ).fetchall()
        parents = {own_id: parent for own_id, parent, _ in left}
        places = {own_id: at for own_id, _, at in left}
        opened: list[str] = []
        done: set[str] = set()
        for start in parents:
            path: set[str] = set()
            node: str | None = start
            while node is not None and node not in done:
                if node in path:
                    opened.append(node)
                    break
                path.add(node)
                node = parents.get(node)
            done |= path
        self._db.executemany(
            "UPDATE rows SET parent_id = NULL, root_id = id, depth = 0, wave = 0 WHERE id = ?",
            [(own_id,) for own_id in opened],
        )
        return [places[own_id] for own_id in opened]

    def _number(self, statement: str) -> int:
        return int(self._db.execute(statement).fetchone()[0])
