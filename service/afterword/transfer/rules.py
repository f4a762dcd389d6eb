"""The owner's table of addresses: what stands in the file, and where it belongs now."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field

from afterword.transfer.reading import BadFile


@dataclass(frozen=True)
class Rules:
    """Addresses by their old ones; and beginnings, the longest first, by their old ones."""

    exact: dict[str, str] = field(default_factory=dict)
    prefixes: tuple[tuple[str, str], ...] = ()

    def follow(self, url: str) -> str:
        """The address that the table gives for this one; itself where the table says nothing."""
        if url in self.exact:
            return self.exact[url]
        for old, new in self.prefixes:
            if url.startswith(old):
                return new + url.removeprefix(old)
        return url


def read(table: Iterable[str]) -> Rules:
    """Rules from lines ``old,new``; where the old one ends in ``*``, it stands for its beginning.

    A ``*`` at the new one's end takes what followed, and goes without saying. Raises BadFile.
    """
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    try:
        for number, row in enumerate(csv.reader(table), start=1):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != 2 or not all(cell.strip() for cell in row):
                raise BadFile(f"line {number} of the map: needs an old address and a new one")
            old, new = (cell.strip() for cell in row)
            if old.endswith("*"):
                prefixes[old[:-1]] = new.removesuffix("*")
            else:
                exact[old] = new
    except csv.Error as error:
        raise BadFile(f"The map is no table: {error}") from None
    longest_first = sorted(prefixes.items(), key=lambda rule: -len(rule[0]))
    return Rules(exact, tuple(longest_first))
