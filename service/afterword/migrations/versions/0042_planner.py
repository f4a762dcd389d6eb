"""SQLite is told what tells rows apart: a comment's page and its author do, its state hardly.

Without figures it takes each index for as narrow as the next one, and went through all visible
comments of a site for the ten of a page. ``ANALYZE`` would count what lies there, so that plans
hung on the day it ran, and on what an import brought: with figures that never change, they stay
(https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables).
PostgreSQL counts by itself.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# Of a service with a million comments: how many rows an index has, and how many of them are alike
# in its first column, in its first two, and so on
# (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table).
FIGURES = {
    "comments": {
        "sqlite_autoindex_comments_1": "1000000 1",
        "ix_comments_thread": "1000000 50 10 10 10 1 1",
        "ix_comments_best": "1000000 50 10 10 10 1 1",
        "ix_comments_replies": "1000000 10 10 1 1",
        "ix_comments_parent": "1000000 5 5",
        "ix_comments_author": "1000000 20 2 2",
        "ix_comments_site_state": "1000000 100000 50000 1 1",
        "ix_comments_state": "1000000 250000 1 1",
        "ix_comments_email": "1000000 20",
        "ix_comments_version": "1000000 50 1",
        "ix_comments_mention": "10000 5 1",
    },
    "subscriptions": {
        "ix_subscriptions_email": "100000 5 5 3",
        "ix_subscriptions_page": "100000 10 10",
        "ix_subscriptions_site_id": "100000 20000",
        "ix_subscriptions_of_site": "100000 20000 10000 10000",
    },
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    # Of the schema alone: makes the table of figures where there is none, and reads it anew.
    op.execute("ANALYZE sqlite_schema")
    op.execute("DELETE FROM sqlite_stat1")
    for table, indexes in FIGURES.items():
        for index, figures in indexes.items():
            op.execute(f"INSERT INTO sqlite_stat1 VALUES ('{table}', '{index}', '{figures}')")  # noqa: S608
    op.execute("ANALYZE sqlite_schema")
