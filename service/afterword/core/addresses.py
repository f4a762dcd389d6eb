"""Who is asking: the client's address behind proxies that we trust, and nobody else's word."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

from afterword.core.config import Network

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are IPv4
_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")  # RFC 4291, 2.4

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client(remote: str, forwarded: str, *, trusted: Sequence[Network]) -> str:
    """The address of the client: ``X-Forwarded-For`` walked right to left past trusted proxies.

    A header from anyone else, and the part of it left of an untrusted hop, is ignored: a client can
    write there what it likes.
    """
    address = remote
    for hop in reversed(forwarded.split(",")):
        if not is_within(address, trusted):
            break
        known = parse(hop.strip())
        if known is None:
            break
        address = str(known)
    return address


def network(address: str) -> str:
    """What a limit counts by: an IPv4 address, or the /64 that one IPv6 household holds."""
    known = parse(address)
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
    return str(known) if known else "unknown"


def prefix(address: str) -> str | None:
    """The neighbourhood that a client can hardly leave: its /24, or /48 of IPv6; None for none."""
    known = parse(address)
    if known is None:
        return None
    length = 24 if known.version == 4 else 48
    return str(ipaddress.ip_network(f"{known}/{length}", strict=False))


def is_of_internet(address: str) -> bool:
    """Whether people can be told apart by such an address: not by a private or loopback one."""
    known = parse(address)
    return known is not None and known.is_global


def leads_outside(address: Address) -> bool:
    """Whether a connection to it goes to the Internet and to nothing of our own.

    Stricter than ``is_global``: not to multicast, and in IPv6 only to what is given out for single
    machines, with every IPv4 address that it wraps looked at as well.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if address.ipv4_mapped:
        return leads_outside(address.ipv4_mapped)
    if address in _NAT64:
        return leads_outside(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    # 6to4 was given up (RFC 7526), and newer Pythons call none of it global.
    if address not in _GIVEN_OUT or address.sixtofour or not address.is_global:
        return False
    return all(leads_outside(one) for one in address.teredo or ())


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of these networks."""
    known = parse(address)
    return known is not None and any(
        known.version == net.version and known in net for net in networks
    )


def parse(text: str) -> Address | None:
    """An address as written; one of IPv4 in the dress of IPv6 is that of IPv4. None for none."""
    try:
        known = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        return known.ipv4_mapped
    return known
