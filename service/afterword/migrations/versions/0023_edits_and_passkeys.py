"""What an edit changed beside the text, so that it can be taken back whole."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acts", sa.Column("format_before", sa.String(length=10), nullable=True))
    op.add_column("acts", sa.Column("edited_before", sa.DateTime(timezone=True), nullable=True))
