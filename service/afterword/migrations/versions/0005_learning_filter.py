"""What the learning filter keeps, and what comments and acts note for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spam_features",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("feature", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("spam", sa.Double(), nullable=False),
        sa.Column("good", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_spam_features_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", "feature", name="pk_spam_features"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spam_lessons",
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("taught", sa.String(length=10), nullable=False),
        sa.Column("features", sa.LargeBinary(), nullable=False),
        sa.Column("text_size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_spam_lessons_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_spam_lessons_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_spam_lessons"),
    )
    op.create_index(
        "ix_spam_lessons_digest", "spam_lessons", ["site_id", "digest", "taught"], unique=False
    )
    op.create_index(
        "ix_spam_lessons_age", "spam_lessons", ["site_id", "taught", "at"], unique=False
    )
    op.add_column("comments", sa.Column("form_age", sa.Double(), nullable=True))
    op.add_column("acts", sa.Column("taught_before", sa.String(length=10), nullable=True))
