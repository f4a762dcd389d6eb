"""A site can go to another service whole: what docs/scale.md says of the tables is so."""

from __future__ import annotations

import re
from pathlib import Path

from afterword.core.db import Model
from tests import hatched  # noqa: F401 - imports all that has tables

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def _of_a_site() -> set[str]:
    """The tables whose every row hangs on one site, by foreign keys that cannot be empty."""
    found, before = {"sites"}, set()
    while found != before:
        before = set(found)
        for name, table in Model.metadata.tables.items():
            keys = (key for key in table.foreign_keys if not key.parent.nullable)
            if any(key.column.table.name in before and _removes(key) for key in keys):
                found.add(name)
    return found


def _removes(key):
    return key.ondelete == "CASCADE"


def test_every_table_is_of_a_site_or_known_to_be_of_the_service():
    said = PAGE.read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| Of a site \| Of the service \|\n\|.*\n\|(.*)\|(.*)\|$", said, re.M)
    sites, services = (set(re.findall(r"`(\w+)`", cell)) for cell in row)
    assert sites == _of_a_site()
    assert services == set(Model.metadata.tables) - sites
