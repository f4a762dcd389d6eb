"""Acts of moderators: moves, counts, the log, undo."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from afterword.core.db import db
from afterword.core.errors import NotFound
from afterword.moderation import actions, states
from afterword.moderation.models import Act
from afterword.threads.models import Comment, Page, State
from tests import make

pytestmark = pytest.mark.usefixtures("context")

ACTS = {"approve": State.VISIBLE, "spam": State.SPAM, "remove": State.REMOVED}


def fresh(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id)


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("verb", list(ACTS))
def test_every_act_moves_from_every_state_and_restore_brings_it_back(site, before, verb):
    comment = make.comment(make.page(site), state=before)
    moved = getattr(actions, verb)([comment.id], by="owner")
    assert fresh(comment).state is ACTS[verb]
    assert bool(moved) == (before is not ACTS[verb])
    if moved and ACTS[verb] in {State.SPAM, State.REMOVED}:
        actions.restore([comment.id], by="owner")
        assert fresh(comment).state is before


def test_the_count_and_version_of_a_page_follow_its_comments(site):
    page = make.page(site)
    first, second = make.comment(page), make.comment(page, state=State.PENDING)
    seen = [(page.count, page.version)]
    for verb, comment in (("approve", second), ("spam", first), ("restore", first)):
        getattr(actions, verb)([comment.id], by="owner")
        db.session.expire_all()
        page = db.session.get(Page, page.id)
        seen.append((page.count, page.version))
    assert [count for count, _ in seen] == [1, 2, 1, 2]
    assert len({version for _, version in seen}) == 4


def test_an_act_on_many_is_one_act_or_none(site):
    page = make.page(site)
    comments = [make.comment(page, state=State.PENDING) for _ in range(3)]
    with pytest.raises(NotFound):
        actions.approve([*(comment.id for comment in comments), "0000000000000"], by="owner")
    assert {fresh(comment).state for comment in comments} == {State.PENDING}
    moved = actions.approve([comment.id for comment in comments] * 2, by="owner")
    assert len(moved) == 3


def test_every_act_leaves_a_line_in_the_log(site):
    comment = make.comment(make.page(site), text="Before.")
    actions.edit(comment.id, "After.", by="ada@blog.example", limit=5000)
    actions.spam([comment.id], by="command line")
    actions.spam([comment.id], by="command line")
    lines = [
        (act.by, act.verb, act.state_before, act.text_before)
        for act in db.session.scalars(select(Act).order_by(Act.id))
    ]
    assert lines == [
        ("ada@blog.example", "edit", "visible", "Before."),
        ("command line", "spam", "visible", None),
    ]


def test_an_edit_is_rendered_and_marked(site):
    comment = make.comment(make.page(site))
    actions.edit(comment.id, "*After.*", by="owner", limit=5000)
    after = fresh(comment)
    assert (after.html, after.text) == ("<p><em>After.</em></p>\n", "*After.*")
    assert after.edited is not None


def test_undo_can_lead_from_every_state_to_every_other():
    for before, allowed in states.ALLOWED.items():
        assert allowed == set(State) - {before}
