"""Where the words stand on a page that a comment quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("quote_prefix", sa.String(length=64), nullable=True))
    op.add_column("comments", sa.Column("quote_suffix", sa.String(length=64), nullable=True))
