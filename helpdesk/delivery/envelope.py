"""Who the envelope of a mail names as its sender, which is where a report goes that it did not arrive.

Automatic mail names nobody (RFC 3834, 3.3): what answers it goes nowhere. Any other mail may name an address for
bounces with a mark of this one delivery behind a plus sign, signed with the desk's key, so that a report which comes to
it names its mail whatever is written in it, and nobody can make one up (VERP; attack 36).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from helpdesk.db import session
from helpdesk.settings import current
from helpdesk.tickets import links
from helpdesk.tickets.models import Delivery

NULL_PATH = "<>"


def sender(delivery: Delivery) -> str | None:
    """The address for MAIL FROM; None = the one in From."""
    if delivery.automatic:
        return NULL_PATH
    base = delivery.frozen.get("bounces") or current().bounce_address
    if not base:
        return None
    local, _, domain = base.rpartition("@")
    return f"{local}+{links.signer().bounce_tag(delivery.id)}@{domain}"


def delivery_of(addresses: Iterable[str]) -> str | None:
    """The Message-ID of the mail whose genuine mark one of these addresses bears; the first there is."""
    signer = links.signer()
    for tag in tags(addresses):
        if (known := signer.read_bounce_tag(tag)) is not None:
            return session().scalar(select(Delivery.message_id).where(Delivery.id == known))
    return None


def tags(addresses: Iterable[str]) -> Iterator[str]:
    """What stands behind the plus signs of these addresses."""
    for address in addresses:
        local, plus, tag = address.rpartition("@")[0].partition("+")
        if local and plus:
            yield tag
