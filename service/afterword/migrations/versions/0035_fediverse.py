"""Posts on the fediverse that belong to pages, and what was answered to them there."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("post", sa.String(length=2100)))
    op.add_column("comments", sa.Column("said", sa.DateTime(timezone=True)))
    op.create_table(
        "posts_followed",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=2100), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=True),
        sa.Column("lively", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=300), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["pages.id"], name="fk_posts_followed_page_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", name="pk_posts_followed"),
    )
    op.create_table(
        "replies_heard",
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=2100), nullable=False),
        sa.Column("address", sa.String(length=2200), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name="fk_replies_heard_comment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_replies_heard"),
    )
