"""Mail that readers asked for, to addresses that may have gone."""

from __future__ import annotations

from afterword.core.db import transaction
from afterword.notify import letter
from afterword.notify.channels.email import NoMailbox
from afterword.notify.letter import Letter
from afterword.threads import subscriptions


def mail(said: Letter) -> None:
    """Send it; where there is no such address any more, end all that is mailed there.

    Raises Failed, Hopeless.
    """
    try:
        letter.send(said)
    except NoMailbox:
        with transaction():
            for one in subscriptions.of_address(said.to):
                subscriptions.end(one)
        raise
