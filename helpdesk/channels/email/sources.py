"""Which source of the workflow file a mail is for. Asked by every way mail comes in, and before an address of ours is
answered.

A source is found by the address on the envelope, else by the addresses servers and writers put into the head.
`support+anything@…` is `support@…`. Mail that names none of ours (an alias that the file does not know) goes to the
first source of type email.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from helpdesk.channels.email.parse import Mail
from helpdesk.people.find import normal
from helpdesk.settings import current
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Source


def mailboxes() -> list[Source]:
    """The sources of type email, in the file's order."""
    return [source for source in _sources() if source.type == "email"]


def of_address(address: str) -> Source | None:
    """The source whose address this is, for letters or for bounces, with or without a plus tag."""
    wanted, boxes = normal(address), mailboxes()
    by_address = {normal(one): boxes[0] for one in _for_bounces() if boxes}
    by_address |= {normal(str(source.options.address)): source for source in reversed(boxes)}
    return by_address.get(wanted) or by_address.get(without_tag(wanted))


def _for_bounces() -> Iterator[str]:
    """Where mail of ours comes back to; a report needs no source of its own, it names its mail."""
    yield from (each.mail.bounces for each in _sources() if each.mail and each.mail.bounces)
    if current().bounce_address:
        yield current().bounce_address


def is_our_own(address: str) -> bool:
    """Whether the desk itself writes as this address, also where nobody writes to it (attack 35)."""
    written_as = {normal(each.mail.from_) for each in _sources() if each.mail and each.mail.from_}
    return of_address(address) is not None or normal(address) in written_as


def of_mail(mail: Mail, *, envelope_to: Iterable[str] = ()) -> Source | None:
    """The source a mail is for; None only where the desk has no source of type email."""
    written = (one.address for one in (*mail.to, *mail.cc))
    for address in (*envelope_to, *mail.delivered_to, *written):
        if found := of_address(address):
            return found
    return next(iter(mailboxes()), None)


def _sources() -> Collection[Source]:
    return revisions.active().desk.sources.values()


def without_tag(address: str) -> str:
    """`support+tag@example.org` as `support@example.org`."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
