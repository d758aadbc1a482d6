"""Days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
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
        if field.min is not None and day < datetime.fromisoformat(field.min).date():
            raise ValueError(_too_early(field))
        if field.max is not None and day > datetime.fromisoformat(field.max).date():
            raise ValueError(_too_late(field))
        return day.isoformat()

    def number_key(self, value: str) -> float:
        return float(date.fromisoformat(value).toordinal())


@field_types.register("datetime")
class DateTime(FieldType):
    """A moment; entered without a zone it is the desk's, and so are `min` and `max`. Kept in UTC."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        try:
            moment = _on_the_clock_of(zone, datetime.fromisoformat(str(raw).strip()))
        except ValueError:
            moment = None
        if moment is None or not 1 < moment.year < 9999:  # the first and the last year are others in another zone
            raise ValueError(f"“{field.label}” must be a date and time such as 2026-03-31 14:30.")
        if field.min is not None and moment < _bound(field.min, zone, time.min):
            raise ValueError(_too_early(field))
        if field.max is not None and moment > _bound(field.max, zone, time.max):
            raise ValueError(_too_late(field))
        return moment.astimezone(UTC).isoformat(timespec="minutes")

    def number_key(self, value: str) -> float:
        return datetime.fromisoformat(value).timestamp()


def _bound(text: str, zone: str, of_the_day: time) -> datetime:
    """The moment that a bound means: a day alone is all of that day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _on_the_clock_of(zone, datetime.fromisoformat(text))
    return _on_the_clock_of(zone, datetime.combine(day, of_the_day))


def _on_the_clock_of(zone: str, moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))


def _too_early(field: Field) -> str:
    return f"“{field.label}” must not be before {field.min}."


def _too_late(field: Field) -> str:
    return f"“{field.label}” must not be after {field.max}."
