"""What an action asks, as plain data: enough for a program to draw its form, with the same conditions as our pages.

`show_if` is the very tree that the script of our pages follows (`web.conditional`), and `shown` what the server makes
of it now, by what the ticket holds. The door judges again whatever a program made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helpdesk.tickets import fields, names, policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views import plain_value
from helpdesk.web import conditional
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Action, Input


def actions(ticket: Ticket, actor: Actor) -> list[dict[str, Any]]:
    """The actions that may be run now, in the order of the buttons, each with its inputs."""
    held = fields.held(ticket)
    found = (*policy.actions_for(ticket, actor), *policy.votes_for(ticket, actor))
    return [
        {
            "name": each.name,
            "label": each.label,
            "type": each.type,
            "confirm": bool(each.button.confirm),
            "inputs": inputs(policy.inputs_for(each, actor), held=held, names=_known(ticket, actor, each, held)),
        }
        for each in found
    ]


def inputs(asked: Sequence[Input], *, held: Mapping[str, Any], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`names`: what conditions may ask beside the fields; nothing for a customer, who is told nothing of the house."""
    return [_input(each, asked, held, names) for each in asked]


def _known(ticket: Ticket, actor: Actor, action: Action, held: Mapping[str, Any]) -> dict[str, Any]:
    shown_ifs = [each.show_if for each in action.fields if each.show_if]
    if actor.kind != "staff" or not shown_ifs:
        return {}
    return names.of_ticket(ticket, actor=actor, fields=held, action=action, conditions=shown_ifs)


def _input(each: Input, asked: Sequence[Input], held: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    field = each.field
    tree = conditional.tree(each.show_if, asked, held=held, names=names)
    kept = held.get(each.name) if each.keep == "ticket" else None
    return {
        "name": each.name,
        "label": field.said,
        "help": field.help,
        "type": field.type,
        "required": each.required,
        "several": field_types.get(field.type).several,
        "choices": _choices(each),
        "min": field.min,
        "max": field.max,
        "pattern": field.pattern,
        "default": field.default,
        "keep": each.keep,
        "value": plain_value(kept),
        "show_if": tree,
        "conditional": each.show_if is not None,
        "shown": _shown(each, tree, held, names),
    }


def _shown(each: Input, tree: conditional.Tree | None, held: Mapping[str, Any], names: Mapping[str, Any]) -> bool:
    """Whether it is asked of somebody who enters nothing else. Where only the server can say and the asker may not know
    what it goes by, it is: as on a page, it stays visible and the door judges.
    """
    if each.show_if is None or (tree is None and not names):
        return True
    return conditions.holds(each.show_if, {**names, "fields": held})


def _choices(each: Input) -> list[dict[str, str]] | None:
    if each.field.type == "group":
        return [{"value": group.name, "label": group.label} for group in revisions.active().desk.groups.values()]
    if not each.field.choices:
        return None
    return [{"value": value, "label": label} for value, label in each.field.choices.items()]
