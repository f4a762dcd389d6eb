"""The look and the words of a site's threads, chosen at the desk with a thread beside them."""

from __future__ import annotations

import json

import pytest

from afterword.moderation import sites as changes
from afterword.sites import directory, options, texts
from tests.web.test_admin_queue import desk  # noqa: F401 - a fixture
from tests.web.test_admin_rehearsal import sent

JSON = {"Accept": "application/json"}


@pytest.fixture
def path(context, site) -> str:
    return f"/admin/sites/{site.id}/look"


def chosen(site):
    directory.forget()
    return directory.by_id(site.id).options


def test_a_look_and_words_are_kept_and_shown_again(desk, path, site):  # noqa: F811
    said = {"text-empty": "Say hello.", "text-count-one": "{n} note", "text-count-other": ""}
    answer = desk(path, look_accent="#B3541E", look_density="compact", **said)
    assert answer.status_code == 303
    assert chosen(site).look == {"accent": "#b3541e", "density": "compact"}
    assert chosen(site).sentences == {
        "count": {"one": "{n} note", "other": "{n} note"},
        "empty": "Say hello.",
    }
    shown = desk.get(answer.headers["Location"])
    assert 'value="#b3541e"' in shown
    assert 'value="Say hello."' in shown
    assert 'value="compact" selected' in shown


def test_forms_that_english_has_not_stay_when_the_look_is_kept(desk, path, site):  # noqa: F811
    forms = {"one": "{n} uwaga", "few": "{n} uwagi", "other": "{n} uwag"}
    changes.choose(site.id, {"texts": json.dumps({"count": forms})}, by="command")
    typed = {"text-count-one": "{n} głos", "text-count-other": "{n} uwag"}
    desk(path, look_accent="#000", **typed)
    assert chosen(site).sentences == {"count": {**forms, "one": "{n} głos"}}
    desk(path, **dict.fromkeys(typed, ""))
    assert chosen(site).sentences == {}


def test_other_choices_of_the_site_stay_when_its_look_is_chosen_and_the_other_way(desk, path, site):  # noqa: F811
    desk(path, look_accent="#000")
    written = sent(options.written(site.options))
    others = {name: text for name, text in written.items() if name not in options.LOOK}
    desk(f"/admin/sites/{site.id}/options", **{**others, "policy": "hold-all"})
    assert chosen(site).look == {"accent": "#000"}
    desk(path, look_accent="#fff")
    assert chosen(site).policy.value == "hold-all"


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(desk, path, site):  # noqa: F811
    answer = desk(path, look_accent="red", look_radius="4px", **{"text-reply": "{who}"})
    assert answer.status_code == 400
    assert "must be a colour like #b3541e" in answer.text
    assert "cannot fill {who} in reply" in answer.text
    assert 'value="4px"' in answer.text
    assert chosen(site).look == {}


def test_each_sentence_of_the_widget_has_a_field(desk, path):  # noqa: F811
    shown = desk.get(path)
    for key in texts.english():
        assert f'name="text-{key}' in shown


def test_the_preview_is_shut_in_and_only_the_desk_may_frame_it(desk, client, path):  # noqa: F811
    framed = client.get(f"{path}/preview")
    policy = framed.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts;" in f"{policy};"
    assert "allow-same-origin" not in policy
    assert "form-action 'none'" in policy
    assert "frame-ancestors http://localhost:8000;" in policy
    assert framed.headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    outer = client.get(path)
    assert "frame-src 'self'" in outer.headers["Content-Security-Policy"]
    assert outer.headers.getlist("X-Frame-Options") == ["DENY"]


def test_the_preview_shows_what_was_typed_and_keeps_nothing(desk, client, path, site):  # noqa: F811
    page = desk(f"{path}/preview", look_accent="#123456", **{"text-reply": "</script>Answer"}).text
    assert '"accent": "#123456"' in page
    assert "</script>Answer" not in page
    assert "Three things to bring" in page
    assert chosen(site).look == {}


def test_a_script_is_told_what_the_choices_come_to(desk, client, path, site):  # noqa: F811
    from afterword.identity import sessions

    token = sessions.form_token(client.get_cookie("afterword").value)
    sent = {"csrf": token, "look_accent": "#abc"}
    answer = client.post(f"{path}/preview", data=sent, headers=JSON)
    assert answer.json["site"]["look"] == {"accent": "#abc"}
    assert len(answer.json["comments"]) == 2
    wrong = client.post(f"{path}/preview", data={**sent, "look_accent": "x"}, headers=JSON)
    assert wrong.status_code == 400
    assert set(wrong.json["wrong"]) == {"look_accent"}
