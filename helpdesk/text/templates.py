"""Texts of the workflow file with the ticket's data put in: the one sandbox, and it is rendered in a process that can
be killed.

`render` is called by delivery and by pages that show a default text; what a template looks at is asked of `sandbox`. A
template reaches nothing but the plain data it is given: no object, no method, no setting. Text that a person typed is
always a value here and never the source of a template (attacks 83 and 84).

Values: texts, numbers, yes and no, lists, dicts; decimals keep their digits, money prints with its currency. A value
that has both a text and a clean HTML side, `{"text": …, "html": …}`, prints the one that fits; every other value is
escaped in HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from helpdesk.child import Child, ChildFailed
from helpdesk.errors import HelpdeskError

SECONDS, MEMORY, OUTPUT = 2.0, 128 * 1024 * 1024, 1_000_000

_child = Child("helpdesk.text.sandbox:work", seconds=SECONDS, memory=MEMORY, output=OUTPUT)


class TemplateFailed(HelpdeskError):
    """The text could not be made; `reason` is timeout, memory, output, died or error. Nothing half made is ever given
    out.
    """

    code = "template_failed"

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def render(source: str, names: Mapping[str, Any], *, html: bool = False) -> str:
    """The text of a template. `html`: the template's own words and all values are escaped, rich values give their
    clean HTML.

    `names` may be as they are or as `freeze` left them. Raises `TemplateFailed`.
    """
    return render_all({"text": source}, names, html=html)["text"]


def render_all(sources: Mapping[str, str], names: Mapping[str, Any], *, html: bool = False) -> dict[str, str]:
    """Several templates over the same names in one turn of the child: the subject and body of a mail."""
    try:
        return dict(_child.call({"sources": dict(sources), "names": freeze(names), "html": html}))
    except ChildFailed as failed:
        raise TemplateFailed(failed.reason, f"The text could not be made: {failed.sentence}") from failed


def freeze(names: Mapping[str, Any]) -> dict[str, Any]:
    """The names as data that JSON can hold, so that a mail can be made later of what was true now. Frozen ones stay
    as they are.
    """
    return {str(name): _frozen(value) for name, value in names.items()}


def _frozen(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal | float):
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
        return {"$number": format(number, "f"), "shown": str(value)}
    if isinstance(value, Mapping):
        return freeze(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_frozen(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    text, html = getattr(value, "text", None), getattr(value, "html", None)
    if isinstance(text, str) and isinstance(html, str):
        return {"text": text, "html": html}
    raise TypeError(f"A text cannot hold a {type(value).__name__}.")
