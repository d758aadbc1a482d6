"""What the search box leads to."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.tickets import policy, queue, rows, search
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rows import Row

MOST_OF_ONE = 20  # tickets of one requester looked through for the only one that can be seen


def exactly(person: Person, asked: str) -> str | None:
    """The ref of the one ticket that `asked` names: its ref or number, or the address of somebody with a single one."""
    if not asked or " " in asked:
        return None
    if "@" in asked:
        return _only_one_of(person, asked)
    for spelling in dict.fromkeys((asked.lstrip("#"), asked.lstrip("#").upper())):
        try:
            return policy.find(person, spelling).ref
        except NotFound:
            continue
    return None


def by_words(person: Person, asked: str, *, before: int | None) -> tuple[list[Row], int | None]:
    """Tickets that answer the words, newest mention first, and where the next page begins."""
    tickets, older = search.find(person, asked, limit=queue.PAGE, before=before)
    return rows.of(person, [ticket.id for ticket in tickets]), older


def _only_one_of(person: Person, address: str) -> str | None:
    requester = find.by_email(address)
    if requester is None:
        return None
    newest = select(Ticket.ref, Ticket.workflow, Ticket.state).where(
        Ticket.requester_id == requester.id, Ticket.merged_into_id.is_(None)
    )
    rows = session().execute(newest.order_by(Ticket.activity_at.desc(), Ticket.id.desc()).limit(MOST_OF_ONE))
    visible = policy.visible_states(person)
    refs = [ref for ref, workflow, state in rows if (workflow, state) in visible]
    return refs[0] if len(refs) == 1 else None
