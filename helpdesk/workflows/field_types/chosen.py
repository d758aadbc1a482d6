"""What is picked or ticked: one of several, some of several, yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field


@field_types.register("choice")
class Choice(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        if str(raw) not in field.choices:
            raise ValueError(f"“{field.label}” must be one of: {', '.join(field.choices.values())}.")
        return str(raw)

    def show(self, value: str, field: Field) -> str:
        return field.choices.get(value, value)


@field_types.register("multichoice")
class MultiChoice(FieldType):
    several = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[str, ...]:
        chosen = [raw] if isinstance(raw, str) else list(raw)
        if len(chosen) == 1 and chosen[0] not in field.choices:
            chosen = [each.strip() for each in str(chosen[0]).split(",")]
        for each in chosen:
            if each not in field.choices:
                raise ValueError(f"“{field.label}” takes only: {', '.join(field.choices.values())}.")
        return tuple(name for name in field.choices if name in chosen)

    def keep(self, value: Sequence[str]) -> str:
        return ",".join(value)

    def value_of(self, kept: str, *, currency: str) -> tuple[str, ...]:
        return tuple(kept.split(",")) if kept else ()

    def show(self, value: Sequence[str], field: Field) -> str:
        return ", ".join(field.choices.get(each, each) for each in value)


@field_types.register("checkbox")
class Checkbox(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> bool:
        if isinstance(raw, bool):
            return raw
        word = str(raw).strip().lower()
        if word in ("true", "yes", "on", "1", "y"):
            return True
        if word in ("false", "no", "off", "0", "n"):
            return False
        raise ValueError(f"“{field.label}” must be yes or no.")

    def keep(self, value: bool) -> str:
        return "true" if value else "false"

    def value_of(self, kept: str, *, currency: str) -> bool:
        return kept == "true"

    def show(self, value: bool, field: Field) -> str:
        return "yes" if value else "no"


@field_types.register("agreement")
class Agreement(Checkbox):
    """A checkbox that counts only when ticked; `required` asks for the tick."""
