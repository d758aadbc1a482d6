"""Where a request comes from, as far as that can be known."""

from __future__ import annotations

import ipaddress

from flask import request


def address() -> str:
    """The visitor's network address; behind trusted proxies the one they saw."""
    return request.remote_addr or ""


def network() -> str:
    """What counts as one visitor for limits: an IPv4 address, or the /64 that a household of IPv6 gets."""
    try:
        found = ipaddress.ip_address(address())
    except ValueError:
        return address()
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def is_this_machine() -> bool:
    """Whether the request was made on this machine itself, not passed on by a proxy that we were not told of."""
    passed_on = {"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} & set(request.headers.keys())
    try:
        return ipaddress.ip_address(address()).is_loopback and not passed_on
    except ValueError:
        return False
