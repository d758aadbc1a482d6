"""The holidays of countries and regions, `EE` or `DE-BY` (ISO 3166), as the package `holidays` knows them.

Only `calendars` and its check ask; the package is loaded when a file names a region, since most checks never do.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Container
from datetime import date
from functools import cache

_years = threading.Lock()  # a year is marked as known before it is filled in
_REGION = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")


def is_holiday(region: str, day: date) -> bool:
    days = _days(region)
    with _years:
        return day in days


def exists(region: str) -> bool:
    """Whether this is a country or region whose holidays are known."""
    match = _REGION.fullmatch(region)
    if match is None or match[1] not in countries():
        return False
    return match[2] is None or match[2] in _parts(match[1])


def near(region: str) -> tuple[str, ...]:
    """Regions one may have meant: those of the same country, the country that goes by this name, or all countries."""
    from holidays.registry import COUNTRIES

    country = region.partition("-")[0]
    if exists(country):
        return tuple(f"{country}-{part}" for part in _parts(country))
    called = region.casefold().replace(" ", "_")
    by_name = (names[1] for key, names in COUNTRIES.items() if called in (key, *map(str.casefold, names)))
    return tuple(by_name) or countries()


def countries() -> tuple[str, ...]:
    from holidays.registry import COUNTRIES

    return tuple(names[1] for names in COUNTRIES.values())


def _parts(country: str) -> tuple[str, ...]:
    """The regions of a country. To look them up all countries are loaded, which a check of `EE` can do without."""
    import holidays

    return holidays.country_holidays(country).subdivisions


@cache
def _days(region: str) -> Container[date]:
    """Its holidays, every year worked out when it is first asked for."""
    import holidays

    country, _, part = region.partition("-")
    return holidays.country_holidays(country, subdiv=part or None)
