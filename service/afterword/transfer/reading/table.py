"""Tables of comma-separated values with a header, in whatever spreadsheet wrote them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import BinaryIO, TextIO

from afterword.core import spreadsheet
from afterword.transfer.reading import BadFile, position
from afterword.transfer.reading.json import storable

MOST_LINE = 16 * 1024 * 1024  # characters, and as many of one cell


def rows(file: BinaryIO, *needed: Sequence[str]) -> Iterator[dict[str, str]]:
    """Each row by the names in the header; separated by commas, semicolons or tabs.

    What was put before a cell to make it safe for spreadsheets is taken away again. Raises BadFile,
    also where the header lacks a needed column, under each of the names that it may have.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.field_size_limit(MOST_LINE)
    begin = 2
    try:
        lines = _lines(text)
        header = next(lines, "")
        mark = max(",;\t", key=header.count)
        titles = next(csv.reader([header], delimiter=mark), [])
        known = {name.lower(): name for column in needed for name in column}
        names = [known.get(title.strip().lower(), title.strip()) for title in titles]
        if any(set(names).isdisjoint(column) for column in needed):
            wanted = ", ".join(name for name, *_ in needed)
            raise BadFile(f"{position.START}: the table needs the columns {wanted}")
        table = csv.reader(lines, delimiter=mark)
        for row in table:
            if any(row):
                # Spreadsheets leave out the last cells of a row that have nothing in them.
                cells = chain(row, repeat(""))
                yield {
                    name: storable(spreadsheet.plain(cell))
                    for name, cell in zip(names, cells, strict=False)
                }
            begin = table.line_num + 2
    except UnicodeDecodeError:
        place = position.not_utf_8(file)
        raise BadFile(f"{place}: not UTF-8. Save the table as “CSV UTF-8”.") from None
    except csv.Error as error:  # which knows where it gave up, not which cell has no end
        raise BadFile(f"line {begin}, column 1: a row that is not well-formed ({error})") from None
    finally:
        text.detach()


def _lines(text: TextIO) -> Iterator[str]:
    """The lines of a file, none of which fills the memory."""
    number = 0
    while line := text.readline(MOST_LINE + 1):
        number += 1
        if len(line) > MOST_LINE:
            most = MOST_LINE // 2**20
            raise BadFile(f"line {number}, column 1: a line of more than {most} million characters")
        yield line
