"""Reading what somebody entered into an action or a form. The same for desk, cabinet, form, mail, script and timer.

`read` takes the raw values by input name and gives them back as Python values, or raises Invalid with a sentence for
each input that is wrong. A value for an input that is hidden or not listed is refused: nothing is set behind a form's
back (attack 56).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.tickets.rich import NOTHING, Rich, Upload
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field, Input

EMPTY: tuple[object, ...] = ("", None, (), [])


@dataclass(frozen=True)
class Values:
    """What was entered, sorted by where it goes."""

    message: Rich = NOTHING
    files: tuple[Upload, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)  # for the ticket's fields; None clears
    noted: Mapping[str, Any] = field(default_factory=dict)  # for the history and the action class
    fields: Mapping[str, Any] = field(default_factory=dict)  # the ticket's values overlaid by this run's

    def __getitem__(self, name: str) -> Any:
        return self.noted[name]

    def get(self, name: str) -> Any:
        return self.noted.get(name)


def read(
    inputs: Sequence[Input],
    raw: Mapping[str, Any],
    *,
    held: Mapping[str, Any],
    names: Mapping[str, Any],
    trusted: bool = False,
) -> Values:
    """Validate `raw` against `inputs`.

    `held`: the ticket's values now. `names`: the names conditions may use. `trusted`: no input is required (a message
    that comes by mail is judged by its action afterwards). Raises Invalid, whose code is required, hidden or invalid.
    """
    entered = _entered(inputs, raw)
    problems: dict[str, tuple[str, str]] = {
        name: ("invalid", f"“{name}” is not asked here.") for name in raw if name not in {each.name for each in inputs}
    }
    values: dict[str, Any] = {}
    for each in inputs:
        if each.name in entered and entered[each.name] not in EMPTY:
            try:
                values[each.name] = _value(each.field, entered[each.name])
            except ValueError as wrong:
                problems[each.name] = ("invalid", str(wrong))
    overlaid = {**held, **{each.name: values[each.name] for each in inputs if each.name in values}}
    for each in inputs:
        shown = each.show_if is None or conditions.holds(each.show_if, {**names, "fields": overlaid})
        given = each.name in entered
        if not shown:
            if each.name in values:
                problems[each.name] = ("hidden", f"“{each.field.label}” is not asked here.")
        elif each.required and each.name not in values and each.name not in problems:
            satisfied = not given and held.get(each.name) not in EMPTY and each.keep == "ticket"
            if not satisfied and not trusted:
                problems[each.name] = ("required", f"Please fill in “{each.field.label}”.")
        if shown and each.field.type == "agreement" and each.required and values.get(each.name) is False:
            problems[each.name] = ("required", f"Please agree to “{each.field.label}”.")
    if problems:
        codes = {code for code, _ in problems.values()}
        raise Invalid({name: sentence for name, (_, sentence) in problems.items()}, code=min(codes, key=ORDER.index))
    return _sorted(inputs, entered, values, {**held, **values})


ORDER = ("required", "hidden", "invalid")  # which code an Invalid with several kinds of problem carries


def _entered(inputs: Sequence[Input], raw: Mapping[str, Any]) -> dict[str, Any]:
    return {each.name: raw[each.name] for each in inputs if each.name in raw}


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
    inputs: Sequence[Input], entered: Mapping[str, Any], values: Mapping[str, Any], fields: Mapping[str, Any]
) -> Values:
    kept: dict[str, Any] = {}
    noted: dict[str, Any] = {}
    for each in inputs:
        if each.name in ("message", "files") and each.builtin:
            continue
        if each.name in values:
            (kept if each.keep == "ticket" else noted)[each.name] = values[each.name]
        elif each.name in entered and each.keep == "ticket":
            kept[each.name] = None
    said = {each.name for each in inputs if each.builtin and each.name in ("message", "files")}
    overlaid = {
        name: _named(value) for name, value in fields.items() if name not in said and kept.get(name, value) is not None
    }
    return Values(values.get("message", NOTHING), tuple(values.get("files", ())), kept, noted, overlaid)


def _named(value: Any) -> Any:
    """A value as conditions and texts may have it: of files, their names."""
    if isinstance(value, tuple) and all(isinstance(each, Upload) for each in value):
        return [each.filename for each in value]
    return value
