"""Which queries stay with one site, and which go over all: what docs/scale.md says of them.

A database that is spread over machines by site answers from one of them what names the site, or
could by a row, page, comment or author of it; all else is asked of every machine.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import event

from afterword.core.db import Model, db
from tests.conftest import BLOG, PAGE
from tests.service.test_query_plans import note_everything

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite("what is sent is looked at; PostgreSQL is sent the same"),
]

DOCS = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
OF_A_SITE = r"\| Of a site \| Of the service \|\n\|---\|---\|\n\| (.+?) \|"
TABLES = set(re.findall(r"`(\w+)`", re.search(OF_A_SITE, DOCS)[1]))

# What is on one site, by its number.
KEYS = {"page_id", "comment_id", "root_id", "parent_id", "author_id", "act_id"}

# Why a query may go over every site, as docs/scale.md says it, and which do: the table and what is
# compared there. Another one is a defect, or a new line here and there.
OVER_ALL = {
    "which sites there are": {
        ("sites", ""),
        ("moderator_sites", "moderator_id"),
    },
    "sweeps of what is old": {
        ("traces", "created"),
        ("receipts", "created"),
        ("deliveries", "at"),
        ("notices", "at"),
        ("reports", "at network"),
        ("comments", "mention picture_id"),
        ("uploads", ""),
    },
    "the desk of somebody who has all sites": {
        ("comments", "state"),
        ("comments", "id state"),
        ("comments", "created state"),
        ("comments", "cluster comment_id id site_id state"),
        ("comments", "at by state_before verb"),
        ("comments", "at id note verb"),
        ("comments", "page_id page_words"),
        ("reports", "act_id state"),
        ("pages", "id"),
        ("pages", "created page_id state"),
    },
    "a search, whose index has sites among its words": {
        ("comment_places", "comment_words place"),
        ("comment_places", "comment_words place rowid"),
        ("comment_places", "comment_id comment_words network place rowid"),
        ("comment_places", "act_id comment_id comment_words place rowid"),
    },
    "one person, on all sites": {
        ("comments", "email"),
        ("authors", "account_id"),
        ("author_tokens", "account_id seen"),
        ("subscriptions", "email"),
        ("subscriptions", "email waits_for"),
        ("subscriptions", "waits_for"),
        ("identities", "kind subject"),
        ("identities", "email kind subject"),
        ("notices", "at moderator_id waits"),
    },
}


class Asked(NamedTuple):
    """A statement on tables of sites: the first of them, what is compared, what is said of it."""

    table: str
    compared: frozenset[str]
    said: frozenset[str]
    statement: str

    @property
    def names_site(self) -> bool:
        return "site_id" in self.said or (self.table == "sites" and "id" in self.said)

    @property
    def names_something_of_it(self) -> bool:
        primary = {column.name for column in Model.metadata.tables[self.table].primary_key}
        return bool(self.said & KEYS) or primary <= self.said

    @property
    def kind(self) -> tuple[str, str]:
        return self.table, " ".join(sorted(self.compared))


def looked_at(statement):
    """What a statement asks of a site's tables; None for one that asks nothing of them."""
    named = re.findall(r"(?:FROM|JOIN|UPDATE) (\w+)", statement)
    tables = [name for name in named if name in TABLES]
    _, _, where = statement.partition("WHERE ")
    if not tables or where.startswith("0 = 1"):
        return None
    either_way = re.sub(r"\? = ([\w.]+)", r"\1 = ?", where)
    compared = re.findall(r"([a-z]\w*)\"?\)? (?:=|!=|<|<=|>|>=|IN|IS|MATCH) ", either_way)
    said = re.findall(r"([a-z]\w*)\"?\)? (?:=|IN) (?:\?|\()", either_way)
    together = re.findall(r"\(([\w., \"]+)\) IN \(", either_way)  # (site_id, key) IN ((…), (…))
    said += [name for names in together for name in re.findall(r"\w+\.\"?(\w+)", names)]
    return Asked(tables[0], frozenset(compared), frozenset(said), statement)


def test_what_names_no_site_and_nothing_of_one_is_what_the_docs_say(site, context):
    asked = [one for one in map(looked_at, dict(note_everything(site))) if one]
    over_all = [one for one in asked if not (one.names_site or one.names_something_of_it)]
    allowed = {kind for kinds in OVER_ALL.values() for kind in kinds}
    assert [one for one in over_all if one.kind not in allowed] == []
    assert allowed - {one.kind for one in over_all} == set(), "nobody asks so any more"
    for why in OVER_ALL:
        assert why in " ".join(DOCS.split())
    named = sum(one.names_site for one in asked)
    assert len(asked) > 200
    # "One in four names it, one in six goes over all sites."
    assert 0.2 < named / len(asked) < 0.3
    assert 0.13 < len(over_all) / len(asked) < 0.2


def test_reading_and_writing_as_readers_do_asks_of_one_site(app, client, site, post, thread):
    statements = []

    def note(_connection, _cursor, statement, _values, _context, _many):
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        mine = {"Authorization": f"Bearer {'r' * 43}", "Origin": BLOG}
        root = post().json["comment"]["id"]
        post("A reply.", parent=root, headers=mine)
        for sort in ("oldest", "newest", "best"):
            thread(sort=sort)
        for path, asked in (
            ("/api/v1/latest", {"site": BLOG}),
            ("/api/v1/counts", {"url": PAGE}),
            (f"/api/v1/comments/{root}/replies", {}),
            ("/feeds/page.atom", {"url": PAGE}),
            ("/thread", {"url": PAGE}),
        ):
            assert client.get(path, query_string=asked).status_code == 200, path
        there = f"/api/v1/comments/{root}"
        assert client.put(f"{there}/vote", json={"value": 1}, headers=mine).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    asked = [one for one in map(looked_at, statements) if one]
    over_all = {one for one in asked if not (one.names_site or one.names_something_of_it)}
    free = OVER_ALL["which sites there are"] | OVER_ALL["sweeps of what is old"]
    assert [one for one in over_all if one.kind not in free] == []
    assert len(asked) > 30
