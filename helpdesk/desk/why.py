"""“Why is a button missing?”: the page that explains a ticket and its actions (N7).

Everybody asks for themselves and is told nothing of other people's rights; administrators may ask in anybody's place.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk.db import answer
from helpdesk.desk import words
from helpdesk.desk.blueprint import bp
from helpdesk.desk.sentences import icon_of
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.people.naming import mail_of, name_of
from helpdesk.rollout import why
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.web.gates import current_person, for_staff
from helpdesk.workflows import revisions, votes
from helpdesk.workflows.schema import Action

OFFERED = 200  # people whom the field for a person offers; anybody else's address can be typed


@bp.get("/tickets/<ref>/why", endpoint="why")
@for_staff
def why_page(ref: str) -> ResponseReturnValue:
    """Why the ticket stands as it does; with `action` why that button is or is not there, and what it would do."""
    me = current_person()
    ticket = policy.find(me, ref, options=why.WHOLE)
    whose = _whose(me)
    actor = why.part_of(whose or me, ticket)
    asked, path = request.args.get("action", ""), current_app.config["HELPDESK"].workflow_path
    told = why.action(ticket, asked, actor, path=path) if asked else why.ticket(ticket, path=path)
    if not me.is_admin:
        told = why.discreet(told, me.id)
    return render_template(
        "desk/why.html",
        ticket={
            "ref": ticket.ref,
            "subject": ticket.subject,
            "url": url_for("desk.ticket_page", ref=ticket.ref),
            "state": words.state(ticket.workflow, ticket.state),
        },
        told=told,
        itself={"url": _url(ticket, "", whose), "active": not asked},
        lists=_lists(ticket, actor, asked, whose),
        may_ask=_people() if me.is_admin else None,
        whose={"email": whose.email, "name": whose.shown_name} if whose else None,
        asked=asked,
    )


def _whose(me: Person) -> Person | None:
    """In whose place an administrator asks; None = in their own. Raises NotFound for everybody else."""
    address = request.args.get("as", "").strip()
    if not address:
        return None
    if not me.is_admin:
        abort(404)
    person = find.by_email(address)
    if person is None:
        raise NotFound(_("Nobody here has the address %(address)s.", address=address))
    return person


def _lists(ticket: Ticket, actor: Actor, asked: str, whose: Person | None) -> list[dict[str, Any]]:
    """Every action of the workflow: those whose button is there, those whose is not, and those that have none."""
    workflow = revisions.active().desk.workflows[ticket.workflow]
    there = [spec.name for spec in policy.actions_for(ticket, actor)]
    by_itself = [spec.name for spec in workflow.actions.values() if spec.automatic]
    missing = [name for name in workflow.actions if name not in {*there, *by_itself}]
    if any(state.approve for state in workflow.states.values()):
        missing += [name for name in votes.built_in() if name not in there]
    named = ((_("Buttons that are there"), there), (_("Buttons that are not"), missing), (_("By itself"), by_itself))
    return [
        {"title": title, "links": [_link(ticket, votes.action_of(workflow, name), asked, whose) for name in names]}
        for title, names in named
        if names
    ]


def _link(ticket: Ticket, spec: Action | None, asked: str, whose: Person | None) -> dict[str, Any]:
    assert spec is not None  # noqa: S101 - for the types: the names come from the workflow
    return {
        "label": spec.label,
        "icon": icon_of(spec.type),
        "url": _url(ticket, spec.name, whose),
        "active": spec.name == asked,
    }


def _url(ticket: Ticket, action: str, whose: Person | None) -> str:
    kept: dict[str, Any] = {"action": action or None, "as": whose.email if whose else None}
    return url_for("desk.why", ref=ticket.ref, **kept)  # what is None is left out


def _people() -> list[dict[str, str]]:
    """The staff, for the field that asks in whose place."""
    query = select(name_of(Person).label("name"), mail_of(Person).label("email")).where(policy.staff_with("staff"))
    rows = answer(query.order_by(Person.name, Person.id).limit(OFFERED))
    return [{"name": row.name, "email": row.email} for row in rows if row.email]
