"""When a page changed last: with its version that names what readers see, for good."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("changed", sa.DateTime(timezone=True), nullable=True))
