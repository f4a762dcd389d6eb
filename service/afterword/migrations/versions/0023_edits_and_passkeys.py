"""What an edit changed beside the text, so that it can be taken back whole; and passkeys."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acts", sa.Column("format_before", sa.String(length=10), nullable=True))
    op.add_column("acts", sa.Column("edited_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "moderators",
        sa.Column("user_handle", sa.String(length=43), nullable=False, server_default=""),
    )
    moderators = sa.table("moderators", sa.column("id"), sa.column("user_handle"))
    for number in op.get_bind().scalars(sa.select(moderators.c.id)).all():
        handle = secrets.token_urlsafe(32)
        op.execute(moderators.update().where(moderators.c.id == number).values(user_handle=handle))
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["moderators.id"],
            name="fk_passkeys_moderator_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential", name="uq_passkeys_credential"),
    )
    op.create_index("ix_passkeys_moderator_id", "passkeys", ["moderator_id"])
    op.create_table(
        "spent_nonces",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name="pk_spent_nonces"),
    )
    op.create_index("ix_spent_nonces_at", "spent_nonces", ["at"])
