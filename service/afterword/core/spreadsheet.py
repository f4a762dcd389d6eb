"""Lines of a table for spreadsheets, safe to open: no cell begins as a formula does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# A program for tables takes a file without it for one in the machine's old encoding.
BEGIN = "\ufeff"
# What spreadsheets take for a formula (OWASP, "CSV Injection"); Japanese ones the wide signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def line(cells: Iterable[str | None]) -> str:
    """One line of CSV (RFC 4180), every cell in quotes."""
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([_safe(cell or "") for cell in cells])
    return written.getvalue()


def plain(cell: str) -> str:
    """What a cell said before ``line`` made it safe."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _safe(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell
