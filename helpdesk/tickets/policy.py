"""The one place that decides who may see and do what. Every door and every page asks here; nothing else compares roles.

What the rules of the workflow file say is asked of `workflows.rules`; this room adds the ticket: its state, its
requester, its assignee. A missing right is `NotFound`, as if the ticket or action were not there; a right that does not
fit now is `NotPossible`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Literal

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, or_, select, union
from sqlalchemy.sql.base import ExecutableOption

from helpdesk.db import session
from helpdesk.errors import HelpdeskError, NotFound, NotPossible
from helpdesk.people.models import Membership, Person, PersonRole
from helpdesk.tickets import voting
from helpdesk.tickets.actors import Actor
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions, votes
from helpdesk.workflows.rules import Standing
from helpdesk.workflows.schema import Action, Input, State

NOT_THERE = "There is no such ticket."


def standing_of(person: Person) -> Standing:
    """The person's roles and groups with all that these bring; nothing for the disabled."""
    if not person.is_active:
        return Standing(frozenset(), frozenset())
    return revisions.active().rules.standing(person.roles, person.groups)


def visible_states(person: Person) -> frozenset[tuple[str, str]]:
    """The (workflow, state) pairs whose tickets this member of the staff sees."""
    if not (person.is_active and person.is_staff):
        return frozenset()
    return revisions.active().rules.visible_states(standing_of(person))


def visible_to(person: Person) -> Select[Ticket]:
    """The tickets this member of the staff may see. The root of every staff query on tickets."""
    return select(Ticket).where(in_states(visible_states(person)))


def requests_of(person: Person) -> Select[Ticket]:
    """The tickets this person asked for and may see as their customer. The root of every cabinet query."""
    if not person.is_active:
        return select(Ticket).where(false())
    return select(Ticket).where(
        Ticket.requester_id == person.id, Ticket.merged_into_id.is_(None), in_states(open_to_customers())
    )


def open_to_customers() -> frozenset[tuple[str, str]]:
    """The (workflow, state) pairs that are not hidden from customers."""
    workflows = revisions.active().desk.workflows.values()
    return frozenset((w.name, s.name) for w in workflows for s in w.states.values() if not s.hidden_from_customer)


