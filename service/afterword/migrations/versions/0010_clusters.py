"""Which comments the queue shows as one: copies, and what came from one network."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("traces", sa.Column("cluster", sa.String(length=40), nullable=True))
    op.create_index("ix_traces_cluster", "traces", ["cluster", "created", "comment_id"])
