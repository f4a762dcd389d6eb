"""What is said of a page with a comment counts once readers see that comment."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("page_title", sa.String(length=300), nullable=True))
    op.add_column("comments", sa.Column("page_url", sa.String(length=2100), nullable=True))
