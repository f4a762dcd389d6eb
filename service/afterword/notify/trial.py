"""A mail for the owner, to see whether mails arrive."""

from __future__ import annotations

from afterword.core import ids
from afterword.core.errors import BadEmail
from afterword.core.i18n import _
from afterword.markup import plain
from afterword.notify import letter
from afterword.notify.letter import Letter


def send(address: str) -> None:
    """Send it at once. Raises BadEmail; Failed, Hopeless with what the mail server said."""
    to = plain.email(address)
    if to is None:
        raise BadEmail(_("Say to which address, e.g. you@blog.example."))
    letter.send(
        Letter(
            to=to, subject="Mail from Afterword arrives", name="trial", about=f"trial.{ids.new()}"
        )
    )
