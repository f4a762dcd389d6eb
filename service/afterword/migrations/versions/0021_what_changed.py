"""In which version of its page each comment last changed: who was told of one is told the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("version", "appeared"):
        op.add_column("comments", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_comments_version", "comments", ["page_id", "version"])
