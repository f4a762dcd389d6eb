"""Whatever a file holds, an import adds up or refuses it; it never fails by a fault of ours."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from afterword.core.db import db, transaction
from afterword.threads.models import Comment, Page, PageAlias
from afterword.transfer import formats
from afterword.transfer.reading import BadFile
from afterword.transfer.run import run
from tests.conftest import BLOG

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.slow, pytest.mark.fault("R18")]
SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())
FORMATS = sorted(formats.IMPORTERS)
CHECKED = bounded(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def tried(format_name, content, site):
    try:
        report = run(format_name, io.BytesIO(content), site=site, dry_run=True)
    except BadFile:
        return
    assert report.rows == report.inserted + report.existing + sum(report.skipped.values())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
@CHECKED
@given(data=st.data())
def test_a_damaged_export_adds_up_or_is_refused(site, sample, data):
    whole = sample.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    content = whole[:start] + data.draw(st.binary(max_size=12)) + whole[end:]
    tried("auto", content, site)


@pytest.mark.parametrize("format_name", FORMATS)
@CHECKED
@given(content=st.binary(max_size=200))
def test_noise_is_refused_by_every_format(site, format_name, content):
    tried(format_name, content, site)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["$oid", "$date", "iso", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = ["id", "_id", "objectId", "pid", "rid", "url", "page_key", "comment", "content", "text"]
NAMES += ["nick", "mail", "link", "created", "insertedAt", "date", "like", "up", "isSpam", "status"]
NAMES += ["locator", "user", "votes", "score", "time", "version", "users", "posts", "comments"]
NAMES += ["title", "body", "nodes", "replies", "issue_url", "author", "reactions", "pages"]


@pytest.mark.parametrize(
    "format_name", ["artalk", "twikoo", "waline", "isso", "remark42", "giscus", "utterances"]
)
@CHECKED
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), max_size=5),
    is_lines=st.booleans(),
)
def test_rows_of_any_shape_add_up_or_are_refused(site, format_name, rows, is_lines):
    written = [json.dumps(row, allow_nan=False, default=str) for row in map(plain, rows)]
    content = "\n".join(written) if is_lines else f"[{','.join(written)}]"
    tried(format_name, content.encode(), site)


def plain(said):
    """Without the numbers that JSON has no way to write."""
    if isinstance(said, float):
        return said if said == said and abs(said) != float("inf") else None  # noqa: PLR0124
    if isinstance(said, list):
        return [plain(one) for one in said]
    if isinstance(said, dict):
        return {name: plain(value) for name, value in said.items()}
    return said


@CHECKED
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),  # its id
            st.integers(-1, 7),  # whom it answers
            st.sampled_from("ab"),
            st.sampled_from(["", "Hello.", "World."]),
            st.booleans(),
            st.integers(10**12, 1_700_000_000_000),  # when, in milliseconds
        ),
        max_size=14,
    )
)
def test_any_threads_come_in_without_orphan_or_circle_and_once(site, said):
    with transaction():
        for table in (Comment, PageAlias, Page):
            db.session.query(table).delete()
    rows = [
        {
            "_id": str(own),
            "pid": str(parent) if parent >= 0 else None,
            "url": f"/{path}",
            "comment": text,
            "isSpam": is_spam,
            "created": when,
        }
        for own, parent, path, text, is_spam, when in said
    ]
    content = json.dumps(rows).encode()
    first = run("twikoo", io.BytesIO(content), site=site)
    assert first.rows == first.inserted + sum(first.skipped.values()) == len(rows)
    again = run("twikoo", io.BytesIO(content), site=site)
    assert (again.inserted, again.existing) == (0, first.inserted)
    every = {one.id: one for one in db.session.query(Comment)}
    assert len(every) == first.inserted
    said_when = Counter(when for *_, when in said)
    kept_when = Counter(round(one.created.timestamp() * 1000) for one in every.values())
    assert kept_when <= said_when
    for one in every.values():
        seen = {one.id}
        node = one
        while node.parent_id is not None:
            above = every[node.parent_id]
            assert (above.page_id, above.depth) == (one.page_id, node.depth - 1)
            assert above.id not in seen
            seen.add(above.id)
            node = above
        assert one.root_id == (node.id if node is not one else None)
    assert {page.url.removeprefix(BLOG) for page in db.session.query(Page)} <= {"/a", "/b"}
