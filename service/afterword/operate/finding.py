"""What the doctor says of one thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad a finding is; only ``wrong`` makes the command fail."""

    FINE = "ok"
    LOOK = "warn"
    WRONG = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    grade: Grade
    about: str
    sentence: str

    def as_json(self) -> dict[str, str]:
        """For scripts."""
        return {"grade": self.grade.value, "about": self.about, "sentence": self.sentence}
