"""What only an action type asks for: other tickets and messages. No field of the file is of these types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

MOST = 1000  # messages at once


@field_types.register("ticket")
class TicketName(FieldType):
    """Another ticket, by its name or number; the action that asks finds it."""

    brought = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=60)


@field_types.register("messages")
class Messages(FieldType):
    """Some of the ticket's messages, by their numbers; the action that asks finds them."""

    brought = True
    several = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[int, ...]:
        chosen = raw.split(",") if isinstance(raw, str) else list(raw)
        numbers = [str(each).strip() for each in chosen]
        if len(numbers) > MOST or not all(each.isascii() and each.isdecimal() and len(each) < 10 for each in numbers):
            raise ValueError(f"“{field.label}” takes the numbers of messages.")
        return tuple(sorted({int(each) for each in numbers}))

    def show(self, value: Sequence[int], field: Field) -> str:
        return str(len(value))
