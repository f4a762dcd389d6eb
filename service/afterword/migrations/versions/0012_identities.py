"""What authors have proved to be, and the mails by which they do."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("author_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=254), nullable=False),
        sa.Column("proved", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_identities_author_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("author_id", "kind", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_subject", "identities", ["kind", "subject", "author_id"])
    op.create_table(
        "confirmations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=True),
        sa.Column("comment_id", sa.String(length=40), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_confirmations_author_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_confirmations_comment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_confirmations"),
    )
    op.create_index("ix_confirmations_author_id", "confirmations", ["author_id"])
    op.create_index("ix_confirmations_comment_id", "confirmations", ["comment_id"])
    op.create_index("ix_confirmations_created", "confirmations", ["created"])
    op.create_index("ix_confirmations_email", "confirmations", ["email", "sent"])
    op.add_column(
        "comments",
        sa.Column("is_verified", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # From now on they are compared as they are.
    op.execute("UPDATE comments SET email = lower(email) WHERE email <> lower(email)")
    op.create_index("ix_comments_email", "comments", ["email"])
