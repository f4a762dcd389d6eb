"""Mail that somebody asked for waits until they themselves confirm the address with it."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# Who asked is not noted, but it was by a comment, which was stored just before: the last one with
# the address on the site. Who asked for the same later left no trace.
# One sort, whatever a database knows of its tables: looked for wish by wish, PostgreSQL took
# minutes right after an import.
_ASKED = """
SELECT wish, MAX(author_id) OVER (PARTITION BY email, site_id, number) AS author_id FROM (
    SELECT wish, author_id, email, site_id, SUM(is_comment) OVER (
        PARTITION BY email, site_id ORDER BY created, is_comment DESC ROWS UNBOUNDED PRECEDING
    ) AS number
    FROM (
        SELECT id AS wish, NULL AS author_id, email, site_id, created, 0 AS is_comment
        FROM subscriptions WHERE ended IS NULL
        UNION ALL
        SELECT NULL, author_id, email, site_id, created, 1
        FROM comments WHERE email IN (SELECT email FROM subscriptions)
    ) AS happened
) AS numbered
"""
_PROVED = """
SELECT subject FROM identities WHERE kind = 'email'
UNION SELECT email FROM passports WHERE email IS NOT NULL
"""
_WISHES = "SELECT id, email FROM subscriptions WHERE ended IS NULL"


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
    _wait(op.get_bind())


def _wait(bind: sa.Connection) -> None:
    """Let what was asked with an address that nobody has confirmed yet wait for who asked."""
    proved = set(bind.scalars(sa.text(_PROVED)))
    wishes = [one for one, email in bind.execute(sa.text(_WISHES)) if email not in proved]
    asked = {wish: author for wish, author in bind.execute(sa.text(_ASKED)) if wish and author}
    waits = [{"id": one, "author_id": asked[one]} for one in wishes if one in asked]
    if waits:
        bind.execute(
            sa.text("UPDATE subscriptions SET waits_for = :author_id WHERE id = :id"), waits
        )
    # What nobody is known to have asked for would begin by anybody's confirmation: a stranger's
    # wish, maybe.
    unknown = [{"id": one} for one in wishes if one not in asked]
    if unknown:
        bind.execute(sa.text("DELETE FROM subscriptions WHERE id = :id"), unknown)
