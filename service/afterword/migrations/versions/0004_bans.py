"""Bans, what an owner decided of an author, and lines of the log that are about no comment."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_bans_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bans"),
    )
    op.create_index("ix_bans_what", "bans", ["kind", "value"])
    op.create_index("ix_bans_site_id", "bans", ["site_id"])
    op.create_index("ix_bans_expires", "bans", ["expires"])
    op.add_column(
        "authors",
        sa.Column("standing", sa.String(length=10), nullable=False, server_default="normal"),
    )
    with op.batch_alter_table("acts") as acts:
        acts.alter_column("comment_id", existing_type=sa.String(length=40), nullable=True)
        acts.alter_column("state_before", existing_type=sa.String(length=10), nullable=True)
        acts.add_column(sa.Column("note", sa.String(length=500), nullable=True))
