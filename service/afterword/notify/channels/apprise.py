"""Over a hundred chats and push services, by the addresses that https://github.com/caronc/apprise
knows. They come from the owner alone, and so may lead anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from afterword.jobs.kinds import Failed, Hopeless


def deliver(urls: Iterable[str], *, title: str, body: str) -> None:
    """Send a message everywhere. Raises Failed when one place did not take it, Hopeless for none.

    Where several are set up and one fails, the others get the message again: seldom, and harmless.
    """
    chats = _apprise().Apprise()
    for number, url in enumerate(urls, start=1):
        if not chats.add(url):
            raise Hopeless(f"Number {number} of chat_urls is no address that Apprise knows.")
    if not chats.notify(title=title, body=body, body_format="text"):
        raise Failed("A chat did not take the message.")


def _apprise() -> Any:
    try:
        import apprise  # an extra, absent where nobody asked for it
    except ModuleNotFoundError:
        raise Hopeless("Apprise is not installed: pip install 'afterword[apprise]'.") from None
    # Its lines name the addresses, and these hold keys.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise
