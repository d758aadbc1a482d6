"""What changed from one desk to another, in words: states, actions, fields, rights' words, e-mails, sources, added,
removed, renamed or changed. Asked by `plan`, by `helpdesk workflow diff` and by the history. Reads two desks and knows
no ticket; where an element stands in its file is no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Literal

from helpdesk.workflows.enclosures import Enclosures
from helpdesk.workflows.schema import Branch, Desk, Element, Email, Input, State, Timer, Workflow

Change = Literal["added", "removed", "renamed", "changed"]

NAMED = ("roles", "groups", "calendars", "fields", "replies", "emails", "webhooks", "services", "routing", "sources")
WORDS = {
    "roles": "role", "groups": "group", "calendars": "calendar", "fields": "field", "replies": "ready answer",
    "emails": "e-mail text", "webhooks": "webhook", "services": "service", "routing": "routing", "sources": "source",
    "workflows": "workflow", "states": "state", "actions": "action", "company": "company",
}  # fmt: skip
LONGEST = 60  # characters of a value in a sentence


@dataclass(frozen=True)
class Difference:
    """One thing that is not as before. `path` is dotted, as in findings; `details` say which keys of it changed."""

    change: Change
    what: str
    name: str
    path: str
    workflow: str
    sentence: str
    details: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return " ".join((self.sentence, *self.details))


def between(before: Desk, after: Desk) -> tuple[Difference, ...]:
    """Everything that `after` says and `before` did not, in the order of the file."""
    return tuple(_desk(before, after))


def held_otherwise(before: Enclosures, after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Files of ready answers that hold something else now, under the same name. `after`: names and digests."""
    return tuple(
        Difference("changed", "file", name, "replies", "", f"The file “{name}” of ready answers holds something else.")
        for name, digest in after.items()
        if name in before and before[name].sha256 != digest
    )


def same(one: Any, other: Any) -> bool:
    """Whether two parts of a desk say the same, wherever they stand."""
    return bool(_plain(one) == _plain(other))


def _desk(before: Desk, after: Desk) -> Iterator[Difference]:
    if details := _keys(before.company, after.company):
        yield Difference("changed", "company", "", "company", "", "The company changed.", details)
    for attribute in NAMED:
        yield from _named(getattr(before, attribute), getattr(after, attribute), (attribute,))
    yield from _named(before.workflows, after.workflows, ("workflows",), inside=_workflow)
    if not same(before.tests, after.tests):
        yield Difference("changed", "tests", "", "tests", "", "The tests changed.")


def _workflow(before: Workflow, after: Workflow) -> Iterator[Difference]:
    place = ("workflows", after.name)
    own = {"states", "actions"}
    if details := _keys(before, after, leave=own):
        yield _changed("workflow", after.name, place, after.name, details)
    yield from _named(before.states, after.states, (*place, "states"), old_name=_old_name)
    yield from _named(before.actions, after.actions, (*place, "actions"))


def _old_name(element: Any) -> str | None:
    return element.renamed_from if isinstance(element, State) else None


def _named(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    place: tuple[str, ...],
    *,
    inside: Callable[[Any, Any], Iterator[Difference]] | None = None,
    old_name: Callable[[Any], str | None] = lambda _element: None,
) -> Iterator[Difference]:
    """A mapping of elements by name: which came, went, have another name, or say something else."""
    what, workflow = WORDS[place[-1]], place[1] if len(place) > 1 else ""
    come_along = {old: name for name, each in after.items() if (old := old_name(each)) in before and old not in after}
    for name, each in after.items():
        path = (*place, name)
        earlier = old_name(each)
        if name in before:
            if inside:
                yield from inside(before[name], each)
            elif details := _keys(before[name], each):
                yield _changed(what, name, path, workflow, details)
        elif earlier is not None and come_along.get(earlier) == name:
            sentence = f"The {what} “{earlier}”{_of(workflow)} is called “{name}” now."
            details = _keys(before[earlier], each, leave={"renamed_from"})
            yield Difference("renamed", what, name, ".".join(path), workflow, sentence, details)
        else:
            sentence = f"There is a new {what} “{name}”{_of(workflow)}."
            yield Difference("added", what, name, ".".join(path), workflow, sentence)
    for name in before:
        if name not in after and name not in come_along:
            path = (*place, name)
            sentence = f"The {what} “{name}”{_of(workflow)} is gone."
            yield Difference("removed", what, name, ".".join(path), workflow, sentence)


