"""The mail to a moderator when something about how they log in has changed."""

from __future__ import annotations

from typing import Final

from afterword.core import clock
from afterword.core.db import db
from afterword.identity.models import Moderator
from afterword.notify import letter, words
from afterword.notify.letter import Letter

SENTENCES: Final = {
    "change password": "The password of your account was changed.",
    "reset password": "A new password was chosen for your account, by a one-time link.",
    "second step on": "A second step, the code of an app, was turned on for your account.",
    "second step off": "The second step was turned off: the password alone lets into your account.",
    "renew codes": "New recovery codes were made for your account; the ones before are void.",
    "add passkey": "A passkey was added to your account.",
    "remove passkey": "A passkey was removed from your account.",
    "refuse passkey": "A passkey of your account was refused: it seems that there is a copy of it.",
}


def send(moderator_id: int, what: str, name: str, about: str, at: str) -> None:
    """Mail it, unless they are no moderator any more. Raises Failed, Hopeless."""
    moderator = db.session.get(Moderator, moderator_id)
    if moderator is None:
        return
    moment = clock.parse(at)
    letter.send(
        Letter(
            to=moderator.email,
            subject="Your account for moderating comments",
            name="account",
            about=f"account.{about}",
            values={
                "sentence": SENTENCES[what],
                "passkey": words.without_links(name),
                "at": f"{moment.day} {moment:%b %Y, %H:%M} UTC",
            },
        )
    )
