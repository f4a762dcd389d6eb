"""Which words are in which comments and pages, kept by the database itself.

Triggers, because comments are written in many places (posts, imports by the thousand, edits, moves,
sites that are removed with all they have): none of them can forget the index, and none can be
committed without it. Alembic's batch mode would drop them with the table that it makes anew, so
``comments`` and ``pages`` are never to be changed by it.
"""
# ruff: noqa: S608 - what is put together here is all in this file

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite's own are as long


def upgrade() -> None:
    # SQLite may number the rows of ``comments`` anew (VACUUM), so they get numbers of their own:
    # the milliseconds of ``created``, then 20 bits that tell apart what came in the same one.
    op.create_table(
        "comment_places",
        sa.Column("place", NUMBER, autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_comment_places_comment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name="pk_comment_places"),
        sa.UniqueConstraint("comment_id", name="uq_comment_places_comment_id"),
    )
    # By the driver: what is written below is no SQL of SQLAlchemy's, with its colons.
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)


def _sqlite_row(row: str) -> str:
    """The columns of ``comment_words`` for a row of ``comments``; an index without a copy of it."""
    return f"""
        {row}.name, coalesce({row}.email, ''), coalesce({row}.website, ''), {row}.text,
        (SELECT coalesce(group_concat(value, ' . '), '') FROM json_each({row}.reasons)),
        'state' || {row}.state || ' site' || {row}.site_id || ' page' || {row}.page_id
        || coalesce(' author' || {row}.author_id, '')
        || CASE WHEN instr({row}.html, '<a href="') THEN ' links' ELSE '' END"""


# Milliseconds from the year 1830 to 2109, so that a place fits 63 bits; times beyond stand there.
_FIRST, _LAST = -(1 << 42), (1 << 42) - 1


def _sqlite_base(row: str) -> str:
    return (
        f"max({_FIRST}, min({_LAST},"
        f" CAST(strftime('%s', substr({row}.created, 1, 19)) AS INTEGER) * 1000"
        f" + CAST(substr({row}.created, 21, 3) AS INTEGER))) * 1048576"
    )


_COLUMNS = "name, email, website, text, reasons, facets"
_SAID = ("name", "email", "website", "text", "reasons", "state", "site_id", "page_id", "author_id")
_TOKENS = 'tokenize = "unicode61 remove_diacritics 2"'
_IS_OTHER = " OR ".join(f"old.{one} IS NOT new.{one}" for one in (*_SAID, "html"))

SQLITE = (
    f"CREATE VIRTUAL TABLE comment_words USING fts5({_COLUMNS}, content = '', {_TOKENS})",
    f"CREATE VIRTUAL TABLE page_words USING fts5(title, url, content = 'pages',"
    f" content_rowid = 'id', {_TOKENS})",
    f"""
    INSERT INTO comment_places (place, comment_id)
    SELECT base + row_number() OVER (PARTITION BY base ORDER BY id) - 1, id
    FROM (SELECT {_sqlite_base("comments")} AS base, id FROM comments)
    ORDER BY 1""",
    f"""
    INSERT INTO comment_words (rowid, {_COLUMNS})
    SELECT place, {_sqlite_row("comments")}
    FROM comment_places JOIN comments ON comments.id = comment_places.comment_id
    ORDER BY place""",
    "INSERT INTO page_words (page_words) VALUES ('rebuild')",
    f"""
    CREATE TRIGGER comments_words_added AFTER INSERT ON comments BEGIN
        INSERT INTO comment_places (place, comment_id)
        SELECT coalesce(max(place) + 1, {_sqlite_base("new")}), new.id FROM comment_places
        WHERE place >= {_sqlite_base("new")} AND place < {_sqlite_base("new")} + 1048576;
        INSERT INTO comment_words (rowid, {_COLUMNS})
        SELECT place, {_sqlite_row("new")} FROM comment_places WHERE comment_id = new.id;
    END""",
    f"""
    CREATE TRIGGER comments_words_changed AFTER UPDATE OF {", ".join(_SAID)}, html ON comments
    WHEN {_IS_OTHER} BEGIN
        INSERT INTO comment_words (comment_words, rowid, {_COLUMNS})
        SELECT 'delete', place, {_sqlite_row("old")} FROM comment_places
        WHERE comment_id = old.id;
        INSERT INTO comment_words (rowid, {_COLUMNS})
        SELECT place, {_sqlite_row("new")} FROM comment_places WHERE comment_id = new.id;
    END""",
    # Before, because the place goes with the comment.
    f"""
    CREATE TRIGGER comments_words_gone BEFORE DELETE ON comments BEGIN
        INSERT INTO comment_words (comment_words, rowid, {_COLUMNS})
        SELECT 'delete', place, {_sqlite_row("old")} FROM comment_places
        WHERE comment_id = old.id;
    END""",
    """
    CREATE TRIGGER pages_words_added AFTER INSERT ON pages BEGIN
        INSERT INTO page_words (rowid, title, url) VALUES (new.id, new.title, new.url);
    END""",
    """
    CREATE TRIGGER pages_words_changed AFTER UPDATE OF title, url ON pages
    WHEN old.title IS NOT new.title OR old.url IS NOT new.url BEGIN
        INSERT INTO page_words (page_words, rowid, title, url)
        VALUES ('delete', old.id, old.title, old.url);
        INSERT INTO page_words (rowid, title, url) VALUES (new.id, new.title, new.url);
    END""",
    """
    CREATE TRIGGER pages_words_gone BEFORE DELETE ON pages BEGIN
        INSERT INTO page_words (page_words, rowid, title, url)
        VALUES ('delete', old.id, old.title, old.url);
    END""",
)

