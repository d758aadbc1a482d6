"""What every kind of value has in common."""

from __future__ import annotations

import re
from typing import Any

from helpdesk.text import patterns
from helpdesk.workflows.schema import Field

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class FieldType:
    """A kind of value. `several` = the raw value may be a list; `is_file` = handled as uploads, never as text."""

    several = False
    is_file = False
    brought = False  # an action type brings it; no field of the file has it

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
