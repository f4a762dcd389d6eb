"""In which language people are written to."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("moderators", "confirmations", "subscriptions"):
        op.add_column(
            table, sa.Column("language", sa.String(length=10), server_default="", nullable=False)
        )
