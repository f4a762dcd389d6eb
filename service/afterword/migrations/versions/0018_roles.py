"""Owners, and moderators of some sites; whoever was a moderator is an owner. Acts have a site."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "moderators",
        sa.Column("role", sa.String(length=10), nullable=False, server_default="owner"),
    )
    op.create_table(
        "moderator_sites",
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["moderators.id"],
            name="fk_moderator_sites_moderator_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_moderator_sites_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("moderator_id", "site_id", name="pk_moderator_sites"),
    )
    op.create_index("ix_moderator_sites_site_id", "moderator_sites", ["site_id"])
    # Inline: SQLite adds no constraint to a table that is there, and making the log anew would
    # cost minutes.
    op.add_column(
        "acts",
        sa.Column(
            "site_id",
            sa.Integer(),
            sa.ForeignKey("sites.id", name="fk_acts_site_id", ondelete="SET NULL"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.execute(
        "UPDATE acts SET site_id = (SELECT site_id FROM comments WHERE id = acts.comment_id) "
        "WHERE comment_id IS NOT NULL"
    )
    op.create_index("ix_acts_site", "acts", ["site_id", "at", "id"])
