"""What pages elsewhere say of ours (webmentions), asked of us and told by us."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("source", sa.String(length=2100), nullable=True))
    op.add_column("comments", sa.Column("mention", sa.String(length=10), nullable=True))
    is_mention = sa.text("mention IS NOT NULL")
    op.create_index(
        "ix_comments_mention",
        "comments",
        ["page_id", "source"],
        sqlite_where=is_mention,
        postgresql_where=is_mention,
    )
    op.create_table(
        "mentions_asked",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=2100), nullable=False),
        sa.Column("target", sa.String(length=2100), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_mentions_asked_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mentions_asked"),
    )
    op.create_index("ix_mentions_asked_site_id", "mentions_asked", ["site_id"])
    op.create_table(
        "mentions_told",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=2100), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name="fk_mentions_told_comment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mentions_told"),
    )
    op.create_index("ix_mentions_told_comment_id", "mentions_told", ["comment_id"])
