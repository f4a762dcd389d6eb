"""Mails to readers once a day, and about every comment of a site."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("subscriptions", "is_daily"), ("mailed", "waits")):
        column: sa.Column[Any] = sa.Column(
            name, sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column(table, column)
    op.add_column("subscriptions", sa.Column("digest", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_subscriptions_of_site", "subscriptions", ["site_id", "follows", "ended"])
