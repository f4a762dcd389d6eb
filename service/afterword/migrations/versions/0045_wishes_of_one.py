"""Mail that somebody asked for waits until they themselves confirm the address with it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# Of addresses that nobody has confirmed yet. Who asked is not noted, but it was by a comment, which
# was stored just before.
_WAIT = """
UPDATE subscriptions SET waits_for = (
    SELECT author_id FROM comments
    WHERE comments.email = subscriptions.email
        AND comments.site_id = subscriptions.site_id
        AND comments.created <= subscriptions.created
    ORDER BY comments.created DESC LIMIT 1
)
WHERE ended IS NULL
    AND NOT EXISTS (SELECT 1 FROM identities WHERE kind = 'email' AND subject = subscriptions.email)
    AND NOT EXISTS (SELECT 1 FROM passports WHERE passports.email = subscriptions.email)
"""


def upgrade() -> None:
    op.add_column(
        "subscriptions",
        sa.Column(
            "waits_for",
            sa.String(length=40),
            sa.ForeignKey("authors.id", name="fk_subscriptions_waits_for", ondelete="CASCADE"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.create_index("ix_subscriptions_waits_for", "subscriptions", ["waits_for"])
    op.execute(_WAIT)
