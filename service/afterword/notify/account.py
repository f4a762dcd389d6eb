"""The mail to a moderator when something about how they log in has changed."""

from __future__ import annotations

from typing import Final

from afterword.core import clock, i18n
from afterword.core.db import db
from afterword.core.i18n import N_, _
from afterword.identity.models import Moderator
from afterword.notify import language, letter, words
from afterword.notify.letter import Letter

SENTENCES: Final = {
    "change password": N_("The password of your account was changed."),
    "reset password": N_("A new password was chosen for your account, by a one-time link."),
    "second step on": N_("A second step, the code of an app, was turned on for your account."),
    "second step off": N_(
        "The second step was turned off: the password alone lets into your account."
    ),
    "renew codes": N_("New recovery codes were made for your account; the ones before are void."),
    "add passkey": N_("A passkey was added to your account."),
    "remove passkey": N_("A passkey was removed from your account."),
    "refuse passkey": N_(
        "A passkey of your account was refused: it seems that there is a copy of it."
    ),
}


def send(moderator_id: int, what: str, name: str, about: str, at: str) -> None:
    """Mail it, unless they are no moderator any more. Raises Failed, Hopeless."""
    moderator = db.session.get(Moderator, moderator_id)
    if moderator is None:
        return
    moment = clock.parse(at)
    with i18n.speaking(language.of(moderator)):
        letter.send(
            Letter(
                to=moderator.email,
                subject=_("Your account for moderating comments"),
                name="account",
                about=f"account.{about}",
                values={
                    "sentence": _(SENTENCES[what]),
                    "passkey": words.without_links(name),
                    "at": i18n.moment(moment),
                },
            )
        )