# Punctuation goes before the parser sees it, which would take addresses for single words. (The
# driver reads %% as %.)
_PUNCTUATION = r"""!"#$%%&''()*+,-./:;<=>?@[\]^_`{|}~"""
_POSTGRESQL_WORDS = """
    setweight(afterword_words(c.name), 'A')
    || setweight(afterword_words(c.email), 'B')
    || setweight(afterword_words((SELECT string_agg(value, ' . ')
                                  FROM json_array_elements_text(c.reasons))), 'C')
    || afterword_words(concat_ws(' . ', c.website, c.text))
    || array_to_tsvector(array_remove(ARRAY[
        '=site' || c.site_id, '=page' || c.page_id, '=author' || c.author_id,
        CASE WHEN position('<a href="' IN c.html) > 0 THEN '=links' END], NULL))"""

POSTGRESQL = (
    f"""
    CREATE FUNCTION afterword_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT to_tsvector('simple', translate(coalesce(left(said, 100000), ''),
                                               '{_PUNCTUATION}', repeat(' ', 32)))
    $$""",
    f"""
    CREATE FUNCTION afterword_comment_words(c comments) RETURNS tsvector LANGUAGE sql IMMUTABLE
    AS $$ SELECT {_POSTGRESQL_WORDS} $$""",
    f"""
    CREATE FUNCTION afterword_first_place(created timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$
        SELECT greatest({_FIRST}, least({_LAST}, floor(extract(epoch FROM created) * 1000)))::bigint
               * 1048576
    $$""",
    """
    CREATE TABLE comment_words (
        place bigint CONSTRAINT pk_comment_words PRIMARY KEY
            CONSTRAINT fk_comment_words_place REFERENCES comment_places ON DELETE CASCADE,
        state varchar(10) NOT NULL,
        words tsvector NOT NULL
    )""",
    """
    CREATE TABLE page_words (
        page_id integer CONSTRAINT pk_page_words PRIMARY KEY
            CONSTRAINT fk_page_words_page_id REFERENCES pages ON DELETE CASCADE,
        words tsvector NOT NULL
    )""",
    # The planner is to know how many comments even a rare word is in.
    "ALTER TABLE comment_words ALTER COLUMN words SET STATISTICS 1000",
    """
    INSERT INTO comment_places (place, comment_id)
    SELECT base + row_number() OVER (PARTITION BY base ORDER BY id) - 1, id
    FROM (SELECT afterword_first_place(created) AS base, id FROM comments) AS numbered""",
    """
    INSERT INTO comment_words (place, state, words)
    SELECT place, state, afterword_comment_words(comments)
    FROM comment_places JOIN comments ON comments.id = comment_places.comment_id""",
    """
    INSERT INTO page_words (page_id, words)
    SELECT id, afterword_words(concat_ws(' . ', title, url)) FROM pages""",
    "CREATE INDEX ix_comment_words_words ON comment_words USING gin (words)",
    # A word that is in many is found by going through a state in the order of time: GIN has none.
    "CREATE INDEX ix_comment_words_state ON comment_words (state, place)",
    "CREATE INDEX ix_page_words_words ON page_words USING gin (words)",
    # Two may write in the same millisecond: each begins somewhere else in it, and goes on from a
    # place that is taken.
    """
    CREATE FUNCTION afterword_comment_added() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        its bigint := afterword_first_place(new.created) + (hashtext(new.id) & 1048575);
    BEGIN
        LOOP
            INSERT INTO comment_places (place, comment_id) VALUES (its, new.id)
            ON CONFLICT (place) DO NOTHING;
            EXIT WHEN FOUND;
            its := its + 1;
        END LOOP;
        INSERT INTO comment_words (place, state, words)
        VALUES (its, new.state, afterword_comment_words(new));
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION afterword_comment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE comment_words SET state = new.state, words = afterword_comment_words(new)
        WHERE place = (SELECT place FROM comment_places WHERE comment_id = new.id);
        RETURN NULL;
    END $$""",
    """
    CREATE FUNCTION afterword_page_written() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO page_words (page_id, words)
        VALUES (new.id, afterword_words(concat_ws(' . ', new.title, new.url)))
        ON CONFLICT (page_id) DO UPDATE SET words = excluded.words;
        RETURN NULL;
    END $$""",
    """
    CREATE TRIGGER comments_words_added AFTER INSERT ON comments
    FOR EACH ROW EXECUTE FUNCTION afterword_comment_added()""",
    f"""
    CREATE TRIGGER comments_words_changed AFTER UPDATE OF {", ".join(_SAID)}, html ON comments
    FOR EACH ROW EXECUTE FUNCTION afterword_comment_changed()""",
    """
    CREATE TRIGGER pages_words_added AFTER INSERT ON pages
    FOR EACH ROW EXECUTE FUNCTION afterword_page_written()""",
    """
    CREATE TRIGGER pages_words_changed AFTER UPDATE OF title, url ON pages
    FOR EACH ROW EXECUTE FUNCTION afterword_page_written()""",
)
