"""How a value of the workflow file stands in its control."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Field


def to_show(field: Field, value: Any) -> Any:
    """A value as its control holds it: a moment in the desk's zone, an amount without its currency."""
    if field.type == "datetime":
        zone = ZoneInfo(revisions.active().desk.company.timezone or "UTC")
        return datetime.fromisoformat(str(value)).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return list(value)
    return value
