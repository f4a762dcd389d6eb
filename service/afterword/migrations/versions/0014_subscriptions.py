"""Who wants mail about answers and pages, and about what they were mailed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("follows", sa.String(length=10), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_subscriptions_site_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["pages.id"], name="fk_subscriptions_page_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_email", "subscriptions", ["email", "site_id", "follows"])
    op.create_index("ix_subscriptions_page", "subscriptions", ["page_id", "ended"])
    op.create_index("ix_subscriptions_site_id", "subscriptions", ["site_id"])
    op.create_table(
        "mailed",
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_mailed_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_mailed_subscription_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", "subscription_id", name="pk_mailed"),
    )
    op.create_index("ix_mailed_subscription_id", "mailed", ["subscription_id"])