def _changed(what: str, name: str, path: tuple[str, ...], workflow: str, details: tuple[str, ...]) -> Difference:
    of = _of(workflow) if what != "workflow" else ""
    return Difference("changed", what, name, ".".join(path), workflow, f"The {what} “{name}”{of} changed.", details)


def _of(workflow: str) -> str:
    return f" of “{workflow}”" if workflow else ""


def _keys(before: Any, after: Any, *, leave: Collection[str] = ()) -> tuple[str, ...]:
    """A sentence for each key of an element that says something else."""
    told = []
    for each in fields(after):
        if each.name in {"name", "at", "path", *leave}:
            continue
        old, new = getattr(before, each.name, None), getattr(after, each.name)
        if isinstance(after, Workflow) and each.name == "fields":  # the fields themselves stand elsewhere
            old, new = tuple(old or ()), tuple(new)
        if not same(old, new):
            told.append(_said(each.name.rstrip("_"), old, new))
    return tuple(told)


def _said(key: str, old: Any, new: Any) -> str:
    """How one key changed: both values where they are short, what came and went where it is a list."""
    if key == "options":
        return "Its options changed."
    was, now = _words(old), _words(new)
    if was is not None and now is not None and was != now:
        if len(was) == len(now) == 1:
            return f"`{key}`: {_value(was[0])} → {_value(now[0])}."
        came, went = [one for one in now if one not in was], [one for one in was if one not in now]
        parts = [f"+ {', '.join(came)}"] * bool(came) + [f"− {', '.join(went)}"] * bool(went)
        return f"`{key}`: {'; '.join(parts) or 'another order'}."
    if _is_short(old) and _is_short(new):
        return f"`{key}`: {_value(old)} → {_value(new)}."
    return f"`{key}` changed."


def _words(value: Any) -> list[str] | None:
    """A list as short words, one an element; None for what is no list, or has no words."""
    if isinstance(value, Mapping):
        return [str(name) for name in value]
    if not isinstance(value, tuple):
        return None
    words = [_word(one) for one in value]
    return None if None in words else [word for word in words if word]


def _word(one: Any) -> str | None:
    if isinstance(one, str):
        return one
    if isinstance(one, Branch):
        return f"{one.to} if {one.when}" if one.when else one.to
    if isinstance(one, Timer):
        return f"{one.do} after {one.after}" + (f", {one.repeat} times" if one.repeat > 1 else "")
    if isinstance(one, Email):
        return f"{one.template or 'a mail'} to {' and '.join(one.to)}"
    return getattr(one, "name", "") or None


def _is_short(value: Any) -> bool:
    return not isinstance(value, Element | tuple | Mapping) and len(str(value)) <= LONGEST and "\n" not in str(value)


def _value(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    return f"“{value}”" if not isinstance(value, bool) else str(value).lower()


def _plain(value: Any) -> Any:
    """A part of a desk without the places where it stands."""
    if is_dataclass(value) and not isinstance(value, type):
        left = _PLACES | {"field"} if isinstance(value, Input) and value.field.path[:1] == ("fields",) else _PLACES
        said = {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name not in left}
        return (type(value).__name__, tuple(said.items()))
    if isinstance(value, Mapping):
        return tuple((key, _plain(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    return value


_PLACES = frozenset({"at", "path"})  # a field that is shared is told of once, not wherever it is asked
