"""Who of a group may be given tickets at all, with the rights of each: one question, however large the group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import String, bindparam, select

from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.people.naming import name_of
from helpdesk.tickets import policy
from helpdesk.tickets.together import Together
from helpdesk.workflows import revisions
from helpdesk.workflows.rules import Standing

_OF_GROUP = select(Membership.person_id).where(Membership.group == bindparam("group", type_=String))
MEMBERS = Together(
    people=select(Person.id, name_of(Person).label("name"), Person.tier).where(
        Person.id.in_(_OF_GROUP), Person.disabled_at.is_(None)
    ),
    roles=select(PersonRole.person_id.label("id"), PersonRole.role).where(PersonRole.person_id.in_(_OF_GROUP)),
    groups=select(Membership.person_id.label("id"), Membership.group.label("team")).where(
        Membership.person_id.in_(_OF_GROUP)
    ),
)


@dataclass(frozen=True)
class Member:
    """An active member of a group."""

    id: int
    name: str
    tier: str
    standing: Standing


def members(group: str) -> list[Member]:
    """The active members of a group, by name."""
    found = MEMBERS.ask(group=group)
    roles, groups = defaultdict(set), defaultdict(set)
    for row in found["roles"]:
        roles[row.id].add(row.role)
    for row in found["groups"]:
        groups[row.id].add(row.team)
    standing = revisions.active().rules.standing
    listed = [
        Member(row.id, row.name or f"#{row.id}", row.tier, standing(roles[row.id], groups[row.id]))
        for row in found["people"]
    ]
    return sorted(listed, key=lambda one: (one.name.casefold(), one.id))


def unfit(standing: Standing, *, workflow: str, state: str) -> str:
    """Why tickets of this state are not given to somebody who stands so; nothing if they may be."""
    rules = revisions.active().rules
    if not rules.may(standing, "be_assigned"):
        return "may not be assigned"
    if not rules.sees(standing, workflow, state):
        return "does not see tickets there"
    return ""


def assignable(person: Person, *, workflow: str, state: str) -> bool:
    """Whether tickets of this state may be given to the person: they have `be_assigned` and see the state."""
    return person.is_staff and not unfit(policy.standing_of(person), workflow=workflow, state=state)
