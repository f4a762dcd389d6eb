"""What an import did: figures that add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from afterword.core.i18n import N_

MOST_WARNINGS = 100

# Why a row of the file was not taken, in words. The codes are those of ``--json``.
REASONS = {
    "foreign_host": N_("the page is at an address that is none of this site's"),
    "no_address": N_("the page has no address that a page could have"),
    "no_page": N_("the page is not in the file"),
    "duplicate_id": N_("the same comment came before in the file"),
    "empty_text": N_("nothing is said"),
    "too_long": N_("longer than 65,536 characters"),
    "not_a_comment": N_("a pingback, trackback or the like"),
    "private_note": N_("a private note of editors or of a shop"),
    "draft": N_("the page was never published"),
    "protected": N_("the page was for those who know its password"),
    "other_project": N_("of another site or project than the chosen one"),
    "not_ours": N_("on an issue or discussion that the widget did not begin"),
}


@dataclass
class Report:
    """Every row of the file is inserted, existing or skipped, and counted once."""

    format: str
    rows: int = 0
    inserted: int = 0
    existing: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    states: Counter[str] = field(default_factory=Counter)
    replies: int = 0
    rerooted: int = 0  # replies whose parent could not be kept
    undated: int = 0  # comments that took their neighbour's date
    # New comments by the address in the file and the key of the page that it means.
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)  # skipped, by host
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str) -> None:
        """Note something for the owner to look at; after a hundred only that there is more."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(sentence)
        elif len(self.warnings) == MOST_WARNINGS:
            self.warnings.append("There are more warnings; these are the first.")

    def insert(self, state: str, place: tuple[str, str], *, warnings: Iterable[str]) -> None:
        """Count a comment that goes in; ``place``: its address in the file, and our page's key."""
        self.inserted += 1
        self.states[state] += 1
        self.places[place] += 1
        for sentence in warnings:
            self.warn(sentence)

    def skip(self, reason: str) -> None:
        """Count a row that does not go in."""
        self.skipped[reason] += 1

    def together(self) -> dict[str, list[str]]:
        """The pages that several addresses of the file mean, with these."""
        addresses: defaultdict[str, list[str]] = defaultdict(list)
        for address, key in self.places:
            addresses[key].append(address)
        return {key: several for key, several in addresses.items() if len(several) > 1}

    def as_json(self) -> dict[str, Any]:
        """The object that ``afterword import --json`` prints."""
        return {
            "format": self.format,
            "rows": self.rows,
            "inserted": self.inserted,
            "existing": self.existing,
            "skipped": dict(self.skipped),
            "pages": self.pages,
            "states": dict(self.states),
            "replies": self.replies,
            "rerooted": self.rerooted,
            "undated": self.undated,
            "places": [
                {"address": address, "page": key, "comments": many}
                for (address, key), many in self.places.items()
            ],
            "foreign": dict(self.foreign.most_common()),
            "warnings": self.warnings,
        }
