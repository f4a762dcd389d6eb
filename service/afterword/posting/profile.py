"""How somebody who signs in is shown with what they write."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.core import i18n
from afterword.core.db import transaction
from afterword.core.errors import BadRequest, Conflict
from afterword.core.i18n import _
from afterword.identity.models import Account
from afterword.markup import links, plain
from afterword.posting import pictures


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A profile as its owner typed it."""

    name: str
    website: str
    lang: str
    shows_picture: bool


def choose(account: Account, choice: Choice) -> None:
    """Keep a profile. What was written before keeps the name it was signed with.

    Raises BadName, BadWebsite, BadRequest; Conflict where a blog says who its users are.
    """
    if account.site_id is not None:
        raise Conflict(_("Your blog says who you are: change it there."))
    name, website = plain.name(choice.name), links.website(choice.website)
    if choice.lang and choice.lang not in i18n.LANGUAGES:
        raise BadRequest(_("This language is not spoken here."), field="lang")
    with transaction():
        account.name, account.website = name, website
        account.lang = choice.lang or None
        changed = account.shows_picture != choice.shows_picture
        account.shows_picture = choice.shows_picture
        if changed:
            account.picture_id = None  # one that is wanted is fetched anew
            pictures.show(account)
            pictures.want(account)


def offered_picture(account: Account) -> bool:
    """Whether a provider has a picture of them."""
    return any(one.picture_url for one in account.passports)
