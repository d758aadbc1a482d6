"""Reading what somebody entered into an action or a form. The same for desk, cabinet, form, mail, script and timer.

`read` takes the raw values by input name and gives them back as Python values, or raises Invalid with a sentence for
each input that is wrong. A value for an input that is hidden or not listed is refused: nothing is set behind a form's
back (attack 56).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.tickets.rich import NOTHING, Rich, Upload
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field, Input


@dataclass(frozen=True)
class Values:
    """What was entered, sorted by where it goes."""

    message: Rich = NOTHING
    files: tuple[Upload, ...] = ()  # of every input that takes files
    kept: Mapping[str, Any] = field(default_factory=dict)  # for the ticket's fields; None clears
    noted: Mapping[str, Any] = field(default_factory=dict)  # for the history and the action class
    fields: Mapping[str, Any] = field(default_factory=dict)  # the ticket's values overlaid by this run's

    def __getitem__(self, name: str) -> Any:
        return self.noted[name]

    def get(self, name: str) -> Any:
        return self.noted.get(name)

    def without(self, names: Collection[str], *, held: Mapping[str, Any]) -> Values:
        """What is left besides these inputs, for a ticket that holds `held` by now."""
        kept = {name: value for name, value in self.kept.items() if name not in names}
        noted = {name: value for name, value in self.noted.items() if name not in names}
        entered, mine = {**self.kept, **self.noted}, {**kept, **noted}
        theirs = _uploads(value for name, value in entered.items() if name not in mine)
        loose = () if "files" in names else [each for each in self.files if each not in theirs]
        cleared = {name for name, value in kept.items() if value is None}
        overlaid = {**held, **{name: self.fields[name] for name in mine if name in self.fields}}
        return Values(
            message=NOTHING if "message" in names else self.message,
            files=tuple(dict.fromkeys((*_uploads(mine.values()), *loose))),
            kept=kept,
            noted=noted,
            fields={name: value for name, value in overlaid.items() if name not in cleared},
        )


def _uploads(values: Iterable[Any]) -> list[Upload]:
    return [each for value in values if isinstance(value, tuple) for each in value if isinstance(each, Upload)]


def read(
    inputs: Sequence[Input],
    raw: Mapping[str, Any],
    *,
    held: Mapping[str, Any],
    names: Mapping[str, Any],
) -> Values:
    """Validate `raw` against `inputs`.

    `held`: the ticket's values now. `names`: the names conditions may use. Raises Invalid, whose code is required,
    hidden or invalid.
    """
    asked = {each.name for each in inputs}
    problems = {name: ("invalid", f"“{name}” is not asked here.") for name in raw if name not in asked}
    values = _understood(inputs, raw, problems)
    cleared = {each.name for each in inputs if each.keep == "ticket" and is_empty(raw.get(each.name, UNSAID))}
    overlaid = {name: value for name, value in {**held, **values}.items() if name not in cleared}
    for each in inputs:
        if each.show_if is not None and not conditions.holds(each.show_if, {**names, "fields": overlaid}):
            cleared.discard(each.name)  # an empty box that nobody saw says nothing
            if each.name in values:
                problems[each.name] = ("hidden", f"“{each.field.said}” is not asked here.")
        elif each.required and each.name not in problems:
            _require(each, raw, held, values, problems)
    if problems:
        codes = {code for code, _ in problems.values()}
        raise Invalid({name: sentence for name, (_, sentence) in problems.items()}, code=min(codes, key=ORDER.index))
    return _sorted(inputs, values, cleared, held)


ORDER = ("required", "hidden", "invalid")  # which code an Invalid with several kinds of problem carries
UNSAID = object()
Problems = dict[str, tuple[str, str]]


def is_empty(entered: Any) -> bool:
    """Whether nothing was entered: no value, only blanks, a message without words."""
    if isinstance(entered, str):
        return not entered.strip()
    return entered is None or (isinstance(entered, Rich | tuple | list) and not entered)


def _understood(inputs: Sequence[Input], raw: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The values of what was entered; what cannot be understood becomes a problem."""
    values: dict[str, Any] = {}
    for each in inputs:
        if each.name in raw and not is_empty(raw[each.name]):
            try:
                values[each.name] = _value(each.field, raw[each.name])
            except ValueError as wrong:
                problems[each.name] = ("invalid", str(wrong))
    return values


def _require(
    each: Input, raw: Mapping[str, Any], held: Mapping[str, Any], values: dict[str, Any], problems: Problems
) -> None:
    """A required input has a value; one not spoken of is satisfied by what the ticket holds, or by its default."""
    said = each.name in raw
    if each.name in values:
        if each.field.type == "agreement" and values[each.name] is False:
            problems[each.name] = ("required", f"Please agree to “{each.field.said}”.")
    elif not said and each.keep == "ticket" and not is_empty(held.get(each.name)):
        return
    elif not said and each.field.default is not None:
        try:
            values[each.name] = _value(each.field, each.field.default)
        except ValueError as wrong:  # a group that has left the file, somebody who has left the house
            problems[each.name] = ("invalid", str(wrong))
    else:
        problems[each.name] = ("required", f"Please fill in “{each.field.said}”.")


def _value(asked: Field, raw: Any) -> Any:
    """The value of one input. Raises ValueError with a sentence."""
    kind = field_types.get(asked.type)()
    if kind.is_file:
        return tuple(raw)
    if asked.name == "message":
        return raw if isinstance(raw, Rich) else Rich.plain(str(raw))
    company = revisions.active().desk.company
    value = kind.read(raw, asked, currency=company.currency, zone=company.timezone)
    if asked.type == "user" and not value.startswith("group:"):
        person = find.by_email(value)
        if person is None or not person.is_staff or not person.is_active:
            raise ValueError(f"Nobody of the staff has the address {value}.")
    if asked.type == "group" and value not in revisions.active().desk.groups:
        raise ValueError(f"There is no group “{value}”.")
    return value


def _sorted(
    inputs: Sequence[Input], values: Mapping[str, Any], cleared: Collection[str], held: Mapping[str, Any]
) -> Values:
    kept: dict[str, Any] = dict.fromkeys(cleared)
    noted: dict[str, Any] = {}
    files: list[Upload] = []
    for each in inputs:
        value = values.get(each.name)
        if value is None or (each.builtin and each.name == "message"):
            continue
        if field_types.get(each.field.type).is_file:
            files += value
        if not (each.builtin and each.name == "files"):
            (kept if each.keep == "ticket" else noted)[each.name] = value
    said = {each.name for each in inputs if each.builtin and each.name in ("message", "files")}
    overlaid = {
        name: _named(value)
        for name, value in {**held, **values}.items()
        if name not in said and kept.get(name, value) is not None
    }
    return Values(values.get("message", NOTHING), tuple(files), kept, noted, overlaid)


def _named(value: Any) -> Any:
    """A value as conditions and texts may have it: of files, their names."""
    if isinstance(value, tuple) and all(isinstance(each, Upload) for each in value):
        return [each.filename for each in value]
    return value
