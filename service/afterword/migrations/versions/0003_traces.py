"""What comments leave behind for the checks, and the seeds of the networks' pseudonyms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "network_seeds",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_network_seeds"),
    )
    op.create_table(
        "traces",
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=True),
        sa.Column("form", sa.String(length=64), nullable=True),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_traces_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_traces_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_traces"),
    )
    op.create_index("ix_traces_site", "traces", ["site_id", "created"])
    op.create_index("ix_traces_network", "traces", ["network", "created"])
    op.create_index("ix_traces_created", "traces", ["created"])
