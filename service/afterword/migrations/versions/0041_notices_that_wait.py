"""A comment that has appeared waits for the next mail that sums up, where that is wanted so."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notices", sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false())
    )
