"""PostgreSQL's index of words knows pages, and orders by what its planner takes.

A page was a word of the index like others: to find the first comments of pages with very many, all
of them had to be read. The rows are written into a new table: changed in place, each would be there
twice until the next vacuum.
"""

from alembic import op

revision = "0037"
down_revision = "0036"
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
    """
    CREATE TABLE comment_words_by_page (
        place bigint NOT NULL,
        page_id integer NOT NULL,
        state varchar(10) NOT NULL,
        words tsvector NOT NULL
    )""",
    """
    INSERT INTO comment_words_by_page (place, page_id, state, words)
    SELECT place, page_id, comments.state, ts_delete(words, '=page' || page_id)
    FROM comment_words
    JOIN comment_places USING (place)
    JOIN comments ON comments.id = comment_places.comment_id
    ORDER BY place""",
    "DROP TABLE comment_words",
    "ALTER TABLE comment_words_by_page RENAME TO comment_words",
    """
    ALTER TABLE comment_words
        ALTER COLUMN words SET STATISTICS 1000,
        ADD CONSTRAINT pk_comment_words PRIMARY KEY (place),
        ADD CONSTRAINT fk_comment_words_place
            FOREIGN KEY (place) REFERENCES comment_places ON DELETE CASCADE""",
    "CREATE INDEX ix_comment_words_words ON comment_words USING gin (words)",
    # What is not visible is little: found without going through all that has a common word.
    """
    CREATE INDEX ix_comment_words_hidden ON comment_words USING gin (words)
    WHERE state <> 'visible'""",
    "CREATE INDEX ix_comment_words_state ON comment_words (state, (-place))",
    "CREATE INDEX ix_comment_words_page ON comment_words (page_id, state, (-place))",
    """
    CREATE OR REPLACE FUNCTION afterword_comment_words(c comments) RETURNS tsvector
    LANGUAGE sql IMMUTABLE AS $$
    SELECT setweight(afterword_words(c.name), 'A')
        || setweight(afterword_words(c.email), 'B')
        || setweight(afterword_words((SELECT string_agg(value, ' . ')
                                      FROM json_array_elements_text(c.reasons))), 'C')
        || afterword_words(concat_ws(' . ', c.website, c.text))
        || array_to_tsvector(array_remove(ARRAY[
            '=site' || c.site_id, '=author' || c.author_id,
            CASE WHEN position('<a href="' IN c.html) > 0 THEN '=links' END], NULL))
    $$""",
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
        VALUES (its, new.page_id, new.state, afterword_comment_words(new));
        RETURN NULL;
    END $$""",
    """
    CREATE OR REPLACE FUNCTION afterword_comment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE comment_words SET page_id = new.page_id, state = new.state,
            words = afterword_comment_words(new)
        WHERE place = (SELECT place FROM comment_places WHERE comment_id = new.id);
        RETURN NULL;
    END $$""",
)
