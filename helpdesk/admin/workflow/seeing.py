"""“See the desk as …”: which lists, tickets, buttons and fields a role or a person has, without being able to act as
them. Nobody is signed in as anybody: the policy is asked the questions it is asked on their pages, and the answers are
drawn. The ticket is one that the administrator sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import live, page
from helpdesk.errors import NotFound, NotPossible
from helpdesk.people import find
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor, customer, staff
from helpdesk.tickets.models import Ticket
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Action, State, Workflow

NOBODY_IN_PARTICULAR = 0  # the number of a person who is made up of a role


@dataclass(frozen=True)
class Asked:
    """As whom: somebody real, or somebody made up of a role or a group; `label` is how they are called here."""

    actor: Actor
    label: str
    is_customer: bool = False


@bp.get("/workflow/see", endpoint="workflow_see")
@for_admin
def see() -> ResponseReturnValue:
    """The desk as they have it: in general, or for one ticket."""
    active = revisions.active()
    asked, problem = None, ""
    ref = request.args.get("ref", "").strip()
    ticket = None
    try:
        ticket = policy.find(current_person(), ref, options=[joinedload(Ticket.requester)]) if ref else None
        asked = _asked(ticket)
    except NotFound as missing:
        problem = missing.sentence
    about: dict[str, Any] = {
        "desk": active.desk,
        "who": request.args.get("who", ""),
        "person": request.args.get("person", ""),
        "ref": ref,
        "asked": asked,
        "problem": problem,
        "views": page.views(),
        "ticket": ticket,
    }
    if asked is not None:
        about["lists"] = _lists(asked, active.rules)
        about["shown"] = _ticket(asked, ticket) if ticket is not None else None
    return render_template("admin/workflow/see.html", **about)


def _asked(ticket: Ticket | None) -> Asked | None:
    """Whom the address names. Raises NotFound where that is nobody."""
    desk = revisions.active().desk
    address, who = request.args.get("person", "").strip(), request.args.get("who", "")
    if address:
        person = find.by_email(address)
        if person is None:
            raise NotFound(_("Nobody has this address."))
        is_customer = not person.is_staff
        return Asked(customer(person) if is_customer else staff(person), person.shown_name, is_customer)
    if who == "customer":
        somebody = ticket.requester if ticket is not None else Person(id=NOBODY_IN_PARTICULAR, name=_("Customer"))
        return Asked(customer(somebody), _("the customer"), is_customer=True)
    if who in desk.roles:
        made = Person(id=NOBODY_IN_PARTICULAR, name=desk.roles[who].label, role_rows=[PersonRole(role=who)])
        return Asked(staff(made), desk.roles[who].label)
    if who in desk.groups:
        made = Person(id=NOBODY_IN_PARTICULAR, name=desk.groups[who].label, membership_rows=[Membership(group=who)])
        return Asked(staff(made), desk.groups[who].label)
    if who:
        raise NotFound(_("There is no such role."))
    return None


def _lists(asked: Asked, rules: Rules) -> list[dict[str, Any]]:
    """Each workflow with the states they see, how many tickets stand there, and what they could do in each."""
    numbers = live.by_state()
    found = []
    for workflow in rules.desk.workflows.values():
        states = [_state(asked, rules, workflow, state, numbers) for state in workflow.states.values()]
        found.append({"label": workflow.label or workflow.name, "name": workflow.name, "states": states})
    return found


def _state(asked: Asked, rules: Rules, workflow: Workflow, state: State, numbers: live.Going) -> dict[str, Any]:
    if asked.is_customer:
        sees = not state.hidden_from_customer
        label = state.customer_label or state.label
    else:
        sees = asked.actor.person is not None and (workflow.name, state.name) in policy.visible_states(
            asked.actor.person
        )
        label = state.label
    may = [each for each in _offered(rules, workflow, state, asked) if _has_right(asked, rules, workflow, each)]
    return {
        "label": label,
        "color": state.color,
        "final": state.final,
        "sees": sees,
        "count": numbers.get(workflow.name, {}).get(state.name, (0,))[0] if sees and not asked.is_customer else 0,
        "actions": may if sees else [],
    }


def _offered(rules: Rules, workflow: Workflow, state: State, asked: Asked) -> list[Action]:
    names = list(rules.offered(workflow.name, state.name))
    answer = state.on_message.customer if asked.is_customer else None
    return [workflow.actions[name] for name in dict.fromkeys([*names, *([answer] if answer else [])])]


def _has_right(asked: Asked, rules: Rules, workflow: Workflow, action: Action) -> bool:
    if asked.is_customer:
        return action.customer in ("run", "own")
    if asked.actor.person is None:
        return False
    return rules.allows(policy.standing_of(asked.actor.person), workflow.name, action.name, is_assignee=True)


def _ticket(asked: Asked, ticket: Ticket) -> dict[str, Any]:
    """One ticket: whether they have it, each button with its fields, and why another is not there."""
    active = revisions.active()
    workflow = active.desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    if workflow is None or state is None or not policy.in_sight(ticket, asked.actor):
        return {"sees": False, "state": state, "buttons": [], "not_now": []}
    buttons, not_now = [], []
    for action in _offered(active.rules, workflow, state, asked):
        refused = policy.refusal(ticket, action.name, asked.actor)
        if refused is None:
            buttons.append(action)
        else:
            why = refused.sentence if isinstance(refused, NotPossible) else _why_no_right(action)
            not_now.append({"action": action, "why": why})
    return {"sees": True, "state": state, "buttons": buttons, "not_now": not_now}


def _why_no_right(action: Action) -> str:
    if action.automatic:
        return _("It runs by itself and by nobody (`automatic`).")
    names = ", ".join(action.allow)
    return _("It is for %(who)s (`allow`).", who=names) if names else _("It is for nobody of the staff (`allow`).")
