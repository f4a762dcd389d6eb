"""The mail by which somebody becomes a moderator."""

from __future__ import annotations

from afterword.core import config, i18n, ids
from afterword.core.db import db
from afterword.core.i18n import _
from afterword.identity.models import Moderator
from afterword.moderation import team
from afterword.notify import letter, words
from afterword.notify.letter import Letter


def send(moderator_id: int, by: str, language: str = "") -> None:
    """Mail the link, unless they came in already or are none any more. Raises Failed, Hopeless.

    It is made here and not where the mail is asked for: a secret is not to lie among the jobs.
    """
    moderator = db.session.get(Moderator, moderator_id)
    if moderator is None or not moderator.is_invited:
        return
    token = team.make_link(moderator)
    with i18n.speaking(language):
        letter.send(
            Letter(
                to=moderator.email,
                subject=_("Will you moderate comments?"),
                name="invitation",
                about=f"invitation.{ids.new()}",
                values={
                    "by": words.without_links(by),
                    "sites": [words.without_links(name) for name in team.named_sites(moderator)],
                    "is_owner": moderator.is_owner,
                    "link": f"{config.public_url()}/admin/password#{token}",
                    "days": team.LINK_LIFE.days,
                },
            )
        )
