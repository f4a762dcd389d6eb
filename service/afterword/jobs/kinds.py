"""What jobs there are: each kind's name and the function that does it, imported when first due."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "remove-site": "afterword.transfer.removal:run",
    "ask-pages": "afterword.moderation.onward:run",
    "sweep": "afterword.moderation.sweeps:run",
    "upload": "afterword.transfer.uploads.turn:take",
    "event": "afterword.notify.dispatch:tell",
    "webhook": "afterword.notify.webhook:send",
    "chat": "afterword.notify.chat:send",
    "notice": "afterword.notify.notice:send",
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
    "sign-in": "afterword.notify.confirm:sign_in",
}


class Hopeless(Exception):
    """Trying again would not help. The text says why, for the owner; no address is in it."""


class Failed(Exception):
    """It did not work this time. The text says why, for the owner; no address is in it."""
