"""What kinds of value a field takes: reading what a person entered, keeping it as text, showing it.

One class a type, registered by name; instances hold nothing. Used by the doors (validation), by pages (which control),
by conditions and templates (the value itself) and by search (its keys). Raises ValueError with a sentence for the
person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from helpdesk.text import patterns
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

MAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,189}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST = 100_000


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


class FieldType:
    """A kind of value. `several` = the raw value may be a list; `is_file` = handled as uploads, never as text."""

    several = False
    is_file = False

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> Any:
        """The value meant by what was entered (never empty here). Raises ValueError with a sentence."""
        return self._text(raw, field, longest=500)

    def keep(self, value: Any) -> str:
        """The canonical text that is stored; `value_of` reads it back."""
        return str(value)

    def value_of(self, kept: str, *, currency: str) -> Any:
        return kept

    def show(self, value: Any, field: Field) -> str:
        """The value as people read it."""
        return str(value)

    def number_key(self, value: Any) -> float | None:
        """What ranges and order are searched by, if it is a number or a time."""
        return None

    def _text(self, raw: Any, field: Field, *, longest: int) -> str:
        text = CONTROL.sub("", str(raw)).strip()
        longest = int(field.max) if field.max and field.max.isdigit() else longest
        shortest = int(field.min) if field.min and field.min.isdigit() else 0
        if len(text) > longest:
            raise ValueError(f"“{field.label}” is too long: {len(text)} characters, {longest} are allowed.")
        if len(text) < shortest:
            raise ValueError(f"“{field.label}” is too short: it needs at least {shortest} characters.")
        if field.pattern:
            self._match(text, field, field.pattern)
        return text

    def _match(self, text: str, field: Field, pattern: str) -> None:
        help = f" {field.help}" if field.help else ""
        try:
            fits = patterns.matches(pattern, text)
        except patterns.NotMatched:
            sentence = f"“{field.label}” could not be checked in time. Please write it more simply."
            raise ValueError(sentence + help) from None
        if not fits:
            raise ValueError(f"“{field.label}” does not have the expected form.{help}")


@field_types.register("text")
class Text(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return re.sub(r"\s+", " ", self._text(raw, field, longest=500))


@field_types.register("textarea")
class TextArea(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=LONGEST)


@field_types.register("richtext")
class RichText(TextArea):
    """HTML or plain text. The door that takes it cleans it; here it is only bounded."""


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
        if not number.is_finite() or len(text) > 30 or abs(number) >= Decimal(10) ** 15:
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


@field_types.register("date")
class Date(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        try:
            day = date.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError(f"“{field.label}” must be a date such as 2026-03-31.") from None
        self._within(day.isoformat(), field)
        return day.isoformat()

    def number_key(self, value: str) -> float:
        return float(date.fromisoformat(value).toordinal())

    def _within(self, value: str, field: Field) -> None:
        if field.min is not None and value < field.min:
            raise ValueError(f"“{field.label}” must not be before {field.min}.")
        if field.max is not None and value > field.max:
            raise ValueError(f"“{field.label}” must not be after {field.max}.")


@field_types.register("datetime")
class DateTime(Date):
    """A moment; entered without a zone it is the desk's. Kept in UTC."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        try:
            moment = datetime.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError(f"“{field.label}” must be a date and time such as 2026-03-31 14:30.") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
        value = moment.astimezone(UTC).isoformat(timespec="minutes")
        self._within(value, field)
        return value

    def number_key(self, value: str) -> float:
        return datetime.fromisoformat(value).timestamp()


@field_types.register("choice")
class Choice(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        if str(raw) not in field.choices:
            raise ValueError(f"“{field.label}” must be one of: {', '.join(field.choices.values())}.")
        return str(raw)

    def show(self, value: str, field: Field) -> str:
        return field.choices.get(value, value)


@field_types.register("multichoice")
class MultiChoice(FieldType):
    several = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[str, ...]:
        chosen = [raw] if isinstance(raw, str) else list(raw)
        if len(chosen) == 1 and chosen[0] not in field.choices:
            chosen = [each.strip() for each in str(chosen[0]).split(",")]
        for each in chosen:
            if each not in field.choices:
                raise ValueError(f"“{field.label}” takes only: {', '.join(field.choices.values())}.")
        return tuple(name for name in field.choices if name in chosen)

    def keep(self, value: Sequence[str]) -> str:
        return ",".join(value)

    def value_of(self, kept: str, *, currency: str) -> tuple[str, ...]:
        return tuple(kept.split(",")) if kept else ()

    def show(self, value: Sequence[str], field: Field) -> str:
        return ", ".join(field.choices.get(each, each) for each in value)


@field_types.register("checkbox")
class Checkbox(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> bool:
        if isinstance(raw, bool):
            return raw
        word = str(raw).strip().lower()
        if word in ("true", "yes", "on", "1", "y"):
            return True
        if word in ("false", "no", "off", "0", "n"):
            return False
        raise ValueError(f"“{field.label}” must be yes or no.")

    def keep(self, value: bool) -> str:
        return "true" if value else "false"

    def value_of(self, kept: str, *, currency: str) -> bool:
        return kept == "true"

    def show(self, value: bool, field: Field) -> str:
        return "yes" if value else "no"


@field_types.register("agreement")
class Agreement(Checkbox):
    """A checkbox that counts only when ticked; `required` asks for the tick."""


@field_types.register("email")
class Email(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        address = self._text(raw, field, longest=254)
        if not MAIL.fullmatch(address):
            raise ValueError(f"“{field.label}” must be an e-mail address such as name@example.org.")
        return address


@field_types.register("phone")
class Phone(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        number = self._text(raw, field, longest=40)
        if not re.fullmatch(r"\+?[\d\s().\-/]{4,40}", number):
            raise ValueError(f"“{field.label}” must be a phone number such as +372 555 0001.")
        return number


@field_types.register("url")
class Url(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        address = self._text(raw, field, longest=2000)
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", address):
            raise ValueError(f"“{field.label}” must be a web address that begins with https:// or http://.")
        return address


@field_types.register("file")
class File(FieldType):
    """Files, which hang on the run's message; of the field itself their names are kept."""

    several = True
    is_file = True

    def keep(self, value: Sequence[Any]) -> str:
        return "\n".join(self._names(value))

    def value_of(self, kept: str, *, currency: str) -> tuple[str, ...]:
        return tuple(kept.split("\n")) if kept else ()

    def show(self, value: Sequence[Any], field: Field) -> str:
        return ", ".join(self._names(value))

    def _names(self, value: Sequence[Any]) -> list[str]:
        return [each if isinstance(each, str) else each.filename for each in value]


@field_types.register("user")
class User(FieldType):
    """A member of the staff, by e-mail address; the door makes sure that there is such a person."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=254).casefold()


@field_types.register("group")
class Group(FieldType):
    """A group of the workflow file, by name; the door makes sure that there is one."""


@field_types.register("rating")
class Rating(Number):
    """Stars: a whole number from 1 to 5, or to `max`."""

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> Decimal:
        number = self._decimal(raw, field)
        best = Decimal(field.max or 5)
        if number != number.to_integral_value() or not 1 <= number <= best:
            raise ValueError(f"“{field.label}” must be a whole number from 1 to {best}.")
        return number
