"""What may be done to a ticket now, with all that it asks, and doing it. The door decides; this reads and tells."""

from __future__ import annotations

from typing import Any

from flask import Response

from helpdesk.actions import merging, perform
from helpdesk.actions.door import Outcome
from helpdesk.api import asked, once
from helpdesk.api.blueprint import bp, reply
from helpdesk.api.declared import BIGGEST, Given, Part, declared
from helpdesk.api.once import Once
from helpdesk.api.values import typed
from helpdesk.errors import Invalid, NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import policy, views
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Submission, Ticket
from helpdesk.web import limits
from helpdesk.web.gates import current_person, for_programs
from helpdesk.workflows import revisions, votes

DO = {
    "values": Part(
        kind="object",
        usual={},
        schema="Values",
        says="What the action asks, by name.",
        example={"message": "Which floor?"},
    ),
    "seen": Part(
        kind="number",
        most=BIGGEST,
        says="The `version` of the ticket it was decided on: refused as stale if there is a newer one.",
        example=1,
    ),
}


@bp.get("/tickets/<ref>/actions")
@for_programs
@declared(
    "List what may be done now",
    more="The actions that the token's person may run on the ticket where it is, each with the inputs it asks of them: "
    "enough to draw its form.",
    gives={200: ("The actions, in the order of the buttons.", "Actions")},
)
def offered(_given: Given, ref: str) -> Response:
    ticket, actor = views.load(current_person(), ref)
    return reply({"ref": ticket.ref, "version": ticket.version, "actions": asked.actions(ticket, actor)})


@bp.post("/tickets/<ref>/actions/<action>")
@for_programs
@declared(
    "Run an action",
    more="Everything the action sets off is committed with it, or nothing is. A value for an input that its condition "
    "hides is refused, and a required one that is hidden is not asked: the same as on every page.",
    body=DO,
    gives={200: ("It ran, or had run with this `Idempotency-Key` before (`repeated`).", "Done")},
)
def done(given: Given, ref: str, action: str) -> Response:
    person, this = current_person(), once.of(given)
    if (sent := this.before()) is not None:
        return _told(person, _again(person, ref, action, this, sent))
    try:
        ticket, actor = views.load(person, ref)
        values = _values(ticket, action, actor, given["values"], this)
    except NotFound:
        if (sent := this.before()) is None:  # else it was done at this very moment
            raise
        return _told(person, _again(person, ref, action, this, sent))
    if actor.kind == "customer":
        limits.spend("reply", str(person.id))
    with this.committed():
        outcome = perform(ticket.id, action, actor, values, seen=given["seen"], nonce=this.key)
    return _told(person, outcome)


def _values(ticket: Ticket, action: str, actor: Actor, sent: dict[str, Any], this: Once) -> dict[str, Any]:
    """What was sent, for the door. Whoever may not run the action hears that first, and none of their files is kept; a
    second sending is left to the door, which knows the first.
    """
    refused = policy.refusal(ticket, action, actor)
    if merging.UNDO in sent:
        if sent != {merging.UNDO: True}:
            raise Invalid({merging.UNDO: "To take an action back, send `true` and no other value."})
        return {merging.UNDO: "yes"}
    if refused is not None and (this.key is None or isinstance(refused, NotFound)):
        raise refused
    spec = votes.action_of(revisions.active().desk.workflows[ticket.workflow], action)
    return typed(policy.inputs_for(spec, actor), sent) if spec else {}


def _again(person: Person, ref: str, action: str, this: Once, sent: Submission) -> Outcome:
    """What the same request did before: also for somebody who lost sight of the ticket by it, or the right to do it
    once more.
    """
    try:
        _ticket, actor = views.load(person, ref)
    except NotFound:
        actor = Actor("staff" if person.is_staff else "customer", person)
    return perform(sent.ticket_id, action, actor, {}, nonce=this.key)


def _told(person: Person, outcome: Outcome) -> Response:
    """How it ended, and the ticket as the person sees it now: null where they do not any more. A customer is not told
    the name of a state that is hidden from them.
    """
    told = outcome.in_sight or person.is_staff
    return reply(
        {
            "ref": outcome.ref,
            "state": outcome.state if told else None,
            "in_sight": outcome.in_sight,
            "repeated": outcome.repeated,
            "ticket": views.seen_by(person, outcome.ref),
        }
    )
