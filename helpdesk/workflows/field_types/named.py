"""What stands for something kept elsewhere: files, people, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field


@field_types.register("file")
class File(FieldType):
    """Files, which hang on the run's message; of the field itself their names are kept."""

    several = True
    is_file = True

    def keep(self, value: Sequence[Any]) -> str:
        return "\n".join(self._names(value))

    def value_of(self, kept: str, *, currency: str) -> tuple[str, ...]:
        return tuple(kept.split("\n")) if kept else ()

    def show(self, value: Sequence[Any], field: Field) -> str:
        return ", ".join(self._names(value))

    def _names(self, value: Sequence[Any]) -> list[str]:
        return [each if isinstance(each, str) else each.filename for each in value]


@field_types.register("user")
class User(FieldType):
    """A member of the staff, by e-mail address; the door makes sure that there is such a person."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=254).lower()


@field_types.register("group")
class Group(FieldType):
    """A group of the workflow file, by name; the door makes sure that there is one."""
