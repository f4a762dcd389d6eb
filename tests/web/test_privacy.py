"""What readers are told of what is kept: true of this service, as it is set up."""

from __future__ import annotations

from afterword.sites import changes
from afterword.spam import traces


def test_the_only_site_need_not_be_named(client, site):
    page = client.get("/privacy")
    assert page.status_code == 200
    assert "Comments on A blog" in page.text
    assert "noindex" not in page.text


def test_it_says_for_how_long(client, site):
    assert f"for {traces.KEPT.days} days" in client.get("/privacy?site=blog.example").text


def test_without_a_mail_server_it_speaks_of_no_mail(client, site):
    page = client.get("/privacy").text
    assert "mail that asks" not in page
    assert "can hand out all that is kept of you" in page


def test_who_is_asked_about_spam_is_named(app, client, site):
    assert "Nobody. What you write" in client.get("/privacy").text
    with app.app_context():
        changes.choose(site.id, {"akismet_key": "0123456789ab"})
    page = client.get("/privacy").text
    assert "Akismet" in page
    assert "0123456789ab" not in page
    assert "Nobody." not in page


def test_what_is_kept_of_other_sites_is_said_where_they_are_listened_to(app, client, site):
    assert "Webmention" not in client.get("/privacy").text
    with app.app_context():
        changes.choose(site.id, {"webmentions": "on"})
    assert "Webmention" in client.get("/privacy").text


def test_a_hub_is_named_where_feeds_have_one(app, client, site):
    assert "hub" not in client.get("/privacy").text
    with app.app_context():
        changes.choose(site.id, {"websub_hub": "https://hub.example/"})
    page = client.get("/privacy").text
    assert "A hub is told" in page
    assert "Nobody. What you write" not in page


def test_with_several_sites_one_has_to_be_named(app, client, site):
    with app.app_context():
        changes.add("https://two.example")
    assert client.get("/privacy").status_code == 404
    assert client.get("/privacy?site=two.example").status_code == 200
    assert client.get("/privacy?site=none").status_code == 404


def test_the_page_without_javascript_links_to_it(client, site):
    page = client.get("/thread?url=https://blog.example/").text
    assert "/privacy?site=blog.example" in page
