"""The feed of a page is called as it was at first, wherever the page goes; pages are found by their
addresses.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("pages", "merges"):
        op.add_column(table, sa.Column("feed_url", sa.String(length=2100)))
    # By these addresses their feeds were called so far.
    op.execute("UPDATE pages SET feed_url = url")
    op.execute("UPDATE merges SET feed_url = url")
    op.create_index(
        "ix_pages_url", "pages", ["site_id", "url"], postgresql_ops={"url": "varchar_pattern_ops"}
    )
