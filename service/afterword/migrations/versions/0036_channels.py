"""Owners told of dead jobs, jobs of which one that waits is enough, feeds under a new address."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("once", sa.String(length=60), nullable=True))
    op.create_index("ix_jobs_once", "jobs", ["once"])
    op.add_column("jobs", sa.Column("told", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE jobs SET told = died")  # nobody is told now of what died long ago
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.alter_column("comment_id", existing_type=sa.String(length=40), nullable=True)
    op.add_column(
        "accounts", sa.Column("feed_resets", sa.Integer(), nullable=False, server_default="0")
    )
