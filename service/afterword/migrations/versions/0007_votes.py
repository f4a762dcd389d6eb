"""Votes and reactions: one of each person's, so that none counts twice."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("votes", sa.Column("value", sa.Integer(), nullable=False))
    _add("reactions", sa.Column("name", sa.String(length=20), nullable=False), "name")


def _add(table: str, what: sa.Column[Any], *key: str) -> None:
    op.create_table(
        table,
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=False),
        what,
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=f"fk_{table}_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name=f"fk_{table}_author_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "author_id", *key, name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_author", table, ["author_id", "comment_id"])
