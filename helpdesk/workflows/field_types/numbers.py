"""Numbers, amounts of money and stars. No number passes through a float but to be searched by."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field


class Money(Decimal):
    """An amount that compares as a number and prints with its currency."""

    currency: str

    def __new__(cls, amount: Decimal | str, currency: str) -> Money:
        self = super().__new__(cls, amount)
        self.currency = currency
        return self

    def __str__(self) -> str:
        return f"{format(self, ',.2f') if -self.as_tuple().exponent <= 2 else format(self, ',f')} {self.currency}"  # type: ignore[operator]

    def __repr__(self) -> str:
        return f"Money({format(self, 'f')!r}, {self.currency!r})"


@field_types.register("number")
class Number(FieldType):
    noun = "a number"

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> Decimal:
        number = self._decimal(raw, field)
        if field.min is not None and number < Decimal(field.min):
            raise ValueError(f"“{field.label}” must be at least {field.min}.")
        if field.max is not None and number > Decimal(field.max):
            raise ValueError(f"“{field.label}” must be at most {field.max}.")
        return number

    def keep(self, value: Decimal) -> str:
        return format(value, "f")

    def value_of(self, kept: str, *, currency: str) -> Decimal:
        return Decimal(kept)

    def show(self, value: Decimal, field: Field) -> str:
        return format(value, "f")

    def number_key(self, value: Decimal) -> float:
        return float(value)

    def _decimal(self, raw: Any, field: Field) -> Decimal:
        text = re.sub(r"[\s\u00a0\u202f']", "", str(raw))
        text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(f"“{field.label}” must be {self.noun}.") from None
        if not number.is_finite() or len(text) > 30 or not -30 < number.adjusted() < 15:  # 1e-999999999 is a gigabyte
            raise ValueError(f"“{field.label}” must be {self.noun} of a usual size.")
        return number


@field_types.register("money")
class MoneyType(Number):
    noun = "an amount of money"

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> Money:
        text = str(raw).strip().removesuffix(currency)
        number = super().read(text, field, currency=currency, zone=zone)
        if -number.as_tuple().exponent > 2:  # type: ignore[operator]
            raise ValueError(f"“{field.label}” has more than two decimal places.")
        return Money(number, currency)

    def value_of(self, kept: str, *, currency: str) -> Money:
        return Money(kept, currency)

    def show(self, value: Decimal, field: Field) -> str:
        return str(value)


@field_types.register("rating")
class Rating(Number):
    """Stars: a whole number from 1 to 5, or to `max`."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> Decimal:
        number = self._decimal(raw, field)
        best = Decimal(field.max or 5)
        if number != number.to_integral_value() or not 1 <= number <= best:
            raise ValueError(f"“{field.label}” must be a whole number from 1 to {best}.")
        return number
