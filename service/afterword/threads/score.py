"""How good a comment is by its votes."""

from __future__ import annotations

import math

from afterword.threads.models import Comment

_Z = 1.96  # 95 % confidence


def count(comment: Comment, *, up: int = 0, down: int = 0) -> None:
    """Count votes that came, or with a minus went. Of a comment that is locked."""
    comment.up = max(0, comment.up + up)
    comment.down = max(0, comment.down + down)
    comment.best = best(comment.up, comment.down)


def best(up: int, down: int) -> float:
    """Lower bound of the Wilson score interval: few votes count for little, however good.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    votes = up + down
    if votes == 0:
        return 0.0
    share = up / votes
    spread = _Z * math.sqrt((share * (1 - share) + _Z * _Z / (4 * votes)) / votes)
    return (share + _Z * _Z / (2 * votes) - spread) / (1 + _Z * _Z / votes)
