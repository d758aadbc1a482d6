"""Days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field


@field_types.register("date")
class Date(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        try:
            day = date.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError(f"“{field.label}” must be a date such as 2026-03-31.") from None
        self._within(day.isoformat(), field)
        return day.isoformat()

    def number_key(self, value: str) -> float:
        return float(date.fromisoformat(value).toordinal())

    def _within(self, value: str, field: Field) -> None:
        if field.min is not None and value < field.min:
            raise ValueError(f"“{field.label}” must not be before {field.min}.")
        if field.max is not None and value > field.max:
            raise ValueError(f"“{field.label}” must not be after {field.max}.")


@field_types.register("datetime")
class DateTime(Date):
    """A moment; entered without a zone it is the desk's. Kept in UTC."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        try:
            moment = datetime.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError(f"“{field.label}” must be a date and time such as 2026-03-31 14:30.") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
        value = moment.astimezone(UTC).isoformat(timespec="minutes")
        self._within(value, field)
        return value

    def number_key(self, value: str) -> float:
        return datetime.fromisoformat(value).timestamp()
