"""What is easily lost on the way from other systems: how a text was meant, when and where it was
said, what it answers, and whether more may be said there."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select

from afterword.core.db import db
from afterword.threads.models import Comment, Format
from afterword.transfer.run import run

pytestmark = pytest.mark.usefixtures("context")


def brought(format_name, content, site, **asked):
    return run(format_name, io.BytesIO(content.encode()), site=site, **asked)


def only():
    return db.session.scalars(select(Comment)).one()


def waline(text):
    row = {"objectId": "1", "comment": text, "nick": "Ada", "url": "/a", "status": "approved"}
    return json.dumps([row | {"insertedAt": "2020-01-01T00:00:00Z"}])


def isso(text):
    said = {"id": 1, "text": text, "author": "Ada", "created": "2020-01-01 00:00:00"}
    return json.dumps([{"id": "/a", "title": "A", "comments": [said | {"remote_addr": ""}]}])


@pytest.mark.parametrize("system", [waline, isso])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Use `<br>` here, *not* `</p>`", "<code>&lt;br&gt;</code> here, <em>not</em>"),
        ("*Look*:\n\n```html\n<div>x</div>\n```", "&lt;div&gt;x&lt;/div&gt;"),
    ],
)
def test_markdown_that_tells_of_tags_stays_markdown(site, system, text, shown):
    brought(system.__name__, system(text), site)
    assert only().format is Format.MARKDOWN
    assert shown in only().html
    assert "<em>" in only().html


@pytest.mark.parametrize("system", [waline, isso])
def test_html_that_tells_of_code_stays_html(site, system):
    brought(system.__name__, system("<p>Use `x` and <code>a</code></p>"), site)
    assert only().format is Format.HTML
