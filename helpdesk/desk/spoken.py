"""A value that a ready answer asked, as its text says it: by the customs of the customer's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from helpdesk.tickets.rich import Rich
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Field


class Amount(Decimal):
    """A number that compares as one and prints by the customs of a language."""

    said: str

    def __new__(cls, number: Decimal, said: str) -> Amount:
        self = super().__new__(cls, number)
        self.said = said
        return self

    def __str__(self) -> str:
        return self.said


def spoken(value: Any, field: Field, language: str) -> Any:
    """The value for a template. What was left empty is an empty text; a choice stays its name, as in `fields`."""
    if value is None:
        return ""
    if isinstance(value, Rich):
        return value.text
    locale = _locale(language)
    if field.type == "date":
        return format_date(date.fromisoformat(value), "long", locale=locale)
    if field.type == "datetime":
        zone = ZoneInfo(revisions.active().desk.company.timezone or "UTC")
        return format_datetime(datetime.fromisoformat(value).astimezone(zone), "long", tzinfo=zone, locale=locale)
    if isinstance(value, Decimal):
        return Amount(value, _number(value, locale))
    return value


def _number(value: Decimal, locale: Locale) -> str:
    currency = getattr(value, "currency", "")
    if currency:
        return f"{format_decimal(value, format='#,##0.00', locale=locale)} {currency}"
    return format_decimal(value, locale=locale, decimal_quantization=False, group_separator=False)


def _locale(language: str) -> Locale:
    """The customs of a language, or where nobody knows them those of the desk's own."""
    for code in (language, *revisions.active().desk.company.languages):
        try:
            return Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale("en")
