"""What a condition saw: each name it looks at, with the value it had."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from helpdesk.workflows import conditions

NOTHING = "nothing"
LONGEST = 80


def saw(expression: str, names: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The dotted names of the expression and what they hold, as people read it."""
    paths = sorted(path for path in conditions.variables(expression) if path[0] in names)
    return tuple((".".join(path), _shown(_value(path, names))) for path in paths)


def _value(path: tuple[str, ...], names: Mapping[str, Any]) -> Any:
    found: Any = names
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _shown(value: Any) -> str:
    if value is None or value in ("", (), []):
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)[:LONGEST]
    said = " ".join(str(value).split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
