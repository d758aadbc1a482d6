"""What can be chosen in a form where the language wants a name: those of the text itself, and the words it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.workflows import kinds
from helpdesk.workflows.references import RECIPIENTS
from helpdesk.workflows.schema import BUILT_IN
from helpdesk.workflows.texts import COLORS


@dataclass(frozen=True)
class Names:
    """What can be chosen where the language wants a name, within one workflow."""

    known: Mapping[str, Any]
    workflow: str

    def choices(self, means: str) -> list[tuple[str, str]] | None:
        """Value and label of each; None where the text is free."""
        people = [*self._of("roles"), *self._of("groups")]
        states, actions = (list(self.known[kind].get(self.workflow, {}).items()) for kind in ("states", "actions"))
        strategies = [(name, "") for name in kinds.strategies.names()] + self._of("routing")
        listed: dict[str, list[tuple[str, str]]] = {
            "state": states,
            "target": [*states, ("same", "Stay where it is")],
            "action": actions,
            "action or again": [*actions, ("again", "Ask once more")],
            "who": [*people, ("assignee", "Whoever has the ticket"), ("everyone", "Everybody of the staff")],
            "seer": [*people, ("everyone", "Everybody of the staff")],
            "recipient": [
                *((name, "") for name in RECIPIENTS),
                *((f"role:{n}", label) for n, label in self._of("roles")),
            ],
            "role": self._of("roles"),
            "group": self._of("groups"),
            "field": [*((name, each.label) for name, each in BUILT_IN.items()), *self._of("fields")],
            "email": self._of("emails"),
            "calendar": self._of("calendars"),
            "webhook": self._of("webhooks"),
            "workflow": self._of("workflows"),
            "source": self._of("sources"),
            "strategy": strategies,
            "color": [(color, "") for color in COLORS],
            "field type": [(name, "") for name in kinds.field_types.names()],
        }
        return listed.get(means)

    def _of(self, section: str) -> list[tuple[str, str]]:
        return list(self.known[section].items())
