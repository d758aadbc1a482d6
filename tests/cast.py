"""The standing cast: Olga a customer, Ann an agent, Boris the head, Kadri an accountant, Edgar an engineer, Mallory who
must see nothing. They act through the two doors and look through the policy, so a test reads as a story. Also `Case`, a
ticket as a story sees it: always fresh from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Select, select

from helpdesk import intake
from helpdesk.actions import perform
from helpdesk.actions.door import Outcome
from helpdesk.db import session, writing
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.tickets import actors, policy
from helpdesk.tickets.fields import held
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from helpdesk.tickets.payments import Payment
from helpdesk.tickets.rich import Rich, Upload

Row = TypeVar("Row")


class Case:
    """A ticket by its number; each question is asked of the database anew."""

    def __init__(self, app: Flask, ticket_id: int) -> None:
        self.app, self.id = app, ticket_id

    def _row(self, ask: Callable[[Ticket], Row]) -> Row:
        with self.app.app_context():
            return ask(session().get_one(Ticket, self.id))

    @property
    def state(self) -> str:
        return self._row(lambda ticket: ticket.state)

    @property
    def ref(self) -> str:
        return self._row(lambda ticket: ticket.ref)

    @property
    def version(self) -> int:
        return self._row(lambda ticket: ticket.version)

    @property
    def group(self) -> str | None:
        return self._row(lambda ticket: ticket.group)

    @property
    def subject(self) -> str:
        return self._row(lambda ticket: ticket.subject)

    @property
    def assignee(self) -> str | None:
        with self.app.app_context():
            ticket = session().get_one(Ticket, self.id)
            person = session().get(Person, ticket.assignee_id) if ticket.assignee_id else None
            return person.email if person else None

    @property
    def fields(self) -> dict[str, Any]:
        return self._row(held)

    @property
    def story(self) -> list[str]:
        """What happened, in order: the actions that ran, and opened, filed, refused for what is no action."""
        rows = self._all(select(Event).where(Event.ticket_id == self.id, Event.kind != "delivery").order_by(Event.id))
        return [str(row.action) if row.kind == "ran" else row.kind for row in rows]

    @property
    def events(self) -> Sequence[Event]:
        return self._all(select(Event).where(Event.ticket_id == self.id).order_by(Event.id))

    @property
    def messages(self) -> Sequence[Message]:
        return self._all(select(Message).where(Message.ticket_id == self.id).order_by(Message.id))

    @property
    def mails(self) -> Sequence[Delivery]:
        """Mail on its way out, or gone."""
        return self._all(select(Delivery).where(Delivery.ticket_id == self.id).order_by(Delivery.id))

    @property
    def payments(self) -> Sequence[Payment]:
        return self._all(select(Payment).where(Payment.ticket_id == self.id).order_by(Payment.id))

    def _all(self, query: Select[Row]) -> Sequence[Row]:
        with self.app.app_context():
            rows = session().scalars(query).all()
            session().expunge_all()
            return rows


class Character:
    """Somebody of the cast."""

    def __init__(self, app: Flask, email: str) -> None:
        self.app, self.email = app, email

    @property
    def id(self) -> int:
        with self.app.app_context():
            person = find.by_email(self.email)
            assert person is not None, f"{self.email} is not known yet"
            return person.id

    def writes(self, subject: str, text: str = "It does not work.", *, about: Case | None = None, **more: Any) -> Case:
        """A mail to the support address; `about`: an answer that carries our signed code, as a mail program's reply
        does.
        """
        from helpdesk.tickets.links import Thread

        with self.app.app_context():
            if about is not None:
                more.setdefault("thread", Thread(about.id, self.id))
            mail = {
                "source": "support_mail",
                "channel": "email",
                "address": self.email,
                "name": self.email.split("@")[0].title(),
            }
            received = intake.receive(intake.Inbound(**{**mail, "subject": subject, "message": Rich(text), **more}))
            return Case(self.app, received.ticket_id)

    def performs(
        self, action: str, case: Case, *, text: str | None = None, files: Sequence[Upload] = (), **more: Any
    ) -> Outcome:
        """Run an action as staff, or as the ticket's customer where they are it."""
        door = {name: more.pop(name) for name in ("seen", "nonce") if name in more}
        values = dict(more)
        if text is not None:
            values["message"] = Rich(text)
        if files:
            values["files"] = tuple(files)
        with self.app.app_context():
            return perform(case.id, action, self._actor(case), values, **door)

    def buttons(self, case: Case) -> list[str]:
        """The actions offered to them on this ticket now; NotFound where they do not see it."""
        with self.app.app_context():
            actor = self._actor(case)
            ticket = session().get_one(Ticket, case.id)
            if actor.kind == "staff" and actor.person and not policy.sees(actor.person, ticket):
                raise NotFound(policy.NOT_THERE)
            return [action.name for action in policy.actions_for(ticket, actor)]

    def sees(self, case: Case) -> bool:
        with self.app.app_context():
            actor = self._actor(case)
            assert actor.person is not None
            try:
                policy.find(actor.person, str(case.id), as_customer=actor.kind == "customer")
            except NotFound:
                return False
            return True

    def joins(self, *, roles: Sequence[str] = (), groups: Sequence[str] = ()) -> Character:
        with self.app.app_context(), writing() as here:
            person = find.or_create(self.email)
            person.role_rows += [PersonRole(role=role) for role in roles]
            person.membership_rows += [Membership(group=group) for group in groups]
            here.flush()
        return self

    def _actor(self, case: Case) -> actors.Actor:
        person = find.by_email(self.email)
        assert person is not None, f"{self.email} is not known yet"
        is_requester = session().get_one(Ticket, case.id).requester_id == person.id
        return actors.customer(person) if is_requester else actors.staff(person)


def hire(
    app: Flask, email: str, name: str, *, roles: Sequence[str] = (), groups: Sequence[str] = (), admin: bool = False
) -> Character:
    """Somebody who is known to the desk, with roles and groups."""
    with app.app_context(), writing() as here:
        person = find.or_create(email, name=name)
        person.is_admin = admin
        person.role_rows = [PersonRole(role=role) for role in roles]
        person.membership_rows = [Membership(group=group) for group in groups]
        here.flush()
    return Character(app, email)
