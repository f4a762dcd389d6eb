"""Calls of webhooks that were made, and what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("call", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_deliveries_site_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_deliveries_comment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_site_id", "deliveries", ["site_id", "at"])
    op.create_index("ix_deliveries_comment_id", "deliveries", ["comment_id"])
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
