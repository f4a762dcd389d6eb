"""Mails with a link that proves whose an address is."""

from __future__ import annotations

from afterword.core import config, i18n
from afterword.core.db import db, transaction
from afterword.core.i18n import _
from afterword.identity import accounts, confirmations
from afterword.identity.models import Confirmation
from afterword.notify import letter
from afterword.notify.letter import Letter
from afterword.sites import directory
from afterword.threads import turns
from afterword.threads.models import Comment, State


def confirm(confirmation_id: str) -> None:
    """Ask the author of a comment that is visible whether the address with it is theirs.

    Nothing that a visitor wrote is in it: not their name, not the title that a page said it has.
    Raises Failed, Hopeless.
    """
    asked = _open(confirmation_id)
    comment = db.session.get(Comment, asked.comment_id) if asked else None
    if asked is None or comment is None:
        return
    if comment.state is not State.VISIBLE and _is_put_off(asked, comment):
        return
    site = directory.by_id(comment.site_id)
    theirs = accounts.language(asked.email)
    with i18n.speaking(theirs or site.options.language or asked.language):
        letter.send(
            Letter(
                to=asked.email,
                subject=_("Is this your address? Your comment on %(site)s", site=site.name),
                name="confirm",
                about=f"confirm.{asked.id}",
                values={
                    "site": site.name,
                    "comment": f"{config.public_url()}/c/{comment.id}",
                    "link": _link(asked),
                },
            )
        )


def sign_in(confirmation_id: str) -> None:
    """Show somebody the way to their own comments. Raises Failed, Hopeless."""
    asked = _open(confirmation_id)
    if asked is None:
        return
    with transaction():
        code = confirmations.draw(asked)
    with i18n.speaking(accounts.language(asked.email) or asked.language):
        letter.send(
            Letter(
                to=asked.email,
                subject=_("%(code)s is your code", code=code),
                name="sign-in",
                about=f"sign-in.{asked.id}",
                values={"link": _link(asked), "code": code},
            )
        )


def _is_put_off(asked: Confirmation, comment: Comment) -> bool:
    """Let an author be asked once their comment appears, unless it has by now."""
    with transaction():
        # In turn: who lets it appear asks the author only if the mail is unsent by then.
        current = turns.comment(comment)
        if current is not None and current.state is State.VISIBLE:
            return False
        if current is not None:  # else what was asked is gone with it
            confirmations.mark_unsent(asked)
        return True


def _open(confirmation_id: str) -> Confirmation | None:
    found = db.session.get(Confirmation, confirmation_id)
    return found if found is not None and not confirmations.is_over(found) else None


def _link(asked: Confirmation) -> str:
    return f"{config.public_url()}/me/link/{confirmations.token(asked)}"
