"""What chats are told of is counted, so that a flood is one of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_messages",
        sa.Column("call", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_flood", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_chat_messages_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", name="pk_chat_messages"),
    )
    op.create_index("ix_chat_messages_site_id", "chat_messages", ["site_id", "at"])
