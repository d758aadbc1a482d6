"""How opening hours are written: `mon-fri: ["09:00-12:30", "13:00-18:00"]`. Read by `calendars` and by its check."""

from __future__ import annotations

import re
from collections.abc import Mapping

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = tuple[int, int]  # of the day, from and to

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def week_of(hours: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Minutes, ...], ...]:
    """The hours of each day of the week, from Monday, in order. Raises ValueError for what cannot be read."""
    week: list[list[Minutes]] = [[] for _ in DAYS]
    for days, spans in hours.items():
        for day in days_of(days):
            week[day] += map(minutes_of, spans)
    return tuple(tuple(sorted(day)) for day in week)


def days_of(text: str) -> list[int]:
    """`mon`, `mon-fri`, `sat-mon`: the days as numbers from Monday. Raises ValueError."""
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS) or first == last:
        raise ValueError("Days are written mon, or mon-fri.")
    begin = DAYS.index(first)
    return [(begin + ahead) % 7 for ahead in range((DAYS.index(last) - begin) % 7 + 1)] if dash else [begin]


def minutes_of(text: str) -> Minutes:
    """`09:00-18:00` as minutes of the day. Raises ValueError, also where it ends before it begins."""
    match = _HOURS.fullmatch(text)
    if match is None:
        raise ValueError("Hours are written 09:00-18:00.")
    opens = int(match[1]) * 60 + int(match[2])
    closes = int(match[3]) * 60 + int(match[4]) if match[3] else 24 * 60
    if closes <= opens:
        raise ValueError("These hours end before they begin. What goes past midnight is written as two days.")
    return opens, closes
