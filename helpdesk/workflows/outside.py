"""Addresses out there: which of them a workflow file may name, and which the desk may call (attack 86).

Asked when the file is checked, where only what is written can be judged (no name is ever looked up), and by
`delivery.http` about the addresses that a name stood for at the moment of the call.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # E.164: a plus, the country, at most fifteen digits
_OURS = ("localhost", "ip6-localhost", "ip6-loopback")
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all of IPv6 that is anybody's
_WRAPPED = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))  # another address stands inside
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))


def is_public(address: Address) -> bool:
    """Whether this is a machine on the open internet: not this one, not our network, not a cloud's own service."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        return address.is_global and address in _UNICAST and not any(address in each for each in _WRAPPED)
    return address.is_global and not (
        address.is_multicast or address.is_reserved or any(address in each for each in _SPECIAL)
    )


def written_out(host: str) -> Address | None:
    """The address a host is, where it is none that must be looked up: also as 127.1, 0x7f000001 or 2130706433."""
    host = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def bad_url(text: str) -> str:
    """Why the desk could not call this address, as a sentence; empty if it could."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not an address."
    if parts.scheme not in ("https", "http") or not host or re.search(r"[\s\\\x00-\x1f\x7f]", text):
        return "An address to call begins with https://."
    if parts.username or parts.password or parts.fragment:
        return "An address to call holds no user, no password and no #."
    return ""


def is_inside(host: str) -> bool:
    """Whether a host, as it is written, can only be this machine or its network."""
    name = host.rstrip(".").lower()
    address = written_out(name)
    return name in _OURS or name.endswith(".localhost") or (address is not None and not is_public(address))
