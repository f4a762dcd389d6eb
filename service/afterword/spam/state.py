"""What a site's filter has learned, as a file: to take along, to share, to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import delete, select

from afterword.core.db import db, transaction
from afterword.spam import digests
from afterword.spam.ledger import upsert
from afterword.spam.models import Feature, Lesson

VERSION: Final = 1  # of the file and of the features: another version reads texts differently
_MOST: Final = 2**53


class BadState(Exception):
    """A file that cannot be taken in; its text says why. Nothing was changed."""


def write(site_id: int) -> dict[str, Any]:
    """All that a site's filter knows. It holds no words and nobody's name, only digests."""
    rows = db.session.execute(
        select(Feature.feature, Feature.spam, Feature.good)
        .where(Feature.site_id == site_id)
        .order_by(Feature.feature)
    )
    counts = {feature: [spam, good] for feature, spam, good in rows}
    comments = counts.get(digests.COMMENTS, [0.0, 0.0])
    return {
        "afterword_spam": VERSION,
        "learned_from": {"spam": comments[0], "good": comments[1]},
        "features": {str(feature): both for feature, both in counts.items()},
    }


def read(written: str, *, site_id: int, add: bool = False) -> int:
    """Take a file in; answers the number of features. Raises BadState.

    A site that has learned already is left alone unless told to ``add``.
    """
    rows = [
        {"site_id": site_id, "feature": feature, "spam": spam, "good": good}
        for feature, spam, good in sorted(_features(written))
    ]
    with transaction():
        if not add and _knows(site_id):
            raise BadState(
                "This site's filter has learned already. Add the file to what it knows with --add, "
                "or let it forget that first."
            )
        if rows:
            db.session.execute(upsert(), rows)
    return len(rows)


def forget(site_id: int) -> int:
    """Let a site begin anew; answers how many features it knew."""
    with transaction():
        for table in (Lesson, Feature):
            gone = db.session.execute(
                delete(table)
                .where(table.site_id == site_id)
                .execution_options(synchronize_session=False)
            )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _knows(site_id: int) -> bool:
    return db.session.get(Feature, (site_id, digests.COMMENTS)) is not None


def _features(written: str) -> Iterator[tuple[int, float, float]]:
    try:
        state = json.loads(written)
    except ValueError:
        raise BadState("The file is no JSON.") from None
    if not isinstance(state, dict) or "afterword_spam" not in state:
        raise BadState("The file is no state of a spam filter.")
    if state["afterword_spam"] != VERSION:
        raise BadState(
            f"The file was written by another version ({state['afterword_spam']}) of the filter, "
            "which read texts differently: what it learned cannot be used."
        )
    features = state.get("features")
    if not isinstance(features, dict):
        raise BadState("The file holds no features.")
    for feature, counts in features.items():
        yield _row(feature, counts)


def _row(feature: str, counts: Any) -> tuple[int, float, float]:
    try:
        number = int(feature)
        spam, good = map(float, counts)
    except (TypeError, ValueError):
        raise BadState(f"Feature {feature[:40]!r} has no two counts.") from None
    if not -(2**63) <= number < 2**63 or not (0 <= spam < _MOST and 0 <= good < _MOST):
        raise BadState(f"Feature {feature[:40]!r} is out of range.")
    return number, spam, good
