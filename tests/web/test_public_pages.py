"""Pages for readers: permalinks, health, and that what people typed stays in its place."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urljoin

import brotli
import pytest
from sqlalchemy import text

from afterword.core.db import transaction
from afterword.operate import migrate
from afterword.web import embed
from tests.conftest import PAGE


def test_what_people_typed_cannot_leave_its_place_in_the_page(client, post):
    post(
        "</textarea><script>alert(1)</script>",
        title='"><script>alert(2)</script>',
        author={"name": "<img src=x onerror=alert(3)>"},
    )
    page = client.get("/thread", query_string={"url": PAGE}).text
    assert "<script>alert" not in page
    assert "<img" not in page
    data = re.search(r"application/ld\+json\">(.*?)</script>", page, re.DOTALL)
    assert data
    assert "<" not in data[1]


def test_a_permalink_leads_to_the_comment_on_the_owners_page(client, post):
    comment = post().json["comment"]["id"]
    answer = client.get(f"/c/{comment}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{PAGE}#comment-{comment}")
    for nothing in ("0000000000000", "9223372036854775808", "%00", "a" * 4000):
        assert client.get(f"/c/{nothing}").status_code == 404


def test_the_service_says_that_it_is_up_and_ready(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"


def test_the_widget_is_one_script_under_a_short_and_a_lasting_name(client):
    short = client.get("/embed.js")
    lasting = client.get(f"/embed-{embed.script().version}.js")
    assert short.data == lasting.data == embed.script().body
    assert short.headers["Access-Control-Allow-Origin"] == "*"
    assert short.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "immutable" in lasting.headers["Cache-Control"]
    assert client.get("/embed-000000000000.js").status_code == 404
    packed = client.get("/embed.js", headers={"Accept-Encoding": "br"})
    assert len(packed.data) == len(brotli.compress(embed.script().body, quality=11))
    again = client.get("/embed.js", headers={"If-None-Match": short.headers["ETag"]})
    assert again.status_code == 304


def test_where_a_scripts_map_is_stands_beside_it(client):
    """Relative to the script, as a line in it would be (ECMA-426)."""
    for script in ("/embed.js", f"/embed-{embed.script().version}.js", "/parts/0/write.js"):
        answer = client.get(script)
        mapped = urljoin(script, answer.headers["SourceMap"])
        assert b"sourceMappingURL" not in answer.data
        assert mapped in ("/embed.js.map", "/parts/0/write.js.map")


def test_the_demo_is_there_only_while_no_site_is_set_up(client, app):
    assert client.get("/demo").status_code == 200
    with app.app_context():
        from afterword.sites import changes

        changes.add("https://blog.example")
    assert client.get("/demo").status_code == 404


def test_a_part_of_the_widget_is_kept_for_ever_under_the_name_that_the_script_knows(client):
    [build] = re.findall(r"parts/([0-9a-f]{12})/", embed.script().body.decode())
    assert embed.parts()
    for name, part in embed.parts().items():
        answer = client.get(f"/parts/{build}/{name}.js")
        assert answer.data == part.body
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(f"/parts/{build}/{name}.js.map").data == part.source_map


@pytest.mark.parametrize("cut", [slice(11), slice(13), slice(0)])
def test_less_or_more_than_a_builds_digits_name_none(client, cut):
    digest = hashlib.sha256(b"".join(part.body for part in embed.parts().values())).hexdigest()
    answer = client.get(f"/parts/{digest[cut] or 'x'}/write.js")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_from_before_an_upgrade_is_given_the_part_of_today(client):
    answer = client.get("/parts/000000000000/write.js")
    assert answer.data == embed.parts()["write"].body
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/parts/000000000000/write.js.map").status_code == 404
    assert client.get("/parts/000000000000/nothing.js").status_code == 404


def test_a_language_that_nobody_wrote_is_not_found(client):
    assert client.get("/messages/tlh.json").status_code == 404


def test_a_process_goes_on_while_a_newer_version_has_changed_the_database(client, app):
    def is_ready(at):
        app.extensions.pop("afterword.readiness", None)  # it looks now and then
        with app.app_context(), transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": at})
        return client.get("/readyz").status_code == 200

    assert is_ready(f"{int(migrate.head()) + 1:04}")
    assert is_ready(migrate.head())
    assert not is_ready(f"{int(migrate.head()) - 1:04}")
