"""Sessions say in which browser they are, so that one can tell them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sessions", sa.Column("agent", sa.String(length=60), nullable=False, server_default="")
    )
