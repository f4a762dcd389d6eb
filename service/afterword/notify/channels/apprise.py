"""Over a hundred chats and push services, by the addresses that https://github.com/caronc/apprise
knows. They come from the owner alone, and so may lead anywhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from afterword.jobs.kinds import Failed, Hopeless

# What calls people in chats, by their name or all of them: "@everyone", "<@123>", "<!channel>", and
# Feishu's <at user_id="all">.
_CALL: Final = re.compile(r"@|<(?=[@!#]|at\b)", re.IGNORECASE)
_NO_SPACE: Final = "\N{ZERO WIDTH SPACE}"


def deliver(urls: Sequence[str], *, title: str, body: str) -> None:
    """Send a message everywhere, if there is anywhere still; no word in it calls people there.

    Raises Failed when one place did not take it, Hopeless for none.
    Where several are set up and one fails, the others get the message again: seldom, and harmless.
    """
    if not urls:
        return
    chats = _apprise().Apprise()
    for number, url in enumerate(urls, start=1):
        if not chats.add(url):
            raise Hopeless(f"Number {number} of chat_urls is no address that Apprise knows.")
    if not chats.notify(
        title=_calling_nobody(title), body=_calling_nobody(body), body_format="text"
    ):
        raise Failed("A chat did not take the message.")


def _calling_nobody(words: str) -> str:
    return _CALL.sub(rf"\g<0>{_NO_SPACE}", words)


def _apprise() -> Any:
    try:
        import apprise  # an extra, absent where nobody asked for it
    except ModuleNotFoundError:
        raise Hopeless("Apprise is not installed: pip install 'afterword[apprise]'.") from None
    # Its lines name the addresses, and these hold keys.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return apprise
