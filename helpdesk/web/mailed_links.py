"""Opening a link of a mail that does something (`tickets.action_links`): whose it is, and whether it still works.

A page for one has two routes, both `@for_everyone` and `@secret_address`: GET shows what would be done, POST does it
through `actions.perform` as that person, with the claim's nonce. Whoever tries many wrong ones is stopped (attack 47).
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.actions.holding import WITH_PEOPLE
from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import action_links
from helpdesk.tickets.action_links import Claim, Purpose
from helpdesk.tickets.models import Ticket
from helpdesk.web import limits
from helpdesk.web.visitors import network


@dataclass(frozen=True)
class Opened:
    """A link that works, its ticket with its people, and whose it is."""

    claim: Claim
    ticket: Ticket
    person: Person


def opened(purpose: Purpose, token: str) -> Opened:
    """What this link is about, left as it is. Raises NotFound with one clear sentence, or TooMany."""
    try:
        return _opened(action_links.read(purpose, token))
    except NotFound:
        limits.spend("one_time_link", network())
        raise


def _opened(claim: Claim) -> Opened:
    person = session().get(Person, claim.person_id)
    ticket = session().scalars(WITH_PEOPLE, {"ticket": claim.ticket_id}).unique().one_or_none()
    if person is None or not person.is_active or ticket is None:
        raise NotFound(action_links.WRONG)
    return Opened(claim, ticket, person)
