"""Values beside each other: what counts as empty, what is the same, what is more.

No number passes through a float. The lower half of `meanings`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, DecimalException
from typing import Any


def filled(found: Any) -> Any:
    """The value as conditions see it; None for everything empty."""
    if found is None or (isinstance(found, str | list | tuple | dict | set | frozenset) and not found):
        return None
    if isinstance(found, bool):
        return found
    if isinstance(found, int | float):
        return Decimal(str(found))
    if isinstance(found, datetime | date):
        return found.isoformat()
    return found


def same(left: Any, right: Any) -> bool:
    """Whether two values are one and the same, a number and its text included; yes or no is never a text."""
    left, right = _alike(left, right)
    return (
        bool(type(left) is type(right) or (not isinstance(left, bool) and not isinstance(right, bool)))
        and left == right
    )


def _ordered(fits: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        left, right = _alike(left, right)
        comparable = (isinstance(left, Decimal) and isinstance(right, Decimal)) or (
            isinstance(left, str) and isinstance(right, str)
        )
        return comparable and fits(left, right)

    return compare


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A number beside a text that reads as a number compares as numbers."""
    if isinstance(left, Decimal) and isinstance(right, str):
        return left, _number(right)
    if isinstance(left, str) and isinstance(right, Decimal):
        return _number(left), right
    return left, right


def _number(text: str) -> Any:
    try:
        number = Decimal(text) if len(text) < 40 else None
    except DecimalException:
        return text
    return number if number is not None and number.is_finite() else text


def _within(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    if isinstance(right, list | tuple | set | frozenset | Mapping):
        return any(same(left, one) for one in right if one is not None)
    return False


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": same,
    "ne": lambda left, right: not same(left, right),
    "gt": _ordered(operator.gt),
    "gteq": _ordered(operator.ge),
    "lt": _ordered(operator.lt),
    "lteq": _ordered(operator.le),
    "in": _within,
    "notin": lambda left, right: not _within(left, right),
}
