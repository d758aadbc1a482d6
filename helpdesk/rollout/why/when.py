"""A time as explanations write it: on the company's clock, with its zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.workflows import revisions


def moment(at: datetime) -> str:
    zone = ZoneInfo(revisions.active().desk.company.timezone)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
