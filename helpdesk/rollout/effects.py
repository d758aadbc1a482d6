"""What a changed desk would do to the tickets that are live: who loses a ticket, which buttons go, whose timers would
fire at once, which values lose their field, which doors close. Asked by `plan`.

One effect a file-side change, with the number of tickets it meets; the database counts, and is asked only about what
changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from helpdesk.rollout import assignees, consent, counting, promising, rounds, timing
from helpdesk.rollout.ways import Pair, Way
from helpdesk.text.counted import counted
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk, Source

Kind = Literal[
    "assignee_lost", "assignment_lost", "action_lost", "timer_due", "timer_gone", "approval_asked",
    "approval_changed", "sla_changed", "field_gone", "source_gone",
]  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """Something that happens to `tickets` tickets of a state (or of all, where `state` is empty). `subject`: the
    action, timer, field or source it is about.
    """

    kind: Kind
    workflow: str
    state: str
    subject: str
    tickets: int
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def of(before: Desk, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> tuple[Effect, ...]:
    """Everything that would happen to live tickets when `after` follows `before`."""
    return (
        *_assignees(before, after, held, ways),
        *_actions(before, after, held, ways),
        *_timers(before, after, held, ways),
        *_approvals(before, after, held, ways),
        *_levels(before, after, held),
        *_fields(before, after),
        *_sources(before, after),
    )


def _assignees(before: Desk, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> Iterator[Effect]:
    lost: Counter[Pair] = Counter()
    for one in assignees.cleared(before, after, held, ways):
        lost[one.source] += one.tickets
    for (workflow, state), tickets in lost.items():
        lose, who = ("loses", "assignee does") if tickets == 1 else ("lose", "assignees do")
        sentence = f"{counted(tickets)} of “{state}” {lose} the person they are with: the {who} not see them any more."
        yield Effect("assignee_lost", workflow, state, "", tickets, sentence)
    if tickets := assignees.without_right(before, after, held):
        sentence = f"{counted(tickets)} stay with people who can be given no more tickets (`be_assigned`)."
        yield Effect("assignment_lost", "", "", "be_assigned", tickets, sentence)


def _actions(before: Desk, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> Iterator[Effect]:
    """Buttons that a ticket had and will not have, where it then is."""
    old, new = Rules(before), Rules(after)
    for pair, tickets in held.items():
        there = ways[pair].target if pair in ways else pair
        kept = set(new.offered(*there))
        for name in old.offered(*pair):
            if name not in kept and there[0] in after.workflows:
                label = before.workflows[pair[0]].actions[name].label
                lose = "loses" if tickets == 1 else "lose"
                sentence = f"{counted(tickets)} of “{pair[1]}” {lose} the action “{label}”."
                yield Effect("action_lost", *pair, name, tickets, sentence)


def _timers(before: Desk, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> Iterator[Effect]:
    for stay in timing.staying(before, after, held, ways):
        workflow, state = stay.pair
        for timer in stay.removed:
            tickets = held[stay.pair]
            sentence = f"“{timer.do}” after {timer.after} will not come any more to {counted(tickets)} of “{state}”."
            yield Effect("timer_gone", workflow, state, timer.do, tickets, sentence)
        for timer in stay.added:
            moment = timing.due_if_since(timer.after, stay.target[0], after)
            if tickets := counting.there_since(stay.pair, moment):
                long = f"{'has' if tickets == 1 else 'have'} been in “{state}” for {timer.after} or longer"
                sentence = f"“{timer.do}” would run at once: {counted(tickets)} {long}."
                yield Effect("timer_due", workflow, state, timer.do, tickets, sentence)


def _approvals(before: Desk, after: Desk, held: Mapping[Pair, int], ways: Mapping[Pair, Way]) -> Iterator[Effect]:
    for each in consent.asked(before, after, held, ways):
        are, where = "is" if each.tickets == 1 else "are", each.target[1]
        come = f"of “{each.pair[1]}” {'comes' if each.tickets == 1 else 'come'} to “{where}” and {are}"
        stays = each.pair not in ways or not ways[each.pair].enters
        told = f"in “{where}” {are}" if stays else come
        sentence = f"{counted(each.tickets)} {told} asked for consent: the approvers are mailed."
        yield Effect("approval_asked", *each.pair, "", each.tickets, sentence)
    for pair, target in consent.given_up(before, after, held, ways):
        wait = "waits" if held[pair] == 1 else "wait"
        sentence = f"Consent is not asked any more in “{target[1]}”, where {counted(held[pair])} {wait}."
        yield Effect("approval_changed", *pair, "", held[pair], sentence)
    for one in rounds.changed(before, after, held, ways):
        for tickets, sentence in rounds.sentences(one, after):
            yield Effect("approval_changed", *one.pair, "", tickets, sentence)


def _levels(before: Desk, after: Desk, held: Mapping[Pair, int]) -> Iterator[Effect]:
    for name in promising.changed(before, after):
        if tickets := promising.open_promises(before, name, held):
            many = f"more than {counted(promising.MOST)}" if tickets > promising.MOST else counted(tickets)
            sentence = f"What was promised on {many} of “{name}” is reckoned anew."
            yield Effect("sla_changed", name, "", "", tickets, sentence)


def _fields(before: Desk, after: Desk) -> Iterator[Effect]:
    """Fields that tickets hold values of and no ticket will show. The values stay, and come back with the field."""
    kept = {field for workflow in after.workflows.values() for field in workflow.fields}
    gone = {field for workflow in before.workflows.values() for field in workflow.fields} - kept
    for name, tickets in sorted(counting.with_values(sorted(gone)).items()):
        sentence = f"The field “{name}” is gone; {counted(tickets)} {_hold(tickets)} a value of it."
        yield Effect("field_gone", "", "", name, tickets, sentence)
    for workflow in before.workflows.values():
        if workflow.name in after.workflows:
            left = sorted((set(workflow.fields) & kept) - set(after.workflows[workflow.name].fields))
            for name, tickets in sorted(counting.with_values(left, workflow.name).items()):
                hold = f"{counted(tickets)} {_hold(tickets)} a value of it"
                sentence = f"“{workflow.name}” has no field “{name}” any more; {hold}."
                yield Effect("field_gone", workflow.name, "", name, tickets, sentence)


def _hold(tickets: int) -> str:
    return "holds" if tickets == 1 else "hold"


def _sources(before: Desk, after: Desk) -> Iterator[Effect]:
    for name, source in before.sources.items():
        door = _door(source)
        if door not in {_door(each) for each in after.sources.values()}:
            yield Effect("source_gone", source.workflow, "", name, 0, f"Nothing comes through {door} any more.")


def _door(source: Source) -> str:
    """Where people meet a source: what must stay the same for them to go on as before."""
    if address := getattr(source.options, "address", ""):
        return f"mail to {address}"
    slug = getattr(source.options, "slug", "")
    return f"the form /forms/{slug}" if slug else f"the source “{source.name}”"
