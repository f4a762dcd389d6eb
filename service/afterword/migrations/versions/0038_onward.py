"""Where pages' own addresses led when they were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "onward",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.String(length=2100), nullable=False),
        sa.Column("lead", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["pages.id"], name="fk_onward_page_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", name="pk_onward"),
    )
