"""A signed POST to an address of the owner's."""

from __future__ import annotations

from typing import Final

from afterword.core import clock, config, fetch, standard_webhooks, urls
from afterword.core.fetch import Limits, Unreachable
from afterword.jobs.kinds import Failed, Hopeless

SECONDS: Final = 15.0


def deliver(body: bytes, *, url: str, secret: str, call: str) -> int:
    """Answers the status, 200 to 299. Raises Failed for another, Hopeless for 410 (gone)."""
    named, parts = config.current().hook_hosts, urls.split(url)
    if parts.scheme != "https" and parts.place not in named:
        raise Failed("The address of the webhook needs https, or a place in AFTERWORD_HOOK_HOSTS.")
    headers = standard_webhooks.headers(body, secret=secret, call=call, at=clock.now())
    limits = Limits(seconds=SECONDS, most=0, inside=named)
    try:
        answer = fetch.post(url, body, headers=headers, limits=limits)
    except Unreachable as fault:
        raise Failed(f"The webhook cannot be reached: {fault}.") from None
    if answer.status == 410:
        raise Hopeless("The webhook is gone, as it says (410).")
    if not 200 <= answer.status < 300:
        raise Failed(f"The webhook answered {answer.status}.")
    return answer.status
