"""Note a phone call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from helpdesk.actions.base import Action
from helpdesk.workflows.kinds import actions
from helpdesk.workflows.schema import Field

DIRECTIONS = {"in": "They called", "out": "We called"}


@actions.register("call")
@dataclass(frozen=True, kw_only=True)
class Call(Action):
    """A call as whoever held it writes it down: who called, the number, how long, and a note for colleagues. Nothing is
    dialled.
    """

    icon: ClassVar[str] = "phone"
    speaks: ClassVar[str | None] = "internal"
    channel: ClassVar[str] = "phone"

    @property
    def inputs(self) -> tuple[Field, ...]:
        return (
            Field(
                name="direction", type="choice", label="Who called", required=True, choices=DIRECTIONS, keep="action"
            ),
            Field(name="number", type="phone", label="Number", keep="action"),
            Field(name="minutes", type="number", label="Minutes", min="0", max="1440", keep="action"),
        )
