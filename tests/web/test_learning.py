"""The filter in the service: what was decided at the desk decides over the next post."""

from __future__ import annotations

from afterword.core.db import db
from afterword.moderation import actions
from afterword.threads.models import Comment


def test_what_was_marked_as_spam_makes_the_next_of_its_kind_wait(app, post):
    for number in range(3):
        marked = post(f"Cheap watches, click here: https://watches.example/{number}").json
        welcome = post(f"I read chapter {number} twice and liked the end.").json
        with app.app_context():
            actions.spam([marked["comment"]["id"]], by="owner")
            actions.approve([welcome["comment"]["id"]], by="owner")
    assert post("I read it twice as well.").status_code == 201
    answer = post("Cheap watches again: https://watches.example/9")
    assert answer.status_code == 202
    assert "reads like spam" not in answer.text
    with app.app_context():
        stored = db.session.get(Comment, answer.json["comment"]["id"])
        (reason,) = stored.reasons
    assert reason.startswith("It reads like spam (0.9")
    assert "link to watches.example" in reason


def test_the_pace_of_a_post_is_kept_for_its_lesson(app, client, post):
    opened = client.get("/api/v1/form", query_string={"url": "https://blog.example/first-post"})
    made = post("Good morning.", form=opened.json["form"]).json
    without = post("Good evening.").json
    with app.app_context():
        assert db.session.get(Comment, made["comment"]["id"]).form_age >= 0
        assert db.session.get(Comment, without["comment"]["id"]).form_age is None
