"""What an import did: figures that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_WARNINGS = 100


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
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str) -> None:
        """Note something for the owner to look at; after a hundred only that there is more."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(sentence)
        elif len(self.warnings) == MOST_WARNINGS:
            self.warnings.append("There are more warnings; these are the first.")

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
            "warnings": self.warnings,
        }
