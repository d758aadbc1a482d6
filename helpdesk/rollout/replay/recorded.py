"""What the desk remembers of the past days, as plain data: runs and arrivals, newest first up to a limit, each with the
ticket as it was just before. Reads the live desk and writes nothing.

A ticket's values and its assignee before a run are read off its earlier history, for the rows say only what is so now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from helpdesk import clock
from helpdesk.db import session
from helpdesk.people.models import WITH_RIGHTS, Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Attachment, Event, Message, Ticket

AT_ONCE = 500  # tickets whose history is read together
TOGETHER = timedelta(seconds=1)  # a run of the desk so soon after another event is what that set off

Cause = Literal["opened", "message", "run", "timer", "follows"]


@dataclass(frozen=True)
class Human:
    """Somebody of the ticket's story, with what conditions and rights ask of them."""

    id: int
    name: str
    email: str
    category: str
    language: str
    city: str
    country: str
    tier: str
    is_admin: bool
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Was:
    """A ticket just before something happened to it. `values`: shown values by field; `assignee`: a shown name."""

    id: int
    ref: str
    workflow: str
    state: str
    subject: str
    requester_id: int
    source: str
    channel: str
    language: str
    priority: str
    created_at: datetime
    entered_at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    assignee: str = ""
    group: str = ""


@dataclass(frozen=True)
class Recorded:
    """Something that happened, and how it ended: `to_state`, and who had the ticket then, if that changed."""

    id: int
    at: datetime
    cause: Cause
    action: str
    label: str
    actor_id: int | None
    actor_kind: str
    was: Was
    to_state: str
    entered: Mapping[str, str]
    message: str | None = None
    files: tuple[str, ...] = ()
    automatic: bool = False


@dataclass(frozen=True)
class Past:
    """`events` in the order they happened; `people` by number; `more`: there was more than the limit."""

    events: tuple[Recorded, ...]
    people: Mapping[int, Human]
    more: bool


def since(days: int, *, limit: int) -> Past:
    """The last `limit` events of the past `days` days that somebody or something caused."""
    begin = clock.now() - timedelta(days=days)
    wanted = select(Event.id, Event.ticket_id, Event.at).where(Event.kind.in_(("opened", "ran", "filed")))
    rows = session().execute(wanted.order_by(Event.id.desc()).limit(limit + 1)).all()
    recent = [row for row in rows if row[2] >= begin]
    tickets = sorted({row[1] for row in recent[:limit]})
    found: list[Recorded] = []
    for start in range(0, len(tickets), AT_ONCE):
        some = set(tickets[start : start + AT_ONCE])
        found += _of(sorted(some), {row[0] for row in recent[:limit] if row[1] in some})
    found.sort(key=lambda one: one.id)
    asked = {each for one in found for each in (one.actor_id, one.was.requester_id) if each is not None}
    return Past(tuple(found), _people(asked), more=len(recent) > limit)


def _of(ids: Sequence[int], chosen: set[int]) -> Iterable[Recorded]:
    tickets = {ticket.id: ticket for ticket in session().scalars(select(Ticket).where(Ticket.id.in_(ids)))}
    said = _messages(sorted(chosen))
    history: dict[int, list[Event]] = {}
    told = ("opened", "ran", "filed", "moved")
    rows = select(Event).where(Event.ticket_id.in_(ids), Event.kind.in_(told)).order_by(Event.id)
    for event in session().scalars(rows):
        history.setdefault(event.ticket_id, []).append(event)
    for ticket_id, events in history.items():
        yield from _story(tickets[ticket_id], events, chosen, said)


def _story(
    ticket: Ticket, events: Sequence[Event], chosen: set[int], said: Mapping[int, tuple[str, bool, tuple[str, ...]]]
) -> Iterable[Recorded]:
    values: dict[str, str] = {}
    assignee, group, entered_at = "", "", ticket.created_at
    before: Event | None = None
    for event in events:
        lines = event.data.get("values") or []
        entered = {line["name"]: line["shown"] for line in lines if "name" in line}
        if event.id in chosen:
            text, by_mail, files = said.get(event.id, (None, False, ()))
            was = Was(
                ticket.id, ticket.ref, event.workflow or ticket.workflow, event.from_state or event.to_state or "",
                ticket.subject, ticket.requester_id, ticket.source, ticket.channel, ticket.language, ticket.priority,
                ticket.created_at, entered_at, dict(values), assignee, group,
            )  # fmt: skip
            yield Recorded(
                event.id, event.at, _cause(event, before, by_mail), event.action or "",
                str(event.data.get("label") or event.action or event.kind), event.actor_id, event.actor_kind, was,
                event.to_state or was.state, entered, text, files, bool(event.data.get("automatic")),
            )  # fmt: skip
        values |= entered
        given = event.data.get("assigned")
        if isinstance(given, dict) and "person" in given:
            assignee, group = str(given["person"] or ""), str(given.get("group") or "")
        if event.kind == "opened" or "entered" in event.data or event.from_state != event.to_state:
            entered_at = event.at
        before = event


def _cause(event: Event, before: Event | None, by_mail: bool) -> Cause:
    if event.kind == "opened":
        return "opened"
    if event.actor_kind == "system":
        return "follows" if before is not None and event.at - before.at < TOGETHER else "timer"
    return "message" if by_mail or event.kind == "filed" else "run"


def _messages(events: Sequence[int]) -> dict[int, tuple[str, bool, tuple[str, ...]]]:
    """Text, whether it came by mail, and the names of its files, by the number of the event."""
    rows = select(Message.id, Message.event_id, Message.text, Message.channel).where(Message.event_id.in_(events))
    found = session().execute(rows).all()
    names: dict[int, list[str]] = {}
    files = select(Attachment.message_id, Attachment.filename).order_by(Attachment.id)
    for message, name in session().execute(files.where(Attachment.message_id.in_([row[0] for row in found]))):
        names.setdefault(message, []).append(name)
    return {
        event: (text, channel == "email", tuple(names.get(message, ())))
        for message, event, text, channel in found
        if event is not None
    }


def _people(asked: set[int]) -> dict[int, Human]:
    """The people of these events, and everybody who works here: they may be mailed or given the ticket."""
    rows = select(Person).where(policy.staff_with("staff") | Person.id.in_(asked)).options(*WITH_RIGHTS)
    return {
        person.id: Human(
            person.id, person.shown_name, person.email, person.category, person.language, person.city, person.country,
            person.tier, person.is_admin, tuple(person.roles), tuple(person.groups),
        )
        for person in session().scalars(rows)
    }  # fmt: skip
