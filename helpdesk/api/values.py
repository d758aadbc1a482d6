"""The values a program sends, as a door takes them: the same that a page's form gives, so that the door judges both
alike.

What is judged here is the shape alone: a text where a field takes one value, a list where it takes several, files as
base64. Whether a value is asked, hidden, missing or fits its field is said by the door (`tickets.values.read`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from helpdesk.api.bodies import Misshapen, Written
from helpdesk.errors import Invalid
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.web.action_forms import MOST_FILES
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Input

FILE_KEYS = {"filename", "content_type", "content"}


def typed(inputs: Sequence[Input], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The raw values for a door; files are in the store afterwards. Raises Invalid."""
    asked = {each.name: each for each in inputs}
    problems = {name[:80]: f"“{name[:80]}” is not asked here." for name in sent if name not in asked}
    values: dict[str, Any] = {}
    for name, each in asked.items():
        if name in sent:
            try:
                values[name] = _value(each, sent[name])
            except Misshapen as wrong:
                problems[name] = str(wrong)
    if problems:
        raise Invalid(problems)
    return {name: _kept(value) if isinstance(value, _Files) else value for name, value in values.items()}


class _Files(tuple[tuple[str, str, bytes], ...]):
    """Files that are not in the store yet: nothing is stored of a request that is refused for its shape."""

    __slots__ = ()


def _kept(files: _Files) -> tuple[Upload, ...]:
    return tuple(Upload.keep(content, filename=name, content_type=kind) for name, kind, content in files)


def _value(asked: Input, value: Any) -> Any:
    """Raises Misshapen with a sentence."""
    kind, said = field_types.get(asked.field.type), asked.field.said
    if value is None:
        return ""  # an empty box of a form: it clears what the ticket holds
    if kind.is_file:
        return _files(value, said)
    if asked.builtin and asked.name == "message":
        return _message(value, said)
    if isinstance(value, bool):
        if asked.field.type not in ("checkbox", "agreement"):
            raise Misshapen(f"“{said}” takes no true or false.")
        return value
    if isinstance(value, list):
        if not kind.several:
            raise Misshapen(f"“{said}” takes one value, not a list.")
        if not all(isinstance(each, str) for each in value):
            raise Misshapen(f"“{said}” takes a list of texts.")
        return [str(each) for each in value]
    if not isinstance(value, str):
        raise Misshapen(f"“{said}” takes a text or a number.")
    return str(value)


def _message(value: Any, said: str) -> Rich:
    """A text as it is, or `{"html": …}`, cleaned as what the desk's editor sends."""
    if isinstance(value, dict) and set(value) == {"html"} and _is_text(value["html"]):
        return Rich.from_html(value["html"])
    if not _is_text(value):
        raise Misshapen(f"“{said}” takes a text, or {{“html”: …}}.")
    return Rich.plain(value)


def _files(value: Any, said: str) -> _Files:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Misshapen(f"“{said}” takes a list of files: [{{“filename”, “content_type”, “content”}}].")
    if len(value) > MOST_FILES:
        raise Misshapen(f"“{said}”: at most {MOST_FILES} files at once.")
    return _Files(_file(each, said) for each in value)


def _file(given: Mapping[str, Any], said: str) -> tuple[str, str, bytes]:
    if not set(given) <= FILE_KEYS or not _is_text(given.get("filename")) or not _is_text(given.get("content")):
        raise Misshapen(f"“{said}”: a file is {{“filename”, “content_type”, “content”}}, each a text.")
    kind = given.get("content_type", "application/octet-stream")
    if not _is_text(kind):
        raise Misshapen(f"“{said}”: a content_type is a text such as image/png.")
    try:
        return given["filename"], kind, base64.b64decode(given["content"], validate=True)
    except (binascii.Error, ValueError):
        raise Misshapen(f"“{said}”: the content of “{given['filename'][:80]}” is not base64.") from None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Written)
