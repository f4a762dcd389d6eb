"""What stands in for a date that is missing or makes no sense: no comment is lost for that."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from afterword.core import clock
from afterword.transfer.record import CommentRecord, PageRecord

# What is dated later than its clock and ours can differ by was not said yet.
_AHEAD: Final = dt.timedelta(days=1)


class Dates:
    """The date of the comment before it on the page, else of the page, else of the one before it in
    the file, else today's."""

    def __init__(self) -> None:
        self._of_pages: dict[tuple[str, str | None], dt.datetime] = {}
        self._begun: dict[tuple[str, str | None], dt.datetime] = {}
        self._last: dt.datetime | None = None
        self._latest = clock.now() + _AHEAD

    def note(self, page: PageRecord) -> PageRecord:
        """The page without dates that make no sense, remembered by when it was made."""
        created, reopened = self._sensible(page.created), self._sensible(page.reopened)
        page = replace(page, created=created, reopened=reopened)
        if page.created is not None:
            self._of_pages.setdefault((page.url, page.page_id), page.created)
        return page

    def begun(self, page: PageRecord) -> PageRecord:
        """The page with a date, when all was read: of one that lacks it that of its first comment.
        With today's, an old page would be new to what closes threads by age."""
        if page.created is not None:
            return page
        return replace(page, created=self._begun.get((page.url, page.page_id)))

    def complete(self, record: CommentRecord) -> CommentRecord:
        """The comment with a date, which is told of where it is not its own."""
        page = (record.page_url, record.page_id)
        moment = self._sensible(record.created)
        if moment is None:
            moment = self._of_pages.get(page) or self._last or clock.now()
            record = replace(record, created=moment, is_dated=False)
        self._of_pages[page] = self._last = moment
        self._begun[page] = min(moment, self._begun.get(page, moment))
        return record

    def _sensible(self, moment: dt.datetime | None) -> dt.datetime | None:
        return None if moment is None or moment > self._latest else moment
