"""Files that are made to fill the memory or the disk: refused in a sentence, nothing written.

Each goes to the command in a process of its own, whose memory is measured.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing

import pytest

from afterword.transfer import unpack
from afterword.transfer.reading import BadFile
from tests import databases, running

pytestmark = [pytest.mark.slow, pytest.mark.fault("R18")]
ONE_MORE = pytest.mark.thorough
BLOG = "https://blog.example"
MEGABYTE = 2**20
HUGE = 200  # megabytes
MOST = 300  # megabytes of memory
# A process that is begun from a large one counts that one's memory as its own: hence one between.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "afterword", "import", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(done.returncode)
"""


@pytest.fixture
def refused(tmp_path, figure):
    """Import a file by the command, see it refused and nothing written; answers what it said."""
    data = tmp_path / "data"
    running.installed(data, BLOG)

    def run(format_name, file):
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, format_name, str(file), "--site", BLOG],
            env=running.environment(data),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        assert done.stderr.startswith("Error: ")
        assert len(done.stderr.splitlines()) == 1, done.stderr
        memory = int(done.stdout)
        assert memory < MOST, done.stderr
        for table in ("comments", "pages"):
            assert databases.rows(data, f"SELECT count(*) FROM {table}") == [(0,)]
        assert not list(data.glob("tmp*"))
        what = "a folder" if file.is_dir() else f"{file.stat().st_size:,} bytes"
        figure(f"{what} as {format_name}, refused with {memory} MiB of memory, nothing written")
        return done.stderr

    return run


def huge(file, before, after, filling=b"x", many=HUGE):
    """Write a file of so many megabytes of the same between a beginning and an end."""
    with file.open("wb") as out:
        out.write(before)
        for _ in range(many):
            out.write(filling * (MEGABYTE // len(filling)))
        out.write(after)
    return file


DISQUS = b'<disqus xmlns:dsq="x"><post dsq:id="1"><message>', b"</message></post></disqus>"
WXR = (
    b"<rss><channel><item><wp:comment><wp:comment_content><![CDATA[",
    b"]]></wp:comment_content></wp:comment></item></channel></rss>",
)
NATIVE = b'{"afterword": 1}\n{"type": "comment", "text": "', b'"}\n'
CSV = b"page_url,text,created\nhttps://blog.example/a,", b",2026-01-01\n"


@pytest.mark.parametrize(
    ("format_name", "ends", "said"),
    [
        ("disqus", DISQUS, "a text of more than 16 million characters"),
        ("wordpress", WXR, "a text of more than 16 million characters"),
        ("blogger", (b"<feed><entry><content>", b""), "a text of more than 16 million characters"),
        ("native", NATIVE, "line 2, column 1: longer than 16 MiB"),
        ("twikoo", (b'[{"comment": "', b'"}]'), "a text of more than 16 million characters"),
        ("waline", (b'{"data": {"Comment": [{"comment": "', b'"}]}}'), "a text of more than"),
        ("comentario", (b'{"version": 3, "comments": [{"a": "', b'"}]}'), "a text of more than"),
        ("csv", CSV, "a line of more than 16 million characters"),
        ("csv", (b"", b""), "a line of more than 16 million characters"),
    ],
)
def test_a_comment_of_200_megabytes_is_refused(refused, tmp_path, format_name, ends, said):
    assert said in refused(format_name, huge(tmp_path / "in", *ends))


@pytest.mark.parametrize(
    ("format_name", "before", "filling", "said"),
    [
        pytest.param("disqus", b"<disqus><!-- ", b"<x> ", "a tag or a remark", marks=ONE_MORE),
        ("disqus", b'<disqus><post id="', b"x ", "a tag or a remark of more than"),
        pytest.param(
            "disqus", b"<disqus><post>", b"<b/>", "one element that is larger", marks=ONE_MORE
        ),
        ("disqus", b"<disqus><post>", b"<b>", "nested more than 100 deep"),
        ("wordpress", b"<rss><item>", b"<b>" + b"x" * 90 + b"</b>", "one element that is larger"),
        pytest.param("remark42", b'{"a": [', b"[],", "one object that is larger", marks=ONE_MORE),
        ("remark42", b'{"a": [', b'"' + b"x" * 90 + b'",', "one object that is larger"),
        ("remark42", b'{"a": ', b"[", "nested too deeply"),
        ("remark42", b'{"a": "', rb"\"\\", "a text of more than 16 million characters"),
        ("remark42", b'{"a": "', b"\\", "a text of more than 16 million characters"),
        ("remark42", b"", b" ", "a text of more than 16 million characters"),
        ("csv", b"page_url,text,created\n", b",", "a line of more than 16 million characters"),
        ("csv", b'page_url,text,created\n"', b"x\n", "larger than field limit"),
    ],
)
def test_what_has_no_end_is_refused(refused, tmp_path, format_name, before, filling, said):
    assert said in refused(format_name, huge(tmp_path / "in", before, b"", filling, many=80))


def test_a_database_with_a_text_of_200_megabytes_is_refused(refused, tmp_path):
    file = tmp_path / "comments.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE threads (id, uri, title)")
        database.execute("CREATE TABLE comments (tid, id, parent, created, mode, text, author)")
        database.execute("INSERT INTO threads VALUES (1, '/a', 'A')")
        text = f"replace(hex(zeroblob({HUGE * MEGABYTE // 2})), '0', 'x')"
        database.execute(f"INSERT INTO comments VALUES (1, 1, NULL, 1.0, 1, {text}, 'Eve')")
    assert "a text of more than 16 million bytes" in refused("auto", file)


def test_a_database_whose_comments_are_a_view_without_end_is_refused(refused, tmp_path):
    file = tmp_path / "comments.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE threads (id, uri, title)")
        database.execute(
            "CREATE VIEW comments AS WITH RECURSIVE c(id) AS (SELECT 1 UNION ALL SELECT id + 1"
            " FROM c) SELECT 1 AS tid, id, NULL AS parent, 1.0 AS created, 1 AS mode FROM c"
        )
    assert "views" in refused("isso", file)