def in_states(pairs: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """The condition that a ticket is in one of these states. The names are written into the statement, not bound:
    PostgreSQL plans by them, also once it keeps the plan.
    """
    by_workflow: dict[str, list[str]] = {}
    for workflow, state in sorted(pairs):
        by_workflow.setdefault(workflow, []).append(state)
    return or_(false(), *(_among(workflow, states) for workflow, states in by_workflow.items()))


def _among(workflow: str, states: list[str]) -> ColumnElement[bool]:
    named = bindparam("workflow", workflow, type_=String, unique=True, literal_execute=True)
    listed = bindparam("states", states, type_=String, unique=True, expanding=True, literal_execute=True)
    return and_(Ticket.workflow == named, Ticket.state.in_(listed))


def sees(person: Person, ticket: Ticket) -> bool:
    """Whether this member of the staff sees the ticket where it is now."""
    return (ticket.workflow, ticket.state) in visible_states(person)


def in_sight(ticket: Ticket, actor: Actor) -> bool:
    """Whether a person in this part sees the ticket where it is now."""
    person = actor.person
    if person is None or not person.is_active:
        return False
    if actor.kind == "customer":
        return ticket.requester_id == person.id and (ticket.workflow, ticket.state) in open_to_customers()
    return actor.kind == "staff" and sees(person, ticket)


def is_final(ticket: Ticket) -> bool:
    """Whether the work on the ticket is over."""
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    return state is not None and state.final


def who_see(ticket: Ticket) -> frozenset[str] | Literal["staff"] | None:
    """The roles and groups that see the ticket where it is now; "staff" where all of the house do, None for nobody."""
    active = revisions.active()
    workflow = active.desk.workflows.get(ticket.workflow)
    state = workflow.states.get(ticket.state) if workflow else None
    if state is None:
        return None
    if state.visible_to is None or "everyone" in state.visible_to:
        return "staff"
    return active.rules.holders(state.visible_to)


def staff_with(names: frozenset[str] | Literal["staff"]) -> ColumnElement[bool]:
    """The condition that a person is of the active staff and has one of these roles and groups: `sees`, asked of all at
    once.
    """
    by_role, by_group = select(PersonRole.person_id), select(Membership.person_id)
    if names == "staff":
        seeing = union(by_role, by_group, select(Person.id).where(Person.is_admin))
    else:
        named = bindparam("names", sorted(names), type_=String, unique=True, expanding=True, literal_execute=True)
        seeing = union(by_role.where(PersonRole.role.in_(named)), by_group.where(Membership.group.in_(named)))
    return Person.id.in_(seeing) & Person.disabled_at.is_(None)  # an OR of the parts would walk all customers


def find(person: Person, ref: str, *, as_customer: bool = False, options: Sequence[ExecutableOption] = ()) -> Ticket:
    """The ticket of this name or number, loaded through the asker. Raises NotFound for "no" and "not yours" alike.

    `options`: what is loaded with it.
    """
    states = open_to_customers() if as_customer else visible_states(person)
    by_number = ref.isdecimal() and len(ref) < 18
    asked = {"name": int(ref) if by_number else ref, "me": person.id}
    query = _named(states, tuple(options), by_number=by_number, as_customer=as_customer)
    ticket = None
    if person.is_active and "\0" not in ref:  # which no name has, and PostgreSQL cannot be asked about
        ticket = session().scalars(query, asked).unique().one_or_none()
    if ticket is None:
        raise NotFound(NOT_THERE)
    return ticket


@lru_cache(maxsize=512)
def _named(
    states: frozenset[tuple[str, str]], options: tuple[ExecutableOption, ...], *, by_number: bool, as_customer: bool
) -> Select[Ticket]:
    """The question `find` asks. Every page of a ticket begins with it, and building it took longer than its answer."""
    name = (Ticket.id if by_number else Ticket.ref) == bindparam("name")
    own = [Ticket.requester_id == bindparam("me")] if as_customer else []
    return select(Ticket).where(name, in_states(states), *own).options(*options)


def refusal(
    ticket: Ticket, action: str, actor: Actor, *, by_message: bool = False, by_macro: bool = False
) -> HelpdeskError | None:
    """Why `actor` may not run `action` on `ticket` now, or None if they may.

    `by_message`: the state's `on_message` names this action for the sender's kind, which is the grant; `only_assignee`
    still binds. `by_macro`: a macro runs it, so sight and offer were judged of that; the right must be its own. The
    ticket must have been loaded through the actor, or the actor's sight is judged here all the same.
    """
    refused = _refusal(ticket, action, actor, by_message=by_message, by_macro=by_macro)
    if ticket.merged_into_id is not None and not isinstance(refused, NotFound):
        return NotPossible(f"{ticket.ref} was merged into another ticket. Go on there, or take the merge back first.")
    return refused


def _refusal(ticket: Ticket, action: str, actor: Actor, *, by_message: bool, by_macro: bool) -> HelpdeskError | None:
    """The same for a ticket that stands alone."""
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    spec = votes.action_of(workflow, action) if workflow else None
    by_person = actor.kind != "system" and not by_message
    if by_person and not by_macro and not in_sight(ticket, actor):
        return NotFound(NOT_THERE)
    if workflow is None or spec is None:
        return NotFound("There is no such action.")
    if spec.type == votes.TYPE:
        return _vote_refusal(ticket, spec, actor)
    if actor.kind == "system":
        return None
    if by_person:
        if not _has_right(ticket, spec, actor):
            return NotFound("There is no such action.")
        if not by_macro and not _offered(ticket, spec, actor):
            return _not_here(ticket, spec, actor)
    if spec.only_assignee and actor.kind != "customer" and not _is_assigned(ticket, actor):
        return NotPossible(f"“{spec.label}” is for whoever the ticket is assigned to.", code="assigned")
    return None


def _vote_refusal(ticket: Ticket, spec: Action, actor: Actor) -> HelpdeskError | None:
    """A vote is a right of staff alone, whatever names the action; `voting` knows whose it is."""
    if actor.kind != "staff" or actor.person is None:
        return NotFound("There is no such action.")
    if refused := voting.refusal(ticket, actor.person):
        return refused
    if not votes.is_built_in(spec) and not _offered(ticket, spec, actor):
        return _not_here(ticket, spec, actor)
    return None


def to_undo(ticket: Ticket, action: str, actor: Actor) -> Action:
    """The action of this name, if `actor` may take back what it did to this ticket: they see the ticket and have the
    right to the action. Raises NotFound.
    """
    workflow = revisions.active().desk.workflows.get(ticket.workflow)
    spec = workflow.actions.get(action) if workflow else None
    if actor.kind != "staff" or not in_sight(ticket, actor):
        raise NotFound(NOT_THERE)
    if spec is None or not _has_right(ticket, spec, actor):
        raise NotFound("There is no such action.")
    return spec


def actions_for(ticket: Ticket, actor: Actor) -> list[Action]:
    """The actions `actor` may run now, in the order of the buttons."""
    active = revisions.active()
    workflow = active.desk.workflows[ticket.workflow]
    names = list(active.rules.offered(ticket.workflow, ticket.state))
    if actor.kind == "customer":
        answer = workflow.states[ticket.state].on_message.customer
        names += [answer] if answer and answer not in names else []
    return [workflow.actions[name] for name in names if refusal(ticket, name, actor) is None]


def votes_for(ticket: Ticket, actor: Actor) -> list[Action]:
    """The desk's own votes, where this actor may give one now: they are no actions of the file."""
    return (
        []
        if voting.spec_of(ticket) is None
        else [vote for vote in votes.built_in().values() if refusal(ticket, vote.name, actor) is None]
    )


def _has_right(ticket: Ticket, spec: Action, actor: Actor) -> bool:
    if spec.automatic or actor.person is None:
        return False
    if actor.kind == "customer":
        return spec.customer in ("run", "own") and not spec.options.for_staff
    if spec.options.right and not may(actor.person, spec.options.right):
        return False
    is_assignee = ticket.assignee_id == actor.person.id
    standing = standing_of(actor.person)
    return revisions.active().rules.allows(standing, ticket.workflow, spec.name, is_assignee=is_assignee)


def inputs_for(spec: Action, actor: Actor) -> tuple[Input, ...]:
    """What an action asks this actor: everything it lists, but the ticket's tags only of those who have the right to
    them.
    """
    asks_tags = any(each.builtin and each.name == "tags" for each in spec.fields)
    if not asks_tags or (actor.kind == "staff" and actor.person is not None and may(actor.person, "tag")):
        return spec.fields
    return tuple(each for each in spec.fields if not (each.builtin and each.name == "tags"))


def may(person: Person, right: str) -> bool:
    """Whether one of the person's roles has a right that belongs to no state."""
    return revisions.active().rules.may(standing_of(person), right)


def _offered(ticket: Ticket, spec: Action, actor: Actor) -> bool:
    active = revisions.active()
    if spec.name in active.rules.offered(ticket.workflow, ticket.state):
        return True
    state = active.desk.workflows[ticket.workflow].states[ticket.state]
    return actor.kind == "customer" and state.on_message.customer == spec.name


def _not_here(ticket: Ticket, spec: Action, actor: Actor) -> NotPossible:
    state = revisions.active().desk.workflows[ticket.workflow].states[ticket.state]
    return NotPossible(f"“{spec.label}” is not possible while the ticket is “{_label(state, actor)}”.")


def _is_assigned(ticket: Ticket, actor: Actor) -> bool:
    if ticket.assignee_id is not None:
        return ticket.assignee_id == actor.person_id
    if ticket.group is not None:
        return actor.person is not None and ticket.group in standing_of(actor.person).groups
    return True


def _label(state: State, actor: Actor) -> str:
    return (state.customer_label if actor.kind == "customer" else "") or state.label
