"""In which language people are answered."""

from __future__ import annotations

import re

import pytest

from afterword.sites import changes
from tests import desk

pytestmark = pytest.mark.slow

PAGE = "https://blog.example/first-post"


def _lang(answer) -> tuple[str, bool]:
    """What the page says of itself: its language, and whether it runs from right to left."""
    tag = re.search(r"<html[^>]*>", answer.text)[0]
    return re.search(r'lang="([^"]*)"', tag)[1], 'dir="rtl"' in tag


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("pt-PT,pt;q=0.9", "pt-BR"),
        ("tlh, ja;q=0.4", "ja"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("tlh", "en"),
        ("", "en"),
        (";;q=x,,*", "en"),
    ],
)
def test_a_page_comes_in_the_language_that_the_browser_likes_best(client, site, accepted, spoken):
    answer = client.get(
        "/thread", query_string={"url": PAGE}, headers={"Accept-Language": accepted}
    )
    assert _lang(answer) == (spoken, False)
    assert answer.headers["Content-Language"] == spoken
    assert "accept-language" in answer.vary.as_set()


def test_arabic_runs_from_right_to_left(client):
    answer = client.get("/me", headers={"Accept-Language": "ar"})
    assert _lang(answer) == ("ar", True)


def test_readers_get_the_language_that_the_owner_chose_for_the_site(app, client, site):
    with app.app_context():
        changes.choose(site.id, {"language": "fr"})
    answer = client.get("/thread", query_string={"url": PAGE}, headers={"Accept-Language": "de"})
    assert _lang(answer) == ("fr", False)


def test_the_next_request_of_a_thread_is_answered_in_its_own_language(client, site):
    client.get("/thread", query_string={"url": PAGE}, headers={"Accept-Language": "ja"})
    assert _lang(client.get("/thread", query_string={"url": PAGE})) == ("en", False)


def test_each_language_has_its_own_rendered_thread(client, post):
    post("One.")
    said = {
        accepted: client.get(
            "/thread", query_string={"url": PAGE}, headers={"Accept-Language": accepted}
        ).text
        for accepted in ("en", "de")
    }
    assert re.search(r"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC", said["en"])
    assert re.search(r"\d{1,2}\. [A-Z][a-zä]+ \d{4}", said["de"])


def test_the_desk_is_in_the_language_of_the_browser(app):
    desk.moderator(app, "hanna@blog.example")
    hanna = desk.of(app, "hanna@blog.example")
    hanna.headers["Accept-Language"] = "es-MX"
    assert _lang(hanna.get("/admin/")) == ("es", False)
