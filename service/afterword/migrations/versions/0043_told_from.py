"""Who knew a page before it was merged, or parted again, reads it anew."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("told_from", sa.Integer(), nullable=False, server_default="0"))
