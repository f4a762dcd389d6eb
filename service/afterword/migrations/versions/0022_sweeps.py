"""Decisions over all comments that match, as jobs, each with one undo."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=True),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sweeps"),
    )
    op.create_index("ix_sweeps_by", "sweeps", ["by", "at"])
    op.create_table(
        "swept",
        sa.Column("sweep_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweeps.id"], name="fk_swept_sweep_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_swept_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["acts.id"], name="fk_swept_act_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("sweep_id", "number", name="pk_swept"),
    )
    op.create_index("ix_swept_comment_id", "swept", ["comment_id"])
    op.create_index("ix_swept_act_id", "swept", ["act_id"])
