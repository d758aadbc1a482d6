"""What each address takes and gives, said once beside its view: requests are read by it, and /api/v1/openapi.json and
/api/v1/docs are made from it, so that they cannot say anything else.

    @bp.get("/tickets")
    @for_programs
    @declared("List tickets", parameters=LIST, gives={200: ("A page", "TicketPage")})
    def listed(asked: Given) -> Response: ...

A view is called with what was sent as `Given` and the names in its address. What is not declared is refused by name
(attack 56).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

from flask import request

from helpdesk.api import bodies
from helpdesk.api.bodies import Misshapen, Written
from helpdesk.errors import Invalid

Kind = Literal["text", "number", "yes_or_no", "object"]
View = Callable[..., Any]

LONGEST = 500  # characters of a text that is no value of a field
BIGGEST = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Part:
    """A key of a body or a parameter of an address."""

    kind: Kind
    says: str
    required: bool = False
    least: int = 0
    most: int = BIGGEST
    usual: Any = None
    example: Any = None
    schema: str = ""  # of an object: what it holds, by its name among the schemas


@dataclass(frozen=True)
class Declared:
    """An address: what it is for, what it takes, and by status what it gives: a sentence and the name of a schema."""

    says: str
    more: str
    parameters: Mapping[str, Part]
    body: Mapping[str, Part]
    gives: Mapping[int, tuple[str, str]]
    also: tuple[int, ...]  # errors that this address alone can answer with
    once: bool  # an `Idempotency-Key` is taken


@dataclass(frozen=True)
class Given:
    """What was sent, read: every declared part, those not sent as their usual value."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def declared(
    says: str,
    *,
    more: str = "",
    parameters: Mapping[str, Part] | None = None,
    body: Mapping[str, Part] | None = None,
    gives: Mapping[int, tuple[str, str]],
    also: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Declare a view. One with a body, or that acts, takes an `Idempotency-Key`."""

    def mark(view: View) -> View:
        @wraps(view)
        def called(**names: Any) -> Any:
            sent = {**_parameters(parameters or {}), **({} if body is None else _body(body))}
            return view(Given(sent), **names)

        called.declared = Declared(says, more, parameters or {}, body or {}, gives, also, body is not None)  # type: ignore[attr-defined]
        return called

    return mark


def declared_by(view: View) -> Declared | None:
    """What was declared of a view."""
    return getattr(view, "declared", None)


def _parameters(known: Mapping[str, Part]) -> dict[str, Any]:
    problems: dict[str, str] = {}
    for name in request.args:
        if name not in known:
            problems[name[:80]] = f"“{name[:80]}” is no parameter of this address."
        elif len(request.args.getlist(name)) > 1:
            problems[name] = f"“{name}” is said more than once."
    given = {name: request.args[name] for name in request.args if name not in problems}
    return _read(known, given, problems, from_text=True)


def _body(known: Mapping[str, Part]) -> dict[str, Any]:
    body = bodies.read()
    problems = {name[:80]: f"“{name[:80]}” is no key of this body." for name in body if name not in known}
    return _read(known, {name: value for name, value in body.items() if name in known}, problems)


def _read(
    known: Mapping[str, Part], given: Mapping[str, Any], problems: dict[str, str], *, from_text: bool = False
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    missing = False
    for name, part in known.items():
        found[name] = part.usual
        if given.get(name) is None:
            if part.required:
                problems[name] = f"“{name}” is needed here."
                missing = True
            continue
        try:
            found[name] = _READERS[part.kind](given[name], part, from_text)
        except Misshapen as wrong:
            problems[name] = f"“{name}” {wrong}"
    if problems:
        raise Invalid(problems, code="required" if missing and len(problems) == 1 else "invalid")
    return found


def _text(value: Any, _part: Part, _from_text: bool) -> str:
    if not isinstance(value, str) or isinstance(value, Written):
        raise Misshapen("must be a text.")
    if len(value) > LONGEST:
        raise Misshapen(f"has at most {LONGEST} characters.")
    return value.strip()


def _number(value: Any, part: Part, from_text: bool) -> int:
    if not isinstance(value, str if from_text else Written) or not (value.isascii() and value.isdecimal()):
        raise Misshapen("must be a whole number.")
    if len(value) > len(str(BIGGEST)) or not part.least <= int(value) <= part.most:
        raise Misshapen(f"must be a number from {part.least} to {part.most}.")
    return int(value)


def _yes_or_no(value: Any, _part: Part, from_text: bool) -> bool:
    if isinstance(value, bool):
        return value
    if from_text and value in ("true", "false"):
        return bool(value == "true")
    raise Misshapen("must be true or false.")


def _object(value: Any, _part: Part, _from_text: bool) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Misshapen("must be an object: {…}.")
    return value


_READERS: Mapping[Kind, Callable[[Any, Part, bool], Any]] = {
    "text": _text,
    "number": _number,
    "yes_or_no": _yes_or_no,
    "object": _object,
}
