"""Every action in every state by every role on an own and a foreign ticket, against what the YAML grants (attacks 43,
44, 58, 59).

The cells are generated from the file; what is expected comes from an oracle that shares no code with the desk. Each
cell goes through the door itself and is taken back, so a right that exists on paper only, or only on paper, shows.
"""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import update

from helpdesk.actions import perform
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.people import find
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from tests.cast import Case, Character, hire
from tests.conftest import DESK
from tests.house.oracle import Oracle

ORACLE = Oracle(DESK)
STATES = [(workflow, state) for workflow, spec in ORACLE.workflows.items() for state in spec["states"]]
STAFF = {
    "agent": ([], ["front"]),
    "engineer": ([], ["workshop"]),
    "accountant": (["accountant"], []),
    "manager": (["manager"], []),
    "administrator": ([], []),
}


class Undo(Exception):
    pass


@pytest.fixture
def cast(app: Flask) -> dict[str, Character]:
    return {
        name: hire(app, f"{name}@acme.example", name.title(), roles=roles, groups=groups, admin=name == "administrator")
        for name, (roles, groups) in STAFF.items()
    }


@pytest.mark.parametrize(("workflow", "state"), STATES)
def test_each_right_is_what_the_file_says(
    app: Flask, cast: dict[str, Character], olga: Character, mallory: Character, workflow: str, state: str
) -> None:
    case = olga.writes("Broken screen")
    put(app, case, state)
    wrong, seen = [], Counter[str]()
    for action in ORACLE.workflows[workflow]["actions"]:
        for name, (roles, groups) in STAFF.items():
            expected = ORACLE.staff(ORACLE.counts_as(roles, groups), workflow, state, action)
            wrong += differs(app, case, action, "staff", cast[name].email, expected, seen)
        own = ORACLE.customer(workflow, state, action)
        wrong += differs(app, case, action, "customer", olga.email, own, seen)
        wrong += differs(app, case, action, "customer", mallory.email, "not_found", seen)
        wrong += differs(app, case, action, "staff", mallory.email, "not_found", seen)
    assert not wrong, "\n".join(wrong)
    assert seen["not_found"]
    assert seen["may"] or state == "trash"
    assert (case.state, case.story) == (state, ["opened", "acknowledge"]), "a cell left something behind"


def put(app: Flask, case: Case, state: str) -> None:
    """Into the state by force: the matrix asks about states, not about the ways there."""
    with app.app_context(), writing() as here:
        here.execute(update(Ticket).where(Ticket.id == case.id).values(state=state))


def differs(app: Flask, case: Case, action: str, kind: str, email: str, expected: str, seen: Counter[str]) -> list[str]:
    """A line if the door decides otherwise than expected; and the offer of buttons must agree with the door."""
    with app.app_context():
        person = find.by_email(email)
        actor = Actor(kind, person)  # type: ignore[arg-type]
        offered = action in [each.name for each in policy.actions_for(session().get_one(Ticket, case.id), actor)]
        answer = decided(case, action, actor)
    seen[answer] += 1
    where = f"{email} as {kind}: {action}: expected {expected}"
    problems = [] if answer == expected else [f"{where}, the door said {answer}"]
    return problems if offered == (expected == "may") else [*problems, f"{where}, offered: {offered}"]


def decided(case: Case, action: str, actor: Actor) -> str:
    """What the door says; a run that is refused for its values alone was allowed."""
    try:
        with writing():
            perform(case.id, action, actor, {})
            raise Undo
    except (Undo, Invalid):
        return "may"
    except HelpdeskError as refused:
        return refused.code
