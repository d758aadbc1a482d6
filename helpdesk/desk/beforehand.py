"""What the desk's forms know before anybody types: the names texts and conditions may use, and whom one can choose."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.db import session
from helpdesk.desk import side_forms
from helpdesk.desk.beyond import messages_of, others_of
from helpdesk.people.models import WITH_RIGHTS, Person
from helpdesk.routing.members import assignable
from helpdesk.tickets import fields, links, names, policy, tagging
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.web.form_fields import Choices
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action


def said(person: Person, ticket: Ticket, spec: Action) -> dict[str, Any]:
    """The names that a default text and a ready answer may use."""
    known = names.of_ticket(ticket, actor=staff(person), fields=fields.held(ticket), action=spec)
    return known | {"links": {"cabinet": links.cabinet_url(ticket.ref), "desk": links.desk_url(ticket.ref)}}


def choices(person: Person, ticket: Ticket, spec: Action, kind: str) -> Choices:
    """What can be chosen where the file does not say it."""
    if kind == "user":
        return people_for(ticket, spec)
    if kind == "ticket":
        return others_of(person, ticket)
    if kind == "tags":
        return [(name, "") for name in tagging.in_use()]
    if kind in side_forms.CHOSEN:
        return side_forms.choices(ticket, spec, kind)
    return messages_of(ticket) if kind == "messages" else ()


def people_for(ticket: Ticket, spec: Action) -> Choices:
    """Who can be chosen: those who may be assigned and see a state the ticket can go to, and the groups."""
    branches = [branch.to for branch in spec.to] or ["same"]
    states = {ticket.state if name == "same" else name for name in branches}
    if spec.options.elsewhere and not spec.to:
        states = {revisions.active().desk.workflows[spec.options.elsewhere].initial}
    query = select(Person).where(policy.staff_with("staff")).options(*WITH_RIGHTS)
    workflow = workflow_after(ticket, spec)
    people = [
        person
        for person in session().scalars(query)
        if any(assignable(person, workflow=workflow, state=state) for state in states)
    ]
    listed = sorted(((each.email, each.shown_name) for each in people if each.email), key=lambda one: one[1].casefold())
    groups = [(f"group:{group.name}", group.label) for group in revisions.active().desk.groups.values()]
    return [*listed, *groups]


def workflow_after(ticket: Ticket, spec: Action) -> str:
    """The workflow in which the ticket is afterwards."""
    return spec.options.elsewhere or ticket.workflow
