"""What jobs there are: each kind's function, imported when first due, and what it is called."""

from __future__ import annotations

from typing import Final

from afterword.core.i18n import N_

KINDS: dict[str, str] = {
    "remove-site": "afterword.transfer.removal:run",
    "ask-pages": "afterword.moderation.onward:run",
    "sweep": "afterword.moderation.sweeps:run",
    "upload": "afterword.transfer.uploads.turn:take",
    "event": "afterword.notify.dispatch:tell",
    "webhook": "afterword.notify.webhook:send",
    "chat": "afterword.notify.chat:send",
    "notice": "afterword.notify.notice:send",
    "changed": "afterword.notify.changed:send",
    "summary": "afterword.notify.summary:send",
    "news": "afterword.notify.news:send",
    "digest": "afterword.notify.digest:send",
    "confirm": "afterword.notify.confirm:confirm",
    "invitation": "afterword.notify.invitation:send",
    "account": "afterword.notify.account:send",
    "picture": "afterword.posting.pictures:get",
    "mention": "afterword.mentions.verify:look",
    "mentions-made": "afterword.mentions.outbox:tell",
    "mention-told": "afterword.mentions.outbox:send",
    "fediverse": "afterword.mentions.fediverse:look",
    "sign-in": "afterword.notify.confirm:sign_in",
    "hub": "afterword.feeds.hub:tell",
    "died": "afterword.notify.died:tell",
    "died-mail": "afterword.notify.died:mail",
    "died-call": "afterword.notify.died:call",
    "died-chat": "afterword.notify.died:chat",
}

# Mail that somebody sits and waits for, by a code or a link that soon ends.
AWAITED: Final = frozenset({"sign-in", "confirm", "invitation", "account"})
# What waits for hosts of others, or may take minutes.
FAR: Final = frozenset(
    {"webhook", "chat", "ask-pages", "hub", "died-call", "died-chat", "remove-site"}
)
# What waits for hosts that strangers name, who may let many of theirs answer slowly.
NAMED: Final = frozenset({"picture", "mention", "mention-told", "fediverse"})
# What is done here, soon, and what the others wait for.
NEAR: Final = frozenset({"event", "sweep", "upload", "mentions-made", "died"})
# Each has a worker of its own: a host that hangs keeps no mail, and no mail the one with a code.
LANES: Final = (AWAITED, NEAR, FAR, NAMED, frozenset(KINDS) - AWAITED - NEAR - FAR - NAMED)

# The job that finds out who is told of dead ones, and all by which they are told: nobody is told of
# these when they die themselves.
DIED: Final = "died"
OF_THE_DEAD: Final = frozenset({DIED, "died-mail", "died-call", "died-chat"})

# What each kind is called for those who run the service.
NAMES: dict[str, str] = {
    "remove-site": N_("Removal of a site"),
    "sweep": N_("Decision over many comments"),
    "upload": N_("Import of a file"),
    "event": N_("Find out who is told of an event"),
    "webhook": N_("Call of a webhook"),
    "chat": N_("Message to a chat"),
    "notice": N_("Mail to a moderator"),
    "changed": N_("Mail to a moderator about what others changed or removed"),
    "summary": N_("Mail that sums up what waits"),
    "news": N_("Mail to a reader about a comment"),
    "digest": N_("Mail that sums up answers for a reader"),
    "invitation": N_("Mail that invites a moderator"),
    "account": N_("Mail to a moderator about their account"),
    "confirm": N_("Mail to confirm an address"),
    "sign-in": N_("Mail with the way to one's comments"),
    "picture": N_("Fetch of an author's picture"),
    "mention": N_("Look at a page that says it mentions one of yours"),
    "mentions-made": N_("Find out which pages a comment mentions"),
    "mention-told": N_("Tell a page that a comment mentions it"),
    "fediverse": N_("Ask for replies to a post on the fediverse"),
    "ask-pages": N_("Ask pages where their addresses lead"),
    "hub": N_("Tell a hub that feeds have something new"),
    "died": N_("Find out who is told of jobs that were given up"),
    "died-mail": N_("Mail about jobs that were given up"),
    "died-call": N_("Call of a webhook about jobs that were given up"),
    "died-chat": N_("Message to a chat about jobs that were given up"),
}


class Hopeless(Exception):
    """Trying again would not help. The text says why, for the owner; no address is in it."""


class Failed(Exception):
    """It did not work this time. The text says why, for the owner; no address is in it."""
