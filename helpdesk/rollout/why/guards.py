"""Why somebody may or may not run an action now: every guard in its order, not only the first that refuses.

Says in sentences what `tickets.policy` decides; a test holds the two against each other for every state, action and
person of a desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from helpdesk.rollout.why.answer import Part, Reason, words
from helpdesk.rollout.why.asking import Asking
from helpdesk.tickets import policy, voting
from helpdesk.tickets.actors import Actor
from helpdesk.workflows import revisions, votes


def guards(asking: Asking) -> Part:
    """Everything that stands between the person and the button."""
    if asking.spec.type == votes.TYPE:
        asked: tuple[Guard, ...] = (_sight, _vote)
    elif asking.actor is None:
        asked = (_automatic, _granted, _offered, _only_assignee)
    elif asking.actor.kind == "customer":
        asked = (_requester, _automatic, _customer, _offered)
    else:
        asked = (_sight, _automatic, _right, _allow, _offered, _only_assignee)
    return Part(name="guards", title="Who may, and when", reasons=tuple(r for guard in asked for r in guard(asking)))


Guard = Callable[[Asking], Iterator[Reason]]


def _sight(asking: Asking) -> Iterator[Reason]:
    state, actor = asking.state, asking.actor
    if actor is None or actor.person is None:
        return
    line = asking.state_line("visible_to")
    sees = policy.in_sight(asking.ticket, actor)
    if sees:
        yield Reason(code="sight", holds=True, says=f"{asking.who} sees tickets in “{state.label}”.", line=line)
    elif not actor.person.is_active:
        yield Reason(code="sight", holds=False, says=f"{asking.who} is disabled.")
    elif not actor.person.is_staff:
        yield Reason(code="sight", holds=False, says=f"{asking.who} is not of the staff.")
    else:
        needs = words(_label(name) for name in state.visible_to or ())
        yield Reason(
            code="sight", holds=False, says=f"{asking.who} does not see “{state.label}”: that needs {needs}.", line=line
        )


def _requester(asking: Asking) -> Iterator[Reason]:
    ticket, state, actor = asking.ticket, asking.state, asking.actor
    if actor is None or actor.person is None:
        return
    own = ticket.requester_id == actor.person.id
    says = f"{asking.who} is the customer who asked." if own else f"{asking.who} is not the customer who asked."
    yield Reason(code="requester", holds=own and actor.person.is_active, says=says)
    if state.hidden_from_customer:
        line = asking.state_line("hidden_from_customer")
        yield Reason(code="hidden", holds=False, says=f"Customers do not see tickets in “{state.label}”.", line=line)


def _automatic(asking: Asking) -> Iterator[Reason]:
    if asking.spec.automatic:
        says = "It is automatic: the desk runs it by itself, and no person may."
        yield Reason(code="automatic", holds=False, says=says, line=asking.line("automatic"))


def _right(asking: Asking) -> Iterator[Reason]:
    right, actor = asking.spec.options.right, asking.actor
    if not right or actor is None or actor.person is None:
        return
    has = policy.may(actor.person, right)
    roles = [role for role in revisions.active().desk.roles.values() if right in role.may]
    says = (
        f"{asking.who} has the right “{right}”."
        if has
        else f"{asking.who} lacks the right “{right}”"
        + (f", which {words((role.label for role in roles), join='and')} have." if roles else ", which no role has.")
    )
    yield Reason(code="right", holds=has, says=says, line=asking.lines.of(*roles[0].path, "may") if roles else "")


def _allow(asking: Asking) -> Iterator[Reason]:
    spec, actor = asking.spec, asking.actor
    if spec.automatic or actor is None or actor.person is None:
        return
    line = asking.line("allow")
    if not spec.allow:
        says = f"“{spec.label}” has no `allow`, so nobody of the staff may run it."
        yield Reason(code="allow", holds=False, says=says, line=line)
        return
    standing = policy.standing_of(actor.person)
    is_assignee = asking.ticket.assignee_id == actor.person.id
    has = revisions.active().rules.allows(standing, asking.ticket.workflow, spec.name, is_assignee=is_assignee)
    needs = words(_label(name) for name in spec.allow)
    if has:
        counts = [name for name in spec.allow if name in standing.names]
        how = f"counts as {_label(counts[0])}" if counts else "has the ticket" if is_assignee else "works here"
        if "everyone" in spec.allow and not counts:
            how = "works here"
        yield Reason(code="allow", holds=True, says=f"It is for {needs}; {asking.who} {how}.", line=line)
        return
    is_ = words((_label(name) for name in sorted({*actor.person.roles, *actor.person.groups})), join="and") or "nothing"
    yield Reason(code="allow", holds=False, says=f"It is for {needs}; {asking.who} is {is_}.", line=line)


def _granted(asking: Asking) -> Iterator[Reason]:
    """Nobody was named: whom the file means."""
    spec = asking.spec
    if spec.automatic:
        return
    if spec.allow:
        says = f"Of the staff it is for {words(_label(name) for name in spec.allow)}."
        yield Reason(code="allow", holds=None, says=says, line=asking.line("allow"))
    else:
        yield Reason(code="allow", holds=None, says="It is for nobody of the staff.", line=asking.line())
    yield from _customer(asking)


def _customer(asking: Asking) -> Iterator[Reason]:
    spec = asking.spec
    may = spec.customer in ("run", "own") and not spec.options.for_staff
    if spec.automatic or (asking.actor is None and not may):
        return
    means = {
        "none": "Customers neither see nor run it.",
        "see": "Customers see that it ran, and may not run it.",
        "run": "Customers may run it.",
        "own": "Customers may run it.",
    }
    says = "It is for the staff alone." if spec.options.for_staff else means[spec.customer]
    yield Reason(
        code="customer", holds=may if asking.actor is not None else None, says=says, line=asking.line("customer")
    )


def _offered(asking: Asking) -> Iterator[Reason]:
    ticket, spec, state, workflow = asking.ticket, asking.spec, asking.state, asking.workflow
    if spec.automatic:
        return
    rules = revisions.active().rules
    by_customer = asking.actor is not None and asking.actor.kind == "customer"
    if by_customer and state.on_message.customer == spec.name:
        says = f"“{state.label}” takes the customer's messages by it."
        yield Reason(code="offered", holds=True, says=says, line=asking.state_line("on_message"))
    elif spec.name in rules.offered(ticket.workflow, ticket.state):
        always = spec.name not in state.actions
        says = "Every state that is not final offers it." if always else f"“{state.label}” offers it."
        line = asking.lines.of(*workflow.path, "always") if always else asking.state_line("actions")
        yield Reason(code="offered", holds=True, says=says, line=line)
    else:
        yield Reason(code="offered", holds=False, says=_not_offered(asking), line=asking.state_line("actions"))


def _not_offered(asking: Asking) -> str:
    spec, state, workflow = asking.spec, asking.state, asking.workflow
    if state.final and spec.name in workflow.always:
        return f"“{state.label}” is final, and `always` offers “{spec.label}” in states that are not."
    rules = revisions.active().rules
    standing = policy.standing_of(asking.actor.person) if asking.actor and asking.actor.person else None
    elsewhere = [
        f"“{each.label}”"
        for each in workflow.states.values()
        if spec.name in rules.offered(workflow.name, each.name)
        and (standing is None or rules.sees(standing, workflow.name, each.name))
    ]
    where = f" {words(elsewhere, join='and')} {'does' if len(elsewhere) == 1 else 'do'}." if elsewhere else ""
    return f"“{state.label}” does not offer it.{where}"


def _only_assignee(asking: Asking) -> Iterator[Reason]:
    ticket, spec, actor = asking.ticket, asking.spec, asking.actor
    if not spec.only_assignee or spec.automatic:
        return
    line = asking.line("only_assignee")
    if ticket.assignee is not None:
        has = f"is assigned to {ticket.assignee.shown_name}"
    elif ticket.group:
        has = f"is with {_label(ticket.group)}"
    else:
        yield Reason(code="only_assignee", holds=True, says="Nobody has the ticket yet, so anybody may.", line=line)
        return
    mine = None if actor is None else _is_assigned(asking, actor)
    says = f"It is for whoever has the ticket, which {has}."
    yield Reason(code="only_assignee", holds=mine, says=says, line=line)


def _is_assigned(asking: Asking, actor: Actor) -> bool:
    ticket = asking.ticket
    if ticket.assignee_id is not None:
        return ticket.assignee_id == actor.person_id
    return actor.person is not None and ticket.group in policy.standing_of(actor.person).groups


def _vote(asking: Asking) -> Iterator[Reason]:
    """Consent is a matter of its own: who is asked, who brought it there, who has voted."""
    spec, actor = voting.spec_of(asking.ticket), asking.actor
    line = asking.state_line("approve", "by") if spec else ""
    if spec is None:
        says = f"Nobody's consent is asked while the ticket is “{asking.state.label}”."
        yield Reason(code="vote", holds=False, says=says, line=asking.state_line())
        return
    needs = words(_label(name) for name in spec.by)
    if actor is None or actor.person is None or actor.kind != "staff":
        yield Reason(code="vote", holds=None if actor is None else False, says=f"{needs} may consent.", line=line)
        return
    refused = policy.refusal(asking.ticket, asking.spec.name, actor)
    if refused is None:
        yield Reason(code="vote", holds=True, says=f"{needs} may consent, and {asking.who} has a vote.", line=line)
    elif refused.code == "not_found":
        yield Reason(code="vote", holds=False, says=f"{needs} may consent; {asking.who} is asked for none.", line=line)
    else:
        yield Reason(code="vote", holds=False, says=refused.sentence, line=line)


def _label(name: str) -> str:
    """A role or group by its label, with its name where that differs."""
    desk = revisions.active().desk
    found = desk.roles.get(name) or desk.groups.get(name)
    if found is None:
        return {"assignee": "whoever has the ticket", "everyone": "everybody of the staff"}.get(name, name)
    return found.label
