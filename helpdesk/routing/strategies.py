"""Ways to find a person of a group. Each gives its choice with the scores that led to it, so that it can be explained
(N15).

Candidates are the group's members who may be assigned and see the state the ticket goes to. None = nobody; the group
has it then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, is_sqlite, session
from helpdesk.people.models import WITH_RIGHTS, Membership, Person
from helpdesk.tickets import policy
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions

NOBODY = 0  # had the turn before the first one


class Rotation(Base):
    """Whose turn it was last in a group: the memory of `round_robin`."""

    __tablename__ = "rotations"

    group: Mapped[str] = mapped_column("group_name", String(64), primary_key=True)
    person_id: Mapped[int]


@dataclass(frozen=True)
class Choice:
    """The person chosen, and why: a line for each candidate."""

    person: Person | None
    scores: tuple[str, ...]


def choose(strategy: str, *, group: str, ticket: Ticket) -> Choice:
    """Ask `strategy` for a member of `group` to have `ticket` in the state it is in now. Part of the transaction at
    hand.
    """
    candidates = [
        person for person in members(group) if assignable(person, workflow=ticket.workflow, state=ticket.state)
    ]
    if not candidates:
        return Choice(None, (f"Nobody of {group} may be assigned there.",))
    return STRATEGIES[strategy](candidates, group, ticket)


def members(group: str) -> list[Person]:
    """The active members of a group, by name."""
    query = (
        select(Person)
        .join(Membership)
        .where(Membership.group == group, Person.disabled_at.is_(None))
        .options(*WITH_RIGHTS)
    )
    return sorted(session().scalars(query), key=lambda person: (person.shown_name.casefold(), person.id))


def assignable(person: Person, *, workflow: str, state: str) -> bool:
    """Whether tickets of this state may be given to the person: they have `be_assigned` and see the state."""
    may = revisions.active().rules.may(policy.standing_of(person), "be_assigned")
    return may and (workflow, state) in policy.visible_states(person)


def least_busy(candidates: Sequence[Person], group: str, ticket: Ticket) -> Choice:
    """Whoever has the fewest other open tickets; the first by name among equals."""
    workflows = revisions.active().desk.workflows.values()
    open_states = frozenset((w.name, s.name) for w in workflows for s in w.states.values() if not s.final)
    query = (
        select(Ticket.assignee_id, func.count())
        .where(Ticket.assignee_id.in_([each.id for each in candidates]), policy.in_states(open_states))
        .where(Ticket.id != ticket.id)
        .group_by(Ticket.assignee_id)
    )
    load = dict(session().execute(query).all())
    chosen = min(candidates, key=lambda person: load.get(person.id, 0))
    return Choice(chosen, tuple(f"{each.shown_name}: {load.get(each.id, 0)} open" for each in candidates))


def round_robin(candidates: Sequence[Person], group: str, ticket: Ticket) -> Choice:
    """Whoever comes after the one who had the turn last, by name and around."""
    here = session()
    insert = sqlite.insert if is_sqlite(here) else postgresql.insert
    here.execute(
        insert(Rotation).values(group_name=group, person_id=NOBODY).on_conflict_do_nothing()
    )  # then it is there
    turn = here.get_one(Rotation, group, with_for_update=True, populate_existing=True)
    ids = [each.id for each in candidates]
    place = (ids.index(turn.person_id) + 1) % len(ids) if turn.person_id in ids else 0
    turn.person_id = ids[place]
    return Choice(
        candidates[place],
        tuple(f"{each.shown_name}{' (turn)' if each is candidates[place] else ''}" for each in candidates),
    )


STRATEGIES: dict[str, Callable[[Sequence[Person], str, Ticket], Choice]] = {
    "least_busy": least_busy,
    "round_robin": round_robin,
}
