"""Recorded events once more, on a desk in memory: each from where its ticket really was, under one workflow file. What
came of it is noted and taken back, so that one event does not colour the next.

The people are copies with their roles and groups; what was entered is read back from how the history shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from helpdesk import clock, intake
from helpdesk.actions.door import perform
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError
from helpdesk.intake import Inbound
from helpdesk.people.models import Address, Membership, Person, PersonRole
from helpdesk.rollout import stage as stages
from helpdesk.rollout.replay.recorded import Human, Past, Recorded, Was
from helpdesk.rollout.ways import Pair, ways
from helpdesk.tickets import fields
from helpdesk.tickets.actors import SYSTEM, Actor
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Delivery, Event, Ticket
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Desk, Field, Input


@dataclass(frozen=True)
class Outcome:
    """What came of an event. `refused`: the sentence, where nothing did. `steps`: each action that ran, and where it
    led; `mails`: recipients as the file spells them; `after`: the time of the timer that ran it.
    """

    state: str = ""
    steps: tuple[tuple[str, str], ...] = ()
    mails: frozenset[str] = frozenset()
    assignee: str = ""
    group: str = ""
    refused: str = ""
    after: str = ""

    @property
    def ran(self) -> frozenset[str]:
        return frozenset(action for action, _ in self.steps)


def play(texts: Mapping[str, str], past: Past, *, done: Callable[[], None] | None = None) -> list[Outcome]:
    """The outcome of each event under these texts, in their order. `done` is called after each."""
    with stages.raised(texts, hire=lambda _desk: _copy(past.people.values())) as stage, stage.fresh():
        outcomes = []
        for event in past.events:
            with clock.frozen(event.at):
                outcomes.append(_outcome(stage.desk, event, past.people))
            if done:
                done()
        return outcomes


def _outcome(desk: Desk, event: Recorded, people: Mapping[int, Human]) -> Outcome:
    where = _where(desk, event)
    if isinstance(where, str):
        return Outcome(refused=where)
    noted: list[Outcome] = []
    try:
        with writing():
            noted.append(_run(desk, event, where, people))
            raise _TakenBackError
    except _TakenBackError:
        return noted[0]
    except HelpdeskError as refused:
        return Outcome(refused=refused.sentence)


class _TakenBackError(Exception):
    """It was only to see."""


def _where(desk: Desk, event: Recorded) -> Pair | str:
    """Where the ticket stands on this desk, or the sentence that there is no such place."""
    pair = (event.was.workflow, event.was.state)
    if event.cause == "opened":
        return pair if event.was.source in desk.sources else f"There is no source “{event.was.source}” any more."
    if way := ways([pair], desk).get(pair):
        return way.target
    workflow = desk.workflows.get(pair[0])
    if workflow is None or pair[1] not in workflow.states:
        return f"There is no state “{pair[1]}” any more."
    return pair


def _run(desk: Desk, event: Recorded, where: Pair, people: Mapping[int, Human]) -> Outcome:
    if event.cause == "opened":
        ticket_id = _open(desk, event, people)
        return _noted(ticket_id, events=0, mails=0)
    _place(event.was, where)
    before = session().scalar(select(func.max(Event.id))) or 0, session().scalar(select(func.max(Delivery.id))) or 0
    after = ""
    if event.cause == "message":
        _receive(event, people)
    elif event.cause == "timer":
        timers = [each for each in desk.workflows[where[0]].states[where[1]].timers if each.do == event.action]
        if not timers:
            return Outcome(refused="No timer of this state runs it.")
        after = str(timers[0].after)
        perform(event.was.id, event.action, SYSTEM, {})
    else:
        action = desk.workflows[where[0]].actions.get(event.action)
        values = _values(event, action.fields if action else ())
        perform(event.was.id, event.action, _actor(event), values)
    return _noted(event.was.id, events=before[0], mails=before[1], after=after)


def _noted(ticket_id: int, *, events: int, mails: int, after: str = "") -> Outcome:
    session().flush()
    ticket = session().get_one(Ticket, ticket_id, populate_existing=True)
    ran = select(Event.action, Event.to_state).where(
        Event.ticket_id == ticket_id, Event.kind == "ran", Event.id > events
    )
    mailed = select(Delivery.role).where(
        Delivery.ticket_id == ticket_id,
        Delivery.event_id.is_not(None),
        Delivery.conversation_id.is_(None),
        Delivery.id > mails,
    )
    assignee = session().get(Person, ticket.assignee_id) if ticket.assignee_id else None
    return Outcome(
        ticket.state,
        tuple((str(action), str(to)) for action, to in session().execute(ran.order_by(Event.id))),
        frozenset(session().scalars(mailed)),
        assignee.shown_name if assignee else "",
        ticket.group or "",
        after=after,
    )


def _open(desk: Desk, event: Recorded, people: Mapping[int, Human]) -> int:
    source = desk.sources[event.was.source]
    asked = intake.form_inputs(source)
    said = {"subject": event.was.subject, "message": event.message or "", "name": people[event.was.requester_id].name}
    names = {each.name for each in asked}
    values = _values(event, asked) | {name: value for name, value in said.items() if name in names}
    for each in asked:
        if each.field.type == "agreement":
            values.setdefault(each.name, True)
    entered = (
        values if asked else {"subject": said["subject"], "message": said["message"], "files": _files(event.files)}
    )
    address = people[event.was.requester_id].email
    return intake.receive(Inbound.entered(source, entered, address=address, automatic=event.automatic)).ticket_id


def _receive(event: Recorded, people: Mapping[int, Human]) -> None:
    sender = people[event.actor_id] if event.actor_id is not None else people[event.was.requester_id]
    thread = Thread(event.was.id, sender.id) if event.actor_kind != "other" else Thread(event.was.id, 0)
    intake.receive(
        Inbound(
            source=event.was.source,
            channel="email",
            address=sender.email,
            message=Rich.plain(event.message or ""),
            files=_files(event.files),
            thread=thread,
            verified=event.actor_kind == "staff",
            automatic=event.automatic,
        )
    )


def _place(was: Was, where: Pair) -> None:
    """The ticket as it was, on this desk."""
    here = session()
    person = select(Person).where(Person.name == was.assignee).order_by(Person.id).limit(1)
    assignee = here.scalar(person) if was.assignee else None
    ticket = Ticket(
        id=was.id, ref=was.ref, workflow=where[0], state=where[1], subject=was.subject, requester_id=was.requester_id,
        assignee_id=assignee.id if assignee else None, group=was.group or None, priority=was.priority,
        source=was.source, channel=was.channel, language=was.language, requester_verified=True, version=1,
        created_at=was.created_at, updated_at=was.entered_at, activity_at=was.entered_at, heard_at=was.entered_at,
        entered_at=was.entered_at,
    )  # fmt: skip
    here.add(ticket)
    here.flush()
    known = fields.known_fields(ticket.workflow)
    read = {name: _read(known[name], shown) for name, shown in was.values.items() if name in known and shown}
    fields.keep(ticket, {name: value for name, value in read.items() if value is not None}, by=None)
    here.flush()


def _actor(event: Recorded) -> Actor:
    if event.actor_kind == "system":
        return SYSTEM
    person = session().get_one(Person, event.actor_id)
    return Actor("customer", person) if event.actor_kind == "customer" else Actor("staff", person)


# What was entered


def _values(event: Recorded, inputs: Iterable[Input]) -> dict[str, Any]:
    """What the history shows, as raw values of these inputs."""
    values: dict[str, Any] = {}
    for each in inputs:
        if each.name == "message":
            values |= {"message": Rich.plain(event.message)} if event.message else {}
        elif field_types.get(each.field.type).is_file:
            values |= {each.name: _files(event.files)} if event.files else {}
        elif each.name in event.entered:
            values[each.name] = _raw(each.field, event.entered[each.name])
    return values


def _raw(field: Field, shown: str) -> Any:
    """A value as somebody would enter it, from how people read it."""
    if field.type == "choice":
        return next((name for name, label in field.choices.items() if label == shown), shown)
    if field.type == "multichoice":
        return [name for name, label in field.choices.items() if label in shown.split(", ")]
    return shown.replace(",", "") if field.type in ("money", "number") else shown


def _read(field: Field, shown: str) -> Any:
    kind = field_types.get(field.type)()
    try:
        return kind.read(_raw(field, shown), field, currency=revisions.active().desk.company.currency, zone="UTC")
    except (ValueError, HelpdeskError):  # it was valid under another file
        return None


def _files(names: Iterable[str]) -> tuple[Upload, ...]:
    content = b"a stand-in for a file\n"
    return tuple(Upload.keep(content, filename=name, content_type="text/plain") for name in names)


def _copy(people: Iterable[Human]) -> None:
    """The same people, with their numbers, roles and groups."""
    with writing() as here:
        for table in (PersonRole, Membership, Address, Person):
            here.execute(delete(table))
        for each in people:
            mail = [Address(value=each.email, is_primary=True, verified_at=clock.now())] if each.email else []
            here.add(
                Person(
                    id=each.id, name=each.name, category=each.category, language=each.language, city=each.city,
                    country=each.country, tier=each.tier, is_admin=each.is_admin, addresses=mail,
                    role_rows=[PersonRole(role=role) for role in each.roles],
                    membership_rows=[Membership(group=group) for group in each.groups],
                )
            )  # fmt: skip
        here.flush()
