"""Reports: what readers have against a comment, until a moderator decides."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_reports_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_reports_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["acts.id"], name="fk_reports_act_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("comment_id", "author_id", name="pk_reports"),
    )
    op.create_index("ix_reports_author_id", "reports", ["author_id"])
    op.create_index("ix_reports_open", "reports", ["act_id", "comment_id"])
    op.create_index("ix_reports_network", "reports", ["network", "at"])
