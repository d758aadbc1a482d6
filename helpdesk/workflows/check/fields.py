"""Fields: what each kind of value can carry, and fields that nobody is ever asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields as attributes
from dataclasses import is_dataclass, replace
from datetime import datetime
from decimal import Decimal

from helpdesk.text import patterns
from helpdesk.workflows import spelling
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import RESERVED, Desk, Field, Input

WITH_CHOICES = ("choice", "multichoice")
WITH_NUMBERS = ("number", "money", "rating")
WITH_LENGTHS = ("text", "textarea", "richtext")
WITH_PATTERN = ("text", "textarea", "email", "phone", "url")
WITH_DATES = ("date", "datetime")
WITH_TICKS = ("checkbox", "agreement")
QUICK = 1000  # ways to lay a pattern over a default; a hostile file has thousands of worse ones


def check(whole: Whole) -> Iterator[Finding]:
    for field in _all(whole.desk):
        yield from _kind(whole, field)
        yield from _bounds(whole, field)
    yield from _reserved(whole)
    yield from _tags_of_forms(whole)
    yield from _never_asked(whole)
    yield from _no_message(whole)


def _all(desk: Desk) -> list[Field]:
    """Every field that is defined somewhere, each once."""
    inputs = [one.field for one in _inputs(desk)]
    asked = [field for reply in desk.replies.values() for field in reply.ask]
    carried = [field for workflow in desk.workflows.values() for field in workflow.fields.values()]
    defined = [*desk.fields.values(), *carried, *inputs, *asked]
    return list({field.path: field for field in reversed(defined) if field.path}.values())


def every_field(desk: Desk) -> list[Field]:
    """Every field as it is carried or asked somewhere, with the changes made there."""
    carried = [field for workflow in desk.workflows.values() for field in workflow.fields.values()]
    return [*desk.fields.values(), *carried, *(one.field for one in _inputs(desk))]


def _inputs(desk: Desk) -> Iterator[Input]:
    for workflow in desk.workflows.values():
        for action in workflow.actions.values():
            yield from action.fields
    for source in desk.sources.values():
        if is_dataclass(source.options) and not isinstance(source.options, type):
            for attribute in attributes(source.options):
                value = getattr(source.options, attribute.name)
                if isinstance(value, tuple):
                    yield from (one for one in value if isinstance(one, Input))


def _kind(whole: Whole, field: Field) -> Iterator[Finding]:
    kind = field_types.find(field.type)
    if kind is not None and kind.brought and field.path:
        sentence = f"Fields of type {field.type} come with the action types that need them."
        yield whole.at_value("type_brought", sentence, (*field.path, "type"))
    if field.type in WITH_CHOICES and not field.choices:
        yield whole.at_key(
            "no_choices", f"“{field.name}” has nothing to choose from.", field.path, hint="Add `choices`."
        )
    if field.choices and field.type not in WITH_CHOICES:
        sentence = f"A field of type {field.type} has no choices."
        yield whole.at_key("option_not_here", sentence, (*field.path, "choices"))
    if field.pattern is not None and field.type not in WITH_PATTERN:
        yield whole.at_key("option_not_here", f"A field of type {field.type} has no pattern.", (*field.path, "pattern"))
    elif field.pattern is not None and patterns.repeats_a_repetition(field.pattern):
        sentence = "A repetition is repeated here: some texts take for ever to match, and are refused after a second."
        hint = "Repeat one thing only: `[a-z ]+` instead of `([a-z]+ ?)+`."
        yield whole.at_value("slow_pattern", sentence, (*field.path, "pattern"), hint=hint, severity="warning")
    if field.default is not None and (why := _default(field)):
        hint = did_you_mean(field.default, field.choices) if field.type in WITH_CHOICES else ""
        yield whole.at_value("bad_default", why, (*field.path, "default"), hint=hint)


def _default(field: Field) -> str:
    """Why a field cannot hold its default, if it cannot."""
    default, kind = field.default or "", field.type
    if kind in WITH_CHOICES:
        if not field.choices:
            return ""  # said already
        chosen = [default] if default in field.choices or kind == "choice" else default.split(",")
        wrong = [each for each in chosen if each.strip() not in field.choices]
        return f"“{wrong[0][:60]}” is none of the choices." if wrong else ""
    if kind in WITH_NUMBERS and (why := _unfit_number(field, default)):
        return why
    if kind in WITH_TICKS and default not in ("true", "false"):
        return f"“{default[:60]}” is neither true nor false."
    return _unread(field, default)


def _unread(field: Field, default: str) -> str:
    """What the kind of field says of its default, which stands in for what nobody entered."""
    kind = field_types.find(field.type)
    if kind is None or not default:
        return ""
    if kind.is_file:
        return "A file has no default."
    if field.pattern and patterns.ways(field.pattern, len(default)) > QUICK:
        field = replace(field, pattern=None)
    try:
        kind().read(default, field, currency="", zone="UTC")
    except ValueError as wrong:
        return str(wrong)
    except ArithmeticError:  # a bound that is no number, which is said where it stands
        return ""
    return ""


def _unfit_number(field: Field, default: str) -> str:
    number = _number(default)
    if number is None:
        return f"“{default[:60]}” is no number."
    least, most = (_number(text) if text is not None else None for text in (field.min, field.max))
    if least is not None and number < least:
        return f"The default is below the least value, {field.min}."
    return f"The default is above the greatest value, {field.max}." if most is not None and number > most else ""


def _bounds(whole: Whole, field: Field) -> Iterator[Finding]:
    numbers: list[Decimal] = []
    for word in ("min", "max"):
        text = getattr(field, word)
        if text is None:
            continue
        if field.type in WITH_DATES:
            if not _is_moment(text):
                hint = spelling.of("date", text)
                yield whole.at_value("bad_date", "A date is written 2026-12-31.", (*field.path, word), hint=hint)
            continue
        if field.type not in WITH_NUMBERS + WITH_LENGTHS:
            yield whole.at_key("option_not_here", f"A field of type {field.type} has no {word}.", (*field.path, word))
            continue
        number, in_ones = _number(text), field.type in (*WITH_LENGTHS, "rating")
        if number is None or (in_ones and not text.isdigit()):
            sentence = f"“{word}” is a number such as {'500' if in_ones else '12.50'}."
            yield whole.at_value("not_a_number", sentence, (*field.path, word), hint=spelling.number(text[:100]))
        else:
            numbers.append(number)
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        yield whole.at_value("min_above_max", "The least value is above the greatest.", (*field.path, "min"))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", text) else None


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _reserved(whole: Whole) -> Iterator[Finding]:
    """A ready answer has a form of its own with nothing else in it, so what it asks may have any name."""
    for field in _all(replace(whole.desk, replies={})):
        if field.name in RESERVED and field.path:
            sentence = f"“{field.name}” is a name that the forms use themselves."
            hint = f"Give the field another name, such as “{field.name}_given”."
            in_place = (*field.path, "name")
            if in_place in whole.places.values:
                yield whole.at_value("name_reserved", sentence, in_place, hint=hint)
            else:
                yield whole.at_key("name_reserved", sentence, field.path, hint=hint)


def _tags_of_forms(whole: Whole) -> Iterator[Finding]:
    """What the house files a request under is not for customers to say."""
    for source in whole.desk.sources.values():
        for one in (*getattr(source.options, "fields", ()), *getattr(source.options, "ask", ())):
            if one.builtin and one.name == "tags":
                yield whole.at_value("option_not_here", "Only actions ask for tags, not forms and chats.", one.path)


def _never_asked(whole: Whole) -> Iterator[Finding]:
    asked_anywhere = {one.name for one in _inputs(whole.desk)}
    carried_anywhere = {name for workflow in whole.desk.workflows.values() for name in workflow.fields}
    for field in whole.desk.fields.values():
        if field.name not in asked_anywhere | carried_anywhere:
            sentence = f"No workflow carries “{field.name}” and nobody asks for it."
            yield whole.at_key("field_never_asked", sentence, field.path)
    for workflow in whole.desk.workflows.values():
        asked = {one.name for action in workflow.actions.values() for one in action.fields}
        asked |= {
            one.name
            for source in whole.desk.sources.values()
            if source.workflow == workflow.name
            for one in getattr(source.options, "fields", ())
        }
        for number, name in enumerate(workflow.fields):
            if name not in asked:
                path = (*workflow.path, "fields", str(number))
                yield whole.at_value("field_never_asked", f"No action and no form asks for “{name}”.", path)


def _no_message(whole: Whole) -> Iterator[Finding]:
    for workflow in whole.desk.workflows.values():
        for action in workflow.actions.values():
            needs = getattr(action.options, "needs_message", False)
            if needs and not {one.name for one in action.fields} & {"message", "files"}:
                sentence = f"“{action.name}” needs a message or files and asks for neither."
                hint = "Add `fields: [message, files]`."
                yield whole.at_key("no_message_input", sentence, action.path, hint=hint)
