"""The log of acts is read by moderator, kind, time and the words of its notes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_acts_comment", "acts")
    op.create_index("ix_acts_comment", "acts", ["comment_id", "verb", "id"])
    op.create_index("ix_acts_at", "acts", ["at", "id"])
    op.create_index("ix_acts_by", "acts", ["by", "at", "id"])
    op.create_index("ix_acts_verb", "acts", ["verb", "at", "id"])
    op.create_index("ix_acts_by_verb", "acts", ["by", "verb", "at", "id"])
    noted = sa.text("note IS NOT NULL")
    op.create_index(
        "ix_acts_noted", "acts", ["at", "id"], sqlite_where=noted, postgresql_where=noted
    )
