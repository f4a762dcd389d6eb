"""A second step after the password: a secret, its last code, and codes for when it is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("moderators", sa.Column("totp_secret", sa.String(length=32), nullable=True))
    op.add_column(
        "moderators", sa.Column("totp_last", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["moderators.id"],
            name="fk_recovery_codes_moderator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_moderator_id", "recovery_codes", ["moderator_id"])
