"""What marks files that we wrote, and pages and comments in those of other systems' formats: others
look past it."""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "urn:afterword"
# The attribute with the id of a page that has one. It is surer than the page's address, which
# several may share; in the files of others what stands for an id is not.
PAGE_ID: Final = f"{{{NAMESPACE}}}page_id"
# The attribute with the id of a comment. Not called ``id``: Remark42 knows attributes by their last
# name alone, and WordPress no ``<wp:comment>`` with an attribute, so there it has its own element.
COMMENT_ID: Final = f"{{{NAMESPACE}}}comment_id"
# Our table's columns: their ids are the only ones anywhere.
COLUMNS: Final = (
    *("id", "page", "parent", "name", "email", "website", "text", "created", "state"),
    *("format", "page_id"),
)
# Those behind them that older tables of ours lack.
LATER_COLUMNS: Final = ("quote",)
