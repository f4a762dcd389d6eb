"""Many links are what spam is made for, and where they lead is what it hides."""

from __future__ import annotations

import re

from afterword.core.i18n import stored
from afterword.markup.links import Link, deceives, host_of, outward
from afterword.spam.verdict import PASS, Context, Level, Verdict
from afterword.threads.draft import Draft

FOR_KNOWN = 3  # times as many links as a stranger
SHORTENERS = frozenset(
    {
        *("adf.ly", "bc.vc", "bit.do", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "clck.ru"),
        *("cutt.ly", "cutt.us", "dub.sh", "goo.gl", "is.gd", "j.mp", "lnkd.in", "ouo.io"),
        *("ow.ly", "qr.ae", "rb.gy", "rebrand.ly", "s.id", "short.gy", "short.io", "shorte.st"),
        *("shorturl.at", "soo.gd", "surl.li", "t.co", "t.ly", "tiny.cc", "tiny.one"),
        *("tinyurl.com", "u.to", "v.gd", "vk.cc", "x.co", "x.gd"),
    }
)
_ENDS_IN_NUMBER = re.compile(r"(?:\A|\.)(?:[0-9]+|0x[0-9a-f]*)\Z")
_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*\Z", re.IGNORECASE)


def links(draft: Draft, context: Context) -> Verdict:
    """Hold too many links, and a stranger's that do not say where they lead."""
    found = outward(context.html, context.hosts)
    website = [Link(draft.website, "")] if draft.website else []
    odd = [] if context.is_known else _odd([*found, *website])
    most = context.options.max_links * (FOR_KNOWN if context.is_known else 1)
    if len(found) > most:
        odd.append(_many(found))
    if odd:
        return Verdict(Level.HOLD, " ".join(dict.fromkeys(odd)), min(1.0, 0.5 + 0.1 * len(odd)))
    return Verdict(Level.PASS, suspicion=min(0.5, 0.1 * len(found))) if found else PASS


def _odd(found: list[Link]) -> list[str]:
    return [reason for link in found if (reason := _oddity(link))]


def _oddity(link: Link) -> str | None:
    host = host_of(link.target)
    if host.removeprefix("www.") in SHORTENERS:
        return stored("reason", "It links through %(host)s, which hides where it leads.", host=host)
    if _is_number(host):
        return stored("reason", "It links to %(host)s, a number and no name.", host=host)
    if deceives(host):
        return stored(
            "reason", "It links to %(host)s, which looks like another address.", host=host
        )
    if _ADDRESS.match(link.words) and not _belongs(host_of(link.words), host):
        return stored(
            "reason",
            "A link that says %(words)s leads to %(host)s.",
            words=link.words.strip()[:60],
            host=host,
        )
    return None


def _many(found: list[Link]) -> str:
    if len(found) == 1:
        return stored("reason", "It has a link.")
    hosts = {host_of(link.target) for link in found}
    if len(hosts) == 1:
        return stored("reason", "It has %(links)s links, all to one place.", links=len(found))
    return stored(
        "reason",
        "It has %(links)s links, to %(places)s different places.",
        links=len(found),
        places=len(hosts),
    )


def _belongs(one: str, other: str) -> bool:
    """Whether two hosts are one, or one is a part of the other."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _is_number(place: str) -> bool:
    """Whether a browser takes a host for an IP address: by its last part (URL Standard, 3.5)."""
    return place.startswith("[") or _ENDS_IN_NUMBER.search(place.partition(":")[0]) is not None
