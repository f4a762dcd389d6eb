"""What an act that is about no comment's state was about and how that was before; remarks."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acts", sa.Column("subject", sa.String(length=60), nullable=True))
    op.add_column("acts", sa.Column("before", sa.JSON(none_as_null=True), nullable=True))
    known = sa.text("subject IS NOT NULL")
    op.create_index(
        "ix_acts_subject",
        "acts",
        ["subject", "id"],
        sqlite_where=known,
        postgresql_where=known,
    )
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_remarks_author_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_remarks"),
    )
    op.create_index("ix_remarks_author_id", "remarks", ["author_id", "id"])
