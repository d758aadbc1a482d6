"""How a value of the workflow file stands in its control, and on which other field a field waits."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Field

_EQUALS = re.compile(r"\s*fields\.(\w+)\s*==\s*(['\"])([^'\"]*)\2\s*")
_AMONG = re.compile(r"\s*fields\.(\w+)\s+in\s+[\[(]([^\])]*)[\])]\s*")
_WORD = re.compile(r"(['\"])([^'\"]*)\1")


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


def shown_when(expression: str | None, asked: Collection[str]) -> dict[str, Any] | None:
    """A `show_if` as the page's script can follow it: `{"field": …, "values": […]}`.

    Only for the simple shapes, and for a field of the same form; anything else stays visible, and the server judges.
    """
    if not expression:
        return None
    if found := _EQUALS.fullmatch(expression):
        name, values = found[1], [found[3]]
    elif found := _AMONG.fullmatch(expression):
        name, values = found[1], [word[2] for word in _WORD.finditer(found[2])]
    else:
        return None
    return {"field": name, "values": values} if name in asked else None
