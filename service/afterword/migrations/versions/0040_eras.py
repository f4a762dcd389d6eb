"""PostgreSQL's index of words knows in which era a comment was written: see ``moderation.eras``.

An era is a word like others. As in 0037 the rows are written into a new table: changed in place,
each would be there twice until the next vacuum.
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for statement in POSTGRESQL:
            bind.exec_driver_sql(statement)


POSTGRESQL = (
    # Whoever writes a comment waits: what they wrote while the rows are copied would be lost to
    # searches. Threads are read meanwhile.
    "LOCK TABLE comments IN SHARE MODE",
    # Whoever reads the index now would be waited for at the end, when all is copied: so before.
    "SAVEPOINT nobody_reads",
    "LOCK TABLE comment_places, comment_words IN ACCESS EXCLUSIVE MODE",
    "ROLLBACK TO SAVEPOINT nobody_reads",
    # 2 ** 49 places are 2 ** 29 milliseconds, six days.
    """
    CREATE FUNCTION afterword_era(place bigint) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT array_to_tsvector(ARRAY['=era' || (place >> 49)])
    $$""",
    """
    CREATE TABLE comment_words_by_era (
        place bigint NOT NULL,
        page_id integer NOT NULL,
        state varchar(10) NOT NULL,
        words tsvector NOT NULL
    )""",
    """
    INSERT INTO comment_words_by_era (place, page_id, state, words)
    SELECT place, page_id, state, words || afterword_era(place)
    FROM comment_words
    ORDER BY place""",
    """
    ALTER TABLE comment_words_by_era
        ALTER COLUMN place SET STATISTICS 1000,
        ALTER COLUMN words SET STATISTICS 1000,
        ADD CONSTRAINT pk_comment_words_by_era PRIMARY KEY (place)""",
    "CREATE INDEX ix_comment_words_by_era_words ON comment_words_by_era USING gin (words)",
    # What is not visible is little: found without going through all that has a common word.
    """
    CREATE INDEX ix_comment_words_by_era_hidden ON comment_words_by_era USING gin (words)
    WHERE state <> 'visible'""",
    "CREATE INDEX ix_comment_words_by_era_state ON comment_words_by_era (state, (-place))",
    "CREATE INDEX ix_comment_words_by_era_page ON comment_words_by_era (page_id, state, (-place))",
    # Of a table that it has not looked at the planner takes every word for rare, and sorts all that
    # have a common one: for minutes, until autovacuum comes.
    "ANALYZE comment_words_by_era",
    # Until here the table of before was searched.
    "DROP TABLE comment_words",
    "ALTER TABLE comment_words_by_era RENAME TO comment_words",
    """
    ALTER TABLE comment_words
        ADD CONSTRAINT fk_comment_words_place
            FOREIGN KEY (place) REFERENCES comment_places ON DELETE CASCADE""",
    "ALTER TABLE comment_words RENAME CONSTRAINT pk_comment_words_by_era TO pk_comment_words",
    *(
        f"ALTER INDEX ix_comment_words_by_era_{of} RENAME TO ix_comment_words_{of}"
        for of in ("words", "hidden", "state", "page")
    ),
    """
    CREATE OR REPLACE FUNCTION afterword_comment_added() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        its bigint := afterword_first_place(new.created) + (hashtext(new.id) & 1048575);
    BEGIN
        LOOP
            INSERT INTO comment_places (place, comment_id) VALUES (its, new.id)
            ON CONFLICT (place) DO NOTHING;
            EXIT WHEN FOUND;
            its := its + 1;
        END LOOP;
        INSERT INTO comment_words (place, page_id, state, words)
        VALUES (its, new.page_id, new.state, afterword_comment_words(new) || afterword_era(its));
        RETURN NULL;
    END $$""",
    """
    CREATE OR REPLACE FUNCTION afterword_comment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE comment_words SET page_id = new.page_id, state = new.state,
            words = afterword_comment_words(new) || afterword_era(place)
        WHERE place = (SELECT place FROM comment_places WHERE comment_id = new.id);
        RETURN NULL;
    END $$""",
)
