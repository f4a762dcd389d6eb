"""When a page was opened again: where pages close by their age, it counts from then."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("reopened", sa.DateTime(timezone=True), nullable=True))
