"""The `links` of one mail, each for its recipient alone (`links.pay`, `links.rate` …).

Who has such a link to give registers a maker; it is asked only for mails whose text mentions the link:

    @mailed_links.makes("pay")
    def pay(about: Mailed) -> str:
        return action_links.url("pay", …) if … else ""
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.tickets import action_links, links
from helpdesk.tickets.action_links import LASTS, Purpose
from helpdesk.tickets.approvals import Round
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import revisions


@dataclass(frozen=True)
class Mailed:
    """A mail about to be queued: about which ticket, to whom, and the event of the run that sends it."""

    ticket: Ticket
    recipient: Recipient
    event_id: int
    asked: Round | None = None  # the approval this recipient is asked for, where that is why it is written

    @property
    def to_customer(self) -> bool:
        """Whether it goes to the requester as such; only then may it carry what is the requester's to do."""
        person = self.recipient.person
        return self.recipient.role == "customer" and person is not None and person.id == self.ticket.requester_id


Maker = Callable[[Mailed], str]
_makers: dict[str, Maker] = {}


def makes(name: Purpose) -> Callable[[Maker], Maker]:
    """Decorator: this function makes `links.<name>`, or gives "" where this recipient has no use for one."""

    def enter(maker: Maker) -> Maker:
        _makers[name] = maker
        return maker

    return enter


def of(about: Mailed, text: str) -> dict[str, str]:
    """What `links` holds for this recipient of a mail with this text; links that are not for them are empty."""
    made = {"cabinet": links.cabinet_url(about.ticket.ref), "desk": links.desk_url(about.ticket.ref)}
    for name in LASTS:
        maker = _makers.get(name)
        made[name] = maker(about) if maker and "links" in text and name in text else ""
    return made


@makes("rate")
def rate(about: Mailed) -> str:
    return _of_customer("rate", about)


@makes("reopen")
def reopen(about: Mailed) -> str:
    return _of_customer("reopen", about)


def _of_customer(purpose: Purpose, about: Mailed) -> str:
    """For the requester alone, where the workflow has such an action for customers. Each mail's works once; whether the
    action is possible is judged when it is used.
    """
    actions = revisions.active().desk.workflows[about.ticket.workflow].actions.values()
    if not about.to_customer or not any(each.type == purpose and each.customer in ("run", "own") for each in actions):
        return ""
    ticket = about.ticket
    return action_links.url(purpose, ticket_id=ticket.id, person_id=ticket.requester_id, round=about.event_id)
