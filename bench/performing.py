"""`perform`: an agent's reply with all its rules, beside the same rows written through SQLAlchemy in one commit
without any.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, event, false, insert, literal, select

from bench.desks import Desk
from bench.figures import Figure
from bench.words import Words
from helpdesk import clock
from helpdesk.actions import perform
from helpdesk.db import db, session, writing
from helpdesk.jobs import Job
from helpdesk.people.models import Person
from helpdesk.tickets import search
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Delivery, Event, Message, Ticket, Timer, Unread
from helpdesk.tickets.rich import Rich

TIMES, WARM_UPS, RUNS = 300, 50, 3
AT_LEAST = 1 / 3
NOBODY = select(Person.id, literal(1), Person.created_at).where(false())  # whom a reply leaves something unread: nobody
RAN = {
    "kind": "ran",
    "action": "reply",
    "actor_id": 1,
    "actor_kind": "staff",
    "from_state": "new",
    "to_state": "waiting",
    "for_customer": True,
    "revision_id": 1,
    "data": {"label": "Reply"},
}
SAID = {"author_id": 1, "author_kind": "staff", "audience": "public", "channel": "desk"}
FROZEN = {"subject": "Re: {{ ticket.subject }}", "body": "{{ action.message }}", "names": {"text": "word " * 300}}
SENT = {"recipient": "somebody@mail.example", "role": "customer", "frozen": FROZEN}


def measure(desk: Desk, *, times: int = TIMES) -> list[Figure]:
    """Replies a second, ours and the reference's, in three runs that take turns. Both write as many rows."""
    app, words = desk.app(), Words(11)
    ours, bare = [], []
    with app.app_context():
        waiting = _waiting(times * RUNS * 2 + WARM_UPS * 2)
        times = min(times, (len(waiting) - WARM_UPS * 2) // (RUNS * 2))
        tickets = iter(waiting)
        with counted() as own_writes:
            _reply(next(tickets), words)
        with counted() as bare_writes:
            _rows(next(tickets), words)
        if own_writes() != bare_writes():
            raise RuntimeError(
                f"The reference writes {bare_writes()} times, perform {own_writes()}: they are no longer alike."
            )
        for do in (_reply, _rows):
            _timed(do, [next(tickets) for _ in range(WARM_UPS - 1)], words)
        for _ in range(RUNS):
            bare.append(times / _timed(_rows, [next(tickets) for _ in range(times)], words))
            ours.append(times / _timed(_reply, [next(tickets) for _ in range(times)], words))
    what = f"perform: a reply ({own_writes()} writes, one commit)"
    return [
        Figure(
            what, f"{desk.kind}, {desk.tickets:,} tickets", ours, bare, unit="/s", goal=AT_LEAST, more_is_better=True
        )
    ]


def _timed(do: Callable[[int, Words], None], tickets: list[int], words: Words) -> float:
    begun = time.perf_counter()
    for each in tickets:
        do(each, words)
    return time.perf_counter() - begun


def _reply(ticket_id: int, words: Words) -> None:
    """As a page does it: a fresh session, the actor looked up, one action."""
    session().expunge_all()
    person = session().get_one(Person, 1)
    perform(ticket_id, "reply", staff(person), {"message": Rich.plain(words.message().text)})


def _rows(ticket_id: int, words: Words) -> None:
    """The rows a reply leaves, and nothing asked of anybody."""
    session().expunge_all()
    with writing() as here:
        ticket = here.get_one(Ticket, ticket_id)
        now, text = clock.now(), words.message().text
        ticket.version, ticket.state, ticket.assignee_id = ticket.version + 1, "waiting", 1
        ticket.updated_at = ticket.activity_at = ticket.heard_at = ticket.entered_at = now
        said = Event(ticket_id=ticket_id, at=now, version=ticket.version, **RAN)
        here.add(said)
        here.flush()
        message = Message(ticket_id=ticket_id, event_id=said.id, text=text, created_at=now, attachments=[], **SAID)
        here.add(message)
        here.flush()
        search.index_message(ticket, message.id, text=text, files=())
        here.execute(delete(Timer).where(Timer.ticket_id == ticket_id))
        here.add(Timer(ticket_id=ticket_id, action="close_silent", due_at=now, length="10d"))
        mail = Delivery(
            ticket_id=ticket_id, event_id=said.id, message_id=f"<{secrets.token_hex(20)}@desk.example>", **SENT
        )
        here.add(mail)
        here.flush()
        here.add(Job(kind="deliver", payload={"delivery": mail.id}, dedupe=f"deliver:{mail.id}", run_at=now))
        here.execute(delete(Unread).where(Unread.ticket_id == ticket_id))
        here.execute(insert(Unread).from_select(["person_id", "ticket_id", "at"], NOBODY))


def _waiting(at_most: int) -> list[int]:
    """Open tickets of the front line to answer, the newest first; not for the first time, which is one write more."""
    query = select(Ticket.id).where(
        Ticket.workflow == "support",
        Ticket.state.in_(("new", "open", "waiting")),
        Ticket.first_response_at.is_not(None),
    )
    found = list(session().scalars(query.order_by(Ticket.activity_at.desc()).limit(at_most)))
    if len(found) < WARM_UPS * 2 + RUNS * 2:
        raise RuntimeError(f"This desk has only {len(found)} open tickets, too few to measure with.")
    return found


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """How many statements wrote within the block."""
    written: list[str] = []

    def look(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield lambda: len(written)
    finally:
        event.remove(db.engine, "before_cursor_execute", look)
