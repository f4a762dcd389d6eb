"""What a page is known by counts once readers see the comment that says it.

A passkey keeps what its device knows its owner by, when two profiles become one; and who signs out
everywhere ends the keys of their own page.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comments", sa.Column("page_title", sa.String(length=300)))
    op.add_column("comments", sa.Column("page_url", sa.String(length=2100)))
    op.add_column(
        "pages", sa.Column("is_named", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("account_passkeys", sa.Column("former_handle", sa.String(length=43)))
    op.add_column(
        "accounts", sa.Column("key_resets", sa.Integer(), nullable=False, server_default="0")
    )
