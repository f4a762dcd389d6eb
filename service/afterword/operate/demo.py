"""The sample thread under the demo post, for a data folder that has no site yet."""

from __future__ import annotations

import datetime as dt

from afterword.core import clock
from afterword.core.db import db, transaction
from afterword.markup.render import render
from afterword.sites import changes, directory
from afterword.threads import counts
from afterword.threads.models import Comment, Page, State

NAME = "Four at the Long Table"
TITLE = "The boat that was a table"

# (name, minutes after the first, place in this list of the comment it answers, by the owner, text)
COMMENTS = (
    ("Aunt Rosalind", 0, None, False,
     "The good tablecloth! I gave you that one for *occasions*. On reflection this was one."),
    ("Hanna", 34, 0, True,
     "It has a rope burn and a soup stain and has never been happier."),
    ("Piet from next door", 51, None, False,
     "We saw the torch through the window and wondered. Please ask the captain whether there is "
     "room for two more next Saturday. We can trade **pancakes**."),
    ("Jonas", 96, 2, False,
     "The captain says yes but you have to bring your own map. I am the navigator so I checked."),
    ("Grandpa Willem", 260, None, False,
     "Your father sailed that same table to Iceland in 1984. There should be a scratch on the "
     "underside, near the left back leg, from the anchor. Look and tell me."),
    ("Dilek", 1205, None, False,
     "I read this out at our breakfast, and now our table is a train. Thank you, I think."),
)  # fmt: skip
FIRST = dt.datetime(2026, 11, 15, 18, 12, tzinfo=clock.UTC)


def seed(address: str) -> None:
    """Make the demo's own site and thread, unless there is any site. ``address`` is ours."""
    if directory.every():
        return
    site = changes.add(address, name=NAME)
    changes.add(address.replace("localhost", "127.0.0.1"), to=site.id)
    url = f"{address}/demo"
    with transaction():
        page = Page(site_id=site.id, key=site.page_key(url), url=url, title=TITLE)
        db.session.add(page)
        db.session.flush()
        placed: list[Comment] = []
        for name, minutes, answers, is_owner, text in COMMENTS:
            parent = placed[answers] if answers is not None else None
            comment = Comment(
                site_id=site.id,
                page_id=page.id,
                parent_id=parent.id if parent else None,
                root_id=(parent.root_id or parent.id) if parent else None,
                depth=parent.depth + 1 if parent else 0,
                name=name,
                is_moderator=is_owner,
                text=text,
                html=render(text),
                state=State.VISIBLE,
                created=FIRST + dt.timedelta(minutes=minutes),
            )
            db.session.add(comment)
            db.session.flush()
            placed.append(comment)
        counts.recount(page.id)
