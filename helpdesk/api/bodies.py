"""Reading what a program sends. Whatever the bytes are, they are an object of JSON or a refusal that says where it is
wrong: never an error of ours.

Numbers stay as they were written (`Written`), so that no amount passes through a float; the fields of the workflow file
read them. Knows no ticket.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request

from helpdesk.errors import HelpdeskError

DEEPEST = 20  # objects and lists within one another
MOST_PARTS = 200_000  # signs that may begin another value: a body of files has few, one made to fill our memory many


class BadBody(HelpdeskError):
    """The body is no object of JSON."""

    code = "bad_request"
    status = 400


class NotJson(HelpdeskError):
    """It says that it is something else."""

    code = "unsupported_media_type"
    status = 415


class Misshapen(ValueError):
    """A part of it is no text, number or list where one belongs. A sentence, or the end of one."""


class Written(str):
    """A number as it was written."""

    __slots__ = ()


def read() -> dict[str, Any]:
    """The body of this request; nothing at all counts as an empty object. Raises BadBody and NotJson."""
    body = request.get_data(cache=False)
    if not body:
        return {}
    if request.mimetype != "application/json":
        raise NotJson("Send JSON, and say so: “Content-Type: application/json”.")
    found = _parsed(_text(body))
    if not isinstance(found, dict):
        raise BadBody("The body must be an object: {…}.")
    _look_through(found)
    return found


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise BadBody(f"The body is not UTF-8: byte {wrong.start} cannot be read.") from None
    if sum(text.count(sign) for sign in ",[{") > MOST_PARTS:
        raise BadBody("The body has more parts than any ticket needs.")
    return text


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, parse_int=Written, parse_float=Written, parse_constant=_no_number, object_pairs_hook=_object
        )
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise BadBody(f"The body is not JSON: {wrong.msg} at {where}.") from None
    except RecursionError:
        raise BadBody(TOO_DEEP) from None


TOO_DEEP = f"The body is nested too deep: at most {DEEPEST} objects and lists within one another."


def _no_number(word: str) -> NoReturn:
    raise BadBody(f"“{word}” is no number of JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers understand a key that comes twice in two ways, so it is none."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadBody(f"“{_shown(name)}” is said twice in one object.")
        found[name] = value
    return found


def _look_through(found: dict[str, Any]) -> None:
    """Raises BadBody for what no database keeps: a NUL, half a character; and for what is nested too deep."""
    waiting: list[tuple[Any, int]] = [(found, 1)]
    while waiting:
        each, depth = waiting.pop()
        if depth > DEEPEST:
            raise BadBody(TOO_DEEP)
        if isinstance(each, dict):
            waiting += [(name, depth) for name in each] + [(value, depth + 1) for value in each.values()]
        elif isinstance(each, list):
            waiting += [(value, depth + 1) for value in each]
        elif isinstance(each, str):
            if "\0" in each:
                raise BadBody("A text with a NUL in it cannot be taken.")
            if not each.isascii() and any("\ud800" <= sign <= "\udfff" for sign in each):
                raise BadBody("A text with half a character in it (a lone surrogate) cannot be taken.")


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:80]
