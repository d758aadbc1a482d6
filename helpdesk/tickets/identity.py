"""As whom a mail goes out: what the file says of the source its ticket came through.

Asked by whoever queues a mail; `outbox.post` freezes the answer with it. Knows no server and renders nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from helpdesk.people import find
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Source, SourceMail


@dataclass(frozen=True)
class Identity:
    """`display_name` and `signature` are templates. What is empty is the desk's own, or nothing."""

    address: str = ""
    display_name: str = ""
    reply_to: str = ""
    bounces: str = ""
    signature: str = ""

    def frozen(self) -> dict[str, str]:
        """What the outbox keeps of it, by the names of its parts; the address is the `sender`."""
        said = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "address"}
        return {"sender": self.address} | {name: value for name, value in said.items() if value}

    def without_texts(self) -> Identity:
        """The same for a mail whose names its templates do not know."""
        return Identity(self.address, reply_to=self.reply_to, bounces=self.bounces)


DESK = Identity()


def of_ticket(ticket: Ticket, *, named: str | None = None) -> Identity:
    """As whom mail about this ticket goes out. `named`: the address that an action's `from` gives instead."""
    sources = revisions.active().desk.sources
    if not named or named == "source":
        return of_source(sources.get(ticket.source))
    owner = next((each for each in sources.values() if _own_address(each).lower() == named.lower()), None)
    return of_source(owner) if owner else Identity(named)


def is_own(address: str) -> bool:
    """Whether mail to this address comes back to the desk, whatever stands behind a plus sign in it."""
    normal = find.normal(address)
    local, _, domain = normal.rpartition("@")
    return bool({normal, f"{local.partition('+')[0]}@{domain}"} & own_addresses())


def own_addresses() -> frozenset[str]:
    """Every address people write to the desk at or that it writes as, in one spelling."""
    said = [address for each in revisions.active().desk.sources.values() for address in _both(each)]
    return frozenset(find.normal(each) for each in said if each)


def _both(source: Source) -> tuple[str, str]:
    return _own_address(source), (source.mail.from_ or "") if source.mail else ""


def of_source(source: Source | None) -> Identity:
    """What a source says; where it says nothing, it is the first mailbox of the file."""
    if source is not None and source.type == "email":
        base = Identity(_own_address(source))
    else:
        boxes = (each for each in revisions.active().desk.sources.values() if each.type == "email")
        first = next(boxes, None)
        base = of_source(first) if first else DESK
    return base if source is None or source.mail is None else _changed(base, source.mail)


def _changed(base: Identity, said: SourceMail) -> Identity:
    return Identity(
        address=said.from_ or base.address,
        display_name=said.display_name or base.display_name,
        reply_to=said.reply_to or base.reply_to,
        bounces=said.bounces or base.bounces,
        signature=said.signature or base.signature,
    )


def _own_address(source: Source) -> str:
    return str(getattr(source.options, "address", ""))
