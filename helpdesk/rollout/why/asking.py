"""One question: a ticket, an action, and in whose place it is asked. What every part of an explanation works with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helpdesk.rollout.why.lines import Lines
from helpdesk.tickets import fields, names
from helpdesk.tickets.actors import SYSTEM, Actor
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Action, State, Workflow


@dataclass(frozen=True)
class Asking:
    """`actor` is None where nobody was named: then what depends on a person is left open."""

    ticket: Ticket
    spec: Action
    actor: Actor | None
    lines: Lines

    @property
    def workflow(self) -> Workflow:
        return revisions.active().desk.workflows[self.ticket.workflow]

    @property
    def goal(self) -> Workflow:
        """The workflow whose states the action's `to` names: another one where it moves the ticket."""
        return revisions.active().desk.workflows.get(self.spec.options.elsewhere or "", self.workflow)

    @property
    def state(self) -> State:
        return self.workflow.states[self.ticket.state]

    @property
    def by(self) -> Actor:
        """Who would run it: the person, or the desk itself."""
        return self.actor or SYSTEM

    @property
    def who(self) -> str:
        """“Ann” at the beginning of a sentence."""
        return self.actor.name if self.actor else "Whoever asks"

    @cached_property
    def held(self) -> dict[str, Any]:
        return fields.held(self.ticket)

    def names(self, conditions: Iterable[str]) -> dict[str, Any]:
        """What conditions of the action see, before anything is entered."""
        return names.of_ticket(
            self.ticket, actor=self.by, fields=self.held, action=self.spec, conditions=list(conditions)
        )

    def line(self, *path: str) -> str:
        """A line below the action."""
        return self.lines.of(*self.spec.path, *path)

    def state_line(self, *path: str) -> str:
        return self.lines.of(*self.state.path, *path)
