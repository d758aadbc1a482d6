"""Comparisons with what a value never is: a choice that the field does not have, a state of no workflow, a word beside
a checkbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import cached_property

from jinja2 import nodes

from helpdesk.text.sandbox import BadTemplateError
from helpdesk.text.sandbox import parsed as template
from helpdesk.workflows.check.fields import every_field
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.conditions import BadExpressionError
from helpdesk.workflows.conditions.facts import Fact, comparisons
from helpdesk.workflows.conditions.reading import parsed as condition
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.scalars import Path, Use
from helpdesk.workflows.schema import Desk, Field
from helpdesk.workflows.words import one_of

CHOSEN, SEVERAL, TICKED, COUNTED = ("choice",), ("multichoice",), ("checkbox", "agreement"), ("number", "money")
KINDS_OF_ACTORS = ("staff", "customer", "system")


def check(whole: Whole) -> Iterator[Finding]:
    known = _Known(whole.desk)
    for use in whole.uses:
        for fact in _compared(use):
            yield from _impossible(whole, known, use.path, fact)


def _compared(use: Use) -> list[Fact]:
    if use.what not in ("expression", "template", "reply template") or not any(sign in use.text for sign in "=<> "):
        return []
    try:
        tree: nodes.Node = condition(use.text) if use.what == "expression" else template(use.text)
    except (BadExpressionError, BadTemplateError):
        return []
    return list(comparisons(tree))


def _impossible(whole: Whole, known: _Known, path: Path, fact: Fact) -> Iterator[Finding]:
    name = ".".join(fact.name)
    fields = known.fields.get(fact.name[1], []) if fact.name[0] == "fields" and len(fact.name) == 2 else []
    types = {field.type for field in fields}
    if len(types) == 1:
        yield from _field(whole, path, fact, fields)
        return
    words = known.words_of(fact.name, path)
    for value in _values(fact):
        if words and fact.op in ("eq", "ne", "in", "notin") and str(value) not in words:
            hint = did_you_mean(str(value), words) or one_of(sorted(words))
            yield whole.at_value("no_such_value", f"“{name}” is never “{str(value)[:60]}”.", path, hint=hint)


def _field(whole: Whole, path: Path, fact: Fact, fields: list[Field]) -> Iterator[Finding]:
    field, name = fields[0], f"fields.{fact.name[1]}"
    choices = {value: label for each in fields for value, label in each.choices.items()}
    if field.type in SEVERAL and fact.op in ("eq", "ne"):
        hint = f"Write '{fact.value}' in {name}."
        yield whole.at_value(
            "no_such_value", f"“{name}” holds several choices, so it is no single one.", path, hint=hint
        )
    elif choices and field.type in CHOSEN + SEVERAL and fact.op in ("eq", "ne", "in", "notin", "holds"):
        for value in _values(fact):
            if str(value) not in choices and not (field.type in CHOSEN and fact.op == "holds"):
                hint = _choice_meant(str(value), choices)
                sentence = f"“{name}” has no choice “{str(value)[:60]}”."
                yield whole.at_value("no_such_value", sentence, path, hint=hint)
    elif field.type in TICKED and fact.op in ("eq", "ne") and not isinstance(fact.value, bool):
        sentence = f"“{name}” is ticked or not, and never “{str(fact.value)[:60]}”."
        yield whole.at_value("no_such_value", sentence, path, hint=f"Write {name}, or not {name}.")
    elif field.type in COUNTED and (words := [each for each in _values(fact) if _no_number(each)]):
        yield whole.at_value("no_such_value", f"“{name}” is a number, and never “{str(words[0])[:60]}”.", path)
    elif field.type in COUNTED and isinstance(fact.value, Decimal) and (most := _beyond(fact, fields)):
        sentence = f"“{name}” is {most}, so this can never hold."
        yield whole.at_value("never_holds", sentence, path, severity="warning")


def _beyond(fact: Fact, fields: list[Field]) -> str:
    """The bound that a field would have to pass, if it has one wherever it is asked."""
    most = [_number(field.max) for field in fields]
    least = [_number(field.min) for field in fields]
    if fact.op in ("gt", "gteq", "eq") and None not in most:
        top = max(each for each in most if each is not None)
        return f"{top} at most" if fact.value > top or (fact.op == "gt" and fact.value == top) else ""
    if fact.op in ("lt", "lteq", "eq") and None not in least:
        bottom = min(each for each in least if each is not None)
        return f"{bottom} at least" if fact.value < bottom or (fact.op == "lt" and fact.value == bottom) else ""
    return ""


def _no_number(value: object) -> bool:
    return isinstance(value, str) and _number(value) is None


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None and Decimal(text).is_finite() else None
    except ArithmeticError:
        return None


def _choice_meant(value: str, choices: dict[str, str]) -> str:
    labelled = next((name for name, label in choices.items() if label.casefold() == value.casefold()), "")
    return f"Did you mean “{labelled}”?" if labelled else did_you_mean(value, choices) or one_of(choices)


def _values(fact: Fact) -> tuple[object, ...]:
    return fact.value if isinstance(fact.value, tuple) else (fact.value,)


class _Known:
    """What the names of the language can hold, as far as the file says."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def fields(self) -> dict[str, list[Field]]:
        found: dict[str, list[Field]] = {}
        for field in every_field(self.desk):
            found.setdefault(field.name, []).append(field)
        return found

    def words_of(self, name: tuple[str, ...], path: Path) -> Collection[str]:
        """Every word that a name can be; nothing if that is not known."""
        if name == ("actor", "kind"):
            return KINDS_OF_ACTORS
        if name == ("ticket", "workflow"):
            return self.desk.workflows
        if name == ("ticket", "source"):
            return self.desk.sources
        if name == ("ticket", "group"):
            return self.desk.groups
        if name == ("ticket", "state"):
            here = self.desk.workflows.get(path[1]) if path[0] == "workflows" else None
            among = [here] if here else self.desk.workflows.values()
            return {state for workflow in among for state in workflow.states}
        return ()
