"""What people type as it is compared: whatever it is dressed up in, the same words are the same."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """A text without what makes the same word look different to a machine."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return " ".join(shown.split())
