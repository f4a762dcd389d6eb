"""A table for spreadsheets, safe to open: no cell of it begins as a formula does."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from sqlalchemy import select

from afterword.core import clock
from afterword.core.db import db
from afterword.sites.directory import KnownSite
from afterword.threads.models import Comment, Page

COLUMNS = ("id", "page", "parent", "name", "email", "website", "text", "created", "state")
# What spreadsheets take for a formula (OWASP, "CSV Injection"); Japanese ones the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write(site: KnownSite, out: BinaryIO) -> int:
    """Write a site; answers the number of comments."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    table = csv.writer(text, quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    rows = (
        select(Comment, Page.url)
        .join(Page, Page.id == Comment.page_id)
        .where(Comment.site_id == site.id)
        .order_by(Comment.created, Comment.id)
    )
    count = 0
    for row in db.session.execute(rows.execution_options(yield_per=1000)):
        table.writerow([_safe(cell) for cell in _cells(row.Comment, row.url)])
        db.session.expunge(row.Comment)
        count += 1
    text.detach()
    return count


def _cells(comment: Comment, url: str) -> tuple[str | None, ...]:
    who = (comment.name, comment.email, comment.website)
    when = clock.text(comment.created)
    return (comment.id, url, comment.parent_id, *who, comment.text, when, comment.state.value)


def _safe(cell: str | None) -> str:
    written = cell or ""
    return "'" + written if written.startswith(_FORMULA) else written
