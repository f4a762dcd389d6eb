"""What marks files that we wrote, and pages in those of other systems' formats: others look past
it."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "urn:afterword"
# The attribute with the id of a page that has one. It is surer than the page's address, which
# several may share; in the files of others what stands for an id is not.
PAGE_ID: Final = f"{{{NAMESPACE}}}page_id"
# Our table's columns: their ids are the only ones anywhere.
COLUMNS: Final = (
    *("id", "page", "parent", "name", "email", "website", "text", "created", "state"),
    *("format", "page_id"),
)
