"""One test of a workflow file being played: its ticket, whoever acts, and what happened since the step before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from helpdesk import clock, intake, timers
from helpdesk.actions.door import lock, perform
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError
from helpdesk.intake import Inbound
from helpdesk.people import find
from helpdesk.rollout import mailed, outsiders
from helpdesk.rollout.report import Failure, Transition
from helpdesk.rollout.stage import address_of
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Delivery, Event, Ticket
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import calendars, votes
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Action, Desk, Expect, Given, Input, Step, Test

MOST_RUNS = 1000  # timers that may fire in one `after`; a workflow that needs more runs in a circle


class Play:
    """A test on a fresh stage. `begin`, then `step` by step; each gives what was not as the file says."""

    def __init__(self, desk: Desk, test: Test) -> None:
        self.desk, self.test = desk, test
        self.ticket_id = 0
        self._events = self._mails = 0  # the last ones of the step before

    def begin(self) -> list[Failure]:
        """The ticket comes through its source, with the source's own validation."""
        given = self.test.given
        source = self.desk.sources[given.source]
        try:
            values = _with_files(intake.form_inputs(source), given.with_)
            received = intake.receive(Inbound.entered(source, values, address=given.from_))
        except HelpdeskError as refused:
            return [self._failure(0, given, "a ticket to be opened", f"it was refused: {_told(refused)}")]
        self.ticket_id = received.ticket_id
        return self._compare(0, given.expect)

    def step(self, number: int, step: Step) -> list[Failure]:
        """What the step says happens, and is compared with what it expects."""
        self._events, self._mails = self._last(Event), self._last(Delivery)
        if step.after is not None:
            if not self._let_pass(calendars.ends(self.desk, self._ticket().workflow, clock.now(), step.after)):
                return [self._failure(number, step, "the timers to come to rest", f"they ran {MOST_RUNS} times")]
            return self._compare(number, step.expect)
        try:
            self._act(step)
        except HelpdeskError as refused:
            return self._judge_refusal(number, step, refused)
        if step.refused is not None:
            wanted = "a refusal" if step.refused == "true" else f"the refusal “{step.refused}”"
            return [self._failure(number, step, wanted, f"it was done, and the ticket is in “{self._ticket().state}”")]
        return self._compare(number, step.expect)

    def moved(self) -> set[Transition]:
        """The arrows the ticket went along."""
        if not self.ticket_id:
            return set()
        ran = select(Event.workflow, Event.from_state, Event.action, Event.to_state).where(
            Event.ticket_id == self.ticket_id, Event.kind == "ran"
        )
        return {Transition(*map(str, row)) for row in session().execute(ran)}

    # Doing

    def _act(self, step: Step) -> None:
        if step.writes is not None and step.as_ is not None and outsiders.is_one(step.as_):
            if not outsiders.write(self.ticket_id, step.as_, step.writes, source=self.test.given.source):
                raise _NobodyError(f"{step.as_} is in no side conversation.")
            return
        actor = self._actor(step.as_ or "")
        if step.writes is not None:
            self._write(actor, step.writes)
            return
        if step.approve is not None:
            perform(self.ticket_id, votes.PREFIX + step.approve, actor, _with_files((), step.with_))
            return
        action = self.desk.workflows[self._ticket().workflow].actions[step.do or ""]
        perform(self.ticket_id, action.name, actor, self._with_people(action, _with_files(action.fields, step.with_)))

    def _with_people(self, action: Action, values: dict[str, Any]) -> dict[str, Any]:
        """The values with the address of the person whom a test names by a role, where a person is asked for."""
        people = {one.name for one in action.fields if one.field.type == "user"}
        return {
            name: address_of(value) if name in people and value in self.desk.roles else value
            for name, value in values.items()
        }

    def _actor(self, name: str) -> Actor:
        with writing():
            ticket = lock(self.ticket_id)
            if name == "customer":
                return Actor("customer", ticket.requester)
            person = ticket.assignee if name == "assignee" else find.by_email(address_of(name))
        if person is None:
            raise _NobodyError("Nobody is assigned." if name == "assignee" else f"Nobody has the role “{name}”.")
        return Actor("staff", person)

    def _write(self, actor: Actor, text: str) -> None:
        """An answer by mail, as a mail program sends it: our signed code in it, and for staff a proven address."""
        person = actor.person
        assert person is not None  # noqa: S101 - for the types: an actor of a test is somebody
        intake.receive(
            Inbound(
                source=self.test.given.source,
                channel="email",
                address=person.email,
                message=Rich.plain(text),
                thread=Thread(self.ticket_id, person.id),
                verified=actor.kind == "staff",
            )
        )

    def _let_pass(self, until: datetime) -> bool:
        """Time passes and what is due happens in its order; False if it never ends."""
        for _ in range(MOST_RUNS):
            due = timers.next_due()
            if due is None or due > until:
                clock.travel(until - clock.now())
                return True
            clock.travel(max(due - clock.now(), timedelta()))
            timers.run_due(limit=1)
        return False

    # Comparing

    def _compare(self, number: int, expect: Expect | None) -> list[Failure]:
        if expect is None:
            return []
        failures = []
        if expect.state is not None and (state := self._ticket().state) != expect.state:
            failures.append(self._failure(number, expect, f"the state “{expect.state}”", f"it is “{state}”"))
        ran, mails = self._ran(), mailed.recipients(self.desk, self.ticket_id, after=self._mails)
        if expect.ran is not None and ran != set(expect.ran):
            wanted = f"{_list(expect.ran) or 'nothing'} to have run"
            failures.append(self._not_as(number, expect, wanted, ran, "nothing"))
        if expect.emails is not None and not mails.is_as(expect.emails):
            wanted = f"{_list(expect.emails) or 'nobody'} to be e-mailed"
            failures.append(self._not_as(number, expect, wanted, mails.words, "nobody"))
        return failures

    def _judge_refusal(self, number: int, step: Step, refused: HelpdeskError) -> list[Failure]:
        if step.refused == "true" or step.refused == refused.code:
            if isinstance(refused, _NobodyError):
                return [self._failure(number, step, "somebody to be refused", refused.sentence.rstrip("."))]
            return self._compare(number, step.expect)  # that it left everything as it was
        wanted = f"the refusal “{step.refused}”" if step.refused else "it to be done"
        return [self._failure(number, step, wanted, f"it was refused: {_told(refused)}")]

    def _ran(self) -> set[str]:
        names = select(Event.action).where(self._since(Event), Event.kind == "ran", Event.id > self._events)
        return {str(name) for name in session().scalars(names)}

    def _why(self) -> str:
        """What the desk noted about actions that could not run by themselves and messages that were only filed."""
        noted = select(Event).where(
            self._since(Event), Event.kind.in_(("refused", "filed", "stopped")), Event.id > self._events
        )
        events = session().scalars(noted)
        whys = [f"{event.action or 'the message'}: {event.data.get('why', event.kind)}" for event in events]
        return f" ({' '.join(whys).rstrip('.')})" if whys else ""

    def _since(self, rows: type[Event]) -> Any:
        return rows.ticket_id == self.ticket_id

    def _last(self, rows: type[Event] | type[Delivery]) -> int:
        return session().scalar(select(func.max(rows.id))) or 0

    def _ticket(self) -> Ticket:
        return session().get_one(Ticket, self.ticket_id)

    def _not_as(self, number: int, expect: Expect, wanted: str, seen: Collection[str], none: str) -> Failure:
        return self._failure(number, expect, wanted, f"it was {_list(seen) or none}{self._why()}")

    def _failure(self, number: int, at: Given | Step | Expect, expected: str, seen: str) -> Failure:
        return Failure(self.test.name, number, at.at.file, at.at.line, expected, seen)


class _NobodyError(HelpdeskError):
    """The test names somebody who is not there."""

    code = "nobody"


def _with_files(inputs: tuple[Input, ...] | Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a small file made for each name that a file input holds."""
    takes_files = {each.name for each in inputs if field_types.get(each.field.type).is_file} | {"files"}
    return {name: _files(value) if name in takes_files else value for name, value in values.items()}


def _files(names: Any) -> tuple[Upload, ...]:
    several = [names] if isinstance(names, str) else list(names)
    return tuple(
        Upload.keep(b"made up for a workflow test\n", filename=str(name), content_type="text/plain") for name in several
    )


def _told(refused: HelpdeskError) -> str:
    return f"{refused.sentence.rstrip('.')} ({refused.code})"


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
