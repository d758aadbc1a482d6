"""What would become of the live tickets if a text were the desk: counted, told in sentences, and judged. `apply`, the
start of the desk, `helpdesk workflow plan` and the editor ask here; nothing is changed.

The database counts along its indexes and no ticket is loaded, so a plan takes about as long at a million tickets as one
list does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from helpdesk.rollout import counting, effects, rights, testing
from helpdesk.rollout import ways as wayfinding
from helpdesk.rollout.differences import Difference, between, held_otherwise
from helpdesk.rollout.effects import Effect
from helpdesk.rollout.report import Report
from helpdesk.rollout.rights import RightChange
from helpdesk.rollout.ways import Moves, Pair, Why
from helpdesk.text.counted import counted
from helpdesk.workflows import check, enclosures, revisions
from helpdesk.workflows.enclosures import Beside
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.revisions import NoDeskError
from helpdesk.workflows.schema import Desk


@dataclass(frozen=True)
class Move:
    """Tickets that would be moved: from a state to a state (of `to_workflow`), and what says so."""

    workflow: str
    state: str
    to_workflow: str
    to: str
    why: Why
    tickets: int

    @property
    def sentence(self) -> str:
        come = "comes" if self.tickets == 1 else "come"
        if self.why == "renamed_from":
            return f"{counted(self.tickets)} of “{self.state}” {come} along under the new name “{self.to}”."
        other = f" of “{self.to_workflow}”" if self.to_workflow != self.workflow else ""
        return f"{counted(self.tickets)} of “{self.state}” would be moved to “{self.to}”{other}."


@dataclass(frozen=True)
class Stranded:
    """Tickets in a state that is gone, with no way out of it. `choices`: the states of the same workflow they could be
    sent to.
    """

    workflow: str
    state: str
    tickets: int
    choices: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        if not self.choices:
            are = "is" if self.tickets == 1 else "are"
            return f"{counted(self.tickets)} {are} in the removed workflow “{self.workflow}”, in “{self.state}”."
        are = "is" if self.tickets == 1 else "are"
        return f"{counted(self.tickets)} {are} in the removed state “{self.state}” of “{self.workflow}”."

    @property
    def hint(self) -> str:
        if not self.choices:
            return "Keep the workflow until its tickets are finished, or say where they go."
        return f"Write `renamed_from: {self.state}` on the state that follows it, or say where its tickets go."


@dataclass(frozen=True)
class Plan:
    """What a text would do. `base`: the revision it was compared with; None before the first."""

    base: int | None
    findings: tuple[Finding, ...] = ()
    stranded: tuple[Stranded, ...] = ()
    moves: tuple[Move, ...] = ()
    effects: tuple[Effect, ...] = ()
    rights: tuple[RightChange, ...] = ()
    differences: tuple[Difference, ...] = ()
    tests: Report | None = None
    tickets: int = field(default=0)  # live tickets that were looked at

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def ready(self) -> bool:
        """Whether it can be applied: the file is sound and no ticket would be stranded."""
        return not self.errors and not self.stranded

    @property
    def sentences(self) -> tuple[str, ...]:
        """What would happen to live tickets and to rights; what stands in the way comes first."""
        told: list[str] = [str(finding) for finding in self.errors]
        groups: Sequence[Sequence[Stranded | Move | Effect | RightChange]]
        groups = (self.stranded, self.moves, self.effects, self.rights)
        told += [one.sentence for group in groups for one in group]
        return tuple(told)

    def as_dict(self) -> dict[str, Any]:
        """For scripts and the editor."""
        return {
            "ready": self.ready,
            "base": self.base,
            "tickets": self.tickets,
            "findings": [finding.as_dict() for finding in self.findings],
            "stranded": [asdict(one) | {"sentence": one.sentence, "hint": one.hint} for one in self.stranded],
            "moves": [asdict(one) | {"sentence": one.sentence} for one in self.moves],
            "effects": [one.as_dict() for one in self.effects],
            "rights": [one.as_dict() for one in self.rights],
            "differences": [one.as_dict() for one in self.differences],
            "tests": self.tests.as_dict() if self.tests else None,
        }


def plan(
    texts: Mapping[str, str], *, moves: Moves | None = None, tests: bool = False, beside: Beside | None = None
) -> Plan:
    """Compare texts, by the names of their files, with the desk in force and its live tickets. `moves`: where the
    administrator sends the tickets of states that go; `tests`: play the file's own tests as well; `beside`: where the
    files are that its ready answers bring along.

    Raises Invalid where `moves` names a state that is not there.
    """
    before = in_force()
    base = before.id if before else None
    loaded = check.run_texts({**texts}, beside=beside)
    findings = tuple(loaded.findings)
    if loaded.desk is None:
        return Plan(base, findings)
    held = counting.held()
    ways = wayfinding.ways(held, loaded.desk, moves)
    planned = Plan(
        base,
        findings,
        stranded=stranded(held, loaded.desk, moves),
        moves=tuple(Move(*pair, *way.target, way.why, held[pair]) for pair, way in ways.items()),
        tests=testing.run(texts) if tests else None,
        tickets=sum(held.values()),
    )
    if before is None:
        return planned
    enclosed = enclosures.digests(enclosures.names_in(loaded.desk), beside)
    return replace(
        planned,
        effects=effects.of(before.desk, loaded.desk, held, ways),
        rights=rights.changed(before.desk, loaded.desk, ways, held),
        differences=(*between(before.desk, loaded.desk), *held_otherwise(before.enclosed, enclosed)),
    )


def stranded(held: Mapping[Pair, int], after: Desk, moves: Moves | None = None) -> tuple[Stranded, ...]:
    """The tickets that `after` would leave without a state."""
    left = wayfinding.stranded(held, after, moves)
    return tuple(Stranded(*pair, held[pair], _choices(pair, after)) for pair in left)


def in_force() -> revisions.Active | None:
    """The desk in force, or None before there is one this program can read."""
    try:
        return revisions.active()
    except NoDeskError:
        return None


def _choices(pair: Pair, after: Desk) -> tuple[str, ...]:
    workflow = after.workflows.get(pair[0])
    return tuple(name for name, state in workflow.states.items() if not state.move_to) if workflow else ()
