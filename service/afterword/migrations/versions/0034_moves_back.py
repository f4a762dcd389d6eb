"""Where a page was before it moved, so that the move can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page_aliases", sa.Column("url", sa.String(length=2100)))
