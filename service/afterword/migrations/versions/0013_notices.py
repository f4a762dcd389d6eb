"""What moderators are mailed about, and what they want to be."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "moderators",
        sa.Column("notices", sa.String(length=10), nullable=False, server_default="held"),
    )
    op.add_column(
        "moderators",
        sa.Column("is_daily", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("moderators", sa.Column("summary", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["moderators.id"], name="fk_notices_moderator_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_notices_comment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint(
            "moderator_id", "comment_id", name="uq_notices_moderator_id_comment_id"
        ),
    )
    op.create_index("ix_notices_moderator", "notices", ["moderator_id", "at"])
    op.create_index("ix_notices_at", "notices", ["at"])
    op.create_index("ix_notices_comment_id", "notices", ["comment_id"])
