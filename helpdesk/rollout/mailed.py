"""Whom a test of a workflow file sees mailed: recipients as the file spells them.

Whoever is meant twice in one e-mail (as the assignee and as a member of the group) gets one message, under the first
word; the second reached nobody else, so a test may name it or leave it out. Asked by `play`; writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from helpdesk.actions.door import lock
from helpdesk.actions.recipients import named
from helpdesk.db import session, writing
from helpdesk.tickets.models import Delivery, Event
from helpdesk.workflows.schema import Desk


def recipients(desk: Desk, ticket_id: int, *, after: int) -> tuple[set[str], set[str]]:
    """Of every e-mail queued since the delivery `after`: who was mailed, and the words that mean nobody else. The
    desk's own word that a message was only filed belongs to no event, and is none.
    """
    mails = select(Delivery.role, Delivery.recipient, Event.workflow, Event.action, Event.id).join(
        Event, Event.id == Delivery.event_id
    )
    rows = session().execute(mails.where(Delivery.ticket_id == ticket_id, Delivery.kind == "mail", Delivery.id > after))
    runs: dict[tuple[str, str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for role, address, workflow, action, event in rows:
        runs[str(workflow), str(action), event][role].add(address)
    doubled = [each for (workflow, action, _), had in runs.items() for each in _doubled(desk, workflow, action, had)]
    seen = {role for had in runs.values() for role in had}
    return seen, {word for word, had in doubled if had & _addresses(word, ticket_id)}


def _doubled(desk: Desk, workflow: str, action: str, had: dict[str, set[str]]) -> Iterator[tuple[str, set[str]]]:
    """Recipients of a sent e-mail whom none of its messages names, and who got it all the same under another word."""
    spec = desk.workflows[workflow].actions.get(action) if workflow in desk.workflows else None
    for email in spec.emails if spec else ():
        words = (*email.to, *email.bcc)
        got = {address for word in words for address in had.get(word, ())}
        yield from ((word, got) for word in words if got and word not in had)


def _addresses(word: str, ticket_id: int) -> set[str]:
    with writing():
        return {address for _, address in named(word, lock(ticket_id))}