@pytest.mark.parametrize("format_name", ["disqus", "wordpress", "blogger"])
def test_entities_that_fill_the_memory_are_refused(refused, tmp_path, format_name):
    entities = ['<!ENTITY e0 "haha">']
    entities += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)]
    file = tmp_path / "laughs.xml"
    file.write_text(f"<!DOCTYPE x [{''.join(entities)}]><disqus><post>&e9;</post></disqus>")
    assert "DTD or entities" in refused(format_name, file)


def test_values_that_are_repeated_by_name_are_refused(refused, tmp_path):
    lines = ["a0: &a0 [haha, haha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "site" / "page").mkdir(parents=True)
    (tmp_path / "site" / "page" / "one.yml").write_text("\n".join([*lines, "message: *a11"]))
    said = refused("staticman", tmp_path / "site")
    assert "page/one.yml, line 2, column" in said
    assert "repeats a value by name" in said


def test_gzip_that_unpacks_to_gigabytes_is_refused(refused, tmp_path):
    piece = gzip.compress(bytes(HUGE * MEGABYTE))
    file = tmp_path / "bomb.gz"
    file.write_bytes(piece * 11)  # members that follow one another are one file
    assert "far larger than any export" in refused("auto", file)


@pytest.mark.parametrize(
    "name", ["export.xml", pytest.param("Takeout/Blogger/Blogs/b/feed.atom", marks=ONE_MORE)]
)
def test_a_zip_that_unpacks_to_gigabytes_is_refused(refused, tmp_path, name):
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, b"<rss>" + bytes(HUGE * MEGABYTE))
    assert "far larger than any export" in refused("auto", file)


def test_a_folder_of_files_that_unpack_to_gigabytes_is_refused(refused, tmp_path):
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(HUGE):
            archive.writestr(f"page/{number}.yml", b"message: " + b"x" * (MEGABYTE - 100))
    assert "larger than the comments of a page can be" in refused("auto", file)


@pytest.mark.parametrize("outer", ["gzip", "zip"])
@pytest.mark.parametrize("inner", ["gzip", "zip"])
def test_what_is_packed_twice_is_refused(refused, tmp_path, outer, inner):
    content = packed(packed(b"<disqus/>", inner, tmp_path), outer, tmp_path)
    (tmp_path / "in").write_bytes(content)
    assert "packed twice" in refused("auto", tmp_path / "in")


def packed(content, how, folder):
    if how == "gzip":
        return gzip.compress(content)
    with zipfile.ZipFile(folder / "packed", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.xml", content)
    return (folder / "packed").read_bytes()


def test_an_archive_that_lies_about_its_size_is_found_out(refused, tmp_path):
    """It says that a member has ten bytes and holds 200 MB."""
    file = tmp_path / "lies.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("a.xml", bytes(HUGE * MEGABYTE))
    size = (HUGE * MEGABYTE).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(size, (10).to_bytes(4, "little")))
    assert refused("auto", file)


def test_no_more_is_unpacked_than_an_export_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MOST_BYTES", MEGABYTE)
    content = json.dumps([{"_id": str(number)} for number in range(100_000)]).encode()
    file = tmp_path / "in.gz"
    file.write_bytes(gzip.compress(content))
    with (
        file.open("rb") as source,
        pytest.raises(BadFile, match="larger than 2 GiB"),
        unpack.unpacked(source, tmp_path),
    ):
        pass
