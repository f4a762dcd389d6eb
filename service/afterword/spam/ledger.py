"""Changes to what a site has learned, summed up and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from afterword.core import clock
from afterword.core.db import db
from afterword.spam import bayes, digests
from afterword.spam.models import Feature, Lesson, Taught

TABLE: Final = cast(Table, Feature.__table__)
# (spam, good): what one comment counts for.
WEIGHTS: Final = {
    Taught.GOOD: (0.0, 1.0),
    Taught.STANDING: (0.0, 0.5),
    Taught.SPAM: (1.0, 0.0),
    Taught.UNWANTED: (0.25, 0.0),
}


class Ledger:
    """What changes for one site within one transaction."""

    def __init__(self, site_id: int) -> None:
        self.site_id = site_id
        self.grown: set[Taught] = set()  # kinds of which there are more lessons than before
        self._changes: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add(self, comment_id: str, kind: Taught, features: Collection[str]) -> None:
        """Learn a comment, and remember what it taught. A twin of one learned adds nothing."""
        stored = digests.packed({digests.of(feature) for feature in features})
        size = bayes.text_size(features)
        lesson = Lesson(
            comment_id=comment_id,
            site_id=self.site_id,
            taught=kind,
            features=stored,
            text_size=size,
            digest=digests.together(stored),
            at=clock.now(),
        )
        lesson.is_counted = self._twin(lesson, is_counted=True) is None
        db.session.add(lesson)
        db.session.flush()
        self.grown.add(kind)
        if lesson.is_counted:
            self._count(lesson, 1)

    def take_back(self, lesson: Lesson) -> None:
        """Unlearn exactly what a comment taught."""
        db.session.delete(lesson)
        db.session.flush()
        if not lesson.is_counted:
            return
        twin = self._twin(lesson, is_counted=False)
        if twin is not None:
            twin.is_counted = True  # stands for both from now on
        else:
            self._count(lesson, -1)

    def lacks_good(self) -> bool:
        """Whether more spam than good was learned."""
        row = db.session.execute(
            select(Feature.spam, Feature.good).where(
                Feature.site_id == self.site_id, Feature.feature == digests.COMMENTS
            )
        ).one_or_none()
        spam, good = row or (0.0, 0.0)
        change = self._changes[digests.COMMENTS]
        return bool(spam + change[0] > good + change[1])

    def write(self) -> None:
        """Add all changes to the counts; the database adds, so nobody else's are lost."""
        rows = [
            {"site_id": self.site_id, "feature": feature, "spam": spam, "good": good}
            for feature, (spam, good) in sorted(self._changes.items())
            if spam or good
        ]
        if rows:
            db.session.execute(upsert(), rows)
        less = [row["feature"] for row in rows if row["spam"] < 0 or row["good"] < 0]
        if less:
            db.session.execute(_SWEEP, [{"site": self.site_id, "one": one} for one in less])

    def _count(self, lesson: Lesson, sign: int) -> None:
        weights = WEIGHTS[Taught(lesson.taught)]
        for kind, weight in enumerate(weights):
            if not weight:
                continue
            self._changes[digests.COMMENTS][kind] += sign * weight
            self._changes[digests.TEXTS][kind] += sign * weight * lesson.text_size
            for feature in digests.unpacked(lesson.features):
                self._changes[feature][kind] += sign * weight

    def _twin(self, lesson: Lesson, *, is_counted: bool) -> Lesson | None:
        return db.session.scalar(
            select(Lesson)
            .where(
                Lesson.site_id == self.site_id,
                Lesson.digest == lesson.digest,
                Lesson.taught == lesson.taught,
                Lesson.is_counted.is_(is_counted),
            )
            .limit(1)
        )


def upsert() -> Any:
    """Add counts to those that are there, as the database does it for both of two at once."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    adding = insert(TABLE)
    return adding.on_conflict_do_update(
        index_elements=["site_id", "feature"],
        set_={
            "spam": TABLE.c.spam + adding.excluded.spam,
            "good": TABLE.c.good + adding.excluded.good,
        },
    )


_SWEEP: Final = delete(TABLE).where(
    TABLE.c.site_id == bindparam("site"),
    TABLE.c.feature == bindparam("one"),
    TABLE.c.spam == 0,
    TABLE.c.good == 0,
)
