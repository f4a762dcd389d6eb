"""A page that a merge took away comes back as it was: what nobody was to see of it stays so."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "merges", sa.Column("is_named", sa.Boolean(), nullable=False, server_default=sa.true())
    )
