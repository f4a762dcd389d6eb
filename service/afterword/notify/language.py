"""The language of mails to moderators."""

from __future__ import annotations

from afterword.identity.models import Moderator
from afterword.moderation import permissions
from afterword.sites import directory


def of(moderator: Moderator) -> str:
    """The one that they chose; else that of the first of their sites that says one.

    One for all mails, whatever they are about: nobody is to be spoken to now in this one, now in
    that.
    """
    theirs = (
        site.options.language
        for site in directory.every()
        if permissions.may_moderate(moderator, site.id)
    )
    return moderator.language or next(filter(None, theirs), "")
